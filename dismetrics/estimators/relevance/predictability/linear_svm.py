"""Labels from one latent by a linear support vector machine for each label against the rest.

The problem is that of LIBLINEAR (Fan et al. 2008) with squared hinge loss and its intercept penalised like the slope,
as `sklearn.svm.LinearSVC` poses it; in one variable it is solved exactly.
"""

import numpy as np

from dismetrics.estimators.standardise import Standardised
from dismetrics.kernels.linear_svm import fit_one_against_rest
from dismetrics.typing import BoolArray, FloatArray, IntArray

__all__ = ["svm_predictions"]


def svm_predictions(
    column: FloatArray, codes: IntArray, weights: FloatArray, train: BoolArray, cost: float, standardise: bool
) -> IntArray:
    """The label predicted at every row from a latent that is not constant over the rows learnt from.

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
    cost : float
        C of a row of average weight.
    standardise : bool
        Whether slope and intercept are penalised in units of the standardised latent, or of the latent itself.

    Returns
    -------
    ndarray of int, shape (n_rows,)
        The label whose machine returns most, the first of several.
    """
    standardised = Standardised.of(column[:, None], weights, train)
    x = standardised.columns[:, 0]
    known, numbers = np.unique(codes[train], return_inverse=True)
    shares = weights[train] / weights[train].mean()
    # Classes are balanced: each has the same cost in total.
    balance = len(shares) / (len(known) * np.bincount(numbers, shares))
    penalty = np.eye(2)
    if not standardise:
        # (w^2 + b^2) / 2 for w x + b, written for a line on the standardised latent.
        slope, offset = 1.0 / standardised.deviation[0], standardised.mean[0] / standardised.deviation[0]
        penalty = np.array([[slope**2 + offset**2, -offset], [-offset, 1.0]])
    planes = fit_one_against_rest(
        np.ascontiguousarray(x[train]), shares, numbers.astype(np.int64), len(known), cost, balance, penalty
    )
    best = np.zeros(len(x), np.int64)
    highest = np.full(len(x), -np.inf)
    for v, (a, b) in enumerate(planes):
        value = a * x + b
        higher = value > highest
        best[higher], highest[higher] = v, value[higher]
    return known[best]
