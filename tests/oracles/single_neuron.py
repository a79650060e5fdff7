"""Single-neuron classification: L. Mahon, L. Sha and T. Lukasiewicz, Correcting Flaws in Common Disentanglement
Metrics, 2024. All assignments are tried, so labels, latents and factors must be few.
"""

import itertools
import math

import numpy as np

from .binning import quantile_bins
from .counts import entropy, mutual_information


def accuracy(bins: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> float:
    """The largest weight of right samples, if each bin stands for one label and no two for the same."""
    all_bins, all_labels = np.unique(bins).tolist(), np.unique(labels).tolist()
    names = all_labels + [None] * len(all_bins)  # a bin may stand for none
    best = 0.0
    for chosen in set(itertools.permutations(names, len(all_bins))):
        right = [
            math.fsum(weights[(bins == b) & (labels == a)])
            for b, a in zip(all_bins, chosen, strict=True)
            if a is not None
        ]
        best = max(best, math.fsum(right))
    return best / math.fsum(weights)


def snc(z: np.ndarray, v: np.ndarray, weights: np.ndarray, missing: np.ndarray) -> tuple[list[float], list[int]]:
    """Accuracy of each factor with its latent, and that latent; where none is left -1 and the most frequent share.

    Latents are assigned, each to one factor at most, so that the sum of H(v_k | z_j) is least, with H(v_k) where there
    is none; z in as many bins of equal frequency as there are labels.
    """
    n_latents, n_factors = z.shape[1], v.shape[1]
    bins = {}
    left = np.empty((n_latents + n_factors, n_factors))
    for k in range(n_factors):
        rows = ~missing[:, k]
        labels, w = v[rows, k], weights[rows]
        for j in range(n_latents):
            bins[j, k] = quantile_bins(z[rows, j], len(np.unique(labels)))
            left[j, k] = entropy(labels, w) - mutual_information(bins[j, k], labels, w)
        left[n_latents:, k] = entropy(labels, w)
    orders = itertools.permutations(range(n_latents + n_factors), n_factors)
    chosen = min(orders, key=lambda order: math.fsum(left[j, k] for k, j in enumerate(order)))
    found = []
    for k, j in enumerate(chosen):
        rows = ~missing[:, k]
        labels, w = v[rows, k], weights[rows]
        own = bins[j, k] if j < n_latents else np.zeros(len(labels), int)
        found.append(accuracy(own, labels, w))
    return found, [j if j < n_latents else -1 for j in chosen]
