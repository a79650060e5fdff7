"""The integral of r log r for a mixture r of densities of any scales, on dyadic panels.

Each density is evaluated on panels of a width that fits its own scale, at Gauss-Legendre nodes. Where finer panels
exist, the values of a panel are carried to its two halves by polynomial interpolation; the quadrature runs over the
panels that are not split any further. Panel coordinates are exact multiples of powers of two, so a node's distance
from a location carries no rounding but the location's own.

A density with a kink (Laplace) is smooth on every panel but the one that holds its location: that panel is halved
`refinements` times, and its siblings take the density at each level.
"""

import numpy as np
from numba import njit

from dismetrics.kernels.exp2 import FASTMATH, exp2, prefer_wide_vectors
from dismetrics.kernels.log import weighted_x_log_x
from dismetrics.kernels.panel_sets import both_halves, halves_at, parents, reach, touched, union

__all__ = ["GAUSSIAN", "LAPLACE", "mixture_on_panels"]

GAUSSIAN = 0
LAPLACE = 1

_LOG2_E = 1.0 / np.log(2.0)
_ONE_OVER_SQRT_2_PI = 1.0 / np.sqrt(2.0 * np.pi)


@njit(nogil=True, fastmath=FASTMATH)
def _gaussian(out, positions, start, width, scale, amplitude):
    prefer_wide_vectors()
    a = np.sqrt(0.5 * _LOG2_E) / scale
    for i in range(out.size):
        t = (start + width * positions[i]) * a
        out[i] = amplitude * exp2(-t * t)


@njit(nogil=True, fastmath=FASTMATH)
def _laplace(out, positions, start, width, scale, amplitude):
    prefer_wide_vectors()
    a = _LOG2_E / scale
    for i in range(out.size):
        out[i] = amplitude * exp2(-abs(start + width * positions[i]) * a)


@njit(nogil=True, fastmath=FASTMATH)
def _add(values, density):
    prefer_wide_vectors()
    for i in range(values.size):
        values[i] += density[i]


@njit(nogil=True, cache=True)
def _fill(buffer, positions, count, panel, width, location, scale, weight, family):
    """One weighted density at the nodes of `count` panels in a row, or one more: whole vectors cost less."""
    size = buffer.shape[1] * (count + count % 2)
    out = buffer.reshape(-1)[:size]
    start = panel * width - location
    if family == GAUSSIAN:
        _gaussian(out, positions, start, width, scale, weight * _ONE_OVER_SQRT_2_PI / scale)
    else:
        _laplace(out, positions, start, width, scale, 0.5 * weight / scale)


@njit(nogil=True, cache=True)
def _locate(panels, panel, hint):
    """The place of a panel in the sorted set, found by walking from the last one: members come in order."""
    while panels[hint] > panel:
        hint -= 1
    while panels[hint] < panel:
        hint += 1
    return hint


@njit(nogil=True, cache=True)
def _add_members(values, panels, buffer, positions, width, location, scale, weight, cut, family, keep_kink):
    """Densities of one level's own members, on all panels within the cut (but the kink's, where it is halved)."""
    place = 0
    size = buffer.shape[1]
    flat = values.reshape(-1)
    for n in range(location.size):
        first, last = reach(location[n], cut * scale[n], width)
        place = _locate(panels, first, place)
        count = last - first + 1
        _fill(buffer, positions, count, first, width, location[n], scale[n], weight[n], family)
        if not keep_kink:
            buffer[int(np.floor(location[n] / width)) - first] = 0.0
        _add(flat[place * size : (place + count) * size], buffer.reshape(-1))


@njit(nogil=True, cache=True)
def _add_kinks(values, panels, buffer, positions, width, location, scale, weight, family, at_end):
    """Densities of refined members: on the sibling of the kink's panel, and on that panel too at the last level."""
    place = 0
    for n in range(location.size):
        kink = int(np.floor(location[n] / width))
        left = kink & ~1
        place = _locate(panels, left, place)
        _fill(buffer, positions, 2, left, width, location[n], scale[n], weight[n], family)
        for k in range(2):
            if at_end or left + k != kink:
                _add(values[place + k], buffer[k])


@njit(nogil=True, fastmath=FASTMATH)
def _interpolate(halves, to_halves, values):
    """Values at the nodes of both halves, in a row, from those at the nodes of the panel."""
    prefer_wide_vectors()
    halves[:] = 0.0
    for j in range(values.size):
        for i in range(halves.size):
            halves[i] += to_halves[j, i] * values[j]
    for i in range(halves.size):
        # What interpolation leaves below zero is rounding beside a far larger neighbour.
        halves[i] = max(halves[i], 0.0)


