"""Factors as columns of numbers that linear methods can regress on."""

import numpy as np

from dismetrics.factors import Factors
from dismetrics.typing import FloatArray, IntArray

__all__ = ["ranks", "target_columns"]


def target_columns(factors: Factors, factor: int, rows: IntArray) -> FloatArray:
    """One factor as columns of numbers at some of the rows, shape (n_rows, n_columns).

    Parameters
    ----------
    factors : Factors
        Factors of any kind.
    factor : int
        Which one.
    rows : ndarray of int
        Rows where the factor is known.

    Returns
    -------
    ndarray of float64, shape (n_rows, n_columns)
        A quantity itself; cosine and sine of an angle; the number of an ordinal label in its order; an indicator of
        every categorical label that occurs, since these have no order.
    """
    kind = factors.kinds[factor]
    if kind == "continuous":
        return factors.values[rows, factor][:, None]
    if kind == "circular":
        angle = factors.values[rows, factor]
        return np.column_stack([np.cos(angle), np.sin(angle)])
    codes = factors.codes[rows, factor]
    if kind == "ordinal":
        return codes[:, None].astype(np.float64)
    return (codes[:, None] == np.unique(codes)).astype(np.float64)


def ranks(column: FloatArray, weights: FloatArray) -> FloatArray:
    """Weight of all smaller values and half of that of equal ones, as a share of all weight: ranks for whole weights.

    Parameters
    ----------
    column : ndarray of float64, shape (n_rows,)
        Values.
    weights : ndarray of float64, shape (n_rows,)
        Weights of the rows.

    Returns
    -------
    ndarray of float64, shape (n_rows,)
        Between 0 and 1; equal for equal values.
    """
    _, number = np.unique(column, return_inverse=True)
    mass = np.bincount(number, weights)
    return ((np.cumsum(mass) - 0.5 * mass) / mass.sum())[number]
