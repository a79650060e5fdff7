"""I(z; v) = H(z) - H(z | v) from mixture entropies, and the gap between the two best latents.

The entropy of a latent is handed in as a function of rows: entropy_fn(rows, weights) -> nats, where rows
(n,) are row numbers and weights (n,) the weights of those rows, or None when all rows weigh the same.
"""

import math
from collections.abc import Callable

import numpy as np

from .counts import entropy, n_occupied
from .gaps import known_rows, mean_of_defined, top_two_gap

EntropyFn = Callable[[np.ndarray, np.ndarray | None], float]


def row_entropy(entropy_of: Callable[..., float], *parameters: np.ndarray) -> EntropyFn:
    """The entropy_fn of one latent whose row i has parameters p[i], for p in parameters."""

    def entropy_fn(rows: np.ndarray, weights: np.ndarray | None) -> float:
        return entropy_of(*(np.asarray(p)[rows] for p in parameters), weights)

    return entropy_fn


def conditional_entropies(
    entropy_fn: EntropyFn,
    labels: np.ndarray,
    weights: np.ndarray | None = None,
    missing: np.ndarray | None = None,
) -> tuple[float, float, np.ndarray]:
    """(H(z), H(z | v), H(z | v = a) for each value a) for one latent and one factor, labels (N,).

    Rows marked in missing (N,) are left out of everything. q(z | v = a) is the mixture over the rows with
    v = a, and H(z | v) = sum over a of p(a) H(z | v = a), with p(a) the share of the weight. The last
    array follows the distinct values in increasing order; values without weight are left out of it.
    """
    labels = np.asarray(labels)
    w = np.ones(len(labels)) if weights is None else np.asarray(weights, dtype=np.float64)
    rows = np.arange(len(labels))
    if missing is not None:
        rows = rows[~np.asarray(missing, dtype=bool)]

    def entropy_at(subset: np.ndarray) -> float:
        return entropy_fn(subset, None if weights is None else w[subset])

    total = math.fsum(w[rows])
    if total <= 0.0:
        return math.nan, math.nan, np.zeros(0)
    per_value, terms = [], []
    for value in np.unique(labels[rows]):
        members = rows[labels[rows] == value]
        share = math.fsum(w[members]) / total
        if share > 0.0:
            per_value.append(entropy_at(members))
            terms.append(share * per_value[-1])
    return entropy_at(rows), math.fsum(terms), np.array(per_value)


def posterior_mig(
    entropy_fns: list[EntropyFn],
    factors: np.ndarray,
    weights: np.ndarray | None = None,
    missing: np.ndarray | None = None,
) -> tuple[float, np.ndarray, np.ndarray]:
    """(score, gap per factor (K,), mutual information (D, K)) from D entropy functions, factors (N, K).

    R. T. Q. Chen et al., 2018, section 4.1: I(z_j; v_k) = H(z_j) - H(z_j | v_k), and the gap is that of the
    two greatest over latents, over H(v_k). A single latent has runner-up 0. A single-valued factor has nan
    and is left out of the mean. Rows where factor k is missing (N, K) are left out for factor k.
    """
    factors = np.asarray(factors)
    n, n_factors = factors.shape
    mi = np.zeros((len(entropy_fns), n_factors))
    per_factor = np.full(n_factors, math.nan)
    for k in range(n_factors):
        missing_k = None if missing is None else np.asarray(missing, dtype=bool)[:, k]
        for j, entropy_fn in enumerate(entropy_fns):
            marginal, conditional, _ = conditional_entropies(entropy_fn, factors[:, k], weights, missing_k)
            mi[j, k] = marginal - conditional
        rows = known_rows(n, k, missing)
        w = None if weights is None else np.asarray(weights)[rows]
        if n_occupied(factors[rows, k], w) >= 2:
            per_factor[k] = top_two_gap(mi[:, k]) / entropy(factors[rows, k], w)
    return mean_of_defined(per_factor), per_factor, mi
