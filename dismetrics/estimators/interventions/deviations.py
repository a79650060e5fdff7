"""How far latents deviate from their mean where one factor is held, beside how far they do at all."""

from dataclasses import dataclass

import numpy as np

from dismetrics.factors import Factors
from dismetrics.kernels.interventions import group_deviations, number_by_appearance, sort_by_group
from dismetrics.typing import FloatArray

__all__ = ["Deviations", "deviations"]


@dataclass(frozen=True, slots=True, eq=False)
class Deviations:
    """Deviations from the mean.

    Attributes
    ----------
    within : ndarray of float64, shape (n_latents, n_factors)
        The mean over the values of factor k of a quantile of abs(z_j - E[z_j | v_k]).
    overall : ndarray of float64, shape (n_latents, n_factors)
        The largest abs(z_j - E[z_j]) over the samples whose label of factor k is known.
    left_out : ndarray of float64, shape (n_factors,)
        Share of the samples whose value no other shares.
    """

    within: FloatArray
    overall: FloatArray
    left_out: FloatArray


def deviations(
    points: FloatArray, factors: Factors, *, quantile: float, interpolate: bool, balanced_values: bool
) -> Deviations:
    """Deviations of points (n_samples, n_latents) by the values of labelled factors.

    A value with a single sample has no deviation, and is left out of the mean. Values count by the weight of their
    samples, or alike if `balanced_values`. A factor with no value of two samples has entries of nan.
    """
    shape = (points.shape[1], factors.n_factors)
    within, overall, left_out = np.full(shape, np.nan), np.empty(shape), np.empty(shape[1])
    weights = factors.normalised_weights
    for k in range(shape[1]):
        groups, n_groups = number_by_appearance(factors.codes[:, k].astype(np.int64), int(factors.n_values[k]))
        order, start = sort_by_group(groups, n_groups)
        everything = np.array([0, len(order)])
        mass = np.bincount(groups[order], weights[order], n_groups)
        several = np.diff(start) > 1
        left_out[k] = mass[~several].sum() / mass.sum()
        shares = several / several.sum() if balanced_values else several * mass / max(mass[several].sum(), 1e-300)
        for j in range(shape[0]):
            column = np.ascontiguousarray(points[:, j])
            overall[j, k] = group_deviations(column, order, everything, weights, 1.0, False)[0]
            if several.any():
                within[j, k] = shares @ group_deviations(column, order, start, weights, quantile, interpolate)
    return Deviations(within, overall, left_out)
