"""The controlled mean: unbiased, with intervals that cover what they say."""

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.estimators.control_variates import controlled_mean
from sizes import size

pytestmark = [
    pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning"),
    pytest.mark.filterwarnings("ignore::dismetrics.warnings.FewDrawsWarning"),
]


@pytest.mark.parametrize(("n", "n_controls"), [(64, 3), (208, 13), (256, 5), (40, 0)])
def test_intervals_cover_the_mean_as_often_as_they_say(n, n_controls):
    rng = np.random.default_rng(0)
    n_seeds = size(4000, 1000)
    covered, errors, stated = 0, [], []
    for _ in range(n_seeds):
        controls = rng.normal(size=(n, n_controls)) + 1.0
        y = controls.sum(axis=1) + 0.3 * rng.normal(size=n) + 2.0
        found = controlled_mean(y, controls, np.ones(n_controls))
        error = found.mean - (2.0 + n_controls)
        covered += found.interval[0] <= 2.0 + n_controls <= found.interval[1]
        errors.append(error)
        stated.append(found.standard_error)
    # Four standard errors of a share of 0.95.
    assert covered / n_seeds == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / n_seeds))
    assert np.std(errors) == pytest.approx(np.sqrt(np.mean(np.square(stated))), rel=0.15)


def test_intervals_are_not_too_short_with_hardly_more_draws_than_controls():
    rng = np.random.default_rng(1)
    n_seeds = size(4000, 1000)
    covered = 0
    for _ in range(n_seeds):
        controls = rng.normal(size=(64, 13)) + 1.0
        y = controls.sum(axis=1) + 0.3 * rng.normal(size=64)
        low, high = controlled_mean(y, controls, np.ones(13)).interval
        covered += low <= 13.0 <= high
    assert 0.95 - 4 * np.sqrt(0.95 * 0.05 / n_seeds) <= covered / n_seeds <= 0.98


@pytest.mark.parametrize("n", [64, 256])
def test_intervals_cover_where_residuals_are_wider_in_the_tails_and_skewed(n):
    # The usual formula of least squares was seen to cover .927 and .945 here.
    rng = np.random.default_rng(2)
    n_seeds = size(4000, 1000)
    covered = 0
    for _ in range(n_seeds):
        controls = rng.normal(size=(n, 2))
        y = controls.sum(axis=1) + 0.3 * np.abs(controls[:, 0]) * (rng.exponential(size=n) - 1.0)
        low, high = controlled_mean(y, controls, np.zeros(2)).interval
        covered += low <= 0.0 <= high
    assert 0.93 <= covered / n_seeds <= 0.97


def test_collinear_and_constant_controls_are_dropped():
    rng = np.random.default_rng(1)
    control = rng.normal(size=(100, 1))
    y = control[:, 0] + 0.1 * rng.normal(size=100)
    one = controlled_mean(y, control, np.zeros(1))
    many = controlled_mean(y, np.c_[control, 2 * control, control + 5, np.ones(100)], np.array([0.0, 0.0, 5.0, 1.0]))
    assert (one.n_controls, many.n_controls) == (1, 1)
    assert many.mean == pytest.approx(one.mean, abs=1e-10)
    assert many.standard_error == pytest.approx(one.standard_error, rel=1e-8)


def test_a_control_that_is_the_quantity_itself_leaves_no_error():
    control = np.random.default_rng(2).normal(size=(50, 1))
    found = controlled_mean(3 * control[:, 0] + 1, control, np.zeros(1))
    assert found.mean == pytest.approx(1.0, abs=1e-12)
    assert found.standard_error == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(("n_latents", "n_draws"), [(2, 64), (2, 256), (10, 256)])
def test_intervals_of_the_decomposition_cover_the_total_correlation(n_latents, n_draws):
    # A small version of the simulation in docs/metrics/elbo.md.
    rng = np.random.default_rng(3)
    mean, scale = rng.normal(size=(8, n_latents)), rng.uniform(0.3, 0.9, (8, n_latents))
    posterior = dm.GaussianPosterior.from_scale(mean, scale)
    truth = dm.elbo_decomposition(posterior, n_draws=size(200_000, 4000), rng=99).total_correlation
    n_seeds = size(300, 8)
    covered = 0
    for seed in range(n_seeds):
        low, high = dm.elbo_decomposition(posterior, n_draws=n_draws, rng=seed).interval["total_correlation"]
        covered += low <= truth <= high
    assert covered / n_seeds >= 0.95 - 4 * np.sqrt(0.95 * 0.05 / n_seeds)
