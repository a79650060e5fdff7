"""Densities of the aggregate posterior from one minibatch, and the terms of the evidence bound that they make."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.minibatch.arguments import (
    PLACEMENTS,
    as_data_set_size,
    as_estimator,
    as_pairs,
    check_others,
    finite_array,
    with_density,
)
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.posteriors.checked import log_probability_of
from dismetrics.typing import ArrayLike, FloatArray
from dismetrics.validation import as_choice, as_positive_integer

__all__ = [
    "MinibatchDensities",
    "MinibatchTerms",
    "estimated",
    "log_sum_exp",
    "mi_and_tc",
    "minibatch_average",
    "minibatch_terms",
    "mixed",
    "mss",
    "mss_weights",
    "mws",
    "own_densities",
    "pair_weights",
    "pairwise_log_density",
]


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


def pairwise_log_density(posterior: FactorisedPosterior, z: ArrayLike) -> FloatArray:
    """Log densities of every row's draw under every row's posterior.

    Parameters
    ----------
    posterior : HasLogDensity or TablePosterior
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
        If the posterior has neither densities nor probabilities.
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
    posterior = with_density(posterior)
    draws = finite_array(z, "z", (posterior.n_samples, posterior.n_latents), "one draw of each row of the posterior")
    # Every latent in one piece of memory, as they are taken one at a time.
    result = np.empty((draws.shape[1], len(draws), len(draws))).transpose(1, 2, 0)
    for latent in range(draws.shape[1]):
        result[:, :, latent] = log_probability_of(posterior, np.ascontiguousarray(draws[:, latent]), latent)
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
    return estimated(as_pairs(log_density), "mws", "averaged", n_samples)


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
    return estimated(as_pairs(log_density), "mss", placement, n_samples)


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
    pairs = as_pairs(log_density)
    return estimated(pairs, "minibatch", "averaged", len(pairs))


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
    n_samples = as_data_set_size(n_samples, batch_size)
    placement = as_choice(placement, "placement", PLACEMENTS)
    check_others(batch_size)
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
    pairs = as_pairs(log_density)
    prior = finite_array(log_prior, "log_prior", (len(pairs), pairs.shape[2]), "log p(z_ij) for every row and latent")
    densities = estimated(pairs, estimator, placement, n_samples)
    own = own_densities(pairs)
    mi, tc = mi_and_tc(own, densities)
    dimension_wise = float((densities.log_marginals - prior).sum(axis=1).mean())
    return MinibatchTerms(mi, tc, dimension_wise, float((own - prior.sum(axis=1)).mean()))


def estimated(pairs: FloatArray, estimator: str, placement: str, n_samples: int) -> MinibatchDensities:
    """Densities by one of the estimators, named."""
    n_samples = as_data_set_size(n_samples, len(pairs))
    estimator, placement = as_estimator(estimator, placement)
    return mixed(np.moveaxis(pairs, 2, 0), np.log(pair_weights(len(pairs), n_samples, estimator, placement)))


def pair_weights(batch_size: int, n_samples: int, estimator: str, placement: str) -> FloatArray:
    """The weight of every pair of draw and row, (batch_size, batch_size)."""
    if estimator == "mss":
        return mss_weights(batch_size, n_samples, placement)
    return np.full((batch_size, batch_size), 1 / batch_size / (n_samples if estimator == "mws" else 1))


def mixed(pairs: Iterable[FloatArray], log_weights: FloatArray) -> MinibatchDensities:
    """Densities as weighted sums over the rows, in logarithms; of every latent, its pairs of draw and row."""
    log_marginals = []
    joint = log_weights.copy()  # here the weight enters q(z), once, however many latents follow
    for log_q in pairs:
        log_marginals.append(log_sum_exp(log_weights + log_q))
        joint += log_q
    return MinibatchDensities(log_sum_exp(joint), np.column_stack(log_marginals))


def log_sum_exp(terms: FloatArray) -> FloatArray:
    """Over the last axis, of which one entry at least is finite: a draw has a density under its own posterior."""
    largest = terms.max(axis=-1, keepdims=True)
    return np.asarray(largest[..., 0] + np.log(np.exp(terms - largest).sum(axis=-1)))


def own_densities(pairs: FloatArray) -> FloatArray:
    """log q(z_i|x_i), shape (batch_size,)."""
    return np.einsum("iij->i", pairs)


def mi_and_tc(own: FloatArray, densities: MinibatchDensities) -> tuple[float, float]:
    """Index-code mutual information and total correlation, as means over the minibatch."""
    joint, marginals = densities.log_joint, densities.log_marginals
    return float((own - joint).mean()), float((joint - marginals.sum(axis=1)).mean())
