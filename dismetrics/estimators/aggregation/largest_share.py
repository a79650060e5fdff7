"""The share of the largest entry in each row of a relevance matrix, above that of equal entries (Hsu et al. 2023)."""

import numpy as np

from dismetrics.typing import FloatArray

__all__ = ["largest_share"]


def largest_share(relevance: FloatArray) -> FloatArray:
    """(max_k m_k / sum_k m_k - 1/K) / (1 - 1/K) of each row: 1 for a single entry, 0 for equal ones.

    Parameters
    ----------
    relevance : ndarray of float64, shape (n_rows, n_columns)
        Non-negative relevance, at least two columns.

    Returns
    -------
    ndarray of float64, shape (n_rows,)
        0 to 1; nan for a row of zeros, which has no shares.

    Raises
    ------
    ValueError
        If there is a single column, which always has all.

    Examples
    --------
    >>> largest_share(np.array([[0.7, 0.0], [0.3, 0.1], [0.2, 0.2]]))
    array([1. , 0.5, 0. ])
    """
    n_columns = relevance.shape[1]
    if n_columns < 2:
        raise ValueError("shares need two columns or more: a single one always has all")
    total = relevance.sum(axis=1)
    shares = np.divide(relevance.max(axis=1), total, out=np.full(len(total), np.nan), where=total > 0)
    return (shares - 1.0 / n_columns) / (1.0 - 1.0 / n_columns)
