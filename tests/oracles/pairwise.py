"""Mutual information between the columns of points (N, D), pair by pair. All results in nats.

F. Locatello et al., Challenging Common Assumptions in the Unsupervised Learning of Disentangled Representations,
2019, section 5.2: plug-in mutual information of binned latents; the score is the mean off the diagonal. That of
posteriors is `pairwise_mi` of `decomposition` and of `linear_gaussian`.
"""

import numpy as np

from .counts import entropy, miller_madow_mutual_information, mutual_information
from .neighbours import ksg1


def binned_pairs(bins: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """I(b_i; b_j) (D, D) of binned columns (N, D), with H(b_j) on the diagonal."""
    d = bins.shape[1]
    matrix = np.zeros((d, d))
    for i in range(d):
        for j in range(d):
            if i == j:
                matrix[i, j] = entropy(bins[:, i], weights)
            else:
                matrix[i, j] = mutual_information(bins[:, i], bins[:, j], weights)
    return matrix


def miller_madow_pairs(bins: np.ndarray) -> np.ndarray:
    """The same off the diagonal, corrected and at least 0; nan on it."""
    d = bins.shape[1]
    matrix = np.full((d, d), np.nan)
    for i in range(d):
        for j in range(d):
            if i != j:
                matrix[i, j] = max(0.0, miller_madow_mutual_information(bins[:, i], bins[:, j]))
    return matrix


def neighbour_pairs(points: np.ndarray, n_neighbours: int) -> np.ndarray:
    """KSG-1 off the diagonal, infinity on it."""
    d = points.shape[1]
    matrix = np.full((d, d), np.inf)
    for i in range(d):
        for j in range(d):
            if i != j:
                matrix[i, j] = ksg1(points[:, i], points[:, j], n_neighbours)
    return matrix


def mean_off_diagonal(matrix: np.ndarray) -> float:
    """Mean of the entries with i != j."""
    d = len(matrix)
    return float(np.mean([matrix[i, j] for i in range(d) for j in range(d) if i != j]))
