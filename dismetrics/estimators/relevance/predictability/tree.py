"""Labels from one latent by thresholds: a classification tree with a leaf for each label (Breiman et al. 1984)."""

import numpy as np

from dismetrics.estimators.relevance.predictability.problem import LabelProblem
from dismetrics.typing import FloatArray, IntArray

__all__ = ["tree_predictions"]


def tree_predictions(problem: LabelProblem, column: FloatArray) -> IntArray:
    """The label predicted at the rows held out, by thresholds on a latent.

    Parameters
    ----------
    problem : LabelProblem
        Labels, weights and rows.
    column : ndarray of float64, shape (n_rows,)
        The latent.

    Returns
    -------
    ndarray of int, shape (n_tested,)
        The number of the label of the interval that the row falls into.
    """
    from sklearn.tree import DecisionTreeClassifier

    # Ranks in place of values: trees know the order only, but keep float32 and take values within 1e-7 for equal.
    ranks = np.unique(column, return_inverse=True)[1].astype(np.float32)[:, None]
    tree = DecisionTreeClassifier(max_leaf_nodes=max(2, len(problem.balance)), random_state=0)
    tree.fit(ranks[problem.train], problem.numbers, sample_weight=problem.shares * problem.balance[problem.numbers])
    return tree.predict(ranks[~problem.train])
