"""One latent for each factor: the best assignment, or the best latent whatever the others have."""

from dataclasses import dataclass

import numpy as np

from dismetrics.typing import FloatArray, IntArray

__all__ = ["Matching", "mean_of_maximum", "optimal_matching"]


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """The candidate assigned to every column, and its relevance; -1 and 0 for a column that is left without."""

    relevance: FloatArray
    candidates: IntArray

    @property
    def mean(self) -> float:
        """Mean relevance over all columns, those without a candidate included."""
        return float(self.relevance.mean())


def optimal_matching(relevance: FloatArray) -> Matching:
    """Assign candidates to columns, each to one at most, so that the sum of relevance is largest (Kuhn 1955).

    Parameters
    ----------
    relevance : ndarray of float64, shape (n_candidates, n_columns)
        Non-negative relevance of every candidate for every column; there may be more of either.

    Returns
    -------
    Matching
        Candidates and their relevance, each of shape (n_columns,). Where there are fewer candidates than columns,
        columns that are left without have candidate -1 and relevance 0.

    Examples
    --------
    >>> matching = optimal_matching(np.array([[0.9, 0.8], [0.7, 0.1]]))
    >>> matching.candidates, matching.mean
    (array([1, 0]), 0.75)
    """
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(relevance, maximize=True)
    candidates = np.full(relevance.shape[1], -1)
    candidates[columns] = rows
    matched = np.zeros(relevance.shape[1])
    matched[columns] = relevance[rows, columns]
    return Matching(matched, candidates)


def mean_of_maximum(relevance: FloatArray) -> Matching:
    """Give every column its best candidate, whether or not another column has it too.

    Parameters
    ----------
    relevance : ndarray of float64, shape (n_candidates, n_columns)
        Relevance of every candidate for every column.

    Returns
    -------
    Matching
        Candidates, the first of several, and their relevance, each of shape (n_columns,).

    Examples
    --------
    >>> best = mean_of_maximum(np.array([[0.9, 0.8], [0.7, 0.1]]))
    >>> best.candidates, round(best.mean, 4)
    (array([0, 0]), 0.85)
    """
    return Matching(relevance.max(axis=0), relevance.argmax(axis=0))
