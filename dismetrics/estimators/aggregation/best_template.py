"""How near each row of a relevance matrix is to one that holds its largest entry alone (Ridgeway & Mozer 2018)."""

from dataclasses import dataclass

import numpy as np

from dismetrics.typing import FloatArray, IntArray

__all__ = ["BestTemplate", "best_template"]


@dataclass(frozen=True, slots=True, eq=False)
class BestTemplate:
    """Closeness of every row to its best template, and the place of the entry that the template keeps."""

    closeness: FloatArray
    best: IntArray


def best_template(relevance: FloatArray) -> BestTemplate:
    """One less the squared deviation of each row from its best template, as a share of the largest there could be.

    The template of a row m keeps its largest entry t and has zeros elsewhere; the closeness is
    1 - sum_{k != best} m_k^2 / (t^2 (K - 1)) (Ridgeway & Mozer 2018, section 3).

    Parameters
    ----------
    relevance : ndarray of float64, shape (n_rows, n_columns)
        Non-negative relevance, at least two columns.

    Returns
    -------
    BestTemplate
        Closeness, 0 to 1, of shape (n_rows,), and the column of the largest entry, the first of several. A row of
        zeros has no template: its closeness is 0 and its column -1.

    Raises
    ------
    ValueError
        If there is a single column: every row is then its own template.

    Examples
    --------
    >>> best_template(np.array([[0.7, 0.0, 0.0], [0.7, 0.7, 0.0], [0.0, 0.0, 0.0]])).closeness
    array([1. , 0.5, 0. ])
    """
    n_columns = relevance.shape[1]
    if n_columns < 2:
        raise ValueError("a template needs two columns or more: with one, every row is its own template")
    best = relevance.argmax(axis=1)
    largest = relevance.max(axis=1)
    # Shares of the largest entry, so that nothing is squared that could vanish.
    shares = np.divide(relevance, largest[:, None], out=np.zeros_like(relevance), where=largest[:, None] > 0)
    deviation = (shares**2).sum(axis=1) - 1.0
    closeness = np.where(largest > 0, 1.0 - np.maximum(deviation, 0.0) / (n_columns - 1), 0.0)
    return BestTemplate(closeness, np.where(largest > 0, best, -1))
