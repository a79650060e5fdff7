"""exp2 and log: close to the correctly rounded result, over all of their range."""

import numpy as np
import pytest
from numba import njit

from dismetrics.kernels.exp2 import exp2
from dismetrics.kernels.log import log, sum_x_log_x, weighted_x_log_x
from sizes import size


@njit
def _each_exp2(y):
    out = np.empty_like(y)
    for i in range(y.size):
        out[i] = exp2(y[i])
    return out


@njit(error_model="numpy")
def _each_log(x):
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = log(x[i])
    return out


def test_exp2_is_accurate_to_a_few_units_in_the_last_place():
    rng = np.random.default_rng(0)
    y = np.concatenate([rng.uniform(-1000, 1000, size(200_000, 2000)), rng.uniform(-1, 1, size(200_000, 2000))])
    y = np.concatenate([y, np.arange(-1000.0, 1000.0, 7.5)])
    exact = np.exp2(y)
    assert np.abs(_each_exp2(y) / exact - 1).max() < 5e-16


def test_exp2_never_underflows_to_a_denormal():
    assert _each_exp2(np.array([-1e4, -2000.0, -1000.0])) == pytest.approx([2.0**-1000] * 3, rel=1e-15)


def test_log_is_accurate_relative_to_the_larger_of_its_size_and_one():
    rng = np.random.default_rng(1)
    x = np.concatenate([10 ** rng.uniform(-300, 300, size(200_000, 2000)), rng.uniform(0.5, 2, size(200_000, 2000))])
    x = np.concatenate([x, 2.0 ** np.arange(-1000, 1000, 37), [np.sqrt(2), np.sqrt(0.5), 1.0]])
    exact = np.log(x)
    assert (np.abs(_each_log(x) - exact) / np.maximum(np.abs(exact), 1)).max() < 5e-16


def test_log_of_one_is_exactly_zero():
    assert _each_log(np.array([1.0]))[0] == 0.0


def test_x_log_x_takes_zero_and_rounding_below_zero_as_zero():
    rows = np.array([[0.0, 0.5, -1e-18, 2.0], [0.0, 0.0, 0.0, 1.0]])
    assert sum_x_log_x(rows) == pytest.approx([0.5 * np.log(0.5) + 2 * np.log(2), 0.0], abs=1e-15)
    weights = np.array([3.0, 1.0])
    assert weighted_x_log_x(np.array([0.0, 0.25]), weights) == pytest.approx(0.25 * np.log(0.25), abs=1e-16)
