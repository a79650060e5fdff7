"""The diagnosis of the posterior estimator where there are too few samples."""

import warnings

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.estimators import aggregate_entropies, overlapping_samples
from dismetrics.warnings import SaturationWarning
from sizes import size


def _noisy_model(n, seed, scale=0.02):
    """Samples of a model that encodes two factors with the roughness of a network."""
    rng = np.random.default_rng(seed)
    v = np.column_stack([rng.integers(0, 30, n), rng.integers(0, 6, n)])
    mean = v / [30, 6] + 0.1 * rng.normal(size=(n, 2))
    mean = np.column_stack([mean, rng.normal(size=n)])
    return dm.GaussianPosterior.from_scale(mean, np.full(mean.shape, scale)), v


def test_few_samples_of_narrow_posteriors_warn_and_many_do_not():
    posterior, v = _noisy_model(size(20_000, 1500), 0, scale=size(0.02, 0.3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        enough = dm.mig(posterior, v)
    with pytest.warns(SaturationWarning, match="factor_0"):
        few = dm.mig(posterior.take(np.arange(150)), v[:150])
    assert few.overlap[few.best_latents[0], 0] < 3 < enough.overlap[enough.best_latents[0], 0]


def test_overlap_counts_the_samples_that_share_a_place():
    # Places far apart; 4, 4 and 2 samples share one within the two values of the factor.
    mean = np.array([0.0] * 4 + [100.0] * 4 + [200.0] * 2)[:, None]
    v = np.array([0] * 8 + [1] * 2)
    posterior = dm.GaussianPosterior.from_scale(mean, np.ones_like(mean))
    found = overlapping_samples(aggregate_entropies(posterior, dm.Factors(v)))
    assert found[0, 0] == pytest.approx(np.exp(0.8 * np.log(4) + 0.2 * np.log(2)), rel=1e-6)


def test_overlap_runs_from_one_to_the_samples_of_a_value():
    v = np.arange(40) % 4
    apart = dm.GaussianPosterior.from_scale(1e3 * np.arange(40.0)[:, None], np.ones((40, 1)))
    together = dm.GaussianPosterior.from_scale(np.zeros((40, 1)), np.ones((40, 1)))
    factors = dm.Factors(v)
    assert overlapping_samples(aggregate_entropies(apart, factors))[0, 0] == pytest.approx(1.0, abs=1e-6)
    assert overlapping_samples(aggregate_entropies(together, factors))[0, 0] == pytest.approx(10.0, rel=1e-6)


def test_a_full_grid_told_perfectly_does_not_warn():
    # Within a value, the other latent sees each sample alone, but tells nothing of this factor.
    v = np.indices((5, 5)).reshape(2, -1).T
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert dm.mig(
            dm.GaussianPosterior.from_scale(v.astype(float), np.full(v.shape, 0.01)), v
        ).score == pytest.approx(1)


def test_the_gap_of_latents_warns_too():
    posterior, v = _noisy_model(150, 0)
    with pytest.warns(SaturationWarning, match="factor_0"):
        result = dm.mig_sup(posterior, v)
    assert result.overlap.shape == (3, 2)
