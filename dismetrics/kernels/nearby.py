"""An order of points in which neighbours in the order are neighbours in space: a tree of halves, left to right."""

import numpy as np
from numba import njit

__all__ = ["halved"]


@njit(nogil=True)
def _select(order, start, end, keys, place):
    """Permute order[start:end] so that what comes before `place` has no larger key than what comes after."""
    low, high = start, end - 1
    while low < high:
        # The median of three, against keys that are in order already.
        a, b, c = keys[order[low]], keys[order[(low + high) // 2]], keys[order[high]]
        pivot = max(min(a, b), min(max(a, b), c))
        i, j = low, high
        while i <= j:
            while keys[order[i]] < pivot:
                i += 1
            while keys[order[j]] > pivot:
                j -= 1
            if i <= j:
                order[i], order[j] = order[j], order[i]
                i += 1
                j -= 1
        if place <= j:
            high = j
        elif place >= i:
            low = i
        else:
            return


@njit(nogil=True)
def _widest(features, order, start, end, examined):
    """The feature with the largest range among some of the points."""
    step = max(1, (end - start) // examined)
    widest, range_of_widest = 0, -1.0
    for f in range(features.shape[0]):
        low = high = features[f, order[start]]
        for i in range(start, end, step):
            value = features[f, order[i]]
            low, high = min(low, value), max(high, value)
        if high - low > range_of_widest:
            widest, range_of_widest = f, high - low
    return widest


@njit(nogil=True, cache=True)
def halved(features, size, examined):
    """The order, (n_points,), of points (n_features, n_points).

    Segments are halved at the median of the feature in which they are widest, at a multiple of `size`, until none is
    longer than that.
    """
    order = np.arange(features.shape[1])
    starts, ends = [0], [order.size]
    while starts:
        start, end = starts.pop(), ends.pop()
        n = end - start
        if n <= size:
            continue
        middle = start + max(size, n // 2 // size * size)
        _select(order, start, end, features[_widest(features, order, start, end, examined)], middle)
        starts.append(start)
        ends.append(middle)
        starts.append(middle)
        ends.append(end)
    return order
