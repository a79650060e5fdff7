"""What one latent tells of the presence of one label, as A. A. Moinfar and F. J. Theis, Unsupervised Deep Disentangled
Representation of Single-Cell Omics (DRVI), 2024, compare them. `present` is a column of booleans (N,).
"""

import itertools
import math

import numpy as np

from .counts import entropy, mutual_information


def scaled_mutual_information(bins: np.ndarray, present: np.ndarray, weights: np.ndarray | None = None) -> float:
    """I(bin; present) / H(present)."""
    return mutual_information(bins, present, weights) / entropy(present, weights)


def same_process_neighbours(z: np.ndarray, present: np.ndarray) -> float:
    """Of the samples with the label but one, the share whose next sample along z has it too, less the share p of the
    label, over 1 - p; not below 0. Ties: the mean of the first share over all orders of tied samples.
    """
    groups = [np.flatnonzero(z == value) for value in np.unique(z)]
    orders = itertools.product(*[itertools.permutations(group) for group in groups])
    pairs = []
    for order in orders:
        along = present[np.concatenate(order).astype(int)]
        pairs.append(sum(bool(a and b) for a, b in itertools.pairwise(along)))
    n, count = len(present), int(present.sum())
    if count < 2:
        return 0.0
    p = count / n
    return max(0.0, math.fsum(pairs) / len(pairs) / (count - 1) - p) / (1 - p)


def absolute_spearman(z: np.ndarray, present: np.ndarray) -> float:
    """|Pearson correlation| of the ranks of z, ties by their mean rank, with the presence of the label."""
    if np.unique(z).size < 2:
        return 0.0
    ranks = np.array([np.sum(z < x) + 0.5 * (np.sum(z == x) + 1) for x in z])
    return abs(float(np.corrcoef(ranks, present.astype(float))[0, 1]))


def binary_maximum_information(z: np.ndarray, present: np.ndarray, weights: np.ndarray | None = None) -> float:
    """max over all t of I(1[z > t]; present) / H(present)."""
    cuts = [mutual_information(z > t, present, weights) for t in np.unique(z)]
    return max(cuts) / entropy(present, weights)


def best_assignment(relevance: np.ndarray) -> float:
    """Mean over targets (columns) of the assignment of rows, each to one column at most, whose sum is largest."""
    n_columns = relevance.shape[1]
    padded = np.vstack([relevance, np.zeros((n_columns, n_columns))])  # columns may stay without
    return (
        max(
            sum(padded[row, column] for column, row in enumerate(rows))
            for rows in itertools.permutations(range(len(padded)), n_columns)
        )
        / n_columns
    )