@njit(nogil=True, cache=True)
def _carry_down(values, panels, coarse_values, coarse_panels, split, to_halves):
    """Interpolate the values of the split panels to the nodes of their halves, which stand side by side."""
    source = target = 0
    size = to_halves.shape[0]
    flat = values.reshape(-1)
    for panel in split:
        source = _locate(coarse_panels, panel, source)
        target = _locate(panels, 2 * panel, target)
        _interpolate(flat[target * size : (target + 2) * size], to_halves, coarse_values[source])


@njit(nogil=True, cache=True)
def _leaf_integral(values, panels, split, node_weights):
    """Quadrature of r log r over the panels that are not split, in units of the panel width."""
    total = 0.0
    next_split = 0
    for k in range(panels.size):
        if next_split < split.size and split[next_split] == panels[k]:
            next_split += 1
        else:
            total += weighted_x_log_x(values[k], node_weights)
    return total


@njit(nogil=True, cache=True)
def _panel_sets(location, scale, member_start, first_level, cut, refinements):
    """For every level: the panels that exist, and those among them that are split. Built from fine to coarse."""
    n_levels = member_start.size - 1
    panels = [np.empty(0, np.int64) for _ in range(n_levels)]
    split = [np.empty(0, np.int64) for _ in range(n_levels)]
    for level in range(n_levels - 1, -1, -1):
        width = 2.0 ** -(first_level + level)
        own = slice(member_start[level], member_start[level + 1])
        exist = union(touched(location[own], cut * scale[own], width), split[level])
        for earlier in range(max(0, level - refinements), level):
            refined = location[member_start[earlier] : member_start[earlier + 1]]
            exist = union(exist, halves_at(refined, width))
        if level > 0:
            split[level - 1] = parents(exist)
            exist = both_halves(split[level - 1])
        panels[level] = exist
    return panels, split


@njit(nogil=True, cache=True)
def mixture_on_panels(
    location,
    scale,
    weight,
    member_start,
    first_level,
    cut,
    refinements,
    family,
    positions,
    node_weights,
    to_halves,
    keep,
):
    """The integral of r log r, r = sum_n weight_n q_n, and on request r itself, on the panels that are not split.

    Members are sorted by level, then by location: `member_start[l]:member_start[l + 1]` are those of level l, whose
    panels are `2**-(first_level + l)` wide; the last `refinements` levels have no members of their own.
    `positions` holds the nodes of panels 0, 1, 2, ... in a row, for as many as one density can meet and one more;
    the weights of one panel's nodes add up to 1. With `keep`: where each panel starts, how wide it is, and r at its
    nodes, (n_panels, n_nodes); without, these are empty, and only two levels are held at a time.
    """
    panels, split = _panel_sets(location, scale, member_start, first_level, cut, refinements)
    size = node_weights.size
    n_leaves = 0
    if keep:
        for level in range(len(panels)):
            n_leaves += panels[level].size - split[level].size
    start, widths, leaves = np.empty(n_leaves), np.empty(n_leaves), np.empty((n_leaves, size))
    buffer = np.empty((positions.size // size, size))
    values = np.empty((0, size))
    total = 0.0
    found = 0
    for level in range(len(panels)):
        width = 2.0 ** -(first_level + level)
        coarse_values = values
        values = np.zeros((panels[level].size, size))
        if level > 0:
            _carry_down(values, panels[level], coarse_values, panels[level - 1], split[level - 1], to_halves)
        own = slice(member_start[level], member_start[level + 1])
        _add_members(
            values,
            panels[level],
            buffer,
            positions,
            width,
            location[own],
            scale[own],
            weight[own],
            cut,
            family,
            refinements == 0,
        )
        for earlier in range(max(0, level - refinements), level):
            old = slice(member_start[earlier], member_start[earlier + 1])
            _add_kinks(
                values,
                panels[level],
                buffer,
                positions,
                width,
                location[old],
                scale[old],
                weight[old],
                family,
                earlier == level - refinements,
            )
        total += width * _leaf_integral(values, panels[level], split[level], node_weights)
        if keep:
            next_split = 0
            for k in range(panels[level].size):
                if next_split < split[level].size and split[level][next_split] == panels[level][k]:
                    next_split += 1
                    continue
                start[found] = panels[level][k] * width
                widths[found] = width
                leaves[found] = values[k]
                found += 1
    return total, start, widths, leaves
