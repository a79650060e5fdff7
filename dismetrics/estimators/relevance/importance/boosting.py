"""Importances by gradient boosting, as scikit-learn's GradientBoostingClassifier and -Regressor define them.

Friedman (2001), "Greedy function approximation: a gradient boosting machine", Annals of Statistics 29(5).
"""

from dataclasses import dataclass

import numpy as np

from dismetrics.kernels.boosting import Columns, fit_boosting, predict_boosting
from dismetrics.typing import FloatArray, IntArray

__all__ = ["Boosted", "boost_labels", "boost_quantity", "sort_columns"]

_MOST_BINS = 160
"""Bins of a column: as many sums a node as are cheap beside its rows. They do not bound where a column is cut."""

_WEIGHT_BITS = 30


def sort_columns(matrix: FloatArray, gap: float = 0.0) -> Columns:
    """Columns of a matrix (n_rows, n_columns) sorted and binned for `boost_labels` and `boost_quantity`.

    With a gap, values must be single precision ones, and neighbours that differ by no more than it count as equal.
    """
    n, width = matrix.shape
    n_bins = min(_MOST_BINS, n)
    order = np.argsort(matrix.T, axis=1, kind="stable").astype(np.int32)
    values = np.take_along_axis(np.ascontiguousarray(matrix.T, np.float64), order, axis=1)
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.broadcast_to(np.arange(n, dtype=np.int32), order.shape), axis=1)
    starts, bins = np.empty((width, n_bins + 1), np.int64), np.empty((n, width), np.uint8)
    for f, column in enumerate(values):
        allowed = np.flatnonzero(np.r_[True, column[1:] > _reach(column[:-1], gap), True])
        starts[f] = allowed[np.searchsorted(allowed, np.arange(n_bins + 1) * n // n_bins)]
        bins[order[f], f] = np.repeat(np.arange(n_bins), np.diff(starts[f]))
    first, last = np.minimum(starts[:, :-1], n - 1), np.maximum(starts[:, 1:] - 1, 0)
    lowest, highest = (np.take_along_axis(values, places, axis=1) for places in (first, last))
    return Columns(order, place, values, bins, starts, (last > first) & (highest > _reach(lowest, gap)), gap)


def _reach(values: FloatArray, gap: float) -> FloatArray:
    """Up to where values count as equal: sums in single precision, as in scikit-learn."""
    return values if gap == 0 else (values + gap).astype(np.float32).astype(float)


@dataclass(frozen=True, slots=True, eq=False)
class Boosted:
    """Trees, the gain of each column, and the score that every row starts from."""

    gains: FloatArray
    split_column: IntArray
    threshold: FloatArray
    value: FloatArray
    start: FloatArray

    def scores(self, matrix: FloatArray, n_rounds: int | None = None) -> FloatArray:
        """Raw scores (n_outputs, n_rows) after some rounds: logits of labels, or the quantity itself."""
        raw = np.repeat(self.start[:, None], len(matrix), axis=1)
        trees = (each[:n_rounds] for each in (self.split_column, self.threshold, self.value))
        predict_boosting(*trees, np.ascontiguousarray(matrix.T, np.float64), raw)
        return raw

    def labels(self, matrix: FloatArray) -> IntArray:
        """The most likely label of every row."""
        raw = self.scores(matrix)
        return raw.argmax(axis=0) if len(raw) > 1 else (raw[0] >= 0).astype(np.int64)


def boost_labels(
    columns: Columns,
    labels: IntArray,
    weights: FloatArray | None,
    *,
    n_trees: int,
    learning_rate: float,
    rng: np.random.Generator,
) -> Boosted:
    """Boost the labels 0, 1, ..., n - 1, at least two and each of them present; rng decides ties between columns."""
    whole = _whole_weights(weights, len(labels))
    prior = np.bincount(labels, whole) / whole.sum()
    start = np.log(prior[1:] / prior[0]) if len(prior) == 2 else np.log(prior) - np.log(prior).mean()
    return _boost(columns, labels.astype(np.int32), np.empty(0), whole, start, n_trees, learning_rate, rng)


def boost_quantity(
    columns: Columns,
    quantity: FloatArray,
    weights: FloatArray | None,
    *,
    n_trees: int,
    learning_rate: float,
    rng: np.random.Generator,
) -> Boosted:
    """Boost a quantity with a variance near 1, by least squares; rng decides ties between columns."""
    whole = _whole_weights(weights, len(quantity))
    start = np.array([np.average(quantity, weights=whole)])
    target = np.ascontiguousarray(quantity, np.float64)
    return _boost(columns, np.empty(0, np.int32), target, whole, start, n_trees, learning_rate, rng)


def _boost(
    columns: Columns,
    labels: IntArray,
    quantity: FloatArray,
    whole: FloatArray,
    start: FloatArray,
    n_trees: int,
    learning_rate: float,
    rng: np.random.Generator,
) -> Boosted:
    width, n = columns.order.shape
    orders = np.tile(np.arange(width, dtype=np.int32), (n_trees, len(start), 1))
    raw = np.repeat(start[:, None], n, axis=1)
    tie_orders = rng.permuted(orders, axis=2)
    gains, split_column, threshold, value = fit_boosting(
        columns, labels, quantity, whole, raw, tie_orders, learning_rate
    )
    return Boosted(gains, split_column, threshold, value, start)


def _whole_weights(weights: FloatArray | None, n: int) -> FloatArray:
    """Weights as whole numbers, of 30 bits below the largest: sums and differences of them are exact."""
    if weights is None:
        return np.ones(n)
    bits = min(_WEIGHT_BITS, 52 - n.bit_length())
    return np.maximum(np.rint(np.ldexp(weights / weights.max(), bits)), 1.0)
