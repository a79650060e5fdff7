"""How far the terms of one minibatch are from the truth: at most, and for given posteriors."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.minibatch.arguments import (
    as_data_set_size,
    as_estimator,
    as_pairs,
    check_others,
    with_density,
)
from dismetrics.estimators.minibatch.densities import (
    MinibatchDensities,
    log_sum_exp,
    mi_and_tc,
    mixed,
    own_densities,
    pair_weights,
    pairwise_log_density,
)
from dismetrics.posteriors import FactorisedPosterior, HasLogDensity, TablePosterior
from dismetrics.posteriors.checked import log_probability_of, matrix_of
from dismetrics.typing import FloatArray, RandomState
from dismetrics.validation import as_generator, as_positive_integer

__all__ = ["MinibatchOffset", "OffsetRange", "offset_of", "offset_range"]

_ENTRIES_AT_ONCE = 2**20


@dataclass(frozen=True, slots=True, eq=False)
class OffsetRange:
    """Between what the expected estimate minus the truth lies, in nats: (lowest, highest) for every term.

    Attributes
    ----------
    index_code_mi, total_correlation, dimension_wise_kl : tuple of float
        Subtract from a reported term to get the range of the true one.
    """

    index_code_mi: tuple[float, float]
    total_correlation: tuple[float, float]
    dimension_wise_kl: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class MinibatchOffset:
    """The expected estimate minus the truth for one posterior, in nats, by Monte Carlo.

    Attributes
    ----------
    index_code_mi, total_correlation, dimension_wise_kl : float
        Mean over minibatches of the estimated term minus the exact one at the same draws. The three add up to 0.
    standard_error : mapping of str to float
        Of each of these.
    reported, exact : mapping of str to float
        The two means that `index_code_mi` and `total_correlation` are differences of. The draws' own noise is in both
        and cancels in the difference.
    """

    index_code_mi: float
    total_correlation: float
    dimension_wise_kl: float
    standard_error: Mapping[str, float]
    reported: Mapping[str, float]
    exact: Mapping[str, float]


def offset_range(
    n_samples: int, batch_size: int, n_latents: int, estimator: str, *, placement: str = "averaged"
) -> OffsetRange:
    """How far from the truth the terms can be that an estimator reports, apart from sampling noise.

    Parameters
    ----------
    n_samples : int
        N, the size of the data set.
    batch_size : int
        B, at most N; at least 2 for `"mss"`.
    n_latents : int
        D.
    estimator : {"mws", "mss", "minibatch"}
        The estimator.
    placement : {"averaged", "paper"}
        Of `"mss"`; see `mss_weights`.

    Returns
    -------
    OffsetRange
        In nats, of the expectation over minibatches and draws.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number or out of range, or a word is not known.

    See Also
    --------
    offset_of : The offset for a given posterior.

    Notes
    -----
    For posteriors that factorise and minibatches S of B distinct samples, all equally likely. Let n be the sample that
    z is drawn from. `"minibatch"` reports I(n; z | S) on average, and I(n; z) = I(n; z | S) + I(S; z), so its offset is
    -I(S; z); likewise for each z_j. Since q(z|S) <= (N/B) q(z), I(S; z) is between 0 and g = log(N/B). TC is the sum of
    the I(n; z_j) less I(n; z), and I(S; z_j) <= I(S; z), so its offset I(S; z) - sum_j I(S; z_j) is at least -(D-1) g
    and at most g. It is also at most (D-1) log B, the largest TC of a mixture of B products.

    `"mws"` adds log N to MI and (D-1) log N to TC. MI is then high by log B (posteriors that do not touch) to log N
    (they all coincide, or B = N). TC is high by at least (D-1) log B (each latent alone tells all samples apart), by
    (D-1) log N where all posteriors coincide, and by at most D log N - log B. Both ends of MI and the lower end of TC
    are attained; the upper end of TC is approached, by lattices whose levels all occur in each minibatch.

    `"mss"` is unbiased for densities, so by Jensen's inequality MI is never low. Its weights are at least 1/N each
    (averaged), so its densities are at least B/N times those of the plain average, and MI is high by at most g. The
    same holds for each I(n; z_j), so TC is off by -g to D g; by 0 for D = 1. With `placement="paper"` and N < 2 (B - 1)
    the one other weight is below 1/N; without that row g is log(N/(B - 1)). Only the lower end of MI is attained. The
    others are bounds; posteriors in clusters come to within about log log(N/B) + 1 of g.

    Examples
    --------
    >>> offset = offset_range(737_280, 64, 10, "mws")
    >>> [round(end, 2) for end in offset.index_code_mi], [round(end, 2) for end in offset.total_correlation]
    ([4.16, 13.51], [37.43, 130.95])
    """
    batch_size = as_positive_integer(batch_size, "batch_size")
    n_samples = as_data_set_size(n_samples, batch_size)
    n_latents = as_positive_integer(n_latents, "n_latents")
    estimator, placement = as_estimator(estimator, placement)
    log_n, log_b = math.log(n_samples), math.log(batch_size)
    gap = log_n - log_b
    if estimator == "mss":
        check_others(batch_size)
        if placement == "paper" and n_samples < 2 * (batch_size - 1):
            gap = log_n - math.log(batch_size - 1)
        tc = (0.0 - gap, n_latents * gap) if n_latents > 1 else (0.0, 0.0)
        return OffsetRange((0.0, gap), tc, (0.0 - n_latents * gap, 0.0))
    # What the weights lack to those of the plain average, once for q(z) and once for every q(z_j).
    shift = log_n if estimator == "mws" else 0.0
    lowest, highest = 0.0 - (n_latents - 1) * gap, min(gap, (n_latents - 1) * log_b)
    return OffsetRange(
        (shift - gap, shift),
        ((n_latents - 1) * shift + lowest, (n_latents - 1) * shift + highest),
        (0.0 - n_latents * shift, n_latents * (gap - shift)),
    )


def offset_of(
    posterior: FactorisedPosterior,
    batch_size: int,
    estimator: str,
    n_batches: int = 20,
    rng: RandomState = None,
    *,
    placement: str = "averaged",
) -> MinibatchOffset:
    """How far from the truth the terms are that an estimator reports of a given posterior.

    Subtract it from the mean over an epoch in a training log, of the same posterior and batch size.

    Parameters
    ----------
    posterior : HasLogDensity or TablePosterior
        Posteriors of the whole data set: their number is N.
    batch_size : int
        B, at most N; at least 2 for `"mss"`.
    estimator : {"mws", "mss", "minibatch"}
        The estimator.
    n_batches : int
        Minibatches to draw, each without replacement; at least 2.
    rng : None, int or numpy.random.Generator
        Chooses the minibatches and draws z.
    placement : {"averaged", "paper"}
        Of `"mss"`; see `mss_weights`.

    Returns
    -------
    MinibatchOffset
        In nats, with standard errors.

    Raises
    ------
    TypeError, ValueError
        For input that cannot be meant; the message names the argument and the remedy.

    See Also
    --------
    offset_range : What the offset can be at all.

    Notes
    -----
    The exact densities are mixtures of all N posteriors, by brute force: `n_batches` B N D evaluations of a density.
    Both are taken at the same draws, so that only their difference is noisy.

    Examples
    --------
    Posteriors that all equal the prior, where the truth is 0:

    >>> import dismetrics as dm
    >>> collapsed = dm.GaussianPosterior(np.zeros((100, 3)), np.zeros((100, 3)))
    >>> offset = offset_of(collapsed, 10, "mws", rng=0)
    >>> bool(abs(offset.total_correlation - 2 * np.log(100)) < 1e-9)
    True
    """
    posterior = with_density(posterior)
    batch_size = as_positive_integer(batch_size, "batch_size")
    n_samples = as_data_set_size(posterior.n_samples, batch_size)
    n_batches = as_positive_integer(n_batches, "n_batches", at_least=2)
    estimator, placement = as_estimator(estimator, placement)
    log_weights = np.log(pair_weights(batch_size, n_samples, estimator, placement))
    generator = as_generator(rng)
    reported, exact = np.empty((n_batches, 2)), np.empty((n_batches, 2))
    for batch in range(n_batches):
        part = posterior.take(generator.permutation(n_samples)[:batch_size])
        draws = matrix_of(part, "sample", generator)
        pairs = as_pairs(pairwise_log_density(part, draws))
        reported[batch] = mi_and_tc(own_densities(pairs), mixed(np.moveaxis(pairs, 2, 0), log_weights))
        exact[batch] = mi_and_tc(own_densities(pairs), _brute_force(posterior, draws))
    difference = reported - exact
    # The terms add up to the same whatever the estimator, so the offset of the third is minus that of the others.
    offsets = np.column_stack([difference, -difference.sum(axis=1)])
    errors = offsets.std(axis=0, ddof=1) / math.sqrt(n_batches)
    names = ("index_code_mi", "total_correlation", "dimension_wise_kl")
    mi, tc, dimension_wise = offsets.mean(axis=0).tolist()
    return MinibatchOffset(
        mi,
        tc,
        dimension_wise,
        dict(zip(names, errors.tolist(), strict=True)),
        dict(zip(names[:2], reported.mean(axis=0).tolist(), strict=True)),
        dict(zip(names[:2], exact.mean(axis=0).tolist(), strict=True)),
    )


def _brute_force(posterior: HasLogDensity | TablePosterior, draws: FloatArray) -> MinibatchDensities:
    """Log densities of the mixture of all posteriors, some draws at a time."""
    log_joint, log_marginals = np.empty(len(draws)), np.empty(draws.shape)
    at_once = max(1, _ENTRIES_AT_ONCE // posterior.n_samples)
    for start in range(0, len(draws), at_once):
        rows = slice(start, start + at_once)
        joint = np.zeros((len(draws[rows]), posterior.n_samples))
        for latent in range(draws.shape[1]):
            log_q = log_probability_of(posterior, np.ascontiguousarray(draws[rows, latent]), latent)
            log_marginals[rows, latent] = log_sum_exp(log_q)
            joint += log_q
        log_joint[rows] = log_sum_exp(joint)
    log_n = math.log(posterior.n_samples)
    return MinibatchDensities(log_joint - log_n, log_marginals - log_n)
