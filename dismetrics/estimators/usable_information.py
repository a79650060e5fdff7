"""The share of a factor's uncertainty that a linear predictor takes away: predictive V-information (Xu et al. 2020)."""

import numpy as np

from dismetrics.estimators.classifiers import class_probabilities
from dismetrics.estimators.entropy import discrete_entropy
from dismetrics.estimators.regressors import LinearRegression
from dismetrics.estimators.standardise import standardised_columns
from dismetrics.estimators.targets import target_columns
from dismetrics.factors import Factors
from dismetrics.typing import FloatArray

__all__ = ["NULLS", "usable_share"]

NULLS = ("entropy", "uniform")
"""What is known without latents: the distribution of the labels, or nothing, with classes balanced to match."""


def usable_share(latents: FloatArray, factors: Factors, factor: int, null: str) -> float:
    """(H(v) - H(v | z)) / H(v) with the cross-entropy of a linear predictor for H(v | z), fitted to the same samples.

    For labels the predictor is an unpenalised multinomial logistic regression; for quantities a linear regression with
    normal errors, for which the share is the coefficient of determination (Xu et al. 2020, propositions 1.3 and 1.5).

    Parameters
    ----------
    latents : ndarray of float64, shape (n_rows, n_columns)
        Latents, standardised or as indicators.
    factors : Factors
        Factors of any kind.
    factor : int
        Which one.
    null : {"entropy", "uniform"}
        For labels: H(v) of the labels as they are distributed, or log of their number, and then a regression with
        balanced classes, as the authors' code of InfoMEC has.

    Returns
    -------
    float
        At most 1; 0 for latents that tell nothing to a linear predictor, up to the bias of fitting.
    """
    known = np.flatnonzero(~factors.missing[:, factor])
    x, weights = latents[known], factors.normalised_weights[known]
    weights = weights / weights.sum()
    if not factors.is_label(factor):
        columns = target_columns(factors, factor, known)
        y = standardised_columns(columns, weights) if columns.shape[1] == 1 else columns
        missed = y - LinearRegression.fit(x, y, weights).predict(x)
        return 1.0 - float((weights @ missed**2).sum() / (weights @ (y - weights @ y) ** 2).sum())
    values, codes = np.unique(factors.codes[known, factor], return_inverse=True)
    mass = np.asarray(np.bincount(codes, weights), np.float64)
    everyone = np.ones(len(known), bool)
    fitted_with = weights / mass[codes] if null == "uniform" else weights
    without = float(np.log(len(values))) if null == "uniform" else discrete_entropy(mass)
    _, probability = class_probabilities(x, codes, fitted_with, everyone, everyone, "multinomial", cost=np.inf)
    told = np.maximum(probability[np.arange(len(codes)), codes], np.finfo(float).tiny)
    return (without + float(weights @ np.log(told))) / without
