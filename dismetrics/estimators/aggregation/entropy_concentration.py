"""How far each latent is about one factor, and each factor in one latent (Eastwood & Williams 2018, section 2)."""

from dataclasses import dataclass

import numpy as np

from dismetrics.typing import ArrayLike, FloatArray
from dismetrics.validation import as_relevance

__all__ = ["Concentration", "completeness", "disentanglement"]


@dataclass(frozen=True, slots=True, eq=False)
class Concentration:
    """How concentrated the rows, or the columns, of a relevance matrix are, one by one and in the mean.

    Attributes
    ----------
    each : ndarray of float64
        1 - H / log n of the shares of each row (or column); 1 where a single entry has everything, 0 where all have
        the same, and 0 where all are zero.
    share : ndarray of float64
        Part of each in the sum of the matrix; zeros for a matrix of zeros.
    weighted : float
        Mean of `each` by `share`; 0 for a matrix of zeros.
    mean : float
        Plain mean of `each`.
    """

    each: FloatArray
    share: FloatArray
    weighted: float
    mean: float


def disentanglement(relevance: ArrayLike) -> Concentration:
    """How far each latent is about one factor only.

    D_j = 1 - H_K(P_j), P_jk = R_jk / sum_k R_jk, with the entropy to base K; the score of a representation is the mean
    weighted by rho_j = sum_k R_jk / sum_jk R_jk (Eastwood & Williams 2018, section 2). 0 to 1, higher is better.

    Parameters
    ----------
    relevance : array-like of shape (n_latents, n_factors)
        Relevance of every latent for every factor, not below 0. At least two factors: to base 1 there is no entropy.

    Returns
    -------
    Concentration
        Of the rows.

    Raises
    ------
    TypeError, ValueError
        For entries below 0 or not finite, or a single factor.

    Examples
    --------
    >>> disentanglement([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]]).weighted
    1.0
    >>> disentanglement([[1.0, 1.0], [0.0, 2.0]]).each
    array([0., 1.])
    """
    matrix = as_relevance(relevance, "relevance")
    if matrix.shape[1] < 2:
        raise ValueError(
            "disentanglement is not defined for a single factor: every latent that tells anything tells of that factor "
            "alone; give two factors that vary, or ask for completeness only"
        )
    return _concentration(matrix)


def completeness(relevance: ArrayLike) -> Concentration:
    """How far each factor is captured by one latent only.

    C_k = 1 - H_D(P_k), P_jk = R_jk / sum_j R_jk, with the entropy to base D (Eastwood & Williams 2018, section 2). 0 to
    1, higher is better.

    Parameters
    ----------
    relevance : array-like of shape (n_latents, n_factors)
        Relevance of every latent for every factor, not below 0. At least two latents: to base 1 there is no entropy.

    Returns
    -------
    Concentration
        Of the columns.

    Raises
    ------
    TypeError, ValueError
        For entries below 0 or not finite, or a single latent.

    Examples
    --------
    Two of ten latents share a factor:

    >>> matrix = np.zeros((10, 2))
    >>> matrix[0, 0] = matrix[1, 1] = matrix[2, 1] = 1
    >>> completeness(matrix).each
    array([1.   , 0.699])
    """
    matrix = as_relevance(relevance, "relevance")
    if len(matrix) < 2:
        raise ValueError(
            "completeness is not defined for a single latent: whatever is told of a factor, that latent tells; give "
            "two latents, or ask for disentanglement only"
        )
    return _concentration(matrix.T)


def _concentration(matrix: FloatArray) -> Concentration:
    """Of the rows of a matrix with at least two columns."""
    # The largest entry first: a sum may be more, or its reciprocal less, than float64 can hold.
    largest = matrix.max(axis=1, keepdims=True)
    scaled = np.divide(matrix, largest, out=np.zeros_like(matrix), where=largest > 0)
    total = scaled.sum(axis=1, keepdims=True)
    parts = np.divide(scaled, total, out=np.zeros_like(matrix), where=total > 0)
    entropy = -(parts * np.log(parts, out=np.zeros_like(parts), where=parts > 0)).sum(axis=1)
    each = np.where(total[:, 0] > 0, np.clip(1.0 - entropy / np.log(matrix.shape[1]), 0.0, 1.0), 0.0)
    share = (matrix / matrix.max()).sum(axis=1) if matrix.any() else np.zeros(len(matrix))
    if share.any():
        share = share / share.sum()
    return Concentration(each, share, float(each @ share), float(each.mean()))
