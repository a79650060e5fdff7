"""Hausdorff factorised support: K. Roth et al., Disentanglement of Correlated Factors via Hausdorff Factorized
Support, 2023, the pairwise criterion."""

import itertools

import numpy as np


def pair_distance(x: np.ndarray, y: np.ndarray) -> float:
    """max over (a, b) of min over n of (x_a - x_n)^2 + (y_b - y_n)^2."""
    return max(min((a - u) ** 2 + (b - v) ** 2 for u, v in zip(x, y, strict=True)) for a, b in itertools.product(x, y))


def factorised_support(points: np.ndarray) -> float:
    """The sum over pairs of latents, of all rows."""
    pairs = itertools.combinations(range(points.shape[1]), 2)
    return float(sum(pair_distance(points[:, i], points[:, j]) for i, j in pairs))
