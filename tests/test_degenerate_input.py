"""Degenerate input that is allowed: constants, single factors and latents, missing labels, weights.

A result may hold nan only for a factor with a single value.
"""

import numpy as np
import pandas as pd
import pytest

import dismetrics as dm
from dismetrics.estimators import mutual_information
from dismetrics.warnings import DegenerateDataWarning
from duck_arrays import CupyLike
from odd_data import (
    FEW_LATENTS,
    FRACTIONS,
    GAUSSIAN,
    GRID,
    LATENTS,
    N,
    as_objects,
    assert_same,
    assert_sound,
    every_gap,
    with_entry,
)
from oracles import aggregate_posterior, histogram, neighbours
from sizes import size

# ----------------------------------------------------------------------------------- degenerate but allowed


@every_gap
def test_constant_latents_carry_nothing(metric):
    result = metric(np.full((N, 2), 3.0), GRID)
    assert_sound(result)
    assert result.score == 0.0
    assert not result.mutual_information.any()


@pytest.mark.parametrize("options", [{}, {"estimator": "knn"}, {"discretisation": "quantile"}])
@pytest.mark.parametrize("constant", [0.0, -0.0, 1e-300, 1e300, np.finfo(float).max])
def test_appending_a_constant_latent_changes_no_mig(options, constant):
    wider = np.column_stack([LATENTS, np.full(N, constant)])
    result = dm.mig(wider, GRID, **options)
    assert result.score == dm.mig(LATENTS, GRID, **options).score
    assert not result.mutual_information[3].any()


SINGLE = np.column_stack([GRID[:, 0], np.full(N, 7), GRID[:, 1]])
WITHOUT_SINGLE = SINGLE[:, [0, 2]]


@every_gap
@pytest.mark.parametrize("latents", [LATENTS, GAUSSIAN], ids=["points", "posterior"])
def test_a_factor_with_one_value_is_left_out_with_a_warning(metric, latents):
    with pytest.warns(DegenerateDataWarning, match="factor_1"):
        result = metric(latents, SINGLE)
    assert_sound(result)
    assert result.score == pytest.approx(metric(latents, WITHOUT_SINGLE).score, abs=1e-7)
    if metric is dm.mig:
        assert np.isnan(result.per_factor[1])
        assert np.isnan(result.ceiling_per_factor[1])
    else:
        assert not (np.isin(result.best_factors, 1) | np.isin(result.runner_up_factors, 1)).any()


@every_gap
@pytest.mark.parametrize("latents", [LATENTS, GAUSSIAN], ids=["points", "posterior"])
def test_factors_with_one_value_only_are_refused(metric, latents):
    with pytest.raises(ValueError, match=r"factor_0, factor_1.*more than one value"):
        metric(latents, np.zeros((N, 2), int))


@every_gap
@pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning")  # half of the rows are left
@pytest.mark.parametrize("kinds", [None, "continuous", "circular"])
@pytest.mark.parametrize(
    ("latents", "options"),
    [(LATENTS, {}), (GAUSSIAN, {}), (GAUSSIAN, {"n_draws": 20, "rng": 0})],
    ids=["points", "posterior", "sampled"],
)
def test_a_factor_unknown_where_weights_are_is_left_out(metric, latents, options, kinds):
    weights = (np.arange(N) % 2).astype(float)
    missing = np.zeros((N, 3), bool)
    missing[1::2, 1] = True
    factors = dm.Factors(GRID, kinds=kinds, missing=missing, weights=weights)
    with pytest.warns(DegenerateDataWarning, match="factor_1"):
        result = metric(latents, factors, **options)
    assert np.isfinite(result.score)
    with pytest.raises(ValueError, match="factor_1"):
        metric(latents, factors, factor_subset="factor_1", **options)


def test_one_latent_has_runner_up_zero():
    result = dm.mig(LATENTS[:, :1], GRID)
    assert_sound(result)
    assert result.per_factor == pytest.approx(result.mutual_information[0] / result.factor_entropy)
    assert (result.runner_up_latents == -1).all()
    posterior = dm.mig(GAUSSIAN.take(np.arange(N)), GRID[:, 0])
    assert_sound(posterior)


def test_one_factor_has_runner_up_zero():
    result = dm.mig_sup(LATENTS, GRID[:, 0])
    assert_sound(result)
    assert result.per_latent == pytest.approx(result.mutual_information[:, 0] / result.factor_entropy)
    assert (result.runner_up_factors == -1).all()


def test_two_rows_are_enough_but_say_nothing():
    for metric in (dm.mig, dm.mig_sup):
        with pytest.warns(DegenerateDataWarning, match="2 labels in 2 samples"):
            assert 0 <= metric([[0.0], [1.0]], ["a", "b"]).score <= 1


