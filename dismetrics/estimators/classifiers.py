"""Logistic regression of a factor's labels on all latents."""

import numpy as np

from dismetrics.estimators.parallel import one_thread_of_linear_algebra
from dismetrics.typing import BoolArray, FloatArray, IntArray

__all__ = ["CLASSIFIERS", "class_probabilities"]

CLASSIFIERS = ("one_vs_rest", "multinomial")
"""A regression for each label against the others, or one for all of them."""

_MOST_ITERATIONS = 1000


def class_probabilities(
    latents: FloatArray,
    codes: IntArray,
    weights: FloatArray,
    train: BoolArray,
    test: BoolArray,
    classifier: str,
    cost: float = 1.0,
) -> tuple[IntArray, FloatArray]:
    """The probability of each label at the rows of the test, learnt from the other rows.

    Parameters
    ----------
    latents : ndarray of float64, shape (n_rows, n_latents)
        Standardised latents.
    codes : ndarray of int, shape (n_rows,)
        Labels.
    weights : ndarray of float64, shape (n_rows,)
        Weights of the rows, > 0.
    train, test : ndarray of bool, shape (n_rows,)
        Rows to learn from, and to predict.
    classifier : {"one_vs_rest", "multinomial"}
        Which regression.
    cost : float
        C of a row of average weight; infinity for no penalty.

    Returns
    -------
    known : ndarray of int, shape (n_labels,)
        The labels learnt, in order.
    probability : ndarray of float64, shape (n_test, n_labels)
        Of each label; for `"one_vs_rest"` each regression's own, which need not add up to 1.
    """
    from sklearn.linear_model import LogisticRegression

    known, numbers = np.unique(codes[train], return_inverse=True)
    x, shares = latents[train], weights[train] / weights[train].mean()
    if len(known) == 1:
        return known, np.ones((int(test.sum()), 1))
    if classifier == "multinomial" or len(known) == 2:
        model = LogisticRegression(C=cost, max_iter=_MOST_ITERATIONS)
        with one_thread_of_linear_algebra():
            model.fit(x, numbers, sample_weight=shares)
        return known, model.predict_proba(latents[test])
    probability = np.empty((int(test.sum()), len(known)))
    for v in range(len(known)):
        # Newton's method: as many unknowns as latents, against any number of rows.
        model = LogisticRegression(C=cost, solver="newton-cholesky", max_iter=_MOST_ITERATIONS)
        model.fit(x, numbers == v, sample_weight=shares)
        probability[:, v] = model.predict_proba(latents[test])[:, 1]
    return known, probability
