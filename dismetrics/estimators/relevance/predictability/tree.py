"""Labels from one latent by thresholds: a classification tree with a leaf for each label (Breiman et al. 1984)."""

import numpy as np

from dismetrics.typing import BoolArray, FloatArray, IntArray

__all__ = ["tree_predictions"]


def tree_predictions(column: FloatArray, codes: IntArray, weights: FloatArray, train: BoolArray) -> IntArray:
    """The label predicted at every row by thresholds on a latent.

    Parameters
    ----------
    column : ndarray of float64, shape (n_rows,)
        The latent.
    codes : ndarray of int, shape (n_rows,)
        Labels.
    weights : ndarray of float64, shape (n_rows,)
        Weights of the rows, > 0.
    train : ndarray of bool, shape (n_rows,)
        Rows to learn from.

    Returns
    -------
    ndarray of int, shape (n_rows,)
        The label of the interval that the row falls into.
    """
    from sklearn.tree import DecisionTreeClassifier

    known, numbers = np.unique(codes[train], return_inverse=True)
    shares = weights[train] / weights[train].mean()
    balance = len(shares) / (len(known) * np.bincount(numbers, shares))
    # Ranks in place of values: trees know the order only, but keep float32 and take values within 1e-7 for equal.
    ranks = np.unique(column, return_inverse=True)[1].astype(np.float32)[:, None]
    tree = DecisionTreeClassifier(max_leaf_nodes=max(2, len(known)), random_state=0)
    tree.fit(ranks[train], numbers, sample_weight=shares * balance[numbers])
    return known[tree.predict(ranks)]
