"""Sums of 2**exponent, block by block, in units of 2**(the largest exponent so far)."""

from numba import njit

from dismetrics.kernels.exp2 import FASTMATH, exp2, larger, prefer_wide_vectors

__all__ = ["largest_of", "raise_maximum"]

_NEGLIGIBLE = 64.0
"""Exponents below the maximum at which a block is left out: 2**-64 of it, a component."""


@njit(nogil=True, fastmath=FASTMATH | {"nnan"})
def largest_of(values):
    """No exponent is NaN; told so, LLVM vectorises the maximum."""
    prefer_wide_vectors()
    largest = values[0]
    for n in range(values.size):
        largest = larger(largest, values[n])
    return largest


@njit(nogil=True)
def raise_maximum(maximum, total, moment, i, largest):
    """Make room for a block in the sums of point i; what they shrink by, or -1 where the block is negligible."""
    if largest < maximum[i] - _NEGLIGIBLE:
        return -1.0
    if largest <= maximum[i]:
        return 1.0
    rise = largest - maximum[i]
    shrink = exp2(-rise) if total[i] > 0.0 else 0.0
    moment[i] = (moment[i] - rise * total[i]) * shrink
    total[i] *= shrink
    maximum[i] = largest
    return shrink
