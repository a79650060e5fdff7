"""Normal distributions against the product of their marginals, from a covariance matrix (D, D).

Total correlation: F. Locatello et al., Challenging Common Assumptions in the Unsupervised Learning of
Disentangled Representations, 2019; KL of normal distributions. Distance: M. Gelbrich, On a Formula for the
L2 Wasserstein Metric between Measures on Euclidean and Hilbert Spaces, 1990:
W2^2 = tr A + tr B - 2 tr (A^1/2 B A^1/2)^1/2.
"""

import itertools
import math

import numpy as np


def covariance(
    points: np.ndarray, weights: np.ndarray | None = None, variances: np.ndarray | None = None
) -> np.ndarray:
    """Cov(z) by weight, entry by entry; with variances of posteriors (N, D), their mean is added on the diagonal."""
    n, d = points.shape
    w = [1.0] * n if weights is None else [float(value) for value in weights]
    total = math.fsum(w)
    mean = [math.fsum(a * b for a, b in zip(w, column, strict=True)) / total for column in points.T]
    result = np.empty((d, d))
    for i, j in itertools.product(range(d), repeat=2):
        result[i, j] = (
            math.fsum(a * (x[i] - mean[i]) * (x[j] - mean[j]) for a, x in zip(w, points, strict=True)) / total
        )
        if i == j and variances is not None:
            result[i, j] += math.fsum(a * b for a, b in zip(w, variances[:, j], strict=True)) / total
    return result


def determinant(matrix: np.ndarray) -> float:
    """By permutations."""
    d = len(matrix)
    terms = []
    for order in itertools.permutations(range(d)):
        inversions = sum(order[i] > order[j] for i in range(d) for j in range(i + 1, d))
        terms.append((-1) ** inversions * math.prod(matrix[i, order[i]] for i in range(d)))
    return math.fsum(terms)


def total_correlation(matrix: np.ndarray) -> float:
    """(sum of log variances - log determinant) / 2, in nats."""
    return 0.5 * (math.fsum(math.log(value) for value in np.diag(matrix)) - math.log(determinant(matrix)))


def root(matrix: np.ndarray) -> np.ndarray:
    """The symmetric root of a positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag(np.sqrt(np.maximum(values, 0.0))) @ vectors.T


def squared_distance(matrix: np.ndarray) -> float:
    """Squared 2-Wasserstein distance from the normal distribution with the diagonal alone."""
    alone = np.diag(np.diag(matrix))
    half = root(alone)
    return 2.0 * np.trace(matrix) - 2.0 * np.trace(root(half @ matrix @ half))
