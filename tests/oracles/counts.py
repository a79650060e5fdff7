"""Plug-in entropy and mutual information of labels, from weighted counts. All results in nats.

Source: T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd ed., 2006, equations 2.1
(entropy), 2.8 (joint entropy) and 2.28 (mutual information), at the empirical distribution
p(a) = (weight of the rows with label a) / (weight of all rows). Labels are arrays (N,) of any
comparable type; weights (N,) are non-negative and need not sum to one (left out: all equal).
"""

import math

import numpy as np


def _weights_of(n_rows: int, weights: np.ndarray | None) -> np.ndarray:
    if weights is None:
        return np.ones(n_rows)
    return np.asarray(weights, dtype=np.float64)


def _cells(labels: np.ndarray, w: np.ndarray) -> list[np.ndarray]:
    """The row mask of each distinct label, in increasing order, leaving out labels without weight."""
    masks = [labels == value for value in np.unique(labels)]
    return [mask for mask in masks if math.fsum(w[mask]) > 0.0]


def n_occupied(labels: np.ndarray, weights: np.ndarray | None = None) -> int:
    """How many distinct labels carry weight."""
    labels = np.asarray(labels)
    return len(_cells(labels, _weights_of(len(labels), weights)))


def entropy(labels: np.ndarray, weights: np.ndarray | None = None) -> float:
    """H(a) = - sum over a of p(a) log p(a), in nats. No rows (or no weight) at all gives 0."""
    labels = np.asarray(labels)
    w = _weights_of(len(labels), weights)
    total = math.fsum(w)
    terms = []
    for rows in _cells(labels, w):
        p = math.fsum(w[rows]) / total
        terms.append(-p * math.log(p))
    return math.fsum(terms) + 0.0  # adding zero turns -0.0 into 0.0


def joint_entropy(a: np.ndarray, b: np.ndarray, weights: np.ndarray | None = None) -> float:
    """H(a, b) = - sum over pairs of p(a, b) log p(a, b), in nats, over the pairs that occur."""
    a, b = np.asarray(a), np.asarray(b)
    w = _weights_of(len(a), weights)
    total = math.fsum(w)
    terms = []
    for rows_a in _cells(a, w):
        for rows_b in _cells(b, w):
            p = math.fsum(w[rows_a & rows_b]) / total
            if p > 0.0:
                terms.append(-p * math.log(p))
    return math.fsum(terms) + 0.0


def mutual_information(a: np.ndarray, b: np.ndarray, weights: np.ndarray | None = None) -> float:
    """I(a; b) = sum over pairs of p(a, b) log( p(a, b) / (p(a) p(b)) ), in nats.

    Not clipped: labels that are exactly independent may give a rounding error of either sign.
    """
    a, b = np.asarray(a), np.asarray(b)
    w = _weights_of(len(a), weights)
    total = math.fsum(w)
    terms = []
    for rows_a in _cells(a, w):
        p_a = math.fsum(w[rows_a]) / total
        for rows_b in _cells(b, w):
            p_b = math.fsum(w[rows_b]) / total
            p_ab = math.fsum(w[rows_a & rows_b]) / total
            if p_ab > 0.0:
                terms.append(p_ab * math.log(p_ab / (p_a * p_b)))
    return math.fsum(terms)


def miller_madow_mutual_information(a: np.ndarray, b: np.ndarray) -> float:
    """H'(a) + H'(b) - H'(a, b) in nats, where H' = H + (occupied cells - 1) / (2 N).

    The correction is the leading term of the bias of the plug-in entropy: G. A. Miller, Note on the
    bias of information estimates, 1955; L. Paninski, Estimation of entropy and mutual information,
    Neural Computation 15, 2003. Not clipped: the estimate may be negative.
    """
    a, b = np.asarray(a), np.asarray(b)
    n = len(a)
    cells_ab = len(set(zip(a.tolist(), b.tolist(), strict=True)))
    h_a = entropy(a) + (n_occupied(a) - 1) / (2 * n)
    h_b = entropy(b) + (n_occupied(b) - 1) / (2 * n)
    h_ab = joint_entropy(a, b) + (cells_ab - 1) / (2 * n)
    return h_a + h_b - h_ab
