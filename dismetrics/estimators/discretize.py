"""Discretisation of latents and of continuous factors."""

from collections.abc import Sequence

import numpy as np

from dismetrics.factors import Factors
from dismetrics.kernels.bins import equal_width_bins, search_bins
from dismetrics.typing import ArrayLike, FloatArray, IntArray
from dismetrics.validation import as_choice, as_matrix, as_positive_integer

__all__ = ["DISCRETISATIONS", "bin_edges", "discretise", "discretise_factors"]

DISCRETISATIONS = ("equal_width", "quantile", "unique")
"""Equal widths between minimum and maximum; equal shares of the samples; one bin a distinct value."""

_FULL_TURN = 2 * np.pi


def bin_edges(column: FloatArray, n_bins: int, discretisation: str = "equal_width") -> FloatArray:
    """The edges of the bins of one column.

    Parameters
    ----------
    column : ndarray of float64, shape (n_samples,)
        Values.
    n_bins : int
        Number of bins; not used by `"unique"`.
    discretisation : {"equal_width", "quantile", "unique"}
        `"equal_width"`: as `numpy.histogram(column, n_bins)[1]`, but a constant column gets one bin. `"quantile"`: the
        quantiles at i/n_bins (a value of the column, the higher of two), equal ones merged; a column with no more than
        `n_bins` distinct values has a bin for each, and a sample counts once whatever its weight. `"unique"`: every
        distinct value has a bin of its own.

    Returns
    -------
    ndarray of float64
        Increasing edges; bins are closed on the left. The last one is closed by the maximum for `"equal_width"`, and
        has no end (inf) otherwise and for a constant column.
    """
    as_choice(discretisation, "discretisation", DISCRETISATIONS)
    column = as_matrix(np.reshape(column, (-1, 1)), "column")[:, 0]
    lowest, highest = float(column.min()), float(column.max())
    if lowest == highest:
        return np.array([lowest, np.inf])
    if discretisation == "equal_width":
        return np.linspace(lowest, highest, n_bins + 1)
    starts = np.unique(column)
    if discretisation == "quantile" and len(starts) > n_bins:
        # Edges are values of the column itself, so that monotone maps of it leave the bins as they are.
        starts = np.unique(np.quantile(column, np.arange(n_bins) / n_bins, method="higher"))
    return np.append(starts, np.inf)


def discretise(
    latents: ArrayLike,
    *,
    n_bins: int = 20,
    discretisation: str = "equal_width",
    edges: Sequence[ArrayLike] | None = None,
) -> tuple[IntArray, IntArray]:
    """Numbers of the bins that the latents fall into.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents)
        Latents.
    n_bins : int, default 20
        Number of bins.
    discretisation : {"equal_width", "quantile", "unique"}, default "equal_width"
        How the edges are chosen, each latent by itself; see `bin_edges`.
    edges : sequence of array-like, optional
        Explicit increasing edges, one array a latent, in place of the two settings above; values below the first or
        above the last edge go to the first or last bin.

    Returns
    -------
    bins : ndarray of int32, shape (n_latents, n_samples)
        Number of the bin of every value, one row a latent.
    n_bins : ndarray of int, shape (n_latents,)
        Number of bins of each latent.

    Raises
    ------
    ValueError
        For an unknown discretisation, n_bins < 1, or edges that do not increase.

    Examples
    --------
    >>> bins, n_bins = discretise([[0.0], [0.1], [0.5], [1.0]], n_bins=2)
    >>> bins, n_bins
    (array([[0, 0, 1, 1]], dtype=int32), array([2]))
    """
    matrix = as_matrix(latents, "latents")
    as_choice(discretisation, "discretisation", DISCRETISATIONS)
    as_positive_integer(n_bins, "n_bins")
    columns = matrix.T
    if edges is None:
        all_edges = [bin_edges(column, n_bins, discretisation) for column in columns]
    else:
        all_edges = [_checked_edges(given, j) for j, given in enumerate(edges)]
        if len(all_edges) != len(columns):
            raise ValueError(f"edges has {len(all_edges)} arrays for {len(columns)} latents")
    regular = edges is None and discretisation == "equal_width"
    into = equal_width_bins if regular else search_bins
    bins = np.empty(columns.shape, np.int32)
    for j, column in enumerate(columns):
        bins[j] = into(column, all_edges[j])
    return bins, np.array([len(each) - 1 for each in all_edges])


def _checked_edges(edges: ArrayLike, latent: int) -> FloatArray:
    array = np.ascontiguousarray(edges, np.float64)
    if array.ndim != 1 or len(array) < 2 or not (np.diff(array) > 0).all():
        raise ValueError(f"edges[{latent}] must be at least two increasing numbers; got {array}")
    return array


def discretise_factors(factors: Factors, n_bins: int, *, labels_too: bool = False) -> Factors:
    """Factors with quantities and angles turned into bins of equal width.

    Parameters
    ----------
    factors : Factors
        Factors of any kind.
    n_bins : int
        Number of bins: of a quantity between its smallest and largest value, of an angle over the full turn.
    labels_too : bool, default False
        Bin the labels as well, by their sorted number, as some libraries do; this merges labels.

    Returns
    -------
    Factors
        Factors that all have labels.
    """
    for k, kind in enumerate(factors.kinds):
        known = ~factors.missing[:, k]
        if not known.any():
            factors = factors.with_labels(k, factors.codes[:, k], 1)
            continue
        if kind == "circular":
            angle = np.mod(factors.values[:, k], _FULL_TURN)
            edges = np.linspace(0.0, _FULL_TURN, n_bins + 1)
        elif kind == "continuous":
            angle = factors.values[:, k]
            edges = bin_edges(angle[known], n_bins)
        elif labels_too:
            angle = _label_values(factors, k)
            edges = bin_edges(angle[known], n_bins)
        else:
            continue
        factors = factors.with_labels(k, equal_width_bins(np.ascontiguousarray(angle), edges), len(edges) - 1)
    return factors


def _label_values(factors: Factors, factor: int) -> FloatArray:
    """Labels as numbers: their own values where they are numbers, their sorted order elsewhere."""
    labels, codes = factors.categories[factor], np.maximum(factors.codes[:, factor], 0)
    return labels.astype(np.float64)[codes] if labels.dtype.kind in "biuf" else codes.astype(np.float64)
