"""The gap between the two largest entries of a relevance matrix (Chen et al. 2018, section 4.1)."""

from dataclasses import dataclass

import numpy as np

from dismetrics.typing import BoolArray, FloatArray, IntArray

__all__ = ["TopTwo", "top_two_gap"]


@dataclass(frozen=True, slots=True, eq=False)
class TopTwo:
    """The two largest entries of every column, their places, and the difference."""

    gap: FloatArray
    best: IntArray
    runner_up: IntArray

    def mask(self, n_candidates: int) -> BoolArray:
        """The entries that make the gaps, shape (n_candidates, n_columns)."""
        rows = np.arange(n_candidates)[:, None]
        return (rows == self.best) | (rows == self.runner_up)


def top_two_gap(relevance: FloatArray) -> TopTwo:
    """The gap between the two largest entries of each column.

    Parameters
    ----------
    relevance : ndarray of float64, shape (n_candidates, n_columns)
        Non-negative relevance of every candidate for every column.

    Returns
    -------
    TopTwo
        Gaps and places, each of shape (n_columns,). With a single candidate the runner-up counts as zero and has
        place -1. Among equal entries the first candidate comes first.

    Examples
    --------
    >>> top_two_gap(np.array([[1.0, 0.2], [0.25, 0.9]])).gap
    array([0.75, 0.7 ])
    """
    order = np.argsort(-relevance, axis=0, kind="stable")
    columns = np.arange(relevance.shape[1])
    best = order[0]
    if len(relevance) == 1:
        return TopTwo(relevance[0].copy(), best, np.full(len(columns), -1))
    return TopTwo(relevance[best, columns] - relevance[order[1], columns], best, order[1])
