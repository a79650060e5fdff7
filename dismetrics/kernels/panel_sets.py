"""Sorted sets of panels: panel i of level e covers [i, i + 1) 2**-e, its halves are 2 i and 2 i + 1 of level e + 1."""

import numpy as np
from numba import njit

__all__ = ["both_halves", "halves_at", "parents", "reach", "touched", "union"]


@njit(nogil=True, cache=True)
def union(a, b):
    """The union of two sorted sets."""
    out = np.empty(a.size + b.size, np.int64)
    i = j = n = 0
    while i < a.size or j < b.size:
        if j == b.size or (i < a.size and a[i] <= b[j]):
            if j < b.size and a[i] == b[j]:
                j += 1
            out[n] = a[i]
            i += 1
        else:
            out[n] = b[j]
            j += 1
        n += 1
    return out[:n]


@njit(nogil=True, cache=True)
def parents(panels):
    """The panels one level up that hold these."""
    out = np.empty(panels.size, np.int64)
    n = 0
    for panel in panels:
        parent = panel >> 1
        if n == 0 or out[n - 1] != parent:
            out[n] = parent
            n += 1
    return out[:n]


@njit(nogil=True, cache=True)
def both_halves(panels):
    """Both halves of each panel, one level down."""
    out = np.empty(2 * panels.size, np.int64)
    for i in range(panels.size):
        out[2 * i] = 2 * panels[i]
        out[2 * i + 1] = 2 * panels[i] + 1
    return out


@njit(nogil=True, cache=True)
def reach(location, radius, width):
    """First and last panel that [location - radius, location + radius] meets."""
    return int(np.floor((location - radius) / width)), int(np.floor((location + radius) / width))


@njit(nogil=True, cache=True)
def touched(location, radius, width):
    """The panels met by any of the intervals location +- radius; locations are sorted, radii may be of any order."""
    size = location.size
    first = np.empty(size, np.int64)
    last = np.empty(size, np.int64)
    total = 0
    for n in range(size):
        first[n], last[n] = reach(location[n], radius[n], width)
        total += last[n] - first[n] + 1
    # An interval that reaches further left than one before it covers all panels between the two starts, so
    # suffix minima of the starts leave the union as it is and make the sweep below see each panel once.
    for n in range(size - 2, -1, -1):
        first[n] = min(first[n], first[n + 1])
    out = np.empty(total, np.int64)
    count = 0
    for n in range(size):
        begin = first[n] if count == 0 else max(first[n], out[count - 1] + 1)
        for panel in range(begin, last[n] + 1):
            out[count] = panel
            count += 1
    return out[:count]


@njit(nogil=True, cache=True)
def halves_at(location, width):
    """The panel of each sorted location together with its sibling."""
    out = np.empty(2 * location.size, np.int64)
    n = 0
    for x in location:
        left = int(np.floor(x / width)) & ~1
        if n == 0 or out[n - 2] != left:
            out[n] = left
            out[n + 1] = left + 1
            n += 2
    return out[:n]
