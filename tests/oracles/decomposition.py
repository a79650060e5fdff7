"""The terms of the mean KL(q(z | x) || p(z)), and what else is known of q(z), from their definitions.

R. T. Q. Chen et al., Isolating Sources of Disentanglement in Variational Autoencoders, 2018, section 3: with
x_n drawn with weight w_n, q(z) = sum over n of w_n prod over j of q(z_j | x_n), and

    sum_n w_n KL(q(z | x_n) || p(z)) = I(z; n) + KL(q(z) || prod_j q(z_j)) + sum_j KL(q(z_j) || p(z_j)).

No term is got from another through that identity: I(z; n) from the joint entropy and the closed form of the
posterior's, the second and third each by their own integration, the left side in closed form. So the
identity tests the integration. Every function returns a dictionary, all in nats, D latents:

    index_code_mi                 I(z; n), mutual information of the code and the number of the row
    index_code_mi_per_latent      I(z_j; n) (D,)
    total_correlation             KL(q(z) || prod_j q(z_j))
    dual_total_correlation        H(z) - sum_j H(z_j | z_-j), z_-j being all the other latents
    dimension_wise_kl             sum_j KL(q(z_j) || p(z_j))
    dimension_wise_kl_per_latent  (D,)
    mean_kl, mean_kl_per_latent   sum_n w_n KL(q(z_j | x_n) || p(z_j)): the sum over j, and (D,)
    joint_entropy                 H(z), differential for continuous latents
    marginal_entropies            H(z_j) (D,)
    sep                           I(z_j; z_-j) (D,)
    sepin                         I(z; n) - I(z_-j; n) (D,)
    indin                         I(z_j; n) - I(z_j; z_-j) (D,)
    wsepin, windin                sum_j rho_j sepin_j, sum_j rho_j indin_j, rho_j = I(z_j; n) / (sum of them);
                                  0 where that sum is below 1e-12, as sepin and indin then are
    pairwise_mi                   I(z_i; z_j) (D, D); the diagonal I(z_j; z_j) is H(z_j) for tables and
                                  inf for continuous latents

sep, sepin, indin and their weighted means: K. Do and T. Tran, Theory and Evaluation Metrics for Learning
Disentangled Representations, 2020, section 4. As the latents are independent given the row, I(z_j; n) =
I(z_j; n, z_-j) = I(z_j; z_-j) + I(z_j; n | z_-j), so indin equals sepin; they are computed apart, which is
another test of the integration. So is TC + dual TC = sum_j I(z_j; z_-j).

Weights (N,) are non-negative, of any sum, and equal when left out.
"""

import itertools
import math
from collections.abc import Callable

import numpy as np

from .aggregate_posterior import gaussian_mixture_entropy, laplace_mixture_entropy
from .tensor_quadrature import (
    Axis,
    Kernel,
    density_table,
    expected_log_densities,
    kinked_axis,
    mixture_density,
    safe_log,
    smooth_axis,
)

Terms = dict[str, float | np.ndarray]
AxisMaker = Callable[[np.ndarray, np.ndarray], Axis]
NEGLIGIBLE = 1e-12  # nats; shared_informations summing to less are rounding, and give no shares


def normal_density(t: np.ndarray) -> np.ndarray:
    """Standard normal density."""
    return np.asarray(np.exp(-0.5 * t * t) / math.sqrt(2.0 * math.pi))


def laplace_density(t: np.ndarray) -> np.ndarray:
    """Standard Laplace density."""
    return np.asarray(0.5 * np.exp(-np.abs(t)))


def gaussian_entropy(scale: np.ndarray) -> np.ndarray:
    """H of N(m, s^2) = log(s sqrt(2 pi e)), elementwise."""
    return np.log(scale) + 0.5 * math.log(2.0 * math.pi * math.e)