def test_inactive_latents_can_be_left_out_but_not_all_of_them():
    with_dead = np.column_stack([LATENTS, np.zeros(N)])
    result = dm.mig_sup(with_dead, GRID, inactive="exclude")
    assert result.score == dm.mig_sup(LATENTS, GRID).score
    assert np.isnan(result.per_latent).tolist() == [False, False, False, True]
    with pytest.raises(ValueError, match=r"inactive='exclude' leaves no latent"):
        dm.mig_sup(np.zeros((N, 2)), GRID, inactive="exclude")
    with pytest.raises(ValueError, match=r"inactive='drop'.*'exclude'"):
        dm.mig_sup(LATENTS, GRID, inactive="drop")


@pytest.mark.parametrize("discretisation", ["equal_width", "quantile", "unique"])
@pytest.mark.parametrize("ones", [1, 30, 31, 47, 59])
def test_a_binary_latent_keeps_its_two_values(discretisation, ones):
    # Quantiles of a latent with two values coincide but for the ends; merging them must not merge the values.
    label = (np.arange(N) < ones).astype(int)
    result = dm.mig(label[:, None], label, discretisation=discretisation)
    assert (result.score, result.ceiling) == pytest.approx((1.0, 1.0))


# ------------------------------------------------------------------------------------------- missing labels

MISSING = np.random.default_rng(1).random((N, 3)) < [0.2, 0.0, 0.4]
BINS = np.column_stack([histogram.equal_width_bins(column, 20) for column in LATENTS.T])


def marked_missing():
    """The grid with unknown labels, in every way that one can say so."""
    floats = np.where(MISSING, np.nan, GRID)
    frame = pd.DataFrame(GRID, columns=["a", "b", "c"])
    yield dm.Factors(floats, missing="nan")
    yield dm.Factors(np.where(MISSING, None, GRID), missing="nan")
    yield dm.Factors(frame.astype("Int64").mask(MISSING), missing="nan")
    yield dm.Factors(frame.astype(str).mask(MISSING), missing="nan")
    yield dm.Factors(frame.astype("category").mask(MISSING), missing="nan")
    yield dm.Factors(GRID, missing=MISSING)
    yield dm.Factors(GRID, missing=MISSING.tolist())
    yield dm.Factors(GRID, missing=pd.DataFrame(MISSING))
    yield dm.Factors(GRID, missing=CupyLike(MISSING))
    yield dm.Factors(frame, missing={"a": MISSING[:, 0], 2: MISSING[:, 2]})
    yield dm.Factors(np.where(MISSING, 99, GRID), missing=MISSING)


@pytest.mark.parametrize("normaliser", ["factor", "latent"])
def test_missing_labels_leave_their_factor_only(normaliser):
    score, per_factor = histogram.mig(BINS, GRID, missing=MISSING, normaliser=normaliser)
    score_sup, per_latent = histogram.mig_sup(BINS, GRID, missing=MISSING, normaliser=normaliser)
    for factors in marked_missing():
        result = dm.mig(LATENTS, factors, normaliser=normaliser)
        assert_sound(result)
        assert result.score == pytest.approx(score, abs=1e-12)
        assert result.per_factor == pytest.approx(per_factor, abs=1e-12)
        result_sup = dm.mig_sup(LATENTS, factors, normaliser=normaliser)
        assert result_sup.score == pytest.approx(score_sup, abs=1e-12)
        assert result_sup.per_latent == pytest.approx(per_latent, abs=1e-12)


def test_missing_labels_of_neighbours_leave_their_factor_only():
    result = mutual_information(LATENTS, dm.Factors(GRID, missing=MISSING), estimator="knn")
    for k in range(3):
        known = ~MISSING[:, k]
        expected = [neighbours.ross(LATENTS[known, j], GRID[known, k]) for j in range(3)]
        assert result.mutual_information[:, k] == pytest.approx(expected, abs=1e-12)


def test_missing_labels_of_posteriors_leave_their_factor_only():
    entropies = [
        aggregate_posterior.row_entropy(
            aggregate_posterior.gaussian_mixture_entropy, GAUSSIAN.mean[:, j], GAUSSIAN.scale[:, j]
        )
        for j in range(3)
    ]
    weights = np.random.default_rng(2).random(N)
    score, per_factor, information = aggregate_posterior.posterior_mig(entropies, GRID, weights, MISSING)
    result = dm.mig(GAUSSIAN, dm.Factors(GRID, missing=MISSING), weights=weights)
    assert_sound(result)
    assert result.score == pytest.approx(score, abs=1e-6)
    assert result.per_factor == pytest.approx(per_factor, abs=1e-6)
    assert result.mutual_information == pytest.approx(information, abs=1e-6)


@pytest.mark.parametrize("kind", ["continuous", "circular"])
@pytest.mark.parametrize("nothing", [np.nan, None, pd.NA])
def test_missing_quantities(kind, nothing):
    values = as_objects(FRACTIONS[:, 1].tolist())
    values[MISSING[:, 0]] = nothing
    given = dm.Factors(values, kinds=kind, missing="nan")
    masked = dm.Factors(FRACTIONS[:, 1], kinds=kind, missing=MISSING[:, 0])
    assert_same(dm.mig(LATENTS, given), dm.mig(LATENTS, masked))


def test_a_label_known_to_be_missing_does_not_hide_one_that_is_not():
    with pytest.raises(ValueError, match=r"'factor_1'.*1 entries.*row 7"):
        dm.Factors(with_entry(GRID, np.nan), missing={0: np.ones(N, bool)})


