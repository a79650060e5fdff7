"""Sums of products of two Gaussian densities on uniform grids of the plane.

Every posterior pair N(z_1; mean_1n, scale_1n^2) N(z_2; mean_2n, scale_2n^2) is evaluated at WINDOW x WINDOW points
around its means, on the grid of one pair of levels (see `gaussian_grid`):

    table[a, b] += weight_n N(x_a; mean_1n, scale_1n^2) N(y_b; mean_2n, scale_2n^2).
"""

import numpy as np
from numba import njit

from dismetrics.kernels.exp2 import prefer_wide_vectors
from dismetrics.kernels.gaussian_grid import WINDOW, fill_window
from dismetrics.kernels.vectors import EIGHT, add_scaled_eight

__all__ = ["add_gaussian_products"]


@njit(nogil=True, cache=True)
def add_gaussian_products(table, rows, mean, scale, weight, origin, spacing):
    """Add the weighted densities of some rows to the table; mean and scale have shape (2, n_samples).

    Point (a, b) stands at origin + (a, b) * spacing. The caller leaves a margin of WINDOW points around all means.
    """
    prefer_wide_vectors()
    first_window = np.empty(WINDOW)
    second_window = np.empty(WINDOW)
    flat = table.reshape(-1)
    width = table.shape[1]
    for n in rows:
        first = fill_window(first_window, mean[0, n], scale[0, n], weight[n], origin[0], spacing[0])
        second = fill_window(second_window, mean[1, n], scale[1, n], 1.0, origin[1], spacing[1])
        for a in range(WINDOW):
            begin = (first + a) * width + second
            factor = first_window[a]
            for b in range(0, WINDOW, EIGHT):
                add_scaled_eight(flat, begin + b, factor, second_window, b)