def gaussian_kl(mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """KL(N(m, s^2) || N(0, 1)) = (m^2 + s^2 - 1) / 2 - log s, elementwise."""
    return 0.5 * (mean**2 + scale**2 - 1.0) - np.log(scale)


def laplace_entropy(scale: np.ndarray) -> np.ndarray:
    """H of the Laplace distribution = 1 + log(2 b), elementwise."""
    return 1.0 + np.log(2.0 * scale)


def laplace_kl(location: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """KL(Laplace(m, b) || N(0, 1)) = (m^2 + 2 b^2 + log(2 pi)) / 2 - 1 - log(2 b), elementwise."""
    return 0.5 * (location**2 + 2.0 * scale**2 + math.log(2.0 * math.pi)) - laplace_entropy(scale)


def shares(weights: np.ndarray | None, n: int) -> np.ndarray:
    """Weights (N,) made to sum to 1."""
    w = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)
    return w / math.fsum(w)


def weighted_mean(information: np.ndarray, quantity: np.ndarray) -> float:
    """Sum over j of rho_j quantity_j, rho_j the share of latent j in the shared_informations I(z_j; n) (D,)."""
    total = math.fsum(information)
    return math.fsum(information / total * quantity) if total > NEGLIGIBLE else 0.0


def without(j: int, d: int) -> tuple[int, ...]:
    """All of 0, ..., d - 1 but j."""
    return tuple(i for i in range(d) if i != j)


def dimension_wise_kl(
    kernel: Kernel,
    axis: Axis,
    centre: np.ndarray,
    scale: np.ndarray,
    w: np.ndarray,
) -> float:
    """KL(q(z_j) || N(0, 1)), the integral of q(z_j) (log q(z_j) - log p(z_j)) over one latent's axis."""
    q = mixture_density([density_table(kernel, axis, centre, scale)], w)
    log_prior = -0.5 * ((axis.left + axis.offset) ** 2 + math.log(2.0 * math.pi))
    return math.fsum(axis.weight * q * (safe_log(q) - log_prior))


def merged_entropy(
    entropy: Callable[..., float],
    centre: np.ndarray,
    scale: np.ndarray,
    w: np.ndarray,
) -> float:
    """H of one latent's mixture, components that are the same having been made one."""
    component, which = np.unique(np.stack([centre, scale], axis=1), axis=0, return_inverse=True)
    return entropy(component[:, 0], component[:, 1], np.bincount(which.ravel(), weights=w))


def continuous_terms(
    kernel: Kernel,
    axis_maker: AxisMaker,
    entropy: Callable[..., float],
    centre: np.ndarray,
    scale: np.ndarray,
    w: np.ndarray,
    posterior_entropy: np.ndarray,
    posterior_kl: np.ndarray,
) -> Terms:
    """All terms for one family of posteriors: w (N,) of sum 1, the other arrays (N, D), in nats."""
    centre, scale = centre[w > 0.0], scale[w > 0.0]
    posterior_entropy, posterior_kl, w = posterior_entropy[w > 0.0], posterior_kl[w > 0.0], w[w > 0.0]
    d = centre.shape[1]
    axes = [axis_maker(centre[:, j], scale[:, j]) for j in range(d)]
    tables = [density_table(kernel, axes[j], centre[:, j], scale[:, j]) for j in range(d)]
    everything = tuple(range(d))

    def expected_logs(latents: tuple[int, ...]) -> dict[tuple[int, ...], float]:
        """E[log q_S], S numbered within `latents`, by integration over the space of those latents only."""
        return expected_log_densities([tables[j] for j in latents], [axes[j] for j in latents], w)

    e_log = expected_logs(everything)
    if abs(e_log[()] - 1.0) > 1e-6:
        raise ValueError(f"the nodes miss some of the mass: {e_log[()]} is found instead of 1")
    given_row = w @ posterior_entropy  # H(z_j | n), (D,)

    def index_information(latents: tuple[int, ...]) -> float:
        """I(z_S; n) = H(z_S) - sum over j in S of H(z_j | n), latents being independent given the row."""
        if not latents:
            return 0.0
        joint = e_log if latents == everything else expected_logs(latents)
        return -joint[tuple(range(len(latents)))] - math.fsum(given_row[j] for j in latents)

    marginal = np.array([merged_entropy(entropy, centre[:, j], scale[:, j], w) for j in range(d)])
    per_latent = marginal - given_row
    index_mi = index_information(everything)
    e_log_without = np.array([e_log[without(j, d)] if d > 1 else 0.0 for j in range(d)])
    e_log_alone = np.array([e_log[(j,)] for j in range(d)])
    e_log_all = e_log[everything]
    sep = e_log_all - e_log_alone - e_log_without
    sepin = np.array([index_mi - index_information(without(j, d)) for j in range(d)])
    indin = per_latent - sep
    pairwise = np.full((d, d), math.inf)
    for i, j in itertools.combinations(range(d), 2):
        pair = expected_logs((i, j))
        pairwise[i, j] = pairwise[j, i] = pair[(0, 1)] - pair[(0,)] - pair[(1,)]
    dim_kl = np.array([dimension_wise_kl(kernel, axes[j], centre[:, j], scale[:, j], w) for j in range(d)])
    mean_kl = w @ posterior_kl
    return {
        "index_code_mi": index_mi,
        "index_code_mi_per_latent": per_latent,
        "total_correlation": e_log_all - math.fsum(e_log_alone),
        # H(z_j | z_-j) = -E[log q(z) / q(z_-j)]
        "dual_total_correlation": -e_log_all + math.fsum(e_log_all - e_log_without),
        "dimension_wise_kl": math.fsum(dim_kl),
        "dimension_wise_kl_per_latent": dim_kl,
        "mean_kl": math.fsum(mean_kl),
        "mean_kl_per_latent": mean_kl,
        "joint_entropy": -e_log_all,
        "marginal_entropies": marginal,
        "sep": sep,
        "sepin": sepin,
        "indin": indin,
        "wsepin": weighted_mean(per_latent, sepin),
        "windin": weighted_mean(per_latent, indin),
        "pairwise_mi": pairwise,
    }


def exact_terms(
    mean: np.ndarray, scale: np.ndarray, weights: np.ndarray | None = None, n_nodes: int | None = None
) -> Terms:
    """All terms for q(z_j | x_n) = N(mean_nj, scale_nj^2) and p(z) = N(0, I): mean, scale (N, D), D <= 3.

    Panels of one scale out to 8 scales, beyond which a component holds 1.2e-15 of its mass, with n_nodes
    nodes each: 12 when left out, right to 1e-12, and 6 for D = 3, right to 1e-8. The time goes as N times
    the product over latents of the nodes, about n_nodes * (range + 16 scales) / (least scale felt) each.
    """
    mean, scale = np.asarray(mean, dtype=np.float64), np.asarray(scale, dtype=np.float64)
    w = shares(weights, len(mean))
    n = (6 if mean.shape[1] > 2 else 12) if n_nodes is None else n_nodes
    return continuous_terms(
        normal_density,
        lambda c, s: smooth_axis(c, s, 8.0, 1.0, n),
        gaussian_mixture_entropy,
        mean,
        scale,
        w,
        gaussian_entropy(scale),
        gaussian_kl(mean, scale),
    )


def exact_laplace_terms(
    location: np.ndarray, scale: np.ndarray, weights: np.ndarray | None = None, n_nodes: int = 12
) -> Terms:
    """All terms for q(z_j | x_n) = exp(-|z_j - location_nj| / scale_nj) / (2 scale_nj) and p(z) = N(0, I).

    location, scale (N, D), D <= 2. Every location is a panel boundary on its axis, so the density is smooth
    in each cell. Panels of two scales out to 36 scales, beyond which a component holds 2e-16 of its mass.
    """
    location, scale = np.asarray(location, dtype=np.float64), np.asarray(scale, dtype=np.float64)
    return continuous_terms(
        laplace_density,
        lambda c, s: kinked_axis(c, s, 36.0, 2.0, n_nodes),
        laplace_mixture_entropy,
        location,
        scale,
        shares(weights, len(location)),
        laplace_entropy(scale),
        laplace_kl(location, scale),
    )


def relative_entropy(p: np.ndarray, q: np.ndarray) -> float:
    """KL(p || q) = sum p log(p / q) for tables of one shape, with 0 log 0 = 0."""
    held = p > 0.0
    return math.fsum(p[held] * np.log(p[held] / q[held]))


def table_entropy(p: np.ndarray) -> float:
    """H = -sum p log p of a table of any shape."""
    held = p[p > 0.0]
    return -math.fsum(held * np.log(held)) + 0.0


def outer(factors: list[np.ndarray]) -> np.ndarray:
    """Product table of D distributions (C,): (C, ..., C)."""
    product = np.ones(())
    for p in factors:
        product = np.multiply.outer(product, p)
    return product


def exact_table_terms(probability: np.ndarray, weights: np.ndarray | None = None) -> Terms:
    """All terms for q(z_j = c | x_n) = probability[n, j, c] (N, D, C) and a uniform prior, by enumeration.

    The joint table has C ** D cells, each one added over the rows. Rows of a table are made to sum to 1.
    """
    p = np.asarray(probability, dtype=np.float64)
    p = p / p.sum(axis=2, keepdims=True)
    w = shares(weights, len(p))
    p, w = p[w > 0.0], w[w > 0.0]
    n, d, c = p.shape

    def aggregate(latents: tuple[int, ...]) -> np.ndarray:
        """q(z_S), (C, ..., C)."""
        return np.asarray(sum(w[i] * outer([p[i, j] for j in latents]) for i in range(n)))

    def index_information(latents: tuple[int, ...]) -> float:
        """I(z_S; n) = sum over n of w_n KL(q(z_S | n) || q(z_S))."""
        q_s = aggregate(latents)
        return math.fsum(w[i] * relative_entropy(outer([p[i, j] for j in latents]), q_s) for i in range(n))

    everything = tuple(range(d))
    q = aggregate(everything)
    q_alone = [aggregate((j,)) for j in everything]
    q_without = [aggregate(without(j, d)) for j in everything]
    prior = np.full(c, 1.0 / c)
    per_latent = np.array([index_information((j,)) for j in everything])
    index_mi = index_information(everything)
    independent = [np.multiply.outer(q_alone[j], q_without[j]) for j in everything]
    sep = np.array([relative_entropy(np.moveaxis(q, j, 0), independent[j]) for j in everything])
    sepin = np.array([index_mi - index_information(without(j, d)) for j in everything])
    # H(z_j | z_-j) = -sum q(z) log(q(z) / q(z_-j))
    others = [np.broadcast_to(np.expand_dims(q_without[j], j), q.shape) for j in everything]
    given_others = [-relative_entropy(q, others[j]) for j in everything]
    pairwise = np.diag([table_entropy(q_j) for q_j in q_alone])
    for i, j in itertools.combinations(everything, 2):
        product = np.multiply.outer(q_alone[i], q_alone[j])
        pairwise[i, j] = pairwise[j, i] = relative_entropy(aggregate((i, j)), product)
    dim_kl = np.array([relative_entropy(q_j, prior) for q_j in q_alone])
    kl = np.array([[relative_entropy(p[i, j], prior) for j in everything] for i in range(n)])
    mean_kl = w @ kl
    return {
        "index_code_mi": index_mi,
        "index_code_mi_per_latent": per_latent,
        "total_correlation": relative_entropy(q, outer(q_alone)),
        "dual_total_correlation": table_entropy(q) - math.fsum(given_others),
        "dimension_wise_kl": math.fsum(dim_kl),
        "dimension_wise_kl_per_latent": dim_kl,
        "mean_kl": math.fsum(mean_kl),
        "mean_kl_per_latent": mean_kl,
        "joint_entropy": table_entropy(q),
        "marginal_entropies": np.array([table_entropy(q_j) for q_j in q_alone]),
        "sep": sep,
        "sepin": sepin,
        "indin": per_latent - sep,
        "wsepin": weighted_mean(per_latent, sepin),
        "windin": weighted_mean(per_latent, per_latent - sep),
        "pairwise_mi": pairwise,
    }


def places_entropy(places: np.ndarray, w: np.ndarray) -> float:
    """H of the place of a row, for places (N, K) of which each row is one: rows of one place share it."""
    if places.shape[1] == 0:
        return 0.0
    _, which = np.unique(places, axis=0, return_inverse=True)
    return table_entropy(np.bincount(which.ravel(), weights=w))


def separated_lattice(
    places: np.ndarray,
    scale: np.ndarray,
    weights: np.ndarray | None = None,
    gap: float | None = None,
    family: str = "gaussian",
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Terms]:
    """(centre, scale, weights, terms) of posteriors so far apart that z_S tells exactly their places in S.

    Row n lies at centre_nj = gap * scale_j * (place_nj - the mean of the axis' least and greatest place), for
    whole numbers places (N, D), any D, and scale (D,), and is N(centre_nj, scale_j^2), or the Laplace
    distribution of that scale for family="laplace". Two rows that differ in latent j do not overlap there, so

        H(z_S) = H(places_S) + sum over j in S of the posterior's entropy, and with H short for H(places):
        I(z; n) = H,  TC = sum_j H_j - H,  dual TC = H - sum_j (H - H_-j),  sep_j = H_j + H_-j - H,
        sepin_j = H - H_-j,  indin_j = H_j - sep_j,  I(z_i; z_j) = H_i + H_j - H_ij,
        KL(q(z_j) || N(0, 1)) = -H(z_j) + (log(2 pi) + E[z_j^2]) / 2.

    With all places different and equally probable H = log N; a full grid has TC = 0. The overlap left is
    about exp(-gap^2 / 8) for Gaussians and exp(-gap / 2) for Laplace: gap is 20 and 80 when left out, which
    is far below rounding.
    """
    places = np.asarray(places)
    s = np.broadcast_to(np.asarray(scale, dtype=np.float64), places.shape)
    w = shares(weights, len(places))
    gaussian = family == "gaussian"
    width = (20.0 if gaussian else 80.0) if gap is None else gap
    centre = width * s * (places - 0.5 * (places.min(axis=0) + places.max(axis=0)))
    posterior = (gaussian_entropy if gaussian else laplace_entropy)(s[0])
    kl = (gaussian_kl if gaussian else laplace_kl)(centre, s)
    second_moment = w @ centre**2 + (1.0 if gaussian else 2.0) * s[0] ** 2
    d = places.shape[1]

    h = places_entropy(places, w)
    h_alone = np.array([places_entropy(places[:, [j]], w) for j in range(d)])
    h_without = np.array([places_entropy(places[:, list(without(j, d))], w) for j in range(d)])
    sep, sepin = h_alone + h_without - h, h - h_without
    pairwise = np.full((d, d), math.inf)
    for i, j in itertools.combinations(range(d), 2):
        pairwise[i, j] = pairwise[j, i] = h_alone[i] + h_alone[j] - places_entropy(places[:, [i, j]], w)
    dim_kl = 0.5 * (second_moment + math.log(2.0 * math.pi)) - (h_alone + posterior)
    mean_kl = w @ kl
    terms: Terms = {
        "index_code_mi": h,
        "index_code_mi_per_latent": h_alone,
        "total_correlation": math.fsum(h_alone) - h,
        "dual_total_correlation": h - math.fsum(h - h_without),
        "dimension_wise_kl": math.fsum(dim_kl),
        "dimension_wise_kl_per_latent": dim_kl,
        "mean_kl": math.fsum(mean_kl),
        "mean_kl_per_latent": mean_kl,
        "joint_entropy": h + math.fsum(posterior),
        "marginal_entropies": h_alone + posterior,
        "sep": sep,
        "sepin": sepin,
        "indin": h_alone - sep,
        "wsepin": weighted_mean(h_alone, sepin),
        "windin": weighted_mean(h_alone, h_alone - sep),
        "pairwise_mi": pairwise,
    }
    return centre, np.array(s), w, terms


def one_hot_tables(places: np.ndarray, n_values: int) -> np.ndarray:
    """Tables (N, D, C), C = n_values, in which latent j of row n is surely place_nj: H(z_S) = H(places_S).

    The same terms as in `separated_lattice` but for the entropies, which are those of the places, and
    KL(q(z_j) || uniform) = log C - H_j, mean KL = D log C.
    """
    return np.eye(n_values)[np.asarray(places)]


def collapsed(n: int, d: int) -> tuple[np.ndarray, np.ndarray, Terms]:
    """Every posterior is the prior N(0, 1): (mean (N, D), scale (N, D), terms), every information and KL 0.

    Each latent has the standard normal's entropy, log(2 pi e) / 2.
    """
    h = 0.5 * math.log(2.0 * math.pi * math.e)
    zeros = ["index_code_mi", "total_correlation", "dual_total_correlation", "dimension_wise_kl", "mean_kl"]
    zeros_per_latent = ["index_code_mi_per_latent", "dimension_wise_kl_per_latent", "mean_kl_per_latent"]
    terms: Terms = dict.fromkeys([*zeros, "wsepin", "windin"], 0.0)
    terms |= {name: np.zeros(d) for name in [*zeros_per_latent, "sep", "sepin", "indin"]}
    terms |= {"joint_entropy": d * h, "marginal_entropies": np.full(d, h)}
    terms["pairwise_mi"] = np.where(np.eye(d) > 0.0, math.inf, 0.0)
    return np.zeros((n, d)), np.ones((n, d)), terms
