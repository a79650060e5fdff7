"""Experiments that hold factors, by enumerating every group of rows that could be drawn.

Votes: H. Kim and A. Mnih, Disentangling by Factorising, 2018, section 4 (least relative variance), and
M. Kim et al., Relevance Factor VAE, 2019 (largest, with all other factors held). Differences:
I. Higgins et al., beta-VAE, 2017, section 3. Robustness: R. Suter et al., Robustly Disentangled Causal
Mechanisms, 2019, section 4. Tables are small here: all groups of a size are gone through, with their
probabilities, so that what the fast code draws at random has an exact distribution to be held against.
"""

import itertools
import math

import numpy as np

Optional = np.ndarray | None


def _weights_of(n_rows: int, weights: Optional) -> list[float]:
    return [1.0] * n_rows if weights is None else [float(w) for w in weights]


def sharing_rows(factors: np.ndarray, fixed: tuple, missing: Optional = None) -> list[list[int]]:
    """Lists of rows that share the fixed factors' values; rows where one of these is unknown are in none.

    A list of one row is left out, and so is one whose rows agree in every other factor as well.
    """
    groups: dict[tuple, list[int]] = {}
    for n, row in enumerate(factors):
        if missing is not None and any(missing[n, k] for k in fixed):
            continue
        groups.setdefault(tuple(row[k] for k in fixed), []).append(n)
    free = [k for k in range(factors.shape[1]) if k not in fixed]

    def seen(n: int, k: int) -> object:
        return None if missing is not None and missing[n, k] else factors[n, k]

    def varies(rows: list[int]) -> bool:
        return len({tuple(seen(n, k) for k in free) for n in rows}) > 1 or not free

    return [rows for rows in groups.values() if len(rows) > 1 and varies(rows)]


def group_probabilities(
    factors: np.ndarray,
    fixed: tuple,
    size: int,
    weights: Optional = None,
    missing: Optional = None,
    balanced: bool = False,
) -> list[tuple[float, tuple]]:
    """Every group of `size` rows and its probability.

    Values are drawn by the weight of their rows, or alike if balanced. Rows are drawn by weight with
    replacement; the second row of a pair among the others.
    """
    w = _weights_of(len(factors), weights)
    lists = sharing_rows(factors, fixed, missing)
    masses = [1.0 if balanced else math.fsum(w[n] for n in rows) for rows in lists]
    found = []
    for rows, mass in zip(lists, masses, strict=True):
        total = math.fsum(w[n] for n in rows)
        for group in itertools.product(rows, repeat=size):
            p = mass / math.fsum(masses)
            if size == 2:
                first, second = group
                if first == second:
                    continue
                p *= w[first] / total * w[second] / (total - w[first])
            else:
                for n in group:
                    p *= w[n] / total
            found.append((p, group))
    return found


def variance(values: list[float]) -> float:
    """Sum of squared deviations from the mean over n - 1."""
    if min(values) == max(values):  # the mean of equal numbers is rounded
        return 0.0
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


def overall_variance(column: np.ndarray, weights: Optional = None) -> float:
    """Var(z) over all rows, by weight."""
    w = _weights_of(len(column), weights)
    mean = math.fsum(a * b for a, b in zip(w, column, strict=True)) / math.fsum(w)
    return math.fsum(a * (b - mean) ** 2 for a, b in zip(w, column, strict=True)) / math.fsum(w)


def vote_probabilities(points: np.ndarray, factors: np.ndarray, fixed: tuple, size: int, largest: bool, **how):
    """Probability of each latent (D,) to be the one with the least (or largest) relative variance in a group.

    Constant latents take no part; the first of equal ones wins.
    """
    spread = [overall_variance(column, how.get("weights")) for column in points.T]
    votes = np.zeros(points.shape[1])
    for p, group in group_probabilities(factors, fixed, size, **how):
        relative = {j: variance([points[n, j] for n in group]) / spread[j] for j in range(len(spread)) if spread[j] > 0}
        extreme = max(relative.values()) if largest else min(relative.values())
        votes[next(j for j in relative if relative[j] == extreme)] += p
    return votes


def mean_difference(points: np.ndarray, factors: np.ndarray, fixed: tuple, **how) -> np.ndarray:
    """E abs(z_j - z_j') over pairs (D,)."""
    found = group_probabilities(factors, fixed, 2, **how)
    return np.array([math.fsum(p * abs(z[a] - z[b]) for p, (a, b) in found) for z in points.T])


def quantile(values: list[float], weights: list[float], share: float) -> float:
    """The least value with at least this share of the weight at or below it."""
    below = 0.0
    for value, weight in sorted(zip(values, weights, strict=True)):
        below += weight
        if below >= share * math.fsum(weights) - 1e-9:
            return value
    return max(values)


def irs(
    points: np.ndarray,
    factors: np.ndarray,
    weights: Optional = None,
    missing: Optional = None,
    share: float = 1.0,
    balanced: bool = False,
) -> tuple[float, np.ndarray]:
    """Interventional robustness -> (score, matrix (D, K)).

    IRS(j | k) = 1 - E_v[q-quantile of abs(z_j - E[z_j | v_k = v])] / max abs(z_j - E[z_j]), the maxima over
    rows where factor k is known. A value of one row is left out. The score is the mean over latents of the
    largest entry, weighted by the largest deviation over all rows; constant latents have zeros.
    """
    w = _weights_of(len(points), weights)

    def deviations(z: np.ndarray, rows: list[int]) -> list[float]:
        mean = math.fsum(w[n] * z[n] for n in rows) / math.fsum(w[n] for n in rows)
        return [abs(z[n] - mean) for n in rows]

    matrix = np.zeros((points.shape[1], factors.shape[1]))
    for j, z in enumerate(points.T):
        if min(z) == max(z):
            continue
        for k in range(factors.shape[1]):
            known = [n for n in range(len(z)) if missing is None or not missing[n, k]]
            values = sorted({factors[n, k] for n in known})
            lists = [[n for n in known if factors[n, k] == value] for value in values]
            lists = [rows for rows in lists if len(rows) > 1]
            masses = [1.0 if balanced else math.fsum(w[n] for n in rows) for rows in lists]
            within = [quantile(deviations(z, rows), [w[n] for n in rows], share) for rows in lists]
            expected = math.fsum(a * b for a, b in zip(masses, within, strict=True)) / math.fsum(masses)
            matrix[j, k] = 1.0 - expected / max(deviations(z, known))
    every = list(range(len(points)))
    sizes = [max(deviations(z, every)) if min(z) < max(z) else 0.0 for z in points.T]
    if math.fsum(sizes) == 0.0:
        return 0.0, matrix
    return math.fsum(a * b for a, b in zip(sizes, matrix.max(axis=1), strict=True)) / math.fsum(sizes), matrix
