"""Entropies of the aggregate posterior by sampling, as the paper computes them (Chen et al. 2018, section 4.1).

One draw z ~ q(z|x_n) of every sample; H(z_j) is the mean of -log q(z_j) over some of the draws, with q(z_j) the mixture
over all samples; H(z_j | v_k = a) likewise within the samples of that value. Exact quadrature is faster and has no
error; this is here to reproduce and to check.
"""

from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.aggregate_posterior.entropies import AggregateEntropies, mean_over_known
from dismetrics.estimators.groups import Groups
from dismetrics.estimators.parallel import map_tasks
from dismetrics.factors import Factors
from dismetrics.kernels.mixture import log_gaussian_mixture
from dismetrics.posteriors import FactorisedPosterior, GaussianPosterior, HasLogDensity
from dismetrics.posteriors.checked import density_of, matrix_of
from dismetrics.typing import FloatArray, IntArray

__all__ = ["SampledEntropies", "sampled_entropies"]

_ENTRIES_AT_ONCE = 2**22


@dataclass(frozen=True, slots=True, eq=False)
class SampledEntropies:
    """Sampled entropies and the standard error of marginal - conditional, shape (n_latents, n_factors)."""

    entropies: AggregateEntropies
    standard_error: FloatArray


def sampled_entropies(
    posterior: FactorisedPosterior, factors: Factors, n_draws: int, rng: np.random.Generator
) -> SampledEntropies:
    """Entropies of the aggregate posterior from at most `n_draws` draws for each.

    Parameters
    ----------
    posterior : HasLogDensity
        Posteriors of the samples.
    factors : Factors
        Factors that all have labels, sample for sample.
    n_draws : int
        Draws for the marginal and for each factor value; fewer where there are fewer samples.
    rng : numpy.random.Generator
        Source of the draws and of the choice of samples.

    Returns
    -------
    SampledEntropies
        In nats, with standard errors that treat the terms of marginal and values as independent.

    Raises
    ------
    ValueError
        If the posterior has no density.
    """
    if not isinstance(posterior, HasLogDensity):
        raise ValueError(
            f"n_draws={n_draws} asks for sampling, but a {type(posterior).__name__} has no density and its sums are "
            "exact: drop n_draws"
        )
    groups = Groups.of(factors)
    known = [np.flatnonzero(groups.is_known[:, k]) for k in range(groups.n_factors)]
    members = [np.flatnonzero(groups.codes[:, k] == g) for k, g in _values(groups)]
    mixtures = [*known, *members]
    # Drawn before the latents are shared out, so that threads cannot change the order of the random numbers.
    if factors.weights is None:
        # As the paper has it: one draw for every sample, of which each entropy uses some.
        draws = matrix_of(posterior, "sample", rng)
        draws_of = [draws[rng.permutation(rows)[:n_draws]] for rows in mixtures]
    else:
        draws_of = [_weighted_draws(posterior, rows, groups.weights, n_draws, rng) for rows in mixtures]

    def of_latent(latent: int) -> tuple[FloatArray, FloatArray]:
        pairs = zip(draws_of, mixtures, strict=True)
        terms = [_entropy(posterior, z, groups.weights, latent, rows) for z, rows in pairs]
        return np.array([mean for mean, _ in terms]), np.array([variance for _, variance in terms])

    by_latent = map_tasks(of_latent, posterior.n_latents, "sampled entropies")
    return _assembled(np.array([m for m, _ in by_latent]), np.array([v for _, v in by_latent]), posterior, groups)


def _values(groups: Groups) -> list[tuple[int, int]]:
    """Factor and group number of every factor value."""
    return [(k, g) for k in range(groups.n_factors) for g in range(groups.n_groups)[groups.values_of(k)]]


def _weighted_draws(
    posterior: FactorisedPosterior, rows: IntArray, weights: FloatArray, n_draws: int, rng: np.random.Generator
) -> FloatArray:
    """Draws from a mixture: samples in proportion to their weights, and a fresh draw for each choice."""
    if rows.size == 0:
        return np.empty((0, posterior.n_latents))
    chosen = rng.choice(rows, n_draws, p=weights[rows] / weights[rows].sum())
    return matrix_of(posterior.take(chosen), "sample", rng)


def _entropy(
    posterior: HasLogDensity, draws: FloatArray, weights: FloatArray, latent: int, mixed: IntArray
) -> tuple[float, float]:
    """Mean of -log q(z) over the draws, q the mixture of some rows, and the variance of that mean."""
    if mixed.size == 0:
        return np.nan, 0.0
    z = np.ascontiguousarray(draws[:, latent])
    share = weights[mixed] / weights[mixed].sum()
    if isinstance(posterior, GaussianPosterior):
        log_q = log_gaussian_mixture(z, posterior.mean[mixed, latent], posterior.scale[mixed, latent], share)
    else:
        log_q = _log_mixture(posterior, z, latent, mixed, share)
    return -float(log_q.mean()), float(log_q.var(ddof=1)) / len(z) if len(z) > 1 else 0.0


def _log_mixture(
    posterior: HasLogDensity, z: FloatArray, latent: int, mixed: IntArray, share: FloatArray
) -> FloatArray:
    at_once = max(1, _ENTRIES_AT_ONCE // posterior.n_samples)
    parts = []
    for start in range(0, len(z), at_once):
        log_q = density_of(posterior, z[start : start + at_once], latent)[:, mixed]
        largest = log_q.max(axis=1)
        if (largest == -np.inf).any():
            raise ValueError(
                f"log_density of latent {latent} is minus infinity at a draw under every sample's posterior"
            )
        parts.append(largest + np.log(np.exp(log_q - largest[:, None]) @ share))
    return np.concatenate(parts)


def _assembled(
    means: FloatArray, variances: FloatArray, posterior: FactorisedPosterior, groups: Groups
) -> SampledEntropies:
    n_factors = groups.n_factors
    marginal, squared_error = means[:, :n_factors], variances[:, :n_factors].copy()
    conditional = np.empty_like(marginal)
    of_value = []
    start = n_factors
    for k in range(n_factors):
        mass = groups.mass[groups.values_of(k)]
        columns = slice(start, start + len(mass))
        start += len(mass)
        share = mass / max(mass.sum(), np.finfo(float).tiny)
        of_value.append(means[:, columns])
        conditional[:, k] = np.where(mass > 0, means[:, columns], 0.0) @ share if mass.any() else np.nan
        squared_error[:, k] += variances[:, columns] @ share**2
    mean_posterior = mean_over_known(matrix_of(posterior, "entropy"), groups)
    entropies = AggregateEntropies(marginal, conditional, tuple(of_value), mean_posterior, groups)
    return SampledEntropies(entropies, np.sqrt(squared_error))
