"""What the booster knows of the columns that it predicts from: sorted and binned once, for all trees."""

from typing import Any, NamedTuple

__all__ = ["Columns"]


class Columns(NamedTuple):
    """Columns in order; places count from the smallest value of a column.

    Attributes
    ----------
    order : ndarray of int32, shape (n_columns, n_rows)
        The row at each place.
    place : ndarray of int32, shape (n_columns, n_rows)
        The place of each row.
    values : ndarray of float64, shape (n_columns, n_rows)
        The value at each place.
    bins : ndarray of uint8, shape (n_rows, n_columns)
        The bin of each row.
    starts : ndarray of int64, shape (n_columns, n_bins + 1)
        The place at which each bin starts, never between values that count as equal; bins may be empty.
    divisible : ndarray of bool, shape (n_columns, n_bins)
        Whether a bin holds values that count as different.
    gap : float
        Neighbours that differ by no more than this, in single precision, count as equal; 0 where all values count.
    """

    order: Any
    place: Any
    values: Any
    bins: Any
    starts: Any
    divisible: Any
    gap: Any
