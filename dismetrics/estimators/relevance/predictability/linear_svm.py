"""Labels from one latent by a linear support vector machine for each label against the rest.

The problem is that of LIBLINEAR (Fan et al. 2008) with squared hinge loss and its intercept penalised like the slope,
as `sklearn.svm.LinearSVC` poses it; in one variable it is solved exactly.
"""

import numpy as np

from dismetrics.estimators.relevance.predictability.problem import LabelProblem
from dismetrics.estimators.standardise import Standardised
from dismetrics.kernels.linear_svm import fit_one_against_rest, highest_line
from dismetrics.typing import FloatArray, IntArray

__all__ = ["svm_predictions"]


def svm_predictions(problem: LabelProblem, column: FloatArray, cost: float, standardise: bool) -> IntArray:
    """The label predicted at the rows held out, from a latent that is not constant over the rows learnt from.

    Parameters
    ----------
    problem : LabelProblem
        Labels, weights and rows.
    column : ndarray of float64, shape (n_rows,)
        The latent.
    cost : float
        C of a row of average weight.
    standardise : bool
        Whether slope and intercept are penalised in units of the standardised latent, or of the latent itself.

    Returns
    -------
    ndarray of int, shape (n_tested,)
        The number of the label whose machine returns most, the first of several.
    """
    standardised = Standardised.of(column[:, None], problem.weights, problem.train)
    x = standardised.columns[:, 0]
    penalty = np.eye(2)
    if not standardise:
        # (w^2 + b^2) / 2 for w x + b, written for a line on the standardised latent.
        slope, offset = 1.0 / standardised.deviation[0], standardised.mean[0] / standardised.deviation[0]
        penalty = np.array([[slope**2 + offset**2, -offset], [-offset, 1.0]])
    planes = fit_one_against_rest(
        x[problem.train], problem.shares, problem.numbers, len(problem.balance), cost, problem.balance, penalty
    )
    return highest_line(x[~problem.train], planes)
