"""What a forest predicts, and by which latents, for every depth of its trees: one forest, grown once.

A tree splits the same way whatever depth it may reach, so a tree of depth d is the top of a deeper one.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dismetrics.estimators.relevance.importance.trial import Trial
from dismetrics.typing import FloatArray, IntArray

__all__ = ["forest_by_depth"]


def forest_by_depth(trial: Trial, depths: Sequence[int], n_trees: int) -> tuple[FloatArray, list[Any]]:
    """Importances (n_depths, n_latents) and predictions for the test rows, for each depth in increasing order."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    train, test = trial.standardised()
    options = {"n_estimators": n_trees, "max_depth": depths[-1], "random_state": trial.seed}
    forest: Any
    if trial.labels is not None:
        forest = RandomForestClassifier(**options).fit(train, trial.labels, trial.weights)
    else:
        assert trial.quantities is not None
        targets = trial.quantities
        forest = RandomForestRegressor(**options).fit(
            train, targets[:, 0] if targets.shape[1] == 1 else targets, trial.weights
        )
    rows = test.astype(np.float32)  # what its trees see
    importances, values = np.zeros((len(depths), train.shape[1])), None
    for tree in (each.tree_ for each in forest.estimators_):
        importances += _importances(tree, depths, train.shape[1])
        reached = np.stack([tree.value[node] for node in _nodes(tree, rows, depths)])
        values = reached if values is None else values + reached
    assert values is not None
    total = importances.sum(axis=1, keepdims=True)
    shares = np.divide(importances, total, out=np.zeros_like(importances), where=total > 0)
    # Proportions of labels are (n_rows, 1, n_labels), means of quantities (n_rows, n_quantities, 1).
    if trial.labels is not None:
        return shares, list(values[:, :, 0, :].argmax(axis=2))
    return shares, list(values[:, :, :, 0] / n_trees)


def _nodes(tree: Any, rows: Any, depths: Sequence[int]) -> list[IntArray]:
    """The node that each row has come to, for each depth."""
    left, right, threshold = tree.children_left, tree.children_right, tree.threshold
    column = np.maximum(tree.feature, 0)  # a leaf has none, and is not left
    node, reached = np.zeros(len(rows), np.int64), []
    every = np.arange(len(rows))
    for depth in range(1, depths[-1] + 1):
        goes_left = rows[every, column[node]] <= threshold[node]
        node = np.where(left[node] < 0, node, np.where(goes_left, left[node], right[node]))
        if depth in depths:
            reached.append(node)
    return reached


def _importances(tree: Any, depths: Sequence[int], n_latents: int) -> FloatArray:
    """Shares of the decrease of impurity by the splits above each depth, as scikit-learn has them for whole trees."""
    inner = np.flatnonzero(tree.children_left >= 0)
    depth_of = np.zeros(tree.node_count, np.int64)
    for node in inner:  # parents come before their children
        depth_of[[tree.children_left[node], tree.children_right[node]]] = depth_of[node] + 1
    impurity = tree.weighted_n_node_samples * tree.impurity
    decrease = impurity[inner] - impurity[tree.children_left[inner]] - impurity[tree.children_right[inner]]
    found = np.zeros((len(depths), n_latents))
    for row, depth in zip(found, depths, strict=True):
        above = depth_of[inner] < depth
        row += np.bincount(tree.feature[inner][above], decrease[above], minlength=n_latents)
        row /= row.sum() or 1.0
    return found
