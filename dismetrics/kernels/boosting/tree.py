"""One tree of depth three.

Nodes are numbered as in a heap: node j has children 2 j + 1 and 2 j + 2. Eight slots stand for the leaves; a node has
those of its leaves and is named by the first, so that a left child has its parent's name. The rows of a node lie side
by side, between the edges of its slots.
"""

import numpy as np
from numba import njit

from dismetrics.kernels.boosting.cuts import best_cut
from dismetrics.kernels.boosting.histograms import add_rows, subtract

__all__ = ["INNER", "LEAVES", "grow_tree"]

_DEPTH = 3
INNER = 7
LEAVES = 8

_LEAST_VARIANCE = 2.220446049250313e-16
"""A node whose residuals vary by no more is a leaf, as in scikit-learn."""


@njit(nogil=True, cache=True)
def _part(rows, spare, start, end, place, last, slots, right):
    """Rows with a place up to `last` first, the others after them and in slot `right`; where these begin."""
    middle, n_right = start, 0
    for p in range(start, end):
        i = rows[p]
        goes_right = place[i] > last
        rows[middle] = i
        spare[n_right] = i
        middle += not goes_right
        n_right += goes_right
    for q in range(n_right):
        rows[middle + q] = spare[q]
        slots[spare[q]] = right
    return middle


@njit(nogil=True, cache=True)
def _part_all(rows, order, last, slots, right):
    """Likewise for all rows, which the column itself has in order."""
    rows[:] = order
    for i in order[last + 1 :]:
        slots[i] = right
    return last + 1


@njit(nogil=True, cache=True)
def _between(values, order, slots, slot, last):
    """Halfway between the values of the node's rows on either side of a cut."""
    below, above = last, last + 1
    while slots[order[below]] != slot:
        below -= 1
    while slots[order[above]] != slot:
        above += 1
    middle = values[below] / 2.0 + values[above] / 2.0
    return middle if middle < values[above] else values[below]


@njit(nogil=True, cache=True)
def _leaf(rows, residual, weights, inverse, of_labels):
    """The value of a leaf: of labels S / sum w |g| (1 - |g|), one Newton step; of quantities S / N."""
    total, curvature = 0.0, 0.0
    for i in rows:
        size = abs(residual[i])
        total += residual[i]
        curvature += size * (1.0 - size * inverse[i]) if of_labels else weights[i]
    # As in scikit-learn: where the loss is flat there is nothing to gain.
    return total / curvature if abs(curvature) > 1e-150 else 0.0


@njit(nogil=True, cache=True)
def grow_tree(columns, residual, weights, inverse, lightest, of_labels, tie_order, bins, nodes, work, tree, gains):
    """Grow a tree on weighted residuals, and add the gain of each split to that of its column.

    `bins` are tables (slot, column, bin) of sums of residuals, of weights, and of sums of residuals above zero, and
    `nodes` the weight, sum and sum of squares of each slot; slot 0 comes with those of the root. `tree` takes columns
    (-1 for none) and thresholds of the splits, and values of the leaves. `inverse` holds 1 / weights. `work` is room,
    and its `slots` has the leaf of every row afterwards.
    """
    sums, mass, above = bins
    weight, total, squares = nodes
    rows, spare, slots, edges, room = work
    split_column, threshold, value = tree
    slots[:] = 0
    edges[:] = rows.size
    edges[0] = 0
    split_column[:] = -1
    threshold[:] = np.inf
    rows[:] = columns.order[0]
    for depth in range(_DEPTH):
        half = LEAVES >> (depth + 1)
        for j in range(1 << depth):
            left, right = 2 * half * j, 2 * half * j + half
            start, end = edges[left], edges[right + half]
            edges[right] = end
            mean = total[left] / weight[left] if end > start else 0.0
            if end - start < 2 or squares[left] / weight[left] - mean * mean <= _LEAST_VARIANCE:
                continue
            gain, f, last = best_cut(
                columns, sums[left], mass[left], above[left], slots, left, residual, weights, lightest, weight[left],
                total[left], tie_order, room,
            )  # fmt: skip
            if f < 0:
                continue
            node = (1 << depth) - 1 + j
            split_column[node] = f
            threshold[node] = _between(columns.values[f], columns.order[f], slots, left, last)
            gains[f] += gain / weight[left]
            if depth == 0:
                middle = _part_all(rows, columns.order[f], last, slots, right)
            else:
                middle = _part(rows, spare, start, end, columns.place[f], last, slots, right)
            edges[right] = middle
            if depth < _DEPTH - 1:
                left_is_smaller = middle - start < end - middle
                smaller = rows[start:middle] if left_is_smaller else rows[middle:end]
                w, s, q = add_rows(smaller, residual, weights, inverse, columns, sums[right], mass[right], above[right])
                subtract(sums[left], sums[right], left_is_smaller)
                subtract(mass[left], mass[right], left_is_smaller)
                subtract(above[left], above[right], left_is_smaller)
                small, large = (left, right) if left_is_smaller else (right, left)
                weight[large], total[large], squares[large] = weight[left] - w, total[left] - s, squares[left] - q
                weight[small], total[small], squares[small] = w, s, q
    for s in range(LEAVES):
        value[s] = _leaf(rows[edges[s] : edges[s + 1]], residual, weights, inverse, of_labels)
