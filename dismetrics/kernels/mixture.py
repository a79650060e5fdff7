"""The density of a one-dimensional Gaussian mixture at many points, by brute force."""

import numpy as np
from numba import njit

from dismetrics.kernels.exp2 import FASTMATH, exp2, prefer_wide_vectors

__all__ = ["log_gaussian_mixture"]

_TO_BASE_2 = np.sqrt(0.5 / np.log(2.0))
_ONE_OVER_SQRT_2_PI = 1.0 / np.sqrt(2.0 * np.pi)


@njit(nogil=True, fastmath=FASTMATH)
def _density(z, mean, steepness, amplitude):
    prefer_wide_vectors()
    total = 0.0
    for n in range(mean.size):
        t = (z - mean[n]) * steepness[n]
        total += amplitude[n] * exp2(-t * t)
    return total


@njit(nogil=True, cache=True)
def log_gaussian_mixture(z, mean, scale, weight):
    """log sum_n weight_n N(z_i; mean_n, scale_n^2), for points within some 35 scales of a component."""
    steepness = _TO_BASE_2 / scale
    amplitude = _ONE_OVER_SQRT_2_PI * weight / scale
    out = np.empty(z.size)
    for i in range(z.size):
        out[i] = np.log(_density(z[i], mean, steepness, amplitude))
    return out
