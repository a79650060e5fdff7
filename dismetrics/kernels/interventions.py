"""Rows that share a factor's value: numbered, drawn, and how much the latents vary among them."""

import numpy as np
from numba import njit

__all__ = [
    "draw_by_weight",
    "draw_evenly",
    "draw_in_passes",
    "group_deviations",
    "group_variances",
    "mark_varying",
    "mean_differences",
    "number_by_appearance",
    "sort_by_group",
    "sums_within_groups",
]


@njit(nogil=True, cache=True)
def number_by_appearance(codes, n_codes):
    """Groups of rows of equal code, numbered by their first row, and how many there are; -1 where the code is -1."""
    number = np.full(n_codes, -1, np.int64)
    out = np.empty(codes.size, np.int64)
    n_groups = 0
    for n in range(codes.size):
        code = codes[n]
        if code < 0:
            out[n] = -1
            continue
        if number[code] < 0:
            number[code] = n_groups
            n_groups += 1
        out[n] = number[code]
    return out, n_groups


@njit(nogil=True, cache=True)
def sort_by_group(groups, n_groups):
    """Rows in the order of their groups, and where each group starts; rows of group -1 are left out."""
    start = np.zeros(n_groups + 1, np.int64)
    for group in groups:
        if group >= 0:
            start[group + 1] += 1
    for g in range(n_groups):
        start[g + 1] += start[g]
    place = start[:-1].copy()
    order = np.empty(start[n_groups], np.int64)
    for n in range(groups.size):
        group = groups[n]
        if group >= 0:
            order[place[group]] = n
            place[group] += 1
    return order, start


@njit(nogil=True, cache=True)
def sums_within_groups(weights, start):
    """Cumulative sums that begin anew at each group: a difference of sums over all rows would lose small weights."""
    out = np.empty(weights.size)
    for g in range(start.size - 1):
        total = 0.0
        for i in range(start[g], start[g + 1]):
            total += weights[i]
            out[i] = total
    return out


@njit(nogil=True, cache=True)
def mark_varying(order, start, codes):
    """Which groups hold rows that differ in some column of codes."""
    varies = np.zeros(start.size - 1, np.bool_)
    for g in range(start.size - 1):
        for i in range(start[g] + 1, start[g + 1]):
            for k in range(codes.shape[1]):
                if codes[order[i], k] != codes[order[start[g]], k]:
                    varies[g] = True
    return varies


@njit(nogil=True, cache=True)
def draw_evenly(order, start, groups, uniforms):
    """Rows of each group by uniform numbers, with replacement; a pair is of two different rows."""
    rows = np.empty(uniforms.shape, np.int64)
    for g in range(groups.size):
        first = start[groups[g]]
        size = start[groups[g] + 1] - first
        for i in range(uniforms.shape[1]):
            rows[g, i] = min(int(uniforms[g, i] * size), size - 1)
        if uniforms.shape[1] == 2 and size > 1:
            other = min(int(uniforms[g, 1] * (size - 1)), size - 2)
            rows[g, 1] = other + 1 if other >= rows[g, 0] else other
        for i in range(uniforms.shape[1]):
            rows[g, i] = order[first + rows[g, i]]
    return rows


@njit(nogil=True, cache=True)
def draw_in_passes(order, start, groups, uniforms):
    """Rows of each group dealt like cards: shuffled anew when all are used up, by whichever draw that is."""
    order = order.copy()
    used = np.zeros(start.size - 1, np.int64)
    rows = np.empty(uniforms.shape, np.int64)
    for g in range(groups.size):
        first = start[groups[g]]
        size = start[groups[g] + 1] - first
        for i in range(uniforms.shape[1]):
            place = used[groups[g]] % size
            used[groups[g]] += 1
            other = min(place + int(uniforms[g, i] * (size - place)), size - 1)
            row = order[first + other]
            order[first + other] = order[first + place]
            order[first + place] = row
            rows[g, i] = row
    return rows


@njit(nogil=True, cache=True)
def _search(cumulative, start, stop, target):
    """The first place in [start, stop) whose cumulative weight is above the target; the last one if there is none."""
    low, high = start, stop - 1
    while low < high:
        middle = (low + high) // 2
        if cumulative[middle] > target:
            high = middle
        else:
            low = middle + 1
    return low


