"""Unsupervised disentanglement ranking: S. Duan et al., Unsupervised Model Selection for Variational Disentangled
Representation Learning, 2020, section 4; R. Tibshirani, Regression Shrinkage and Selection via the Lasso, 1996;
C. Spearman's rank correlation with mean ranks of ties.
"""

import math

import numpy as np


def ranks(column: np.ndarray) -> np.ndarray:
    """Mean place of each value in increasing order."""
    return np.array([np.mean([place for place, b in enumerate(sorted(column)) if b == a]) for a in column])


def standardised(column: np.ndarray) -> np.ndarray:
    """Mean 0 and variance 1."""
    mean = math.fsum(column) / len(column)
    return (column - mean) / math.sqrt(math.fsum((a - mean) ** 2 for a in column) / len(column))


def spearman(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Absolute rank correlations (latents of one, latents of the other)."""
    a, b = (np.array([standardised(ranks(column)) for column in z.T]) for z in (one, other))
    return np.array([[abs(math.fsum(x * y)) / len(x) for y in b] for x in a])


def lasso(one: np.ndarray, other: np.ndarray, alpha: float) -> np.ndarray:
    """Absolute minimisers of mean((y - X w)^2) / 2 + alpha sum abs(w), by coordinates, for each standardised y."""
    x = np.column_stack([standardised(column) for column in one.T])
    found = np.zeros((one.shape[1], other.shape[1]))
    for j in range(other.shape[1]):
        y, w = standardised(other[:, j]), np.zeros(one.shape[1])
        moved = 1.0
        while moved > 1e-9:  # nearly collinear columns take thousands of sweeps
            before = w.copy()
            for i in range(len(w)):
                fit = np.mean(x[:, i] * (y - x @ w + x[:, i] * w[i]))
                w[i] = math.copysign(max(abs(fit) - alpha, 0.0), fit)
            moved = np.abs(w - before).max()
        found[:, j] = np.abs(w)
    return found


def agreement(relations: np.ndarray) -> float:
    """(sum over columns of max^2 / sum + the same over rows) / (rows + columns)."""
    shares = []
    for lines in (relations.T, relations):
        shares += [max(line) ** 2 / math.fsum(line) if math.fsum(line) > 0 else 0.0 for line in lines]
    return math.fsum(shares) / sum(relations.shape)
