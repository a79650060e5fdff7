"""Sums of Gaussian densities on uniform grids of several spacings, one row of the grid per factor value.

Every posterior N(mean_n, scale_n^2) is evaluated once, on the grid whose spacing h fits its scale, at WINDOW
consecutive points around its mean, and those values are added to one row for each column of codes:

    table[level(n), codes[n, c], i] += weight_n * N(x_i; mean_n, scale_n^2)      for every column c.
"""

import numpy as np
from numba import njit

from dismetrics.kernels.exp2 import FASTMATH, exp2, prefer_wide_vectors
from dismetrics.kernels.vectors import EIGHT, add_eight

__all__ = ["WINDOW", "add_gaussians", "fill_window", "grid_level"]

# Five 512-bit vectors. With scale/h in [2.2, 2.62] the window reaches at least 7.2 scales to either side.
WINDOW = 40

_TO_BASE_2 = np.sqrt(0.5 / np.log(2.0))
_ONE_OVER_SQRT_2_PI = 1.0 / np.sqrt(2.0 * np.pi)


@njit(nogil=True, cache=True)
def grid_level(scale, smallest_scale):
    """The coarsest level whose `smallest_scale` (increasing with the level) does not exceed the scale."""
    level = np.zeros(scale.size, np.int8)
    for step in range(1, smallest_scale.size):
        limit = smallest_scale[step]
        for n in range(scale.size):
            level[n] += scale[n] >= limit
    return level


@njit(nogil=True, fastmath=FASTMATH)
def _fill(window, start, step, amplitude):
    prefer_wide_vectors()
    for i in range(WINDOW):
        t = start + i * step
        window[i] = amplitude * exp2(-t * t)


@njit(nogil=True)
def fill_window(window, mean, scale, weight, origin, spacing):
    """Write the weighted density at WINDOW points around the mean; returns the number of the first of them."""
    u = (mean - origin) / spacing
    first = int(np.ceil(u)) - WINDOW // 2
    step = _TO_BASE_2 * spacing / scale
    _fill(window, (first - u) * step, step, weight * _ONE_OVER_SQRT_2_PI / scale)
    return first


@njit(nogil=True, cache=True)
def add_gaussians(table, mean, scale, weight, level, codes, origin, spacing, offset, length):
    """Add every row's weighted density to the grid rows its codes name.

    Level l holds, from `offset[l]`, rows of `length[l]` points; point i stands at `origin + i * spacing[l]`.
    The caller leaves a margin of WINDOW points around all means.
    """
    prefer_wide_vectors()
    window = np.empty(WINDOW)
    for n in range(mean.size):
        first = fill_window(window, mean[n], scale[n], weight[n], origin, spacing[level[n]])
        start = offset[level[n]] + first
        for c in range(codes.shape[1]):
            begin = start + codes[n, c] * length[level[n]]
            for i in range(0, WINDOW, EIGHT):
                add_eight(table, begin + i, window, i)
