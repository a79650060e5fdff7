"""Sampled entropies: right within their own errors, reproducible, refused where they make no sense."""

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.estimators import aggregate_entropies, sampled_entropies
from sizes import size


def _posterior(seed, n=None):
    rng = np.random.default_rng(seed)
    n = size(3000, 150) if n is None else n
    v = np.column_stack([rng.integers(0, 3, n), rng.integers(0, 4, n)])
    mean = np.column_stack([v[:, 0] + 0.3 * rng.normal(size=n), rng.normal(size=n)])
    return dm.GaussianPosterior.from_scale(mean, rng.uniform(0.1, 0.4, mean.shape)), dm.Factors(v)


def test_sampled_entropies_are_right_within_their_standard_errors():
    posterior, factors = _posterior(0)
    exact = aggregate_entropies(posterior, factors)
    found = sampled_entropies(posterior, factors, 1000, np.random.default_rng(1))
    gap = found.entropies.marginal - found.entropies.conditional - (exact.marginal - exact.conditional)
    assert (np.abs(gap) < 4 * found.standard_error).all()
    assert (found.standard_error > 0).all()


def test_standard_errors_cover_what_seeds_do():
    posterior, factors = _posterior(2, size(800, 100))
    exact = aggregate_entropies(posterior, factors)
    truth = exact.marginal - exact.conditional
    deviations = []
    for seed in range(size(60, 10)):
        found = sampled_entropies(posterior, factors, 100, np.random.default_rng(seed))
        error = found.entropies.marginal - found.entropies.conditional - truth
        deviations.append(error / found.standard_error)
    # Marginal and parts share draws, which the error ignores on purpose: it may be too large, never too small.
    assert np.sqrt(np.mean(np.square(deviations))) < 1.3


def test_the_gaussian_kernel_equals_the_general_way():
    posterior, factors = _posterior(3, 200)

    class Plain:
        """The same posterior, but not known to be Gaussian."""

        n_samples, n_latents = posterior.n_samples, posterior.n_latents
        entropy, kl_to_prior, sample = posterior.entropy, posterior.kl_to_prior, posterior.sample
        point_codes, take = posterior.point_codes, posterior.take
        log_density, support = posterior.log_density, posterior.support

    one = sampled_entropies(posterior, factors, 50, np.random.default_rng(0))
    other = sampled_entropies(Plain(), factors, 50, np.random.default_rng(0))
    assert other.entropies.marginal == pytest.approx(one.entropies.marginal, abs=1e-12)
    assert other.entropies.conditional == pytest.approx(one.entropies.conditional, abs=1e-12)
    assert other.standard_error == pytest.approx(one.standard_error, abs=1e-12)


def test_weighted_rows_equal_repeated_rows_in_the_mean():
    posterior, factors = _posterior(4, size(400, 80))
    counts = np.random.default_rng(5).integers(1, 4, posterior.n_samples)
    exact = aggregate_entropies(posterior, factors.with_weights(counts))
    found = sampled_entropies(posterior, factors.with_weights(counts), 2000, np.random.default_rng(6))
    gap = found.entropies.marginal - found.entropies.conditional - (exact.marginal - exact.conditional)
    assert (np.abs(gap) < 4 * found.standard_error).all()


@pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning")
def test_a_sampled_posterior_with_a_density_is_scored_from_its_draws():
    posterior, factors = _posterior(7, size(600, 60))
    rng = np.random.default_rng(8)
    draws = np.stack([posterior.sample(rng) for _ in range(3)])
    sampled = dm.SampledPosterior(draws, posterior.log_density)
    result = dm.mig(sampled, factors, rng=0)
    exact = dm.mig(posterior, factors)
    assert np.abs(result.mutual_information - exact.mutual_information).max() < 5 * result.standard_error.max()
    assert result.settings["n_draws"] == posterior.n_samples


def test_the_same_seed_gives_the_same_bits():
    posterior, factors = _posterior(9, 200)
    one, other = (dm.mig(posterior, factors, n_draws=50, rng=3) for _ in range(2))
    assert one.score == other.score
    assert dm.mig(posterior, factors, n_draws=50, rng=4).score != one.score


def test_tables_need_no_sampling():
    posterior = dm.BernoulliPosterior(np.random.default_rng(0).random((20, 2)))
    with pytest.raises(ValueError, match="drop n_draws"):
        dm.mig(posterior, np.arange(20) % 2, n_draws=10)
