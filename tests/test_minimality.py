"""Minimality and sufficiency: against the oracles, closed forms, dependent factors, posteriors."""

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.warnings import DegenerateDataWarning
from oracles import aggregate_posterior, binning
from oracles import sufficiency as oracle
from sizes import size

GRID = np.tile(np.indices((3, 4, 5)).reshape(3, -1).T, (2, 1))
N = len(GRID)
BOTH = (dm.minimality, dm.sufficiency)


@pytest.mark.parametrize("seed", range(8))
def test_scores_are_those_of_the_oracles(seed):
    rng = np.random.default_rng(seed)
    n = 60
    v = rng.integers(0, [2, 3, 4], (n, 3))
    v[:2] = [[0] * 3, [1] * 3]
    z = v @ rng.normal(size=(3, 4)) + rng.normal(size=(n, 4))
    z[:, 3] = np.round(z[:, 3])
    missing, weights = rng.random(v.shape) < 0.2 * (seed % 2), rng.exponential(size=n)
    missing[:2] = False
    bins = np.column_stack([binning.equal_width_bins(x, 5) for x in z.T])
    factors = dm.Factors(v, missing=missing, weights=weights)
    minimality, sufficiency = (metric(z, factors, n_bins=5) for metric in BOTH)
    per_latent = oracle.minimality(bins, v, weights, missing)
    per_factor = oracle.sufficiency(bins, v, weights, missing)
    assert minimality.per_latent == pytest.approx(per_latent, abs=1e-12)
    assert minimality.score == pytest.approx(np.mean(per_latent), abs=1e-12)
    assert sufficiency.per_factor == pytest.approx(per_factor, abs=1e-12)
    assert sufficiency.score == pytest.approx(np.mean(per_factor), abs=1e-12)


