"""Nearest neighbours on a line, by sorting."""

import numpy as np
from numba import njit

__all__ = ["count_within", "counts_below", "kth_distance"]


@njit(nogil=True, cache=True)
def kth_distance(ordered, k):
    """Distance of every point of a sorted sequence to its k-th nearest other point; k < size."""
    size = ordered.size
    out = np.empty(size)
    left = 0
    for i in range(size):
        # The k + 1 points nearest to point i, itself included, stand side by side: slide that window along.
        left = max(left, i - k)
        while left + k + 1 < size and left < i and ordered[left + k + 1] - ordered[i] < ordered[i] - ordered[left]:
            left += 1
        out[i] = max(ordered[i] - ordered[left], ordered[left + k] - ordered[i])
    return out


@njit(nogil=True, cache=True)
def count_within(ordered, points, radius):
    """How many points of a sorted sequence lie at a distance of at most the radius, for every point."""
    out = np.empty(points.size, np.int64)
    for i in range(points.size):
        out[i] = _rank(ordered, points[i], radius[i], True) - _rank(ordered, points[i], -radius[i], False)
    return out


@njit(nogil=True, cache=True)
def counts_below(ordered, points, radius):
    """How many points of a sorted sequence lie at a distance below the radius, for every point."""
    out = np.empty(points.size, np.int64)
    for i in range(points.size):
        out[i] = _rank(ordered, points[i], radius[i], False) - _rank(ordered, points[i], -radius[i], True)
    return out


@njit(nogil=True, cache=True)
def _rank(ordered, point, offset, inclusive):
    """How many entries have entry - point < offset (or <=): differences, so that ties are those of the distances."""
    low, high = 0, ordered.size
    while low < high:
        middle = (low + high) // 2
        difference = ordered[middle] - point
        if difference < offset or (inclusive and difference == offset):
            low = middle + 1
        else:
            high = middle
    return low
