"""The area under the receiver operating characteristic."""

import numpy as np

from dismetrics.typing import BoolArray, FloatArray

__all__ = ["area_under_curve"]


def area_under_curve(decision: FloatArray, positive: BoolArray, weights: FloatArray) -> float:
    """The probability that a positive row has a larger decision value than a negative one; ties count half.

    By one sort, which serves many curves at a fraction of `sklearn.metrics.roc_auc_score`'s cost.

    Parameters
    ----------
    decision : ndarray of float64, shape (n_rows,)
        What the classifier returns.
    positive : ndarray of bool, shape (n_rows,)
        Which rows are positive; some must be, and some not.
    weights : ndarray of float64, shape (n_rows,)
        Weights of the rows, > 0.

    Returns
    -------
    float
        0 to 1; 1/2 for a decision without information.
    """
    order = np.argsort(decision, kind="stable")
    decision, positive, weights = decision[order], positive[order], weights[order]
    starts = np.flatnonzero(np.r_[True, decision[1:] != decision[:-1]])
    above = np.add.reduceat(np.where(positive, weights, 0.0), starts)
    below = np.add.reduceat(np.where(positive, 0.0, weights), starts)
    won = above @ (np.cumsum(below) - 0.5 * below)
    return float(won / (above.sum() * below.sum()))
