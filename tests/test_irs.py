"""The interventional robustness score: against the oracle, and in cases that are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dismetrics as dm
from dismetrics.estimators.interventions.deviations import deviations
from dismetrics.warnings import DegenerateDataWarning
from intervention_cases import BIG, CODE, GRID
from oracles import interventions as oracle


@st.composite
def tables(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, k = draw(st.integers(9, 30)), draw(st.integers(1, 3))
    factors = rng.integers(0, draw(st.integers(2, 3)), (n, k))
    factors[:4] = [[0], [0], [1], [1]]
    points = factors @ rng.normal(size=(k, 3)) + 0.5 * rng.normal(size=(n, 3))
    weights = rng.exponential(size=n) if draw(st.booleans()) else None
    missing = rng.random((n, k)) < 0.2 if draw(st.booleans()) else None
    if missing is not None:
        missing[:4] = False
    return points, factors, weights, missing


@pytest.mark.filterwarnings("ignore:.*share their value:dismetrics.warnings.DegenerateDataWarning")
@given(tables(), st.sampled_from([1.0, 0.99, 0.75, 0.5, 0.1]), st.booleans())
def test_irs_is_the_oracles(table, quantile, balanced):
    points, factors, weights, missing = table
    score, matrix = oracle.irs(points, factors, weights, missing, quantile, balanced)
    result = dm.irs(
        points, dm.Factors(factors, missing=missing), weights=weights, quantile=quantile, balanced_values=balanced
    )
    assert result.robustness == pytest.approx(matrix, abs=1e-12)
    assert result.score == pytest.approx(score, abs=1e-12)
    assert result.per_latent == pytest.approx(matrix.max(axis=1), abs=1e-12)
    assert (result.best_factors == matrix.argmax(axis=1)).all()


def test_irs_of_cases_that_are_known():
    assert dm.irs(BIG, BIG).score == 1.0
    assert dm.irs(BIG, BIG).best_factors.tolist() == [0, 1, 2]
    # z = v + w over a grid of -2 to 2 each: deviates by 2 given either, by 4 overall.
    grid = np.indices((5, 5)).reshape(2, -1).T - 2
    assert dm.irs(grid.sum(axis=1)[:, None], grid).score == pytest.approx(0.5)
    # The larger deviation has the larger weight: 1 with weight 2 and 0.5 with weight 4.
    both = dm.irs(np.column_stack([grid[:, 0], grid.sum(axis=1)]), grid)
    assert both.max_deviation == pytest.approx([2.0, 4.0])
    assert both.score == pytest.approx((2 * 1.0 + 4 * 0.5) / 6)


def test_irs_may_be_below_zero():
    # Overall -2 to 2; given v = 0, four of five samples at 2 and one at -2, which deviates by 3.2.
    z = np.array([2.0, 2.0, 2.0, 2.0, -2.0, -2.0, -2.0, -2.0, -2.0, 2.0])
    result = dm.irs(z[:, None], np.arange(10) // 5)
    assert result.score == pytest.approx(1 - 3.2 / 2)


def test_irs_leaves_out_constant_latents():
    wider = np.insert(CODE, 1, 4.0, axis=1)
    plain, result = dm.irs(CODE, GRID), dm.irs(wider, GRID)
    assert result.score == plain.score
    assert result.active.tolist() == [True, False, True, True, False, True]
    assert result.best_factors[1] == -1
    assert result.per_latent[1] == 0.0
    nothing = dm.irs(np.full((18, 2), 3.0), GRID)
    assert nothing.score == 0.0
    assert not nothing.robustness.any()


def test_irs_leaves_out_factors_with_one_value():
    with pytest.warns(DegenerateDataWarning, match="factor_1"):
        result = dm.irs(CODE, np.insert(GRID, 1, 0, axis=1))
    assert result.score == dm.irs(CODE, GRID).score
    assert np.isnan(result.robustness).any(axis=0).tolist() == [False, True, False, False]
    with pytest.raises(ValueError, match="more than one value"):
        dm.irs(CODE, 0 * GRID)


def test_irs_of_values_with_a_single_sample():
    code, factors = np.vstack([CODE, CODE[:1]]), np.vstack([GRID, [[9, 0, 0]]])
    with pytest.warns(DegenerateDataWarning, match=r"5\.26% of the samples share their value of 'factor_0'"):
        result = dm.irs(code, factors)
    assert result.left_out == pytest.approx([1 / 19, 0, 0])
    assert result.score == pytest.approx(oracle.irs(code, factors)[0], abs=1e-12)
    # Else a label of its own for each sample would tell everything.
    with pytest.raises(ValueError, match=r"no two samples share a value of 'factor_0'.*kinds="):
        dm.irs(CODE, np.column_stack([np.arange(18), GRID[:, 1]]))


@pytest.mark.parametrize("factor", [1e-300, 1e-6, 1e200, 1e305])
def test_units_do_not_matter_to_irs(factor):
    plain, scaled = dm.irs(CODE, GRID), dm.irs(CODE * factor, GRID)
    assert scaled.robustness == pytest.approx(plain.robustness, abs=1e-12)
    assert scaled.score == pytest.approx(plain.score, abs=1e-12)
    assert scaled.max_deviation == pytest.approx(plain.max_deviation * factor)
    rounded = (CODE + 1e6) - 1e6
    assert dm.irs(rounded + 1e6, GRID).score == pytest.approx(dm.irs(rounded, GRID).score, abs=1e-12)


@pytest.mark.parametrize("far", [1e300, 1e-300])
def test_latents_of_very_different_sizes_have_their_weights(far):
    result = dm.irs(CODE * [1.0, far, 1.0, 1.0, 1.0], GRID)
    heaviest = result.per_latent[1] if far > 1 else oracle.irs(CODE[:, [0, 2, 4]], GRID)[0]
    assert result.score == pytest.approx(heaviest, abs=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"quantile": 0.0}, r"quantile=0.0.*above zero"),
        ({"quantile": 1.01}, r"quantile=1.01.*at most 1"),
        ({"quantile": "max"}, r"quantile='max' is not a number"),
        ({"interpolate": "no"}, r"interpolate='no'"),
        ({"balanced_values": 0}, r"balanced_values=0"),
        ({"n_factor_bins": 0}, r"n_factor_bins=0"),
        ({"bin_labels": 1}, r"bin_labels=1"),
        ({"preset": "paper"}, r"preset='paper'"),
        ({"quantile": 0.9, "interpolate": True, "weights": np.ones(18)}, r"interpolate=True.*weights"),
    ],
)
def test_bad_settings_of_irs_are_refused(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        dm.irs(CODE, GRID, **options)


def test_deviations_of_a_factor_without_repetition_are_unknown():
    found = deviations(CODE, dm.Factors(np.arange(18)), quantile=1.0, interpolate=False, balanced_values=False)
    assert np.isnan(found.within).all()
    assert found.left_out == pytest.approx(1.0)
