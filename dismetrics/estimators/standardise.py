"""Columns brought to mean 0 and standard deviation 1, without loss to their offset or unit."""

from dataclasses import dataclass

import numpy as np

from dismetrics.typing import BoolArray, FloatArray

__all__ = ["Standardised", "standardised_columns"]


def standardised_columns(matrix: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """The columns with mean 0 and standard deviation 1, shape (n_samples, n_columns); constant ones become 0."""
    return Standardised.of(matrix, weights).columns


@dataclass(frozen=True, slots=True, eq=False)
class Standardised:
    """Columns with mean 0 and standard deviation 1 over some of the rows, and the moments that they had there.

    Attributes
    ----------
    columns : ndarray of float64, shape (n_samples, n_columns)
        All rows, standardised by the moments of those that count; 0 where a column is constant over these.
    mean, deviation : ndarray of float64, shape (n_columns,)
        Moments of the rows that count; deviation 0 where a column is constant.
    """

    columns: FloatArray
    mean: FloatArray
    deviation: FloatArray

    @classmethod
    def of(cls, matrix: FloatArray, weights: FloatArray | None = None, rows: BoolArray | None = None) -> "Standardised":
        """Standardise by the moments of some rows, all of them by default; weights are of all rows."""
        columns = np.empty(matrix.shape, order="F")
        mean, deviation = np.empty(matrix.shape[1]), np.empty(matrix.shape[1])
        for j in range(matrix.shape[1]):
            columns[:, j], mean[j], deviation[j] = _standardised(matrix[:, j], weights, rows)
        return cls(columns, mean, deviation)


def _standardised(
    column: FloatArray, weights: FloatArray | None, rows: BoolArray | None
) -> tuple[FloatArray, float, float]:
    counted = column if rows is None else column[rows]
    lowest, highest = float(counted.min()), float(counted.max())
    if lowest == highest:
        return np.zeros(len(column)), lowest, 0.0
    # From the smallest value, which takes away an offset exactly; and in units near the range, since squares of the
    # column's own could overflow or vanish.
    exponent = int(np.frexp(highest - lowest)[1])
    near_one = np.ldexp(column - lowest, -exponent)
    counted = near_one if rows is None else near_one[rows]
    shares = None if weights is None else (weights if rows is None else weights[rows])
    mean, deviation = _moments(counted, shares)
    return (near_one - mean) / deviation, lowest + float(np.ldexp(mean, exponent)), float(np.ldexp(deviation, exponent))


def _moments(column: FloatArray, weights: FloatArray | None) -> tuple[float, float]:
    """Mean and standard deviation of one column, weights of any total."""
    mean = float(np.average(column, weights=weights))
    return mean, float(np.sqrt(np.average((column - mean) ** 2, weights=weights)))
