"""What the order of samples along a latent tells of their labels: one pass over sorted values, ties taken together."""

import numpy as np
from numba import njit

__all__ = ["best_cuts", "same_label_neighbours"]


@njit(nogil=True, cache=True)
def same_label_neighbours(ordered, codes, n_labels):
    """How many pairs of neighbours both have label k: shape (n_labels,).

    The order of tied samples means nothing, so this is the mean over all their orders. Of m tied samples, c with the
    label, c (c - 1) / m pairs are expected; across the border to the next m' with c', c c' / (m m').
    """
    pairs = np.zeros(n_labels)
    count = np.zeros(n_labels, np.int64)
    share = np.zeros(n_labels)
    latest = np.full(n_labels, -1)
    start, group = 0, 0
    while start < ordered.size:
        stop = _end_of_ties(ordered, start)
        for n in range(start, stop):
            count[codes[n]] += 1
        size = stop - start
        for n in range(start, stop):
            k = codes[n]
            if count[k] == 0:  # seen before in this group
                continue
            pairs[k] += count[k] * (count[k] - 1) / size
            if latest[k] == group - 1 and group > 0:
                pairs[k] += share[k] * count[k] / size
            share[k], latest[k] = count[k] / size, group
            count[k] = 0
        start, group = stop, group + 1
    return pairs


@njit(nogil=True, cache=True)
def best_cuts(ordered, codes, weights, n_labels):
    """max_t I(1[z > t]; 1[label = k]) in nats over all thresholds t between values: shape (n_labels,).

    As a function of the threshold the information has no maximum inside a stretch without the label, by convexity
    (Fayyad and Irani 1992), so it is only looked at where samples with the label begin or end.
    """
    total = 0.0
    mass = np.zeros(n_labels)
    for n in range(ordered.size):
        total += weights[n]
        mass[codes[n]] += weights[n]
    best = np.zeros(n_labels)
    left = np.zeros(n_labels)
    here = np.zeros(n_labels)
    below = 0.0
    start = 0
    while start < ordered.size:
        stop = _end_of_ties(ordered, start)
        size = 0.0
        for n in range(start, stop):
            size += weights[n]
            here[codes[n]] += weights[n]
        for n in range(start, stop):
            k = codes[n]
            if here[k] == 0.0:  # seen before in this group
                continue
            if start > 0:
                best[k] = max(best[k], _information(left[k], below, mass[k], total))
            left[k] += here[k]
            here[k] = 0.0
            if stop < ordered.size:
                best[k] = max(best[k], _information(left[k], below + size, mass[k], total))
        below += size
        start = stop
    return best


@njit(nogil=True, cache=True)
def _end_of_ties(ordered, start):
    """The end of the run of equal values that begins here."""
    stop = start + 1
    while stop < ordered.size and ordered[stop] == ordered[start]:
        stop += 1
    return stop


@njit(nogil=True, cache=True)
def _information(both, below, label, total):
    """I in nats of two yes-or-no variables, by their masses and that of both; rounding below zero adds nothing."""
    above, other = total - below, total - label
    return (
        _term(both, below, label, total)
        + _term(label - both, above, label, total)
        + _term(below - both, below, other, total)
        + _term(other - (below - both), above, other, total)
    )


@njit(nogil=True, cache=True)
def _term(mass, row, column, total):
    """p log(p / (p_row p_column)), 0 for a cell that is empty."""
    if mass <= 0.0 or row <= 0.0 or column <= 0.0:
        return 0.0
    return mass / total * np.log((mass / row) * (total / column))
