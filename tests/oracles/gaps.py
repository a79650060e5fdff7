"""Mutual information gaps of binned codes (N, D) against factors (N, K).

Rows whose factor k is missing are dropped from everything that concerns factor k: the joint counts,
H(v_k), and the marginal of the code. The bins themselves are the caller's, made on all rows.
"""

import math

import numpy as np

from .counts import entropy, mutual_information, n_occupied

Optional = np.ndarray | None


def known_rows(n_rows: int, k: int, missing: Optional) -> np.ndarray:
    """Row numbers at which factor k is known; missing is a boolean array (N, K), or None."""
    if missing is None:
        return np.arange(n_rows)
    return np.flatnonzero(~np.asarray(missing, dtype=bool)[:, k])


def top_two_gap(values: np.ndarray) -> float:
    """Greatest minus second greatest of values; where there is only one, the runner-up is 0."""
    ordered = sorted((float(value) for value in values), reverse=True)
    runner_up = ordered[1] if len(ordered) > 1 else 0.0
    return ordered[0] - runner_up


def mean_of_defined(values: np.ndarray) -> float:
    """Mean of the entries that are not nan; nan where there is none."""
    defined = [float(value) for value in values if not math.isnan(value)]
    return math.fsum(defined) / len(defined) if defined else math.nan


def _weights_at(weights: Optional, rows: np.ndarray) -> Optional:
    return None if weights is None else np.take(weights, rows)


def mutual_information_matrix(
    codes: np.ndarray, factors: np.ndarray, weights: Optional = None, missing: Optional = None
) -> np.ndarray:
    """Plug-in I(z_j; v_k) in nats -> (D, K), from binned codes (N, D) and factors (N, K).

    A factor that is known nowhere has a column of zeros (no rows carry no information).
    """
    codes, factors = np.asarray(codes), np.asarray(factors)
    matrix = np.zeros((codes.shape[1], factors.shape[1]))
    for k in range(factors.shape[1]):
        rows = known_rows(len(codes), k, missing)
        w = _weights_at(weights, rows)
        for j in range(codes.shape[1]):
            matrix[j, k] = mutual_information(codes[rows, j], factors[rows, k], w)
    return matrix


def _normalised_matrix(
    codes: np.ndarray, factors: np.ndarray, weights: Optional, missing: Optional, normaliser: str
) -> np.ndarray:
    """I(z_j; v_k) / H(v_k) or I(z_j; v_k) / H(z_j) -> (D, K); columns of single-valued factors are nan.

    A code with a single occupied bin has H(z_j) = 0 and I = 0: its ratio is taken as 0.
    """
    if normaliser not in ("factor", "latent"):
        raise ValueError(f"unknown normaliser {normaliser!r}")
    codes, factors = np.asarray(codes), np.asarray(factors)
    ratio = mutual_information_matrix(codes, factors, weights, missing)
    for k in range(factors.shape[1]):
        rows = known_rows(len(codes), k, missing)
        w = _weights_at(weights, rows)
        if n_occupied(factors[rows, k], w) < 2:
            ratio[:, k] = math.nan
            continue
        for j in range(codes.shape[1]):
            if normaliser == "factor":
                ratio[j, k] /= entropy(factors[rows, k], w)
            elif n_occupied(codes[rows, j], w) < 2:
                ratio[j, k] = 0.0
            else:
                ratio[j, k] /= entropy(codes[rows, j], w)
    return ratio


def mig(
    codes: np.ndarray,
    factors: np.ndarray,
    weights: Optional = None,
    missing: Optional = None,
    normaliser: str = "factor",
) -> tuple[float, np.ndarray]:
    """Mutual information gap -> (score, per factor (K,)).

    MIG = 1/K sum over k of ( I(z_(1); v_k) - I(z_(2); v_k) ) / H(v_k), where z_(1) and z_(2) are the two
    latents that know most about v_k: R. T. Q. Chen et al., Isolating Sources of Disentanglement in
    Variational Autoencoders, 2018, section 4.1. With normaliser "latent" the top two are taken of
    I(z_j; v_k) / H(z_j) instead. A single-valued factor has nan and is left out of the mean.
    """
    ratio = _normalised_matrix(codes, factors, weights, missing, normaliser)
    per_factor = np.array([math.nan if np.isnan(column).any() else top_two_gap(column) for column in ratio.T])
    return mean_of_defined(per_factor), per_factor


def mig_sup(
    codes: np.ndarray,
    factors: np.ndarray,
    weights: Optional = None,
    missing: Optional = None,
    normaliser: str = "factor",
) -> tuple[float, np.ndarray]:
    """The gap read along latents -> (score, per latent (D,)).

    MIG-sup = 1/D sum over j of the gap between the two greatest of I(z_j; v_k) / H(v_k) over factors:
    Z. Li et al., Progressive Learning and Disentanglement of Hierarchical Representations, 2020. Every
    latent counts in the mean; single-valued factors are left out; one factor has runner-up 0.
    """
    ratio = _normalised_matrix(codes, factors, weights, missing, normaliser)
    defined = ratio[:, ~np.isnan(ratio).any(axis=0)]
    per_latent = np.array([top_two_gap(row) if len(row) else math.nan for row in defined])
    return mean_of_defined(per_latent), per_latent


def mig_ceiling(factor: np.ndarray, n_bins: int) -> float:
    """min(H(v), log n_bins) / H(v): no code of n_bins bins can tell more than log n_bins nats about v.

    Follows from I(z; v) <= min(H(z), H(v)). A single-valued factor (N,) gives nan.
    """
    if n_occupied(factor) < 2:
        return math.nan
    h = entropy(factor)
    return min(h, math.log(n_bins)) / h
