"""Numbers of bins from edges."""

import numpy as np
from numba import njit

__all__ = ["equal_width_bins", "search_bins"]


@njit(nogil=True, cache=True, error_model="numpy")
def equal_width_bins(column, edges):
    """The bin [edges[b], edges[b + 1]) of every value, for equally spaced edges; the last bin is closed.

    The bin is computed from the width and then held against the edges themselves, so that a value on an edge falls
    where a search would put it.
    """
    last = edges.size - 2
    span = edges[last + 1] - edges[0]
    out = np.empty(column.size, np.int32)
    for n in range(column.size):
        x = column[n]
        b = min(max(int((x - edges[0]) / span * (last + 1)), 0), last)
        while b > 0 and x < edges[b]:
            b -= 1
        while b < last and x >= edges[b + 1]:
            b += 1
        out[n] = b
    return out


@njit(nogil=True, cache=True)
def search_bins(column, edges):
    """The bin [edges[b], edges[b + 1]) of every value by binary search; values outside go to the first or last bin."""
    last = edges.size - 2
    out = np.empty(column.size, np.int32)
    for n in range(column.size):
        low, high = 0, last
        while low < high:
            middle = (low + high + 1) // 2
            if column[n] >= edges[middle]:
                low = middle
            else:
                high = middle - 1
        out[n] = low
    return out
