"""How far the product of two latents' supports is from their joint support, for a finite sample."""

import numpy as np
from numba import njit

__all__ = ["product_distance"]


@njit(nogil=True, cache=True)
def product_distance(x, y):
    """max over a, b of min over n of (x_a - x_n)^2 + (y_b - y_n)^2, for x in increasing order.

    From a the search goes outwards, until x alone is too far; it ends early once a point is as near as the largest
    distance that is known.
    """
    size = x.size
    largest = 0.0
    for a in range(size):
        for b in range(size):
            nearest = (x[a] - x[b]) ** 2
            left, right = a, a + 1
            while nearest > largest:
                before = (x[a] - x[left]) ** 2 if left >= 0 else np.inf
                after = (x[a] - x[right]) ** 2 if right < size else np.inf
                if min(before, after) >= nearest:
                    break
                if before <= after:
                    nearest = min(nearest, before + (y[b] - y[left]) ** 2)
                    left -= 1
                else:
                    nearest = min(nearest, after + (y[b] - y[right]) ** 2)
                    right += 1
            largest = max(largest, nearest)
    return largest
