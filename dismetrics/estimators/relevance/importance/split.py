"""Rows to learn from and rows to be tested on."""

import numpy as np

from dismetrics.typing import IntArray

__all__ = ["numbered_as_met", "split_rows"]


def numbered_as_met(labels: IntArray) -> IntArray:
    """Labels numbered 0, 1, ... in the order in which they first occur: the same whatever they are called."""
    _, first, number = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[number]


def split_rows(strata: IntArray, n_train: int, n_test: int, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Disjoint random rows to train and to test on, each stratum in proportion to its size, up to one row.

    Parameters
    ----------
    strata : ndarray of int, shape (n_rows,)
        The stratum of each row; at least two rows.
    n_train, n_test : int
        Rows of each part, at most. Where there are fewer rows than both together, all are used, in the same
        proportion, with at least one in each.
    rng : numpy.random.Generator
        Decides which.

    Returns
    -------
    train : ndarray of int
        Numbers of the rows to train on.
    test : ndarray of int
        Numbers of the rows to test on.
    """
    n = len(strata)
    if n < n_train + n_test:
        n_train = min(max(round(n * n_train / (n_train + n_test)), 1), n - 1)
        n_test = n - n_train
    shuffled = rng.permutation(n)
    # Every so many rows of the strata one after another: any run of rows gives its share to each part.
    in_order = shuffled[np.argsort(numbered_as_met(strata[shuffled]), kind="stable")]
    taken = np.diff(np.arange(n + 1) * n_train // n) > 0
    rest = in_order[~taken]
    tested = np.diff(np.arange(len(rest) + 1) * n_test // len(rest)) > 0
    return in_order[taken], rest[tested]
