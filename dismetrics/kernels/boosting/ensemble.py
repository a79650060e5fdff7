"""All trees: rounds of one tree for each output, every one fitted to what those before it leave over."""

import numpy as np
from numba import njit

from dismetrics.kernels.boosting.histograms import WIDTH, copy_root, root_sums
from dismetrics.kernels.boosting.residuals import label_residuals, quantity_residuals
from dismetrics.kernels.boosting.tree import INNER, LEAVES, grow_tree

__all__ = ["fit_boosting", "predict_boosting"]


@njit(nogil=True, cache=True)
def fit_boosting(columns, labels, quantity, weights, raw, tie_orders, learning_rate):
    """Gains of the columns, and the trees: columns, thresholds and values of shape (n_rounds, n_outputs, ...).

    Friedman (2001), algorithms 5 and 6, and least squares (algorithm 2) where there are no labels. `raw`
    (n_outputs, n_rows) holds the scores to start from, and those after the last round. `tie_orders` has the order in
    which columns of equal gain come, for each round and output.
    """
    n_rounds, n_outputs, n_columns = tie_orders.shape
    n_rows, n_bins = weights.size, columns.starts.shape[1] - 1
    of_labels = labels.size > 0
    # Friedman's factor for more than two labels, kept by scikit-learn.
    shrinkage = learning_rate * ((n_outputs - 1) / n_outputs if n_outputs > 1 else 1.0)
    lightest, inverse = weights.min(), 1.0 / weights

    split_column = np.empty((n_rounds, n_outputs, INNER), np.int32)
    threshold = np.empty((n_rounds, n_outputs, INNER))
    value = np.empty((n_rounds, n_outputs, LEAVES))
    gains = np.zeros(n_columns)

    residuals = np.empty(raw.shape)
    side_by_side = np.zeros((n_rows, WIDTH))
    all_sums = np.empty((n_columns, n_bins, WIDTH))
    all_mass = np.zeros((n_columns, n_bins))
    for i in range(n_rows):
        for f in range(n_columns):
            all_mass[f, columns.bins[i, f]] += weights[i]
    shape = (LEAVES, n_columns, n_bins)
    bins = np.empty(shape), np.empty(shape), np.empty(shape)
    nodes = np.empty(LEAVES), np.empty(LEAVES), np.empty(LEAVES)
    prefix = (n_columns, n_bins + 1)
    room = np.empty(prefix), np.empty(prefix), np.empty(n_bins), np.empty(n_bins, np.bool_)
    slots = np.empty(n_rows, np.uint8)
    work = np.empty(n_rows, np.int32), np.empty(n_rows, np.int32), slots, np.empty(LEAVES + 1, np.int64), room
    largest, normaliser = np.empty(n_rows), np.empty(n_rows)

    for t in range(n_rounds):
        if of_labels:
            label_residuals(raw, labels, weights, residuals, largest, normaliser)
        else:
            quantity_residuals(raw, quantity, weights, residuals)
        for k in range(n_outputs):
            if k % WIDTH == 0:
                root_sums(residuals, k, min(WIDTH, n_outputs - k), columns, all_sums, side_by_side)
            residual = residuals[k]
            copy_root(all_sums, k % WIDTH, all_mass, residual, columns, bins[0][0], bins[1][0], bins[2][0])
            weight, total, squares = 0.0, 0.0, 0.0
            for i in range(n_rows):
                weight += weights[i]
                total += residual[i]
                squares += residual[i] * residual[i] * inverse[i]
            nodes[0][0], nodes[1][0], nodes[2][0] = weight, total, squares
            tree = split_column[t, k], threshold[t, k], value[t, k]
            grow_tree(
                columns, residual, weights, inverse, lightest, of_labels, tie_orders[t, k], bins, nodes, work, tree,
                gains,
            )  # fmt: skip
            value[t, k] *= shrinkage
            for i in range(n_rows):
                raw[k, i] += value[t, k, slots[i]]
    return gains, split_column, threshold, value


@njit(nogil=True, cache=True)
def predict_boosting(split_column, threshold, value, columns, raw):
    """Add what the trees say of columns (n_columns, n_rows) to the raw scores (n_outputs, n_rows)."""
    n_rounds, n_outputs, _ = split_column.shape
    n_rows = columns.shape[1]
    node = np.empty(n_rows, np.int64)
    for t in range(n_rounds):
        for k in range(n_outputs):
            node[:] = 0
            while node[0] < INNER:
                for i in range(n_rows):
                    f = max(split_column[t, k, node[i]], 0)  # where there is no split the threshold is infinite
                    node[i] = 2 * node[i] + 1 + (columns[f, i] > threshold[t, k, node[i]])
            for i in range(n_rows):
                raw[k, i] += value[t, k, node[i] - INNER]
