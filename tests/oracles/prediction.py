"""Linear predictors and correlations, one latent and one factor at a time, from their definitions."""

import itertools
import math

import numpy as np


def squared_hinge(x: np.ndarray, sign: np.ndarray, costs: np.ndarray, plane: np.ndarray) -> float:
    """(a^2 + b^2) / 2 + sum of c_n max(0, 1 - y_n (a x_n + b))^2: the primal problem of LIBLINEAR's L2-loss machine.

    R.-E. Fan et al., LIBLINEAR, JMLR 9, 2008, equations 1 and 2, with the intercept as one more feature.
    """
    a, b = plane
    losses = [c * max(0.0, 1.0 - y * (a * z + b)) ** 2 for z, y, c in zip(x, sign, costs, strict=True)]
    return 0.5 * (a * a + b * b) + math.fsum(losses)


def squared_hinge_gradient(x: np.ndarray, sign: np.ndarray, costs: np.ndarray, plane: np.ndarray) -> np.ndarray:
    """Gradient of `squared_hinge`; the problem is strictly convex, so that it is zero at the minimum alone."""
    a, b = plane
    gaps = np.maximum(0.0, 1.0 - sign * (a * x + b))
    return np.array([a - 2 * (costs * gaps * sign * x).sum(), b - 2 * (costs * gaps * sign).sum()])


def one_against_rest_costs(labels: np.ndarray, value: int, cost: float) -> tuple[np.ndarray, np.ndarray]:
    """Signs and costs of "balanced" classes: C N / (K N_v) for the value; the rest keeps C if there are three or more
    values, and has its own balanced cost if there are two.
    """
    values, counts = np.unique(labels, return_counts=True)
    balanced = dict(zip(values.tolist(), (len(labels) / (len(values) * counts)).tolist(), strict=True))
    sign = np.where(labels == value, 1.0, -1.0)
    rest = [balanced[v] if len(values) == 2 else 1.0 for v in labels.tolist()]
    return sign, cost * np.where(sign > 0, balanced[value], rest)


def area_under_curve(decision: np.ndarray, positive: np.ndarray, weights: np.ndarray) -> float:
    """Weighted share of the pairs of a positive and a negative row that are in order; ties count half."""
    won = total = 0.0
    for i, j in itertools.product(np.flatnonzero(positive), np.flatnonzero(~positive)):
        pair = weights[i] * weights[j]
        total += pair
        won += pair * (1.0 if decision[i] > decision[j] else 0.5 if decision[i] == decision[j] else 0.0)
    return won / total


