"""The terms of the mean KL for posteriors that are uniform on boxes, by adding up cells of constant density.

q(z_j | x_n) = 1 / (high_nj - low_nj) between low_nj and high_nj. The edges of all boxes cut each axis into intervals
between which nothing changes, so q(z) is constant on every cell of the grid that they make, and every entropy is a sum
over cells. Arrays low, high (N, D), weights (N,) of any sum; nats; for a standard normal prior, of which
E[-log p(z_j)] is half of log(2 pi) and the second moment (low^2 + low high + high^2) / 3.
"""

import itertools
import math

import numpy as np


def exact_terms(low: np.ndarray, high: np.ndarray, weights: np.ndarray | None = None) -> dict[str, float]:
    """Terms by the names of `decomposition.exact_terms`."""
    n, d = low.shape
    w = np.full(n, 1.0 / n) if weights is None else weights / math.fsum(weights)
    axes = [np.unique(np.concatenate([low[:, j], high[:, j]])) for j in range(d)]
    joint, marginal = [], np.zeros(d)
    for cell in itertools.product(*(range(len(axis) - 1) for axis in axes)):
        volume = math.prod(axes[j][i + 1] - axes[j][i] for j, i in enumerate(cell))
        density = 0.0
        for row in range(n):
            if all(low[row, j] <= axes[j][i] and axes[j][i + 1] <= high[row, j] for j, i in enumerate(cell)):
                density += w[row] / math.prod(high[row] - low[row])
        if density > 0:
            joint.append(-volume * density * math.log(density))
    for j in range(d):
        for start, end in itertools.pairwise(axes[j]):
            within = (low[:, j] <= start) & (end <= high[:, j])
            density = math.fsum(w[within] / (high[within, j] - low[within, j]))
            if density > 0:
                marginal[j] -= (end - start) * density * math.log(density)
    posterior = w @ np.log(high - low)
    cross = 0.5 * (math.log(2 * math.pi) + w @ ((low**2 + low * high + high**2) / 3))
    entropy = math.fsum(joint)
    return {
        "joint_entropy": entropy,
        "marginal_entropies": marginal,
        "mean_posterior_entropy": math.fsum(posterior),
        "index_code_mi": entropy - math.fsum(posterior),
        "index_code_mi_per_latent": marginal - posterior,
        "total_correlation": math.fsum(marginal) - entropy,
        "dimension_wise_kl": math.fsum(cross - marginal),
        "dimension_wise_kl_per_latent": cross - marginal,
        "mean_kl": math.fsum(cross - posterior),
        "mean_kl_per_latent": cross - posterior,
    }
