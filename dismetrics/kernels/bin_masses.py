"""Masses of posteriors in bins, added up by factor value.

table[codes[n, c], b] += weight_n q(bin b | n)      for every column c.
"""

import numpy as np
from numba import njit

from dismetrics.kernels.erf import erf
from dismetrics.kernels.exp2 import FASTMATH, prefer_wide_vectors

__all__ = ["add_gaussian_masses", "add_masses"]

_ONE_OVER_SQRT_2 = np.sqrt(0.5)

_REACH = 8.5
"""Scales from the mean beyond which a normal distribution has no mass to double precision: 2e-17."""


@njit(nogil=True, cache=True)
def add_masses(table, masses, weight, codes):
    """Add the rows of `masses`, shape (n_rows, n_bins), to the table rows that their codes name."""
    for n in range(masses.shape[0]):
        for c in range(codes.shape[1]):
            row = table[codes[n, c]]
            for b in range(masses.shape[1]):
                row[b] += weight[n] * masses[n, b]


@njit(nogil=True, fastmath=FASTMATH, error_model="numpy")
def _fill_erf(out, edges, mean, steepness):
    prefer_wide_vectors()
    for i in range(out.size):
        out[i] = erf((edges[i] - mean) * steepness)


@njit(nogil=True, fastmath=FASTMATH)
def _add_row(row, masses):
    prefer_wide_vectors()
    for b in range(row.size):
        row[b] += masses[b]


@njit(nogil=True, cache=True)
def add_gaussian_masses(table, mean, scale, weight, codes, edges):
    """The same for normal distributions and increasing inner edges of equal spacing, one fewer than there are bins.

    Only edges within reach of the mean are looked at; what lies beyond them goes to the bins at the ends.
    """
    masses = np.empty(table.shape[1])
    at_edges = np.empty(edges.size)
    spacing = (edges[edges.size - 1] - edges[0]) / max(edges.size - 1, 1)
    for n in range(mean.size):
        # The first edge in reach, and the first one beyond it.
        first = _edge_after(mean[n] - _REACH * scale[n], edges, spacing)
        stop = _edge_after(mean[n] + _REACH * scale[n], edges, spacing)
        _fill_erf(at_edges[first:stop], edges[first:stop], mean[n], _ONE_OVER_SQRT_2 / scale[n])
        half = 0.5 * weight[n]
        below = -1.0
        for b in range(first, stop):
            masses[b] = half * (at_edges[b] - below)
            below = at_edges[b]
        masses[stop] = half * (1.0 - below)
        for c in range(codes.shape[1]):
            _add_row(table[codes[n, c], first : stop + 1], masses[first : stop + 1])


@njit(nogil=True)
def _edge_after(x, edges, spacing):
    """Number of the first edge above x; as many as there are, if none is."""
    last = edges.size - 1
    if x < edges[0]:
        return 0
    if x >= edges[last]:
        return edges.size
    # Computed from the spacing, then held against the edges themselves.
    i = min(int((x - edges[0]) / spacing) + 1, last)
    while edges[i - 1] > x:
        i -= 1
    while edges[i] <= x:
        i += 1
    return i
