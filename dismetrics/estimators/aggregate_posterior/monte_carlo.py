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
from dismetrics.inputs import check_labelled
from dismetrics.kernels.mixture import log_gaussian_mixture
from dismetrics.posteriors import FactorisedPosterior, GaussianPosterior, HasLogDensity
from dismetrics.posteriors.checked import density_of, matrix_of
from dismetrics.typing import FloatArray, IntArray

__all__ = ["SampledEntropies", "log_mixture", "sampled_entropies"]

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
    check_labelled(posterior, factors)
    groups = Groups.of(factors)
    # Every factor without missing labels has the same marginal, which is then sampled once.
    known = [np.flatnonzero(groups.is_known[:, k]) for k in range(groups.n_factors) if groups.has_missing[k]]
    members = [np.flatnonzero(groups.codes[:, k] == g) for k, g in _values(groups)]
    mixtures = [np.arange(posterior.n_samples), *known, *members]
    # Drawn before the latents are shared out, so that threads cannot change the order of the random numbers.
    if factors.weights is None:
        # As the paper has it: one draw for every sample, of which each entropy uses some.
        draws = matrix_of(posterior, "sample", rng)
        draws_of = [draws[rng.permutation(rows)[:n_draws]] for rows in mixtures]
    else:
        draws_of = [_weighted_draws(posterior, rows, groups.weights, n_draws, rng) for rows in mixtures]
    parts = [posterior.take(rows) if rows.size else posterior for rows in mixtures]

    def of_latent(latent: int) -> list[_Term]:
        return [
            _entropy(part, z, groups.weights[rows], latent) if rows.size else _Term(np.nan, 0.0, 0)
            for part, z, rows in zip(parts, draws_of, mixtures, strict=True)
        ]

    by_latent = map_tasks(of_latent, posterior.n_latents, "sampled entropies")
    return _assembled(by_latent, posterior, groups)


@dataclass(frozen=True, slots=True)
class _Term:
    """The mean of -log q over some draws, the variance of one draw (nan for a single one), and their number."""

    mean: float
    variance: float
    count: int


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


def _entropy(posterior: HasLogDensity, draws: FloatArray, weights: FloatArray, latent: int) -> _Term:
    """-log q over the draws, q the weighted mixture of all of these posteriors."""
    z = np.ascontiguousarray(draws[:, latent])
    share = weights / weights.sum()
    if isinstance(posterior, GaussianPosterior):
        log_q = log_gaussian_mixture(z, posterior.mean[:, latent], posterior.scale[:, latent], share)
    else:
        log_q = log_mixture(posterior, z, latent, share)
    return _Term(-float(log_q.mean()), float(log_q.var(ddof=1)) if len(z) > 1 else np.nan, len(z))


def log_mixture(posterior: HasLogDensity, z: FloatArray, latent: int, share: FloatArray) -> FloatArray:
    """Log of the mixture of all posteriors, at draws of it."""
    at_once = max(1, _ENTRIES_AT_ONCE // posterior.n_samples)
    parts = []
    for start in range(0, len(z), at_once):
        log_q = density_of(posterior, z[start : start + at_once], latent)
        largest = log_q.max(axis=1)
        if (largest == -np.inf).any():
            raise ValueError(
                f"log_density of latent {latent} is minus infinity at a draw, for every sample's posterior"
            )
        parts.append(largest + np.log(np.exp(log_q - largest[:, None]) @ share))
    return np.concatenate(parts)


def _assembled(by_latent: list[list[_Term]], posterior: FactorisedPosterior, groups: Groups) -> SampledEntropies:
    mean, variance, count = (
        np.array([[getattr(term, name) for term in terms] for terms in by_latent])
        for name in ("mean", "variance", "count")
    )
    shape = (len(by_latent), groups.n_factors)
    marginal, conditional, squared_error = np.empty(shape), np.empty(shape), np.empty(shape)
    of_value = []
    next_known, start = 1, 1 + int(groups.has_missing.sum())
    for k in range(groups.n_factors):
        whole = 0
        if groups.has_missing[k]:
            whole, next_known = next_known, next_known + 1
        mass = groups.mass[groups.values_of(k)]
        values = slice(start, start + len(mass))
        start += len(mass)
        of_value.append(mean[:, values])
        marginal[:, k] = mean[:, whole]
        if not mass.any():
            conditional[:, k], squared_error[:, k] = np.nan, 0.0
            continue
        share = mass / mass.sum()
        conditional[:, k] = np.where(mass > 0, mean[:, values], 0.0) @ share
        # A single draw says nothing of its own variance: it is lent that of the others, or of all samples.
        known = np.where(count[:, values] > 1, variance[:, values], np.nan)
        lent = np.where(np.isnan(known).all(axis=1), variance[:, whole], _mean_of_known(known))
        each = np.where(np.isnan(known), lent[:, None], known)
        squared_error[:, k] = variance[:, whole] / count[:, whole]
        squared_error[:, k] += (each / np.maximum(count[:, values], 1)) @ share**2
    entropies = AggregateEntropies(
        marginal, conditional, tuple(of_value), mean_over_known(matrix_of(posterior, "entropy"), groups), groups
    )
    return SampledEntropies(entropies, np.sqrt(squared_error))


def _mean_of_known(values: FloatArray) -> FloatArray:
    """Mean of each row over what is not nan; nan for a row of nothing else."""
    known = ~np.isnan(values)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.divide(total, known.sum(axis=1), out=np.full(len(values), np.nan), where=known.any(axis=1))
