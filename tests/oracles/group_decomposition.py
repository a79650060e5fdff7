"""The terms by groups of latents, from their definitions: q_G the marginal of the latents in G.

B. Esmaeili et al., Structured Disentangled Representations, 2019: with groups that partition the latents,

    KL(q(z) || prod_j q(z_j)) = KL(q(z) || prod_G q(z_G)) + sum_G KL(q(z_G) || prod over j in G of q(z_j)).

Every function returns a dictionary, in nats: `between`, the first term on the right; `inside` (G,), the terms of its
sum; `information` (G,), I(z_G; n); and `entropy` (G,), H(z_G).
"""

import math

import numpy as np

from .decomposition import (
    gaussian_entropy,
    normal_density,
    outer,
    places_entropy,
    relative_entropy,
    shares,
    table_entropy,
)
from .linear_gaussian import LOG_2_PI_E, log_det
from .tensor_quadrature import density_table, expected_log_densities, smooth_axis

Groups = list[list[int]]
GroupTerms = dict[str, float | np.ndarray]


def mixture_terms(
    mean: np.ndarray, scale: np.ndarray, groups: Groups, weights: np.ndarray | None = None, n_nodes: int = 6
) -> GroupTerms:
    """For q(z_j | x_n) = N(mean_nj, scale_nj^2), D <= 3, by quadrature over all of space."""
    w = shares(weights, len(mean))
    d = mean.shape[1]
    axes = [smooth_axis(mean[:, j], scale[:, j], 8.0, 1.0, n_nodes) for j in range(d)]
    tables = [density_table(normal_density, axes[j], mean[:, j], scale[:, j]) for j in range(d)]
    e_log = expected_log_densities(tables, axes, w)
    given_row = w @ gaussian_entropy(scale)
    members = [tuple(sorted(group)) for group in groups]
    return {
        "between": e_log[tuple(range(d))] - math.fsum(e_log[g] for g in members),
        "inside": np.array([e_log[g] - math.fsum(e_log[(j,)] for j in g) for g in members]),
        "information": np.array([-e_log[g] - math.fsum(given_row[j] for j in g) for g in members]),
        "entropy": np.array([-e_log[g] for g in members]),
    }


def linear_gaussian_terms(matrix: np.ndarray, scale: np.ndarray, groups: Groups) -> GroupTerms:
    """For x ~ N(0, I) and q(z | x) = N(A x, diag(s^2)), q(z) = N(0, Sigma), with Sigma_G the block of a group:

    between = (sum_G log det Sigma_G - log det Sigma) / 2
    inside = (sum over j in G of log Sigma_jj - log det Sigma_G) / 2
    information = log det(I + diag(s_G)^-2 A_G A_G^T) / 2
    entropy = (|G| log(2 pi e) + log det Sigma_G) / 2
    """
    sigma = matrix @ matrix.T + np.diag(scale**2)
    blocks = [log_det(sigma[np.ix_(g, g)]) for g in groups]
    scaled = [matrix[g] / scale[g][:, None] for g in groups]
    return {
        "between": 0.5 * (math.fsum(blocks) - log_det(sigma)),
        "inside": np.array(
            [0.5 * (np.log(np.diag(sigma)[g]).sum() - block) for g, block in zip(groups, blocks, strict=True)]
        ),
        "information": np.array([0.5 * log_det(np.eye(len(a)) + a @ a.T) for a in scaled]),
        "entropy": np.array([0.5 * (len(g) * LOG_2_PI_E + block) for g, block in zip(groups, blocks, strict=True)]),
    }


def table_terms(probability: np.ndarray, groups: Groups, weights: np.ndarray | None = None) -> GroupTerms:
    """For q(z_j = c | x_n) = probability[n, j, c], by enumeration; latents in the order of the groups."""
    w = shares(weights, len(probability))
    d = probability.shape[1]

    def aggregate(latents: list[int]) -> np.ndarray:
        return np.asarray(sum(w[i] * outer([p[j] for j in latents]) for i, p in enumerate(probability)))

    order = [j for group in groups for j in group]
    together = aggregate(order)
    of_groups = [aggregate(group) for group in groups]
    alone = [aggregate([j]) for j in range(d)]
    return {
        "between": relative_entropy(together, outer(of_groups)),
        "inside": np.array(
            [relative_entropy(q, outer([alone[j] for j in g])) for q, g in zip(of_groups, groups, strict=True)]
        ),
        "information": np.array(
            [
                math.fsum(w[i] * relative_entropy(outer([p[j] for j in g]), q) for i, p in enumerate(probability))
                for q, g in zip(of_groups, groups, strict=True)
            ]
        ),
        "entropy": np.array([table_entropy(q) for q in of_groups]),
    }


def lattice_terms(places: np.ndarray, groups: Groups, weights: np.ndarray | None = None) -> GroupTerms:
    """For `decomposition.separated_lattice`, where z_G tells the places in G; entropies are those of the places."""
    w = shares(weights, len(places))
    h = np.array([places_entropy(places[:, g], w) for g in groups])
    alone = np.array([places_entropy(places[:, [j]], w) for j in range(places.shape[1])])
    return {
        "between": math.fsum(h) - places_entropy(places, w),
        "inside": np.array([alone[g].sum() for g in groups]) - h,
        "information": h,
        "entropy": h,
    }
