"""The terms as a training loop has them, from minibatches, and how far from the truth they can be and are."""

import math

import numpy as np

from dismetrics.estimators.aggregate_posterior.joint_density import joint_log_density
from dismetrics.estimators.aggregate_posterior.monte_carlo import log_mixture
from dismetrics.estimators.aggregate_posterior.priors import Prior
from dismetrics.estimators.decomposition.terms import DecompositionTerms, parts_of
from dismetrics.estimators.decomposition.whole import of_latents
from dismetrics.estimators.minibatch import MinibatchDensities, offset_range
from dismetrics.estimators.minibatch.batches import BatchMeans, batch_means, most_batches
from dismetrics.posteriors import FactorisedPosterior, HasLogDensity
from dismetrics.typing import FloatArray

__all__ = ["minibatch_decomposition"]

_BATCH_SIZE = 1024
_BATCHES = 20


def minibatch_decomposition(
    posterior: FactorisedPosterior,
    prior: Prior,
    *,
    estimator: str,
    placement: str,
    batch_size: int | None,
    n_batches: int | None,
    offset: bool,
    rng: np.random.Generator,
) -> DecompositionTerms:
    """All terms, as means over minibatches of shuffled epochs.

    Parameters
    ----------
    posterior : FactorisedPosterior
        Posteriors with densities or tables.
    prior : Prior
        Factorised or joint.
    estimator, placement : str
        See `minibatch_terms`.
    batch_size, n_batches : int, optional
        1,024 rows, or all where there are fewer; 20 minibatches, or as many as there are stored draws for.
    offset : bool
        Whether to evaluate the exact densities at the same draws, and with them the offset of these posteriors.
    rng : numpy.random.Generator
        Shuffles the rows and draws z.

    Returns
    -------
    DecompositionTerms
        Intervals are of the true terms: the standard error and all of the offset's range are in them.
    """
    n_samples, n_latents = posterior.n_samples, posterior.n_latents
    batch_size = min(_BATCH_SIZE, n_samples) if batch_size is None else batch_size
    # Checks the sizes and words before any work.
    ends = offset_range(n_samples, batch_size, n_latents, estimator, placement=placement)
    n_batches = _as_count(posterior, batch_size, n_batches)
    exact = _Exact(posterior, n_batches * batch_size, rng) if offset else None
    means = batch_means(
        posterior,
        prior.at_draws,
        estimator=estimator,
        placement=placement,
        batch_size=batch_size,
        n_batches=n_batches,
        exact=exact,
        rng=rng,
    )
    factorised = prior.joint is None
    terms = parts_of(factorised)
    lowest_mi, highest_mi = ends.index_code_mi
    ranges = {
        # H(z) has the error of I(z; n), and KL(q(z) || p(z)) the opposite one; what is left has none.
        "joint_entropy": ends.index_code_mi,
        "index_code_mi": ends.index_code_mi,
        "total_correlation": ends.total_correlation,
        "marginal_kl": (0.0 - highest_mi, 0.0 - lowest_mi),
        "dimension_wise_kl": ends.dimension_wise_kl,
    }
    quantile = _quantile(n_batches - 1)
    totals, standard_error, interval = {}, {}, {}
    for name, parts in terms.items():
        each = _by_batch(means, parts, means.log_joint, means.log_marginals)
        totals[name], standard_error[name] = float(each.mean()), _error_of_mean(each)
        lowest, highest = ranges.get(name, (0.0, 0.0))
        half_width = quantile * standard_error[name]
        interval[name] = (totals[name] - highest - half_width, totals[name] - lowest + half_width)

    biased = [name for name in terms if name in ranges]
    offsets, offset_error = {}, {}
    if means.exact_joint is not None and means.exact_marginals is not None:
        for name in biased:
            each = _by_batch(means, terms[name], means.log_joint, means.log_marginals)
            each = each - _by_batch(means, terms[name], means.exact_joint, means.exact_marginals)
            offsets[name], offset_error[name] = float(each.mean()), _error_of_mean(each)
    settings = {"batch_size": batch_size, "n_batches": n_batches}
    return DecompositionTerms(
        totals=totals,
        own=means.own.mean(axis=0),
        marginal=means.log_marginals.mean(axis=0),
        log_prior=means.log_prior.mean(axis=0) if factorised else None,
        standard_error=standard_error,
        interval=interval,
        numerical_bound=None,
        n_draws=n_batches * batch_size,
        n_controls=0,
        settings=settings | ({"placement": placement} if estimator == "mss" else {}),
        offset_range={name: ranges[name] for name in biased},
        offset=offsets,
        offset_standard_error=offset_error,
    )


def _as_count(posterior: FactorisedPosterior, batch_size: int, n_batches: int | None) -> int:
    most = most_batches(posterior, batch_size)
    if n_batches is None:
        n_batches = _BATCHES if most is None else min(_BATCHES, most)
    if (most is not None and n_batches > most) or n_batches < 2:
        raise ValueError(
            f"n_batches={n_batches} of batch_size={batch_size}, but the posterior holds draws for {most}, each used "
            "once, and a standard error takes at least 2: pass a smaller batch_size, or a posterior with more "
            "draws of each sample"
        )
    return n_batches


class _Exact:
    """The exact densities of the aggregate posterior at draws: all components, and marginals on a quadrature."""

    def __init__(self, posterior: FactorisedPosterior, n_points: int, rng: np.random.Generator) -> None:
        self.posterior = posterior
        self.weights = np.full(posterior.n_samples, 1.0 / posterior.n_samples)
        self.joint = joint_log_density(posterior, self.weights, n_points=n_points)
        self.marginals = of_latents(posterior, self.weights, rng).marginals

    def __call__(self, z: FloatArray) -> MinibatchDensities:
        columns = []
        for j, marginal in enumerate(self.marginals):
            points = np.ascontiguousarray(z[:, j])
            if marginal is not None:
                columns.append(marginal.log_density_at(points))
                continue
            assert isinstance(self.posterior, HasLogDensity)
            columns.append(log_mixture(self.posterior, points, j, self.weights))
        return MinibatchDensities(self.joint(z).log_density, np.column_stack(columns))


def _by_batch(
    means: BatchMeans, parts: tuple[int, int, int, int], log_joint: FloatArray, log_marginals: FloatArray
) -> FloatArray:
    """A term as each minibatch has it."""
    log_prior = means.log_prior if means.log_prior.ndim == 1 else means.log_prior.sum(axis=1)
    of_batch = (log_joint, means.own.sum(axis=1), log_marginals.sum(axis=1), log_prior)
    return np.asarray(sum(part * values for part, values in zip(parts, of_batch, strict=True)))


def _error_of_mean(each: FloatArray) -> float:
    return float(each.std(ddof=1)) / math.sqrt(len(each))


def _quantile(freedom: int) -> float:
    """Student's t for 95 %."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))
