"""RMIG and JEMMIG from the probability that a latent falls into each bin, given each row.

K. Do and T. Tran, Theory and Evaluation Metrics for Learning Disentangled Representations, 2020, section 4.3 and
appendix: with q(b | x_n) the mass of bin b and w_n the weight of row n (of sum 1),

    p(b, v = a) = sum over n with v_n = a of w_n q(b | x_n),
    RMIG_k = I(z_1; v_k) - I(z_2; v_k),    JEMMIG_k = H(z_1, v_k) - I(z_1; v_k) + I(z_2; v_k),

z_1 and z_2 being the latents that tell most of v_k. Normalised, the first is divided by H(v_k), the second by
H(v_k) + log B, B the number of bins. Rows whose factor k is missing are dropped from all that concerns it.

The first bin reaches to minus infinity and the last to infinity, so that every row's masses sum to 1.
"""

import math
from collections.abc import Callable

import numpy as np

from .counts import entropy
from .gaps import known_rows, mean_of_defined

Cumulative = Callable[[float, float, float], float]


def gaussian_cumulative(x: float, mean: float, scale: float) -> float:
    """P(z <= x) for z ~ N(mean, scale^2), by the complement on the side where that is small."""
    t = (x - mean) / scale
    tail = 0.5 * math.erfc(abs(t) / math.sqrt(2.0))
    return tail if t < 0.0 else 1.0 - tail


def laplace_cumulative(x: float, location: float, scale: float) -> float:
    """P(z <= x) for a density exp(-|z - location| / scale) / (2 scale)."""
    t = (x - location) / scale
    tail = 0.5 * math.exp(-abs(t))
    return tail if t < 0.0 else 1.0 - tail


def row_masses(cumulative: Cumulative, location: np.ndarray, scale: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """q(b | x_n) (N, B) of one latent, for location (N,), scale (N,) and edges (B + 1,) of which the ends are open."""
    masses = np.zeros((len(location), len(edges) - 1))
    for n in range(len(location)):
        below = [0.0, *(cumulative(float(x), float(location[n]), float(scale[n])) for x in edges[1:-1]), 1.0]
        for b in range(len(edges) - 1):
            masses[n, b] = below[b + 1] - below[b]
    return masses


def joint_masses(masses: np.ndarray, labels: np.ndarray, w: np.ndarray) -> np.ndarray:
    """p(b, v = a) (V, B), of sum 1, for masses (N, B), labels (N,) and weights w (N,) of any sum."""
    total = math.fsum(w)
    values = np.unique(labels).tolist()
    joint = np.zeros((len(values), masses.shape[1]))
    for a, value in enumerate(values):
        for b in range(masses.shape[1]):
            joint[a, b] = math.fsum(w[labels == value] * masses[labels == value, b]) / total
    return joint


def entropy_of(p: np.ndarray) -> float:
    """- sum p log p in nats."""
    return -math.fsum(x * math.log(x) for x in p.ravel().tolist() if x > 0.0)


def information_of(joint: np.ndarray) -> float:
    """sum p(a, b) log(p(a, b) / (p(a) p(b))) in nats."""
    rows = [math.fsum(row) for row in joint.tolist()]
    columns = [math.fsum(column) for column in joint.T.tolist()]
    return math.fsum(
        joint[a, b] * math.log(joint[a, b] / (rows[a] * columns[b]))
        for a in range(joint.shape[0])
        for b in range(joint.shape[1])
        if joint[a, b] > 0.0
    )


def bin_information(
    masses: list[np.ndarray],
    factors: np.ndarray,
    weights: np.ndarray | None = None,
    missing: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """I(z_j; v_k) (D, K), H(z_j) (D, K) and H(v_k) (K,) in nats, over the rows where factor k is known."""
    factors = np.asarray(factors)
    n_rows, n_factors = factors.shape
    w = np.ones(n_rows) if weights is None else np.asarray(weights, dtype=np.float64)
    information = np.zeros((len(masses), n_factors))
    of_latent, of_factor = np.zeros_like(information), np.zeros(n_factors)
    for k in range(n_factors):
        rows = known_rows(n_rows, k, missing)
        of_factor[k] = entropy(factors[rows, k], w[rows])
        for j, each in enumerate(masses):
            joint = joint_masses(each[rows], factors[rows, k], w[rows])
            information[j, k] = information_of(joint)
            of_latent[j, k] = entropy_of(joint.sum(axis=0))
    return information, of_latent, of_factor


def rmig(information: np.ndarray, of_factor: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Score, shares of H(v_k) (K,) and gaps in nats (K,); nan for a single-valued factor.

    A single latent has runner-up 0.
    """
    gaps = np.full(len(of_factor), math.nan)
    for k, h in enumerate(of_factor):
        if h > 0.0:
            ordered = sorted([*information[:, k].tolist(), 0.0], reverse=True)
            gaps[k] = ordered[0] - ordered[1]
    shares = gaps / np.where(of_factor > 0.0, of_factor, 1.0)
    return mean_of_defined(shares), shares, gaps


def jemmig(
    information: np.ndarray, of_latent: np.ndarray, of_factor: np.ndarray, n_bins: int
) -> tuple[float, np.ndarray, np.ndarray]:
    """Mean of 1 - JEMMIG_k / (H(v_k) + log B), the terms of that mean (K,), and JEMMIG_k in nats (K,)."""
    costs = np.full(len(of_factor), math.nan)
    for k, h in enumerate(of_factor):
        if h > 0.0:
            best = max(range(len(information)), key=lambda j: (information[j, k], -j))
            others = [information[j, k] for j in range(len(information)) if j != best]
            joint = of_latent[best, k] + h - information[best, k]
            costs[k] = joint - information[best, k] + max([*others, 0.0])
    shares = 1.0 - costs / (of_factor + math.log(n_bins))
    return mean_of_defined(shares), shares, costs
