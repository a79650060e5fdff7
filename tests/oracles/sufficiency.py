"""Minimality and sufficiency: A. Almudévar and A. Ortega, Rethinking Disentanglement under Dependent Factors of
Variation, 2024. Codes (N, D) without noise, by their bins; labels (N, K), unknown where marked in missing (N, K).
"""

import numpy as np

from .counts import entropy, mutual_information


def _known(v: np.ndarray, missing: np.ndarray | None, k: int) -> np.ndarray:
    return np.ones(len(v), bool) if missing is None else ~missing[:, k]


def minimality(bins: np.ndarray, v: np.ndarray, weights: np.ndarray, missing: np.ndarray | None = None) -> list[float]:
    """max over k of I(z_j; v_k) / H(z_j) of each latent; nan for one that is constant where labels are known."""
    per_latent = []
    for z in bins.T:
        shares = []
        for k in range(v.shape[1]):
            rows = _known(v, missing, k)
            carried = entropy(z[rows], weights[rows])
            if carried > 0:
                shares.append(mutual_information(z[rows], v[rows, k], weights[rows]) / carried)
        per_latent.append(max(shares) if shares else float("nan"))
    return per_latent


def sufficiency(bins: np.ndarray, v: np.ndarray, weights: np.ndarray, missing: np.ndarray | None = None) -> list[float]:
    """max over j of I(z_j; v_k) / H(v_k) of each factor."""
    per_factor = []
    for k in range(v.shape[1]):
        rows = _known(v, missing, k)
        w, labels = weights[rows], v[rows, k]
        per_factor.append(max(mutual_information(z[rows], labels, w) for z in bins.T) / entropy(labels, w))
    return per_factor
