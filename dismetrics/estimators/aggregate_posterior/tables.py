"""Entropies of mixtures of distributions over finitely many values: exact sums."""

import math

import numpy as np

from dismetrics.estimators.groups import Groups
from dismetrics.kernels.log import sum_x_log_x
from dismetrics.posteriors import FactorisedPosterior, TablePosterior
from dismetrics.posteriors.checked import table_of
from dismetrics.typing import FloatArray

__all__ = ["joint_table", "table_entropy", "table_sums"]

_MOST_CELLS = 2**18
_MOST_CELL_ENTRIES = 2**30
"""Cells of a joint table, and cells times samples, up to which the table is summed in full."""


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


def joint_table(posterior: FactorisedPosterior, weights: FloatArray) -> tuple[FloatArray, tuple[int, ...]] | None:
    """All cells of q(z), the last latent running fastest, and the values of each latent; None where they are too many.

    None also for posteriors that are no tables.
    """
    if not isinstance(posterior, TablePosterior):
        return None
    tables = [table_of(posterior, j) for j in range(posterior.n_latents)]
    n_values = tuple(table.shape[1] for table in tables)
    cells = math.prod(n_values)
    if cells > _MOST_CELLS or cells * posterior.n_samples > _MOST_CELL_ENTRIES:
        return None
    joint = np.zeros(cells)
    at_once = max(1, 2**22 // cells)
    for start in range(0, len(weights), at_once):
        rows = slice(start, start + at_once)
        product = weights[rows, None]
        for table in tables:
            product = (product[:, :, None] * table[rows, None, :]).reshape(len(product), -1)
        joint += product.sum(axis=0)
    return joint, n_values


def table_entropy(joint: FloatArray) -> float:
    """-sum q log q, in nats."""
    return -float(joint @ np.log(joint, where=joint > 0, out=np.zeros_like(joint)))
