"""Densities of the aggregate posterior from one minibatch, and what they do to the terms of the evidence bound.

For a data set of N samples q(z) = (1/N) sum_n q(z|x_n). A training loop has only B of the samples at a time, and mixes
those with weights:

    log q(z_i) ~ log sum_k W_ik q(z_i|x_k),    log q(z_ij) ~ log sum_k W_ik q(z_ij|x_k).

The estimators differ in W alone. Minibatch weighted sampling (MWS): 1/(N B). Minibatch stratified sampling (MSS): see
`mss_weights`. Plain average: 1/B. Both named ones are from Chen et al. 2018, "Isolating Sources of Disentanglement in
VAEs", section 3.1 and appendix. `offset_range` says how far their terms can be from the truth, `offset_of` how far
they are.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dismetrics.posteriors import FactorisedPosterior, HasLogDensity
from dismetrics.posteriors.checked import density_of, matrix_of
from dismetrics.typing import ArrayLike, FloatArray, RandomState
from dismetrics.validation import as_choice, as_generator, as_positive_integer, to_numpy
from dismetrics.validation.arrays import numeric

__all__ = [
    "ESTIMATORS",
    "PLACEMENTS",
    "MinibatchDensities",
    "MinibatchOffset",
    "MinibatchTerms",
    "OffsetRange",
    "minibatch_average",
    "minibatch_terms",
    "mss",
    "mss_weights",
    "mws",
    "offset_of",
    "offset_range",
    "pairwise_log_density",
]

ESTIMATORS = ("mws", "mss", "minibatch")
"""Minibatch weighted sampling, minibatch stratified sampling, and the plain average over the minibatch."""

PLACEMENTS = ("averaged", "paper")
"""Where MSS puts the weight that one other row has: shared out over all of them, or on the next row."""

_ENTRIES_AT_ONCE = 2**20


@dataclass(frozen=True, slots=True, eq=False)
class MinibatchDensities:
    """Estimated log densities in nats at the draws of a minibatch.

    Attributes
    ----------
    log_joint : ndarray of float64, shape (batch_size,)
        Of log q(z_i).
    log_marginals : ndarray of float64, shape (batch_size, n_latents)
        Of log q(z_ij).
    """

    log_joint: FloatArray
    log_marginals: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class MinibatchTerms:
    """The evidence bound's terms in nats as one minibatch has them; the first three add up to the fourth.

    Attributes
    ----------
    index_code_mi : float
        Mean of log q(z_i|x_i) - log q(z_i).
    total_correlation : float
        Mean of log q(z_i) - sum_j log q(z_ij).
    dimension_wise_kl : float
        Mean of sum_j (log q(z_ij) - log p(z_ij)).
    mean_kl : float
        Mean of log q(z_i|x_i) - log p(z_i), in which no estimate has a part.
    """

    index_code_mi: float
    total_correlation: float
    dimension_wise_kl: float
    mean_kl: float


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


def pairwise_log_density(posterior: FactorisedPosterior, z: ArrayLike) -> FloatArray:
    """Log densities of every row's draw under every row's posterior.

    Parameters
    ----------
    posterior : HasLogDensity
        Posteriors of the minibatch: `posterior.take(rows)` of those of a data set.
    z : array-like of shape (batch_size, n_latents)
        One draw of every row, z_i from q(z|x_i).

    Returns
    -------
    ndarray of float64, shape (batch_size, batch_size, n_latents)
        Entry [i, k, j] is log q(z_ij|x_k): what the estimators of this module take.

    Raises
    ------
    TypeError
        If the posterior has no density.
    ValueError
        If z has another shape or is not finite.

    Examples
    --------
    >>> import dismetrics as dm
    >>> posterior = dm.GaussianPosterior.from_scale([[0.0], [1.0]], [[1.0], [1.0]])
    >>> pairwise_log_density(posterior, posterior.mean)[:, :, 0].round(3)
    array([[-0.919, -1.419],
           [-1.419, -0.919]])
    """
    posterior = _with_density(posterior)
    draws = _finite(z, "z", (posterior.n_samples, posterior.n_latents), "one draw of each row of the posterior")
    # Every latent in one piece of memory, as they are taken one at a time.
    result = np.empty((draws.shape[1], len(draws), len(draws))).transpose(1, 2, 0)
    for latent in range(draws.shape[1]):
        result[:, :, latent] = density_of(posterior, np.ascontiguousarray(draws[:, latent]), latent)
    return result


def mws(log_density: ArrayLike, n_samples: int) -> MinibatchDensities:
    """Minibatch weighted sampling: every row of the minibatch has the weight 1/(N B).

    A lower bound of the log densities in expectation (Chen et al. 2018, section 3.1), made to train with. Terms
    reported from it are off by many nats, see `offset_range`.

    Parameters
    ----------
    log_density : array-like of shape (batch_size, batch_size, n_latents)
        Entry [i, k, j] is log q(z_ij|x_k) in nats, z_i drawn from q(z|x_i).
    n_samples : int
        N, the size of the data set that the minibatch is drawn from.

    Returns
    -------
    MinibatchDensities
        Those of `minibatch_average`, less log N.

    Raises
    ------
    TypeError, ValueError
        For input that cannot be meant; the message names the argument and the remedy.

    Examples
    --------
    Two rows that see only themselves, of a data set of ten:

    >>> mws([[[0.0], [-1000.0]], [[-1000.0], [0.0]]], 10).log_joint
    array([-2.9957, -2.9957])
    """
    return _estimate(_as_pairs(log_density), "mws", "averaged", n_samples)


def mss(log_density: ArrayLike, n_samples: int, *, placement: str = "averaged") -> MinibatchDensities:
    """Minibatch stratified sampling: the weights of `mss_weights`.

    For a minibatch of distinct samples, the others drawn at random, the estimates of q(z_i) and q(z_ij) are unbiased.
    Their logarithms are low in expectation (Chen et al. 2018, appendix).

    Parameters
    ----------
    log_density : array-like of shape (batch_size, batch_size, n_latents)
        Entry [i, k, j] is log q(z_ij|x_k) in nats, z_i drawn from q(z|x_i). At least two rows.
    n_samples : int
        N, the size of the data set that the minibatch is drawn from.
    placement : {"averaged", "paper"}
        See `mss_weights`. The same expectation; the averaged form varies less and does not depend on the order of rows.

    Returns
    -------
    MinibatchDensities
        A weight enters each density once. With B = N the averaged form is exact.

    Raises
    ------
    TypeError, ValueError
        For input that cannot be meant; the message names the argument and the remedy.

    Examples
    --------
    Two rows that see only themselves, of a data set of ten, where q(z) is a tenth of the row's own density:

    >>> mss([[[0.0], [-1000.0]], [[-1000.0], [0.0]]], 10).log_joint
    array([-2.3026, -2.3026])
    """
    return _estimate(_as_pairs(log_density), "mss", placement, n_samples)


def minibatch_average(log_density: ArrayLike) -> MinibatchDensities:
    """The plain average over the minibatch: every row has the weight 1/B, as if there were no other samples.

    Parameters
    ----------
    log_density : array-like of shape (batch_size, batch_size, n_latents)
        Entry [i, k, j] is log q(z_ij|x_k) in nats, z_i drawn from q(z|x_i).

    Returns
    -------
    MinibatchDensities
        The exact ones of a data set that is this minibatch.

    Raises
    ------
    TypeError, ValueError
        For input that cannot be meant; the message names the argument and the remedy.

    Examples
    --------
    >>> minibatch_average([[[0.0], [-1000.0]], [[-1000.0], [0.0]]]).log_joint
    array([-0.6931, -0.6931])
    """
    pairs = _as_pairs(log_density)
    return _estimate(pairs, "minibatch", "averaged", len(pairs))


def mss_weights(batch_size: int, n_samples: int, placement: str = "averaged") -> FloatArray:
    """The weights of minibatch stratified sampling.

    With M = B - 1, row i has 1/N on itself. Of the other rows, one has (N - M)/(N M) and M - 1 have 1/M (Chen et al.
    2018, appendix): (N - 1)/N in all, so that the estimate is unbiased.

    Parameters
    ----------
    batch_size : int
        B, at least 2: a row alone has no others to stand for the rest of the data.
    n_samples : int
        N, at least B.
    placement : {"averaged", "paper"}
        `"paper"`: the one other row is the next, and the first for the last: the diagonal and the one above it.
        `"averaged"`: each of the others has (N - 1)/(N M), the mean over all choices of the one.

    Returns
    -------
    ndarray of float64, shape (batch_size, batch_size)
        Row i has the weights for the density at z_i. Rows add up to 1.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number or out of range, or the placement is not known.

    Examples
    --------
    >>> 10 * mss_weights(3, 10, "paper")
    array([[1., 4., 5.],
           [5., 1., 4.],
           [4., 5., 1.]])
    >>> 10 * mss_weights(3, 10)
    array([[1. , 4.5, 4.5],
           [4.5, 1. , 4.5],
           [4.5, 4.5, 1. ]])
    """
    batch_size = as_positive_integer(batch_size, "batch_size")
    n_samples = _as_data_set_size(n_samples, batch_size)
    placement = as_choice(placement, "placement", PLACEMENTS)
    _check_others(batch_size)
    others = batch_size - 1
    row = np.arange(batch_size)
    if placement == "averaged":
        weights = np.full((batch_size, batch_size), (n_samples - 1) / (n_samples * others))
    else:
        weights = np.full((batch_size, batch_size), 1 / others)
        weights[row, (row + 1) % batch_size] = (n_samples - others) / (n_samples * others)
    weights[row, row] = 1 / n_samples
    return weights


def minibatch_terms(
    log_density: ArrayLike, log_prior: ArrayLike, n_samples: int, estimator: str, *, placement: str = "averaged"
) -> MinibatchTerms:
    """Index-code mutual information, total correlation and dimension-wise KL, as a training loop computes them.

    Parameters
    ----------
    log_density : array-like of shape (batch_size, batch_size, n_latents)
        Entry [i, k, j] is log q(z_ij|x_k) in nats, z_i drawn from q(z|x_i).
    log_prior : array-like of shape (batch_size, n_latents)
        Entry [i, j] is log p(z_ij) in nats.
    n_samples : int
        N, the size of the data set that the minibatch is drawn from.
    estimator : {"mws", "mss", "minibatch"}
        How log q(z) and log q(z_j) are estimated. No default: their terms differ by many nats.
    placement : {"averaged", "paper"}
        Of `"mss"`; see `mss_weights`.

    Returns
    -------
    MinibatchTerms
        Means over the minibatch. That they add up to the mean of log q(z|x) - log p(z) tells nothing of their truth:
        it holds for any estimator.

    Raises
    ------
    TypeError, ValueError
        For input that cannot be meant; the message names the argument and the remedy.

    Examples
    --------
    >>> import dismetrics as dm
    >>> posterior = dm.GaussianPosterior.from_scale([[-1.0], [1.0]], [[0.1], [0.1]])
    >>> log_prior = -0.5 * posterior.mean**2 - 0.5 * np.log(2 * np.pi)
    >>> pairs = pairwise_log_density(posterior, posterior.mean)
    >>> round(minibatch_terms(pairs, log_prior, 2, "mss").index_code_mi, 4)
    0.6931
    """
    pairs = _as_pairs(log_density)
    prior = _finite(log_prior, "log_prior", (len(pairs), pairs.shape[2]), "log p(z_ij) for every row and latent")
    densities = _estimate(pairs, estimator, placement, n_samples)
    own = _own(pairs)
    mi, tc = _mi_and_tc(own, densities)
    dimension_wise = float((densities.log_marginals - prior).sum(axis=1).mean())
    return MinibatchTerms(mi, tc, dimension_wise, float((own - prior.sum(axis=1)).mean()))


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
    n_samples = _as_data_set_size(n_samples, batch_size)
    n_latents = as_positive_integer(n_latents, "n_latents")
    estimator, placement = _as_estimator(estimator, placement)
    log_n, log_b = math.log(n_samples), math.log(batch_size)
    gap = log_n - log_b
    if estimator == "mss":
        _check_others(batch_size)
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
    posterior : HasLogDensity
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
    posterior = _with_density(posterior)
    batch_size = as_positive_integer(batch_size, "batch_size")
    n_samples = _as_data_set_size(posterior.n_samples, batch_size)
    n_batches = as_positive_integer(n_batches, "n_batches", at_least=2)
    estimator, placement = _as_estimator(estimator, placement)
    log_weights = np.log(_weights(batch_size, n_samples, estimator, placement))
    generator = as_generator(rng)
    reported, exact = np.empty((n_batches, 2)), np.empty((n_batches, 2))
    for batch in range(n_batches):
        part = posterior.take(generator.permutation(n_samples)[:batch_size])
        draws = matrix_of(part, "sample", generator)
        pairs = _as_pairs(pairwise_log_density(part, draws))
        reported[batch] = _mi_and_tc(_own(pairs), _mixed(pairs, log_weights))
        exact[batch] = _mi_and_tc(_own(pairs), _brute_force(posterior, draws))
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


# ------------------------------------------------------------------------------------------------------- arithmetic


def _estimate(pairs: FloatArray, estimator: str, placement: str, n_samples: int) -> MinibatchDensities:
    n_samples = _as_data_set_size(n_samples, len(pairs))
    estimator, placement = _as_estimator(estimator, placement)
    return _mixed(pairs, np.log(_weights(len(pairs), n_samples, estimator, placement)))


def _weights(batch_size: int, n_samples: int, estimator: str, placement: str) -> FloatArray:
    if estimator == "mss":
        return mss_weights(batch_size, n_samples, placement)
    return np.full((batch_size, batch_size), 1 / batch_size / (n_samples if estimator == "mws" else 1))


def _mixed(pairs: FloatArray, log_weights: FloatArray) -> MinibatchDensities:
    log_marginals = np.empty((len(pairs), pairs.shape[2]))
    joint = log_weights.copy()  # here the weight enters q(z), once, however many latents follow
    for latent in range(pairs.shape[2]):
        log_marginals[:, latent] = _log_sum_exp(log_weights + pairs[:, :, latent])
        joint += pairs[:, :, latent]
    return MinibatchDensities(_log_sum_exp(joint), log_marginals)


def _brute_force(posterior: HasLogDensity, draws: FloatArray) -> MinibatchDensities:
    """Log densities of the mixture of all posteriors, some draws at a time."""
    log_joint, log_marginals = np.empty(len(draws)), np.empty(draws.shape)
    at_once = max(1, _ENTRIES_AT_ONCE // posterior.n_samples)
    for start in range(0, len(draws), at_once):
        rows = slice(start, start + at_once)
        joint = np.zeros((len(draws[rows]), posterior.n_samples))
        for latent in range(draws.shape[1]):
            log_q = density_of(posterior, np.ascontiguousarray(draws[rows, latent]), latent)
            log_marginals[rows, latent] = _log_sum_exp(log_q)
            joint += log_q
        log_joint[rows] = _log_sum_exp(joint)
    log_n = math.log(posterior.n_samples)
    return MinibatchDensities(log_joint - log_n, log_marginals - log_n)


def _log_sum_exp(terms: FloatArray) -> FloatArray:
    """Over the last axis, of which one entry at least is finite: a draw has a density under its own posterior."""
    largest = terms.max(axis=-1, keepdims=True)
    return np.asarray(largest[..., 0] + np.log(np.exp(terms - largest).sum(axis=-1)))


def _own(pairs: FloatArray) -> FloatArray:
    """log q(z_i|x_i), shape (batch_size,)."""
    return np.einsum("iij->i", pairs)


def _mi_and_tc(own: FloatArray, densities: MinibatchDensities) -> tuple[float, float]:
    joint, marginals = densities.log_joint, densities.log_marginals
    return float((own - joint).mean()), float((joint - marginals.sum(axis=1)).mean())


# ------------------------------------------------------------------------------------------------------------ input


def _as_pairs(values: ArrayLike) -> FloatArray:
    array = numeric(to_numpy(values, "log_density"), "log_density")
    if array.ndim != 3 or array.shape[0] != array.shape[1] or 0 in array.shape:
        hint = ""
        if array.ndim == 2 and array.shape[0] == array.shape[1]:
            hint = "; pass log_density[:, :, None] for a single latent, and do not sum over several"
        raise ValueError(
            f"log_density has shape {array.shape}; (batch_size, batch_size, n_latents) is wanted, entry [i, k, j] = "
            f"log q(z_ij|x_k) for every pair of rows{hint}"
        )
    array = array.astype(np.float64, copy=False)
    if not (array < np.inf).all():
        i, k, j = np.argwhere(~(array < np.inf))[0]
        raise ValueError(
            f"log_density holds {array[i, k, j]} (draw of row {i}, posterior of row {k}, latent {j}); log densities "
            "are below infinity: look for a scale that is 0 or not finite"
        )
    i, j = np.unravel_index(int(np.argmin(np.einsum("iij->ij", array))), (array.shape[0], array.shape[2]))
    if array[i, i, j] == -np.inf:
        raise ValueError(
            f"log_density is minus infinity at row {i}'s own draw (entry [{i}, {i}, {j}]); z_i must be drawn from "
            "q(z|x_i), the same rows in the same order on both axes"
        )
    return array


def _finite(values: ArrayLike, name: str, wanted: tuple[int, int], what: str) -> FloatArray:
    array = numeric(to_numpy(values, name), name)
    if array.shape != wanted:
        raise ValueError(f"{name} has shape {array.shape}; (batch_size, n_latents) = {wanted} is wanted, {what}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        row, latent = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(
            f"{name} holds {array[row, latent]} (row {row}, latent {latent}); finite values are wanted: "
            "leave out or repair this row"
        )
    return array


def _as_data_set_size(n_samples: int, batch_size: int) -> int:
    n_samples = as_positive_integer(n_samples, "n_samples")
    if n_samples < batch_size:
        raise ValueError(
            f"n_samples={n_samples} is less than the minibatch of {batch_size} rows; n_samples is the size of the data "
            "set that minibatches are drawn from, without replacement"
        )
    return n_samples


def _check_others(batch_size: int) -> None:
    if batch_size < 2:
        raise ValueError(
            f"batch_size={batch_size}; 'mss' wants at least 2 rows, as the others stand for the rest of the data: "
            "use a larger minibatch"
        )


def _as_estimator(estimator: str, placement: str) -> tuple[str, str]:
    estimator = as_choice(estimator, "estimator", ESTIMATORS)
    placement = as_choice(placement, "placement", PLACEMENTS)
    if estimator != "mss" and placement != "averaged":
        raise ValueError(f"placement={placement!r} has no part in estimator={estimator!r}: leave it out")
    return estimator, placement


def _with_density(posterior: FactorisedPosterior) -> HasLogDensity:
    if not isinstance(posterior, HasLogDensity):
        raise TypeError(
            f"a {type(posterior).__name__} has no log_density; for probability tables pass the logarithms of the "
            "probabilities of the drawn values as log_density"
        )
    return posterior
