"""Rows numbered by factor value."""

import numpy as np
from numba import njit

__all__ = ["group_mass", "number_groups"]


@njit(nogil=True, cache=True)
def number_groups(codes, first, n_values):
    """Group first[k] + codes[n, k] of every row and factor; a missing label (-1) has the group after the values."""
    out = np.empty(codes.shape, np.int32)
    for n in range(codes.shape[0]):
        for k in range(codes.shape[1]):
            code = codes[n, k]
            out[n, k] = first[k] + (code if code >= 0 else n_values[k])
    return out


@njit(nogil=True, cache=True)
def group_mass(groups, weights, n_groups):
    """The weight of the rows of every group."""
    mass = np.zeros(n_groups)
    for n in range(groups.shape[0]):
        for k in range(groups.shape[1]):
            mass[groups[n, k]] += weights[n]
    return mass