# -------------------------------------------------------------------------------------------------- weights

WEIGHTED = {
    "points": (LATENTS, {}, 1e-12),
    "quantile-free unique": (np.round(LATENTS), {"discretisation": "unique"}, 1e-12),
    "gaussian": (GAUSSIAN, {}, 1e-6),
    "laplace": (dm.LaplacePosterior(FEW_LATENTS, np.full(FEW_LATENTS.shape, 0.6)), {}, 1e-6),
    "bernoulli": (dm.BernoulliPosterior(1 / (1 + np.exp(-LATENTS))), {}, 1e-12),
}
all_weighted = pytest.mark.parametrize(("latents", "options", "tolerance"), WEIGHTED.values(), ids=WEIGHTED)


def rows_of(latents, rows):
    return latents[rows] if isinstance(latents, np.ndarray) else latents.take(rows)


@every_gap
@all_weighted
def test_zero_weights_equal_dropping_the_rows(metric, latents, options, tolerance):
    weights = np.where(np.random.default_rng(3).random(N) < 0.3, 0.0, 1.0)
    kept = np.flatnonzero(weights)
    dropped = metric(rows_of(latents, kept), GRID[kept], **options)
    assert_same(metric(latents, GRID, weights=weights, **options), dropped, tolerance)
    assert_same(metric(latents, dm.Factors(GRID, weights=weights), **options), dropped, tolerance)
    assert_same(metric(latents, GRID, weights=weights.astype(bool), **options), dropped, tolerance)


@every_gap
@all_weighted
def test_whole_weights_equal_repeating_the_rows(metric, latents, options, tolerance):
    weights = np.random.default_rng(4).integers(0, 4, N)
    rows = np.repeat(np.arange(N), weights)
    one = metric(latents, GRID, weights=weights, **options)
    other = metric(rows_of(latents, rows), GRID[rows], **options)
    assert one.score == pytest.approx(other.score, abs=tolerance)
    assert one.mutual_information == pytest.approx(other.mutual_information, abs=tolerance)


@every_gap
@all_weighted
@pytest.mark.parametrize("factor", [5e-324, 1e-300, 3.0, 1e300, 1.7e308][:: size(1, 4)])
def test_the_unit_of_weights_does_not_matter(metric, latents, options, tolerance, factor):
    # The sum of weights near the largest number overflows: that is no reason for another answer.
    one = metric(latents, GRID, weights=np.full(N, factor), **options)
    assert_same(one, metric(latents, GRID, **options), tolerance)


VANISHING = {
    "unique": (np.round(LATENTS), {"discretisation": "unique"}, 1e-12),
    **{name: WEIGHTED[name] for name in ("gaussian", "laplace", "bernoulli")},
}


@every_gap
@pytest.mark.parametrize(("latents", "options", "tolerance"), VANISHING.values(), ids=VANISHING)
@pytest.mark.parametrize("unit", [1.0, 1e300])
@pytest.mark.parametrize("little", [1e-20, 1e-200, 5e-324][:: size(1, 2)])
def test_weights_that_vanish_beside_others_do_not_count(metric, latents, options, tolerance, unit, little):
    # As importance weights do. Shares below 1e-308 are no numbers: neither is what is divided by them.
    counted = (np.random.default_rng(6).random(N) < 0.8) & (GRID[:, 0] < 2)  # a value, and some bins, vanish too
    one = metric(latents, GRID, weights=np.where(counted, unit, little), **options)
    other = metric(rows_of(latents, np.flatnonzero(counted)), GRID[counted], **options)
    assert one.score == pytest.approx(other.score, abs=tolerance)
    assert one.mutual_information == pytest.approx(other.mutual_information, abs=tolerance)


@every_gap
@pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning")
def test_weights_that_vanish_beside_others_can_be_drawn_by(metric):
    weights = 10.0 ** np.linspace(-300, 300, N)
    # One row weighs nearly all, so hardly anything is left to be told.
    assert 0 <= metric(GAUSSIAN, GRID, weights=weights, n_draws=9, rng=0).score <= 1


@pytest.mark.parametrize("normaliser", ["factor", "latent"])
def test_weights_agree_with_the_oracle(normaliser):
    weights = np.random.default_rng(5).exponential(size=N) ** 2
    weights[::7] = 0.0
    kept = np.flatnonzero(weights)
    bins = np.column_stack([histogram.equal_width_bins(column, 20) for column in LATENTS[kept].T])
    factors = dm.Factors(GRID, missing=MISSING)
    for metric, oracle in ((dm.mig, histogram.mig), (dm.mig_sup, histogram.mig_sup)):
        score, each = oracle(bins, GRID[kept], weights[kept], MISSING[kept], normaliser)
        result = metric(LATENTS, factors, weights=weights, normaliser=normaliser)
        assert result.score == pytest.approx(score, abs=1e-12)
        assert getattr(result, "per_factor" if metric is dm.mig else "per_latent") == pytest.approx(each, abs=1e-12)
