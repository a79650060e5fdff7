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
def pair_information(table):
    """I(v; z), H(z) and the number of occupied cells, from the joint mass of v (rows) and z (columns); in nats.

    I = sum_vz p(v, z) log(p(v, z) / (p(v) p(z))), which is exactly zero where either has one value.
    """
    total = table.sum()
    rows = table.sum(axis=1)
    columns = table.sum(axis=0)
    information = 0.0
    occupied = 0
    for v in range(table.shape[0]):
        for z in range(table.shape[1]):
            mass = table[v, z]
            if mass > 0:
                occupied += 1
                # Quotients of masses, so that a cell that holds its whole row or column is exact.
                information += mass / total * np.log((mass / rows[v]) * (total / columns[z]))
    entropy = 0.0
    for mass in columns:
        if mass > 0:
            entropy -= mass / total * np.log(mass / total)
    return max(information, 0.0), entropy, occupied
