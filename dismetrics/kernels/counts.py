"""Joint counts of one latent's bins with the values of all factors, in one pass, and mutual information from them."""

import numpy as np
from numba import njit

__all__ = ["count_pairs", "pair_information", "weigh_pairs"]


@njit(nogil=True, cache=True)
def count_pairs(bins, codes, n_groups, n_bins):
    """How many rows have factor value g and bin b: shape (n_groups, n_bins).

    Factor values are numbered through all factors, so one row adds to one cell for each factor.
    """
    table = np.zeros((n_groups, n_bins), np.int64)
    for n in range(bins.size):
        b = bins[n]
        for k in range(codes.shape[1]):
            table[codes[n, k], b] += 1
    return table


@njit(nogil=True, cache=True)
def weigh_pairs(bins, codes, weights, n_groups, n_bins):
    """The weight of the rows with factor value g and bin b: shape (n_groups, n_bins)."""
    table = np.zeros((n_groups, n_bins))
    for n in range(bins.size):
        b = bins[n]
        for k in range(codes.shape[1]):
            table[codes[n, k], b] += weights[n]
    return table


@njit(nogil=True, cache=True)
def pair_information(table, start, stop):
    """I(v; z), H(z), and the occupied bins and cells, from the joint mass of v (rows start to stop) and z (columns).

    I = sum_vz p(v, z) log(p(v, z) / (p(v) p(z))) in nats. Where z or v has one value, entropy and information are
    exactly zero: rounding must not be left to be divided by.
    """
    rows = np.zeros(stop - start)
    columns = np.zeros(table.shape[1])
    for v in range(start, stop):
        for z in range(table.shape[1]):
            rows[v - start] += table[v, z]
            columns[z] += table[v, z]
    total = rows.sum()
    information = 0.0
    cells = 0
    for v in range(start, stop):
        for z in range(table.shape[1]):
            mass = table[v, z]
            if mass > 0:
                cells += 1
                # Quotients of masses, so that a cell that holds its whole row or column is exact.
                information += mass / total * np.log((mass / rows[v - start]) * (total / columns[z]))
    entropy = 0.0
    bins = 0
    for mass in columns:
        if mass > 0:
            bins += 1
            entropy -= mass / total * np.log(mass / total)
    if bins < 2:
        entropy = 0.0
    if bins < 2 or np.count_nonzero(rows) < 2:
        information = 0.0
    return max(information, 0.0), entropy, bins, cells
