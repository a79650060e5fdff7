"""The best cut of a node: the one that lowers the squared error of its residuals most.

With weight N and sum S in the node, m and c of them to the left, the squared error falls by
c^2 / m + (S - c)^2 / (N - m) - S^2 / N = (N c - m S)^2 / (N m (N - m)); gains here are N times that. Weights are whole
numbers, so that a difference of weights is zero exactly where no row is left.
"""

import numpy as np
from numba import njit

__all__ = ["best_cut"]

_TIE = 1.0 + 1e-10
"""Gains closer than this count as equal: rounding must not decide between columns."""


@njit(nogil=True, cache=True, error_model="numpy")
def _best_edge(sums, mass, weight, total, left_sum, left_mass, gains):
    """The best cut at an edge of bins of one column: its gain, and the bin before it, or -1 for none."""
    n_bins = sums.size
    c, m = 0.0, 0.0
    for b in range(n_bins):
        left_sum[b] = c
        left_mass[b] = m
        c += sums[b]
        m += mass[b]
    left_sum[n_bins] = c
    left_mass[n_bins] = m
    for b in range(n_bins):
        m = left_mass[b + 1]
        t = weight * left_sum[b + 1] - m * total
        d = m * (weight - m)
        gains[b] = t * t / d if d > 0.5 else -1.0
    best, best_bin = -1.0, -1
    to_beat = -1.0
    for b in range(n_bins):
        if gains[b] > to_beat:
            best, best_bin = gains[b], b
            to_beat = best * _TIE
    return best, best_bin


@njit(inline="always")
def _may_reach(gain, weight, total, c, m, bin_sum, bin_mass, bin_above, lightest):
    """Whether a cut within a bin could gain more than that.

    There the left sum lies between c plus the negative and c plus the positive residuals of the bin, the left weight
    at least a row from either edge. The gain is convex in both, so that its maximum is at a corner.
    """
    high = weight * (c + bin_above)
    low = weight * (c + bin_sum - bin_above)
    m1 = m + lightest
    m2 = m + bin_mass - lightest
    t1 = max(abs(high - m1 * total), abs(low - m1 * total))
    t2 = max(abs(high - m2 * total), abs(low - m2 * total))
    return (t1 * t1 > gain * (m1 * (weight - m1))) | (t2 * t2 > gain * (m2 * (weight - m2)))


@njit(nogil=True, cache=True, error_model="numpy")
def _mark_bins(gain, weight, total, left_sum, left_mass, sums, mass, above, divisible, lightest, marked):
    """Which bins of one column may hold a cut that gains more than that, and whether any does."""
    any_marked = 0
    for b in range(sums.size):
        marked[b] = (
            divisible[b]
            & (mass[b] > 1.5 * lightest)
            & _may_reach(gain, weight, total, left_sum[b], left_mass[b], sums[b], mass[b], above[b], lightest)
        )
        any_marked += marked[b]
    return any_marked > 0


@njit(inline="always")
def _differ(low, high, gap):
    """Whether the higher of two values counts as different; a gap is added in single precision, as in scikit-learn."""
    return high > (np.float32(low + gap) if gap > 0.0 else low)


@njit(nogil=True, cache=True)
def _scan_bin(columns, f, bin_, slots, slot, residual, weights, weight, total, c, m, least):
    """The best cut between rows of the node within one bin: gain, above `least`, and place of the last row to the left.

    The place is -1 where there is none.
    """
    best, at = least, -1
    previous = -1
    for place in range(columns.starts[f, bin_], columns.starts[f, bin_ + 1]):
        i = columns.order[f, place]
        if slots[i] != slot:
            continue
        if previous >= 0 and _differ(columns.values[f, previous], columns.values[f, place], columns.gap):
            t = weight * c - m * total
            d = m * (weight - m)
            if t * t > least * d:
                best, at = t * t / d, previous
                least = best * _TIE
        c += residual[i]
        m += weights[i]
        previous = place
    return best, at


@njit(nogil=True, cache=True)
def best_cut(columns, sums, mass, above, slots, slot, residual, weights, lightest, weight, total, tie_order, room):
    """The best cut of the node `slot`: gain, column, and place of the last row to the left; column -1 for none.

    Of columns with the same gain the first in `tie_order` is cut, of places in a column the first. `room` has, for
    every column, prefix sums and prefix weights of its bins, and for one column gains and marks of its bins.
    """
    left_sum, left_mass, gains, marked = room
    best, chosen, last = -1.0, -1, -1
    for q in range(tie_order.size):
        f = tie_order[q]
        gain, bin_ = _best_edge(sums[f], mass[f], weight, total, left_sum[f], left_mass[f], gains)
        if bin_ >= 0 and gain > best * _TIE:
            best, chosen, last = gain, q, columns.starts[f, bin_ + 1] - 1
    for q in range(tie_order.size):
        f = tie_order[q]
        if not _mark_bins(
            best / _TIE, weight, total, left_sum[f], left_mass[f], sums[f], mass[f], above[f], columns.divisible[f],
            lightest, marked,
        ):  # fmt: skip
            continue
        for b in range(sums.shape[1]):
            least = best / _TIE
            c, m = left_sum[f, b], left_mass[f, b]
            if marked[b] and _may_reach(least, weight, total, c, m, sums[f, b], mass[f, b], above[f, b], lightest):
                gain, at = _scan_bin(columns, f, b, slots, slot, residual, weights, weight, total, c, m, least)
                # A tie with the edge that leads so far goes to the first in order, as it would among edges.
                comes_first = q < chosen or (q == chosen and at < last)
                if at >= 0 and (gain > best * _TIE or comes_first):
                    best, chosen, last = gain, q, at
    return best, tie_order[chosen] if chosen >= 0 else -1, last
