"""Gradient boosting of regression trees of depth three, as loops over every cut of every node.

Friedman (2001), "Greedy function approximation": least squares (algorithm 2), two labels (algorithm 5) and more
(algorithm 6), with trees that lower the squared error of the residuals most and one Newton step in each leaf. Rows are
few here, and no two cuts of a node should gain the same: which one is then taken is not said by the mathematics.
"""

from itertools import pairwise

import numpy as np

__all__ = ["boost_labels", "boost_quantity"]

DEPTH = 3


def squared_error(residual, weights):
    """Weighted sum of squares around the weighted mean."""
    if len(residual) == 0:
        return 0.0
    mean = (weights * residual).sum() / weights.sum()
    return (weights * (residual - mean) ** 2).sum()


def best_cut(x, residual, weights):
    """Column, threshold and gain of the cut that lowers the squared error most; None where all rows are alike."""
    best = None
    for column in range(x.shape[1]):
        values = np.unique(x[:, column])
        for low, high in pairwise(values):
            left = x[:, column] <= low
            parts = squared_error(residual[left], weights[left]) + squared_error(residual[~left], weights[~left])
            gain = squared_error(residual, weights) - parts
            if best is None or gain > best[2]:
                best = (column, low / 2 + high / 2, gain)
    return best


def grow(x, residual, weights, leaf_value, gains, depth=0):
    """A tree as nested (column, threshold, left, right), or the value of a leaf; adds to the gains of columns."""
    spread = squared_error(residual, weights) / weights.sum()
    cut = best_cut(x, residual, weights) if depth < DEPTH and len(x) > 1 and spread > np.finfo(float).eps else None
    if cut is None:
        return leaf_value(residual, weights)
    column, threshold, gain = cut
    gains[column] += gain
    left = x[:, column] <= threshold
    return (
        column,
        threshold,
        grow(x[left], residual[left], weights[left], leaf_value, gains, depth + 1),
        grow(x[~left], residual[~left], weights[~left], leaf_value, gains, depth + 1),
    )


def value_at(tree, row):
    """What a tree says of one row."""
    while isinstance(tree, tuple):
        column, threshold, left, right = tree
        tree = left if row[column] <= threshold else right
    return tree


def _rounds(x, start, weights, n_rounds, rate, residuals_of, leaf_value):
    scores = np.repeat(np.array(start, float)[:, None], len(x), axis=1)
    gains, forest = np.zeros(x.shape[1]), []
    for _ in range(n_rounds):
        residuals = residuals_of(scores)
        for k in range(len(scores)):
            tree = grow(x, residuals[k], weights, leaf_value, gains)
            scores[k] += rate * np.array([value_at(tree, row) for row in x])
            forest.append((k, tree))

    def scores_at(rows):
        out = np.repeat(np.array(start, float)[:, None], len(rows), axis=1)
        for k, tree in forest:
            out[k] += rate * np.array([value_at(tree, row) for row in rows])
        return out

    return gains, scores, scores_at


def newton_step(residual, weights, factor=1.0):
    """factor * S / sum w |g| (1 - |g|)."""
    return factor * (weights * residual).sum() / (weights * np.abs(residual) * (1 - np.abs(residual))).sum()


def boost_labels(x, labels, n_rounds, rate, weights=None):
    """Gains of the columns, scores of the rows (n_outputs, n_rows), and the scores as a function of other rows."""
    weights = np.ones(len(x)) if weights is None else weights
    n_labels = labels.max() + 1
    prior = np.array([weights[labels == k].sum() for k in range(n_labels)]) / weights.sum()
    if n_labels == 2:

        def residuals_of(scores):
            return labels - 1 / (1 + np.exp(-scores))

        start = [np.log(prior[1] / prior[0])]
        return _rounds(x, start, weights, n_rounds, rate, residuals_of, newton_step)

    def residuals_of(scores):
        p = np.exp(scores - scores.max(axis=0))
        return (labels == np.arange(n_labels)[:, None]) - p / p.sum(axis=0)

    start = np.log(prior) - np.log(prior).mean()

    def leaf_value(residual, w):
        return newton_step(residual, w, (n_labels - 1) / n_labels)

    return _rounds(x, start, weights, n_rounds, rate, residuals_of, leaf_value)


def boost_quantity(x, quantity, n_rounds, rate, weights=None):
    """Likewise for a quantity."""
    weights = np.ones(len(x)) if weights is None else weights

    def mean(residual, w):
        return (w * residual).sum() / w.sum()

    return _rounds(x, [mean(quantity, weights)], weights, n_rounds, rate, lambda scores: quantity[None] - scores, mean)
