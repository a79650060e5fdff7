"""I(z; n), and I(z_G; n) of groups of latents: what each group of the code tells of the sample.

I(z_G; n) = H(w) - E H(r(z_G)), with the shares r_n(z_G) = w_n q(z_G|n) / q(z_G) of the samples in the group's density,
at draws z ~ q(z) that all groups share. A group of one latent has it exactly, from quadrature. As latents are
independent given the sample, H(z_G) = I(z_G; n) + sum_{j in G} H(z_j | n).
"""

from collections.abc import Callable, Sequence

import numpy as np

from dismetrics.estimators.aggregate_posterior.draws import draw_source
from dismetrics.estimators.aggregate_posterior.joint_density import JointLogDensity, joint_log_density
from dismetrics.estimators.aggregate_posterior.marginals import Marginal
from dismetrics.estimators.aggregate_posterior.priors import Prior
from dismetrics.estimators.aggregate_posterior.sampling import AtDraws, SampledMeans, sampled_means
from dismetrics.estimators.aggregate_posterior.tables import joint_table, table_entropy
from dismetrics.posteriors import FactorisedPosterior, select_latents
from dismetrics.posteriors.checked import matrix_of
from dismetrics.typing import FloatArray, IntArray

__all__ = ["group_information"]


def group_information(
    posterior: FactorisedPosterior,
    weights: FloatArray,
    of_latents: list[Marginal],
    groups: Sequence[IntArray],
    prior: Prior,
    expected_log_prior: FloatArray,
    *,
    n_draws: int | None,
    target_se: float | None,
    method: str,
    tolerance: float,
    rng: np.random.Generator,
) -> SampledMeans:
    """I(z_G; n) of every group, then I(z; n), then the sum of the groups' less that of all, in nats.

    Parameters
    ----------
    posterior : FactorisedPosterior
        Posteriors with a density and support, or tables.
    weights : ndarray of float64, shape (n_samples,)
        Weights that add up to 1.
    of_latents : list of Marginal
        The marginals q(z_j).
    groups : sequence of ndarray of int
        The latents of each group; together a partition.
    prior : Prior
        A prior whose log p(z_j) serve as controls.
    expected_log_prior : ndarray of float64, shape (n_latents,)
        Their exact means.
    n_draws : int or None
        See `sampled_means`.
    target_se : float or None
        See `sampled_means`.
    method : {"auto", "brute", "tree"}
        See `joint_log_density`.
    tolerance : float
        See `joint_log_density`.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    SampledMeans
        With n_groups + 2 entries; exact where no two latents need to be drawn together, and for tables small enough
        to be summed in full.
    """
    posterior_entropy = weights @ matrix_of(posterior, "entropy")
    alone = np.array([marginal.entropy for marginal in of_latents]) - posterior_entropy
    n_latents, n_groups = posterior.n_latents, len(groups)
    everything = np.arange(n_latents)
    # One group of all latents is the whole code, whatever their order; its density is then evaluated once.
    sets = [everything if len(group) == n_latents else np.sort(group) for group in (*groups, everything)]
    exact = _without_sampling(posterior, weights, sets, alone, posterior_entropy)
    if exact is not None:
        return SampledMeans.exact(np.append(exact, exact[:-1].sum() - exact[-1]))

    several = [s for s, members in enumerate(sets) if len(members) > 1 and (s < n_groups or n_groups > 1)]
    known = np.array([alone[members[0]] if len(members) == 1 else 0.0 for members in sets])
    mean_log_weight = float(weights @ np.log(weights))
    densities: list[Callable[[FloatArray], JointLogDensity]] = [
        joint_log_density(
            select_latents(posterior, sets[s]),
            weights,
            method=method,
            tolerance=tolerance,
        )
        for s in several
    ]

    def evaluate(_: IntArray, z: FloatArray) -> AtDraws:
        quantities, bounds = np.zeros((2, len(z), n_groups + 1))
        own, own_bounds = np.empty((2, len(z), len(several)))
        evaluated = 0.0
        for number, (s, density) in enumerate(zip(several, densities, strict=True)):
            found = density(z[:, sets[s]])
            # log q - mean of log w q is the entropy H(r). A share of b left out changes it by b (1 + log(N / b)).
            bounds[:, s] = found.bound * (1.0 + np.log(posterior.n_samples / np.maximum(found.bound, 1e-300)))
            quantities[:, s] = found.mean_component - found.log_density - mean_log_weight
            own[:, number], own_bounds[:, number] = found.mean_component, found.bound + bounds[:, s]
            evaluated += found.evaluated / len(several)
        if n_groups == 1:
            quantities[:, 1], bounds[:, 1] = quantities[:, 0], bounds[:, 0]
        between = quantities[:, :-1].sum(axis=1) - quantities[:, -1]
        marginal = np.column_stack([each.log_density_at(z[:, j]) for j, each in enumerate(of_latents)])
        exact_controls = np.column_stack([marginal, prior.log_density(z)])
        return AtDraws(
            np.column_stack([quantities, between]),
            np.column_stack([bounds, bounds.sum(axis=1) if n_groups > 1 else np.zeros(len(z))]),
            np.column_stack([own, exact_controls]),
            np.column_stack([own_bounds, np.zeros_like(exact_controls)]),
            np.full(len(z), evaluated),
        )

    n_own = len(several)
    control_means = np.concatenate(
        [
            [mean_log_weight - posterior_entropy[sets[s]].sum() for s in several],
            [-marginal.entropy for marginal in of_latents],
            expected_log_prior,
        ]
    )
    single = np.eye(n_own + 2 * n_latents)
    of_all = np.zeros((len(single), 2))
    of_all[n_own - 1, 0] = 1.0
    of_all[n_own : n_own + n_latents, 1] = 1.0
    found = sampled_means(
        draw_source(posterior, weights, rng),
        evaluate,
        control_means,
        [single, single[:, : n_own + n_latents], of_all],
        n_draws=n_draws,
        target_se=target_se,
    )
    return found.shifted(np.append(known, known.sum()))


def _without_sampling(
    posterior: FactorisedPosterior,
    weights: FloatArray,
    sets: list[IntArray],
    alone: FloatArray,
    posterior_entropy: FloatArray,
) -> FloatArray | None:
    """I(z_G; n) of every set of latents, where all can be had exactly."""
    if len(sets[-1]) == 1:
        return np.full(2, alone[0])
    if joint_table(posterior, weights) is None:
        return None
    tables = [joint_table(select_latents(posterior, members), weights) for members in sets]
    return np.array(
        [
            table_entropy(table[0]) - posterior_entropy[members].sum()
            for table, members in zip(tables, sets, strict=True)
            if table is not None
        ]
    )