def mid_ranks(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weight below each value plus half of the weight at it."""
    return np.array([weights[x < value].sum() + 0.5 * weights[x == value].sum() for value in x])


def pearson(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> float:
    """Absolute weighted correlation; 0 for a constant."""
    if len(np.unique(x)) == 1 or len(np.unique(y)) == 1:
        return 0.0
    p = weights / weights.sum()
    dx, dy = x - (p * x).sum(), y - (p * y).sum()
    return abs((p * dx * dy).sum()) / math.sqrt((p * dx**2).sum() * (p * dy**2).sum())


def correlation_ratio(x: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> float:
    """Root of the share of the variance of x that is between labels: R. A. Fisher, Statistical Methods, 1925."""
    p = weights / weights.sum()
    mean = (p * x).sum()
    between = 0.0
    for value in np.unique(labels):
        rows = labels == value
        between += p[rows].sum() * ((p[rows] * x[rows]).sum() / p[rows].sum() - mean) ** 2
    total = (p * (x - mean) ** 2).sum()
    return math.sqrt(between / total) if total > 0 else 0.0


def circular_correlation(x: np.ndarray, angle: np.ndarray, weights: np.ndarray) -> float:
    """Multiple correlation of x with the cosine and sine: K. V. Mardia, Linear-circular correlation coefficients and
    rhythmometry, Biometrika 63, 1976.
    """
    p = weights / weights.sum()

    def signed(a: np.ndarray, b: np.ndarray) -> float:
        da, db = a - (p * a).sum(), b - (p * b).sum()
        return float((p * da * db).sum() / math.sqrt((p * da**2).sum() * (p * db**2).sum()))

    c, s = np.cos(angle), np.sin(angle)
    rc, rs, cs = signed(x, c), signed(x, s), signed(c, s)
    return math.sqrt((rc**2 + rs**2 - 2 * rc * rs * cs) / (1 - cs**2))


def canonical_correlation(a: np.ndarray, b: np.ndarray, weights: np.ndarray, dependent: float = 1e-7) -> float:
    """The largest correlation of a combination of the columns of a with one of b.

    By the eigenvalues of Sa^-1/2 Sab Sb^-1 Sba Sa^-1/2, directions of relative size below `dependent` left out:
    H. Hotelling, Relations between two sets of variates, Biometrika 28, 1936.
    """
    p = weights / weights.sum()

    def whitened(columns: np.ndarray) -> np.ndarray:
        centred = np.sqrt(p)[:, None] * (columns - p @ columns)
        sizes, vectors = np.linalg.svd(centred, full_matrices=False)[1:]
        kept = sizes > dependent * sizes[0]
        return centred @ vectors[kept].T / sizes[kept]

    cross = whitened(a).T @ whitened(b)
    return math.sqrt(max(np.linalg.eigvalsh(cross @ cross.T)))


def best_assignment(relevance: np.ndarray) -> float:
    """The largest mean over columns of an assignment of rows to columns, each to one at most, by trying all of them."""
    n_rows, n_columns = relevance.shape
    if n_rows < n_columns:
        choices = itertools.permutations(range(n_columns), n_rows)
        return max(sum(relevance[i, k] for i, k in enumerate(choice)) for choice in choices) / n_columns
    choices = itertools.permutations(range(n_rows), n_columns)
    return max(sum(relevance[j, k] for k, j in enumerate(choice)) for choice in choices) / n_columns


def determination(x: np.ndarray, y: np.ndarray, train: np.ndarray, test: np.ndarray, weights: np.ndarray) -> float:
    """Held-out R^2 of least squares with an intercept, by the normal equations; squares summed over columns of y."""
    design = np.column_stack([np.ones(len(x)), x])
    w = weights[train][:, None]
    gram = design[train].T @ (w * design[train])
    solution = np.linalg.solve(gram, design[train].T @ (w * y[train]))
    mean = (w * y[train]).sum(axis=0) / w.sum()
    missed = ((y[test] - design[test] @ solution) ** 2).sum(axis=1)
    without = ((y[test] - mean) ** 2).sum(axis=1)
    return 1.0 - (weights[test] * missed).sum() / (weights[test] * without).sum()


def softmax_cross_entropy(x: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> float:
    """The least mean of -log p(label | x) in nats of a multinomial logistic regression, by Newton's method.

    T. Hastie, R. Tibshirani and J. Friedman, The Elements of Statistical Learning, 2009, section 4.4. The first label
    has coefficients 0, so that the solution is unique where the labels cannot be separated.
    """
    design = np.column_stack([np.ones(len(x)), x])
    values = np.unique(labels)
    p = weights / weights.sum()
    targets = (labels[:, None] == values[1:]).astype(float)
    theta = np.zeros((design.shape[1], len(values) - 1))

    def log_probabilities(coefficients: np.ndarray) -> np.ndarray:
        scores = np.column_stack([np.zeros(len(x)), design @ coefficients])
        scores -= scores.max(axis=1, keepdims=True)
        return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))

    for _ in range(100):
        probability = np.exp(log_probabilities(theta))[:, 1:]
        gradient = design.T @ (p[:, None] * (probability - targets))
        size = theta.size
        hessian = np.zeros((size, size))
        width = design.shape[1]
        for a, b in itertools.product(range(len(values) - 1), repeat=2):
            both = p * probability[:, a] * ((a == b) - probability[:, b])
            hessian[a * width : (a + 1) * width, b * width : (b + 1) * width] = design.T @ (both[:, None] * design)
        theta -= np.linalg.solve(hessian, gradient.T.reshape(-1)).reshape(-1, width).T
        if np.abs(gradient).max() < 1e-13:
            break
    chosen = np.searchsorted(values, labels)
    return -float(p @ log_probabilities(theta)[np.arange(len(x)), chosen])