@njit(nogil=True, cache=True)
def draw_by_weight(order, start, cumulative, groups, uniforms):
    """Rows of each group by weight, with replacement; the second of a pair is drawn among the other rows.

    The weights are given as cumulative sums within each group.
    """
    rows = np.empty(uniforms.shape, np.int64)
    for g in range(groups.size):
        first, stop = start[groups[g]], start[groups[g] + 1]
        total = cumulative[stop - 1]
        for i in range(uniforms.shape[1]):
            rows[g, i] = _search(cumulative, first, stop, uniforms[g, i] * total)
        if uniforms.shape[1] == 2 and stop - first > 1:
            chosen = rows[g, 0]
            before = cumulative[chosen - 1] if chosen > first else 0.0
            own = cumulative[chosen] - before
            target = uniforms[g, 1] * (total - own)
            other = _search(cumulative, first, stop, target + own if target >= before else target)
            if other == chosen:  # by rounding
                other = chosen + 1 if chosen + 1 < stop else chosen - 1
            rows[g, 1] = other
        for i in range(uniforms.shape[1]):
            rows[g, i] = order[rows[g, i]]
    return rows


@njit(nogil=True, cache=True)
def group_variances(values):
    """Var(z_j) with n - 1 within every group of values (n_groups, group_size, n_latents).

    Differences from the first row, so that a latent that is constant within a group has a variance of exactly zero.
    """
    n_groups, size, n_latents = values.shape
    out = np.zeros((n_groups, n_latents))
    mean = np.empty(n_latents)
    for g in range(n_groups):
        mean[:] = 0.0
        for i in range(1, size):
            for j in range(n_latents):
                mean[j] += values[g, i, j] - values[g, 0, j]
        for j in range(n_latents):
            mean[j] /= size
        for i in range(size):
            for j in range(n_latents):
                difference = values[g, i, j] - values[g, 0, j] - mean[j]
                out[g, j] += difference * difference
        for j in range(n_latents):
            out[g, j] /= size - 1
    return out


@njit(nogil=True, cache=True)
def mean_differences(pairs, n_pairs):
    """Mean of abs(z_1 - z_2) over each n_pairs consecutive pairs of (n_votes * n_pairs, 2, n_latents)."""
    n_votes = pairs.shape[0] // n_pairs
    out = np.zeros((n_votes, pairs.shape[2]))
    for vote in range(n_votes):
        for i in range(vote * n_pairs, (vote + 1) * n_pairs):
            for j in range(pairs.shape[2]):
                out[vote, j] += abs(pairs[i, 0, j] - pairs[i, 1, j])
        for j in range(pairs.shape[2]):
            out[vote, j] /= n_pairs
    return out


@njit(nogil=True, cache=True)
def group_deviations(column, order, start, weights, quantile, interpolate):
    """A quantile of abs(z - E[z | g]) within every group g; the largest for quantile 1.

    The quantile is the least deviation with at least that share of the group's weight at or below it, or is
    interpolated between samples that count alike.
    """
    out = np.empty(start.size - 1)
    for g in range(start.size - 1):
        rows = order[start[g] : start[g + 1]]
        origin = column[rows[0]]
        total = 0.0
        mean = 0.0
        for n in rows:
            total += weights[n]
            mean += weights[n] * (column[n] - origin)
        mean /= total
        deviations = np.empty(rows.size)
        for i in range(rows.size):
            deviations[i] = abs(column[rows[i]] - origin - mean)
        if quantile == 1.0:
            out[g] = deviations.max()
        elif interpolate:
            deviations.sort()
            place = quantile * (rows.size - 1)
            low = min(int(place), rows.size - 2) if rows.size > 1 else 0
            high = min(low + 1, rows.size - 1)
            out[g] = deviations[low] + (place - low) * (deviations[high] - deviations[low])
        else:
            by_size = np.argsort(deviations)
            below = 0.0
            out[g] = deviations[by_size[-1]]
            for i in by_size:
                below += weights[rows[i]]
                # A share that is met but for rounding is met.
                if below >= quantile * total * (1.0 - 1e-12):
                    out[g] = deviations[i]
                    break
    return out
