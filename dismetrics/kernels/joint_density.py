"""log q(z) of mixtures in many dimensions: a block of components at a time, with a running maximum.

A component's log density is, to base 2,

    amplitude_n - sum_j t_nj^2,   t_nj = (z_j - location_jn) steepness_jn       (Gaussian)
    amplitude_n - sum_j |t_nj|                                                  (Laplace)

Components are stored block by block, (n_blocks, 2 D + 1, block size): locations and steepnesses of every dimension,
then amplitudes, which are minus infinity where a block is not full.
"""

import numpy as np
from numba import njit

from dismetrics.kernels.exp2 import FASTMATH, exp2, prefer_wide_vectors
from dismetrics.kernels.exponents import POINTS, gaussian_exponents, laplace_exponents
from dismetrics.kernels.running_maximum import largest_of, raise_maximum

__all__ = ["GAUSSIAN", "LAPLACE", "add_blocks", "block_bounds", "choose_blocks"]

GAUSSIAN = 0
LAPLACE = 1

_BISECTED = 128.0
"""Exponents below the maximum at which the search for the threshold starts."""

_BISECTIONS = 12

_LARGEST_RISE = 900.0
"""Exponents above the maximum at which a block's bound is far more than can be left out, and `exp2` still defined."""


@njit(nogil=True)
def _exponents(out, block, z, family):
    prefer_wide_vectors()
    if family == GAUSSIAN:
        gaussian_exponents(out, block, z)
    else:
        laplace_exponents(out, block, z)


@njit(nogil=True, fastmath=FASTMATH)
def _sum_exp2(values, shift):
    """Sums of 2**d and of d 2**d over d = values - shift."""
    prefer_wide_vectors()
    total = 0.0
    moment = 0.0
    for n in range(values.size):
        d = max(values[n] - shift, -1000.0)
        term = exp2(d)
        total += term
        moment += d * term
    return total, moment


@njit(nogil=True)
def _add_exponents(maximum, total, moment, i, exponents):
    if raise_maximum(maximum, total, moment, i, largest_of(exponents)) < 0.0:
        return
    more, more_moment = _sum_exp2(exponents, maximum[i])
    total[i] += more
    moment[i] += more_moment


@njit(nogil=True, cache=True)
def add_blocks(maximum, total, moment, z, blocks, wanted, family):
    """Add blocks of components to the running sums of every point.

    2**maximum * total is the sum over components of 2**exponent, and maximum + moment / total their mean exponent,
    weighted by 2**exponent.
    `wanted[i, b]` says whether point i takes block b; without entries, all points take all blocks.
    """
    exponents = np.empty((POINTS, blocks.shape[2]))
    several = np.empty((z.shape[1], POINTS))
    taking = np.arange(z.shape[0])
    for b in range(blocks.shape[0]):
        if wanted.size > 0:
            taking = np.flatnonzero(wanted[:, b])
        for first in range(0, taking.size, POINTS):
            n_points = min(POINTS, taking.size - first)
            for p in range(POINTS):
                # Where fewer are left, the last is there more than once.
                several[:, p] = z[taking[first + min(p, n_points - 1)]]
            _exponents(exponents, blocks[b], several, family)
            for p in range(n_points):
                _add_exponents(maximum, total, moment, taking[first + p], exponents[p])


@njit(nogil=True, fastmath=FASTMATH)
def _add_distance(bounds, low, high, steepness, x, family):
    prefer_wide_vectors()
    for b in range(bounds.size):
        t = max(max(low[b] - x, x - high[b]), 0.0) * steepness[b]
        bounds[b] -= t * t if family == GAUSSIAN else t


@njit(nogil=True, cache=True)
def block_bounds(z, low, high, steepness, amplitude, family):
    """The largest exponent that any component of each block can have at each point: shape (n_points, n_blocks).

    From the box that holds a block's locations, its least steepness in every dimension and its largest amplitude; the
    first three have shape (D, n_blocks).
    """
    bounds = np.empty((z.shape[0], amplitude.size))
    for i in range(z.shape[0]):
        bounds[i] = amplitude
        for j in range(z.shape[1]):
            _add_distance(bounds[i], low[j], high[j], steepness[j], z[i, j], family)
    return bounds


@njit(nogil=True, fastmath=FASTMATH)
def _sum_below(exponents, terms, threshold):
    prefer_wide_vectors()
    total = 0.0
    for b in range(terms.size):
        total += terms[b] if exponents[b] < threshold else 0.0
    return total


@njit(nogil=True, fastmath=FASTMATH)
def _block_terms(terms, bounds, counts, taken, maximum):
    prefer_wide_vectors()
    for b in range(terms.size):
        # A box may promise any amount more than the components seen so far have: it is wanted whatever its term.
        terms[b] = 0.0 if taken[b] else counts[b] * exp2(min(bounds[b] - maximum, _LARGEST_RISE))


@njit(nogil=True, cache=True)
def choose_blocks(bounds, counts, maximum, total, tolerance, taken, wanted):
    """Which blocks a point can do without: together they hold at most `tolerance` of the sum so far.

    Sets `wanted` for the blocks that remain; returns, for every point, the most that those left out can hold, in units
    of 2**maximum. The threshold on the bounds is found by bisection.
    """
    left_out = np.zeros(bounds.shape[0])
    terms = np.empty(bounds.shape[1])
    for i in range(bounds.shape[0]):
        _block_terms(terms, bounds[i], counts, taken[i], maximum[i])
        allowed = tolerance * total[i]
        # Nothing below the first threshold can matter, and nothing above the last can be left out.
        low, high = maximum[i] - _BISECTED, maximum[i] + 1.0
        left_out[i] = _sum_below(bounds[i], terms, low)
        if left_out[i] > allowed:
            low, left_out[i] = -np.inf, 0.0
        else:
            for _ in range(_BISECTIONS):
                middle = 0.5 * (low + high)
                skipped = _sum_below(bounds[i], terms, middle)
                if skipped <= allowed:
                    low, left_out[i] = middle, skipped
                else:
                    high = middle
        for b in range(terms.size):
            wanted[i, b] = not taken[i, b] and bounds[i, b] >= low
    return left_out
