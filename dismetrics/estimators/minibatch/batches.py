"""Means over the minibatches of shuffled epochs, of all that the terms of the evidence bound are made of."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.minibatch.arguments import as_data_set_size, as_estimator, with_density
from dismetrics.estimators.minibatch.densities import MinibatchDensities, mixed, pair_weights
from dismetrics.posteriors import FactorisedPosterior, HasLogDensity, SampledPosterior, TablePosterior
from dismetrics.posteriors.checked import log_probability_of, matrix_of
from dismetrics.progress import report
from dismetrics.typing import FloatArray, IntArray

__all__ = ["BatchMeans", "batch_means", "most_batches"]


@dataclass(frozen=True, slots=True, eq=False)
class BatchMeans:
    """Means over each minibatch, in nats.

    Attributes
    ----------
    own : ndarray of float64, shape (n_batches, n_latents)
        Of log q(z_ij|x_i).
    log_joint, log_marginals : ndarray of float64, shape (n_batches,) and (n_batches, n_latents)
        Of the estimates of log q(z_i) and log q(z_ij).
    log_prior : ndarray of float64, shape (n_batches, n_latents), or (n_batches,)
        Of log p(z_ij), or of log p(z_i) for a prior that does not factorise.
    """

    own: FloatArray
    log_joint: FloatArray
    log_marginals: FloatArray
    log_prior: FloatArray


def most_batches(posterior: FactorisedPosterior, batch_size: int) -> int | None:
    """How many minibatches there can be without a draw that is used twice; None where draws are made as needed."""
    if isinstance(posterior, SampledPosterior):
        return posterior.n_draws * (posterior.n_samples // batch_size)
    return None


def batch_means(
    posterior: FactorisedPosterior,
    log_prior: Callable[[FloatArray], FloatArray],
    *,
    estimator: str,
    placement: str,
    batch_size: int,
    n_batches: int,
    rng: np.random.Generator,
) -> BatchMeans:
    """Minibatches of shuffled epochs, a draw for every row, and the means over each minibatch.

    Parameters
    ----------
    posterior : HasLogDensity or TablePosterior
        Posteriors of the whole data set.
    log_prior : callable
        From draws (batch_size, n_latents) to log p(z_ij), or to log p(z_i).
    estimator, placement : str
        See `minibatch_terms`.
    batch_size, n_batches : int
        Rows of a minibatch, and minibatches.
    rng : numpy.random.Generator
        Shuffles the rows and draws z.

    Returns
    -------
    BatchMeans
        One entry a minibatch.
    """
    of_density = with_density(posterior)
    n_samples = as_data_set_size(posterior.n_samples, batch_size)
    estimator, placement = as_estimator(estimator, placement)
    log_weights = np.log(pair_weights(batch_size, n_samples, estimator, placement))
    found: list[list[FloatArray]] = []
    for part, draws in _batches(of_density, batch_size, n_batches, rng):
        own, estimated = _densities(part, draws, log_weights)
        each = (own, estimated.log_joint, estimated.log_marginals, log_prior(draws))
        found.append([values.mean(axis=0) for values in each])
        report("minibatches", len(found), n_batches)
    return BatchMeans(*(np.array(values) for values in zip(*found, strict=True)))


def _batches(
    posterior: HasLogDensity | TablePosterior, batch_size: int, n_batches: int, rng: np.random.Generator
) -> Iterator[tuple[HasLogDensity | TablePosterior, FloatArray]]:
    """The posteriors of each minibatch and a draw of every row; the rows of an epoch are used once."""
    an_epoch = posterior.n_samples // batch_size
    order: IntArray = np.empty(0, np.int64)
    stored: Iterator[FloatArray] = iter(())
    if isinstance(posterior, SampledPosterior):
        stored = (posterior.draws[k] for k in rng.permutation(posterior.n_draws))
    of_epoch: FloatArray | None = None
    for batch in range(n_batches):
        if batch % an_epoch == 0:
            order, of_epoch = rng.permutation(posterior.n_samples), next(stored, None)
        start = batch % an_epoch * batch_size
        rows = order[start : start + batch_size]
        part = posterior.take(rows)
        yield part, matrix_of(part, "sample", rng) if of_epoch is None else of_epoch[rows]


def _densities(
    part: HasLogDensity | TablePosterior, draws: FloatArray, log_weights: FloatArray
) -> tuple[FloatArray, MinibatchDensities]:
    """log q(z_ij|x_i), and the estimates at the draws; the pairs of one latent at a time."""
    own = np.empty(draws.shape)

    def of_latents() -> Iterator[FloatArray]:
        for latent in range(draws.shape[1]):
            log_q = log_probability_of(part, np.ascontiguousarray(draws[:, latent]), latent)
            own[:, latent] = np.diagonal(log_q)
            if (own[:, latent] == -np.inf).any():
                raise ValueError(
                    f"{type(part).__name__}.log_density(z, {latent}) is minus infinity at a sample's own draw"
                )
            yield log_q

    estimated = mixed(of_latents(), log_weights)
    return own, estimated
