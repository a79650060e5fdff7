"""Turning a real-valued column into integer bin numbers, edge by edge.

Every rule here is left-closed: bin b holds edges[b] <= x < edges[b + 1], except that the last bin
also holds its right edge, so that the largest value of the column has a bin.
"""

import numpy as np


def _assign(x: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Bin number of each x (N,) given increasing edges (B + 1,): count the interior edges not above x.

    Only the B - 1 interior edges are compared, which is what closes the last bin on the right.
    """
    bins = np.zeros(len(x), dtype=np.int64)
    for edge in edges[1:-1]:
        bins += x >= edge
    return bins


def equal_width_bins(x: np.ndarray, n_bins: int) -> np.ndarray:
    """Equal-width bins of a column x (N,) between its least and greatest value -> bin numbers (N,).

    The edges are those of numpy.histogram(x, n_bins), computed in float64 whatever the type of x, so
    that a value lying on an edge has one agreed answer. A constant column is a single bin, number 0.
    """
    x = np.asarray(x, dtype=np.float64)
    if x.min() == x.max():
        return np.zeros(len(x), dtype=np.int64)
    edges = np.histogram(x, n_bins)[1]
    return _assign(x, edges)


def quantile_bins(x: np.ndarray, n_bins: int) -> np.ndarray:
    """Bins of a column x (N,) that start at its quantiles 0, 1/n_bins, ..., (n_bins - 1)/n_bins -> (N,).

    A quantile that falls between two values is the higher one, so every bin starts at a value of the column
    and an increasing map of it changes no bin. Equal starts are one bin: a column with heavy ties has fewer
    bins than asked for. A column with at most n_bins distinct values has a bin for each of them.
    """
    x = np.asarray(x, dtype=np.float64)
    if len(np.unique(x)) <= n_bins:
        return unique_bins(x)
    starts = np.unique(np.quantile(x, np.arange(n_bins) / n_bins, method="higher"))
    return np.array([int(np.sum(starts <= value)) - 1 for value in x])


def unique_bins(x: np.ndarray) -> np.ndarray:
    """One bin per distinct value of x (N,), numbered in increasing order of value -> (N,)."""
    x = np.asarray(x)
    bins = np.zeros(len(x), dtype=np.int64)
    for number, value in enumerate(np.unique(x)):
        bins[x == value] = number
    return bins
