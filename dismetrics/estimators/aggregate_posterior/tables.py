"""Entropies of mixtures of distributions over finitely many values: exact sums."""

import numpy as np

from dismetrics.estimators.groups import Groups
from dismetrics.kernels.log import sum_x_log_x
from dismetrics.typing import FloatArray

__all__ = ["table_sums"]


def table_sums(probabilities: FloatArray, groups: Groups) -> tuple[FloatArray, FloatArray]:
    """Sums of r log r, for the unnormalised distribution r of every group and of every factor's known rows."""
    n_values = probabilities.shape[1]
    weighted = probabilities * groups.weights[:, None]
    mixture = np.zeros((groups.n_groups, n_values))
    known = np.empty((groups.n_factors, n_values))
    for factor in range(groups.n_factors):
        rows = groups.all_of(factor)
        codes = groups.codes[:, factor] - rows.start
        for value in range(n_values):
            mixture[rows, value] = np.bincount(codes, weighted[:, value], minlength=rows.stop - rows.start)
        known[factor] = mixture[groups.values_of(factor)].sum(axis=0)
    return sum_x_log_x(mixture), sum_x_log_x(known)