LOG3, LOG4, LOG5 = np.log([3, 4, 5])
KNOWN = {
    # Code of the grid -> minimality, sufficiency.
    "perfect": (GRID, 1.0, 1.0),
    "permuted": (-GRID[:, [1, 2, 0]], 1.0, 1.0),
    "redundant": (np.hstack([GRID, GRID]), 1.0, 1.0),
    "inactive": (np.column_stack([GRID, np.full(N, 9.0)]), 1.0, 1.0),
    "one of three": (GRID[:, [1]], 1.0, 1 / 3),
    # One latent says all three: log 60 nats, of which the factor of most values is log 5.
    "merged": (GRID @ np.array([[20], [5], [1]]), LOG5 / np.log(60), 1.0),
    # Half of a factor of four values.
    "part": (GRID[:, [1]] // 2, 1.0, np.log(2) / LOG4 / 3),
}


@pytest.mark.parametrize(("code", "minimality", "sufficiency"), KNOWN.values(), ids=KNOWN)
def test_codes_with_known_answers(code, minimality, sufficiency):
    options = {"discretisation": "unique"}
    with np.errstate(all="raise"):
        assert dm.minimality(code, GRID, **options).score == pytest.approx(minimality, abs=1e-12)
        assert dm.sufficiency(code, GRID, **options).score == pytest.approx(sufficiency, abs=1e-12)


def test_factors_that_are_left_out_are_superfluous():
    code = GRID[:, [0, 2]]
    assert dm.minimality(code, GRID).score == 1.0
    assert dm.minimality(code, GRID, factor_subset=[0]).per_latent == pytest.approx([1.0, 0.0])


def test_dependent_factors_do_not_count_against_a_code():
    # The second factor is the first with one value in five another: MIG sees a gap that is closed in part.
    rng = np.random.default_rng(0)
    first = rng.integers(0, 5, 5000)
    second = np.where(rng.random(5000) < 0.2, rng.integers(0, 5, 5000), first)
    v = np.column_stack([first, second])
    assert dm.minimality(v, v).score == pytest.approx(1.0)
    assert dm.sufficiency(v, v).score == pytest.approx(1.0)
    assert dm.mig(v, v).score < 0.6


def test_noise_is_content_that_no_factor_explains():
    # Four values and noise of two bins within each: log 8 nats, of which log 4.
    v = np.repeat(np.arange(4), 400)
    z = 2.0 * v + np.arange(1600) % 2
    assert dm.minimality(z[:, None], v, n_bins=8).score == pytest.approx(LOG4 / np.log(8))
    assert dm.sufficiency(z[:, None], v, n_bins=8).score == pytest.approx(1.0)


@pytest.mark.parametrize("metric", BOTH)
def test_noise_scores_near_zero(metric):
    rng = np.random.default_rng(1)
    n = size(20_000, 2000)
    z, v = rng.normal(size=(n, 3)), rng.integers(0, 4, (n, 2))
    bias = 19 * 3 / (2 * n * LOG4)
    assert metric(z, v).score < 2 * bias


@pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning")  # few rows, for the oracle's sake
def test_posteriors_divide_by_what_they_say_of_the_samples():
    n = size(60, 24)
    rng = np.random.default_rng(2)
    v = np.column_stack([np.arange(n) % 2, np.arange(n) // 2 % 3])
    mean = 2.0 * v @ rng.normal(size=(2, 3)) + 0.3 * rng.normal(size=(n, 3))
    scale = 0.5 + rng.random((n, 3))
    weights = rng.exponential(size=n)
    missing = rng.random(v.shape) < 0.2
    entropies = [
        aggregate_posterior.row_entropy(aggregate_posterior.gaussian_mixture_entropy, mean[:, j], scale[:, j])
        for j in range(3)
    ]
    carried = np.empty((3, 2))
    for j in range(3):
        for k in range(2):
            rows = np.flatnonzero(~missing[:, k])
            noise = np.average(0.5 * np.log(2 * np.pi * np.e * scale[rows, j] ** 2), weights=weights[rows])
            carried[j, k] = entropies[j](rows, weights[rows]) - noise
    _, _, information = aggregate_posterior.posterior_mig(entropies, v, weights, missing)
    posterior = dm.GaussianPosterior.from_scale(mean, scale)
    result = dm.minimality(posterior, dm.Factors(v, missing=missing, weights=weights))
    assert result.carried_information == pytest.approx(carried, abs=1e-6)
    assert result.per_latent == pytest.approx((information / carried).max(axis=1), abs=1e-6)
    # Of codes that a factor decides alone, with the same noise for all, nothing else is said.
    alone = dm.GaussianPosterior.from_scale(v + 0.0, np.full(v.shape, 0.4))
    assert dm.minimality(alone, v).per_latent == pytest.approx([1.0, 1.0], abs=1e-6)


def test_a_posterior_that_says_nothing_does_not_count():
    v = np.arange(40) % 4
    said = dm.GaussianPosterior.from_scale(v[:, None] + 0.0, np.full((40, 1), 0.1))
    beside = dm.GaussianPosterior.from_scale(np.column_stack([v, np.full(40, 7.0)]), np.full((40, 2), 0.1))
    result = dm.minimality(beside, v)
    assert result.score == pytest.approx(dm.minimality(said, v).score, abs=1e-9)
    assert np.isnan(result.per_latent).tolist() == [False, True]
    assert result.best_factors.tolist() == [0, -1]


def test_constant_latents_only_are_zero():
    result = dm.minimality(np.zeros((N, 2)), GRID)
    assert result.score == 0.0
    assert np.isnan(result.per_latent).all()
    assert dm.sufficiency(np.zeros((N, 2)), GRID).score == 0.0


@pytest.mark.parametrize("metric", BOTH)
def test_a_factor_with_one_value_is_left_out(metric):
    v = np.column_stack([GRID[:, 0], np.zeros(N, int), GRID[:, 1]])
    z = GRID + 0.3 * np.random.default_rng(0).normal(size=GRID.shape)
    with pytest.warns(DegenerateDataWarning, match="factor_1"):
        result = metric(z, v)
    assert result.score == metric(z, v[:, [0, 2]]).score
    if metric is dm.minimality:
        assert 1 not in result.best_factors
    else:
        assert np.isnan(result.per_factor).tolist() == [False, True, False]
        assert result.best_latents[1] == -1


def test_the_ceiling_of_too_few_bins():
    values = np.arange(420)[:, None] % 42
    result = dm.sufficiency(values, values, n_bins=7)
    assert result.score == pytest.approx(result.ceiling) == pytest.approx(np.log(7) / np.log(42))
    assert dm.minimality(values, values, n_bins=7).score == pytest.approx(1.0)


def test_neighbours_have_no_entropy_to_divide_by():
    with pytest.raises(ValueError, match=r"estimator='knn' has no entropy of latents.*'histogram'"):
        dm.minimality(GRID + 0.0, GRID, estimator="knn")


def test_the_preset_takes_fifteen_bins():
    z = GRID + 0.5 * np.random.default_rng(0).normal(size=GRID.shape)
    for metric in BOTH:
        assert metric(z, GRID, preset="dependent_disentanglement").score == metric(z, GRID, n_bins=15).score
