"""Entropies of weighted mixtures q(z) = sum over i of w_i q(z | x_i), in nats, and the gap built on them.

The aggregate posterior of a variational autoencoder is such a mixture, with one component per image:
R. T. Q. Chen et al., Isolating Sources of Disentanglement in Variational Autoencoders, 2018, section 4.1
and appendix. Weights (n,) are non-negative, of any sum; left out, they are all equal.
"""

import math

import numpy as np

from .posterior_gap import conditional_entropies, posterior_mig, row_entropy
from .quadrature import mixture_entropy

__all__ = [
    "bernoulli_mixture_entropy",
    "categorical_mixture_entropy",
    "conditional_entropies",
    "gaussian_mixture_entropy",
    "laplace_mixture_entropy",
    "posterior_mig",
    "row_entropy",
]


def _normal_density(t: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(-0.5 * t * t) / math.sqrt(2.0 * math.pi))


def _laplace_density(t: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * np.exp(-np.abs(t)))


def gaussian_mixture_entropy(
    mean: np.ndarray, scale: np.ndarray, weights: np.ndarray | None = None, n_nodes: int = 12
) -> float:
    """Differential entropy of sum of w_i N(mean_i, scale_i^2): mean (n,), scale (n,) standard deviations.

    Panels of half a scale out to 10 scales, beyond which a component holds 1.5e-23 of its mass. At 40
    scales exp(-t^2 / 2) is already 1e-348, below the smallest number.
    """
    return mixture_entropy(_normal_density, mean, scale, weights, 10.0, 0.5, 40.0, n_nodes)


def laplace_mixture_entropy(
    location: np.ndarray, scale: np.ndarray, weights: np.ndarray | None = None, n_nodes: int = 12
) -> float:
    """Differential entropy of sum of w_i exp(-|z - location_i| / scale_i) / (2 scale_i).

    Panels of one scale out to 40 scales, beyond which a component holds 4e-18 of its mass; between two
    locations the density is a sum of exponentials, hence smooth. At 750 scales exp(-t) is zero.
    """
    return mixture_entropy(_laplace_density, location, scale, weights, 40.0, 1.0, 750.0, n_nodes)


def categorical_mixture_entropy(p: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Entropy of the mixed distribution q(c) = sum over i of w_i p[i, c], for p (n, C) -> - sum q log q."""
    p = np.asarray(p, dtype=np.float64)
    w = np.ones(len(p)) if weights is None else np.asarray(weights, dtype=np.float64)
    total = math.fsum(w)
    terms = []
    for c in range(p.shape[1]):
        q = math.fsum(w * p[:, c]) / total
        if q > 0.0:
            terms.append(-q * math.log(q))
    return math.fsum(terms) + 0.0


def bernoulli_mixture_entropy(p: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Entropy of the two-valued mixture with q(1) = sum over i of w_i p_i, for p (n,)."""
    p = np.asarray(p, dtype=np.float64)
    return categorical_mixture_entropy(np.stack([p, 1.0 - p], axis=1), weights)
