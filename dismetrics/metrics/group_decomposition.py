"""The divergence from the prior by groups of latents (Esmaeili et al. 2019, "Structured Disentangled Representations").

E_n KL(q(z|n) || p(z)) = I_q(z; n) + KL(q(z) || prod_G q(z_G))
                       + sum_G KL(q(z_G) || prod_{j in G} q(z_j)) + sum_j KL(q(z_j) || p(z_j))

The total correlation of all latents is that between the groups and those inside them.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.aggregate_posterior.few_draws import warn_if_few_draws_carry
from dismetrics.estimators.aggregate_posterior.group_information import group_information
from dismetrics.estimators.aggregate_posterior.joint_density import METHODS
from dismetrics.estimators.aggregate_posterior.marginals import marginals
from dismetrics.estimators.aggregate_posterior.priors import expected_log_prior, prior_of
from dismetrics.estimators.aggregate_posterior.sampling import Place, number_of_draws
from dismetrics.estimators.aggregate_posterior.saturation import warn_if_index_is_saturated
from dismetrics.inputs import as_weighted_posterior
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.posteriors.checked import matrix_of
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, FloatArray, RandomState
from dismetrics.validation import as_choice, as_generator, as_partition, as_positive_number

__all__ = ["GroupDecomposition", "group_decomposition"]


@dataclass(frozen=True, slots=True, eq=False)
class GroupDecomposition(Result):
    """The terms by group; everything in nats, and arrays in the order of `groups`.

    Attributes
    ----------
    groups : dict
        The latents of each group, by its name.
    total_correlation_between_groups : float
        KL(q(z) || prod_G q(z_G)).
    total_correlation_per_group : ndarray of float64, shape (n_groups,)
        KL(q(z_G) || prod_{j in G} q(z_j)), the total correlation inside each group; 0 for a group of one latent.
    total_correlation : float
        Of all latents: the one between the groups and those inside them.
    index_code_mi : float
        I_q(z; n).
    index_information_per_group : ndarray of float64, shape (n_groups,)
        I_q(z_G; n), how well the latents of a group tell the samples apart.
    entropy_per_group : ndarray of float64, shape (n_groups,)
        H(z_G), differential for densities.
    dimension_wise_kl : float
        sum_j KL(q(z_j) || p(z_j)).
    dimension_wise_kl_per_group, kl_per_group : ndarray of float64, shape (n_groups,)
        The same over the latents of each group; and KL(q(z_G) || p(z_G)), its sum with the total correlation inside.
    mean_kl : float
        E_n KL(q(z|n) || p(z)), the sum of `index_code_mi`, `total_correlation` and `dimension_wise_kl`.
    index_code_mi_ceiling : float
        The entropy of the sample weights (log n_samples for equal ones), which no mutual information can exceed.
    standard_error : dict
        Of each sampled number: floats, and arrays (n_groups,) for those by group; 0 where it is exact.
    interval : dict
        95 % intervals of the same, lower and upper ends, the numerical bound included.
    numerical_bound : float
        The most that components left out of log densities can have changed any of them.
    n_samples, n_draws, n_controls : int
        Components of q(z), draws, and control variates.
    settings : dict
        Prior, method, tolerance, and the share of components evaluated.
    """

    groups: dict[str, list[int]]
    total_correlation_between_groups: float
    total_correlation_per_group: FloatArray
    total_correlation: float
    index_code_mi: float
    index_information_per_group: FloatArray
    entropy_per_group: FloatArray
    dimension_wise_kl: float
    dimension_wise_kl_per_group: FloatArray
    kl_per_group: FloatArray
    mean_kl: float
    index_code_mi_ceiling: float
    standard_error: dict[str, Any]
    interval: dict[str, tuple[Any, Any]]
    numerical_bound: float
    n_samples: int
    n_draws: int
    n_controls: int
    settings: dict[str, Any]

    @property
    def score(self) -> float:  # type: ignore[override]
        """The total correlation between groups."""
        return self.total_correlation_between_groups


def group_decomposition(
    posterior: FactorisedPosterior,
    *,
    groups: Sequence[Sequence[int]] | Mapping[str, Sequence[int]],
    prior: FactorisedPosterior | Callable[[FloatArray], FloatArray] | None = None,
    n_draws: int | None = None,
    target_se: float | None = None,
    log_density: str = "auto",
    tolerance: float = 1e-8,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
) -> GroupDecomposition:
    """Total correlation between groups of latents and inside them, and what each group tells of the sample.

    For codes that are meant to disentangle blocks of latents, which may be dependent inside. Everything of single
    latents comes from quadrature, to 1e-7 nats, and so do groups of one latent. Entropies of larger groups, and of all
    latents, are sampled from the same draws z ~ q(z) and regressed on the same control variates, so that the total
    correlation is the sum of its parts. A few discrete latents need no sampling.

    Parameters
    ----------
    posterior : FactorisedPosterior
        Posteriors q(z|x) of the samples, with densities and supports or probability tables.
    groups : sequence of sequences of int, or mapping from names to them
        The latents of each group, from 0; every latent in one of them.
    prior : posterior-like object or callable, optional
        A factorised prior, as `elbo_decomposition` takes it. By default the standard normal for densities, the uniform
        distribution for tables.
    n_draws : int, optional
        Draws, at least 32; 4,096 by default.
    target_se : float, optional
        Draw until the standard error of every sampled number is at most this, in nats; in place of `n_draws`.
    log_density : {"auto", "brute", "tree"}, default "auto"
        Evaluate densities over every component, or over those that can matter, with a bound on the rest; by default
        what costs less.
    tolerance : float, default 1e-8
        For the tree: share of a density that may be left out at most.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.
    rng : None, int or numpy.random.Generator
        Source of the draws.

    Returns
    -------
    GroupDecomposition
        The terms, in total and by group, with standard errors and intervals.

    Raises
    ------
    TypeError, ValueError
        For groups that are no partition of the latents, a posterior without densities or tables, or settings that make
        no sense.

    Warns
    -----
    SaturationWarning
        If I_q(z; n) is at its ceiling: more samples would raise it, and the terms with it.
    FewDrawsWarning
        If fewer than three draws carry the standard error of the score; its interval may then be too short.

    Examples
    --------
    Two latents that repeat one bit, and one with a bit of its own:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> bits = np.repeat([[0.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 1.0]], 4, axis=0)
    >>> result = dm.group_decomposition(dm.BernoulliPosterior(bits), groups={"shape": [0, 1], "place": [2]})
    >>> abs(round(result.total_correlation_between_groups, 4)), result.total_correlation_per_group.round(4)
    (0.0, array([0.6931, 0.    ]))
    """
    posterior, shares = as_weighted_posterior(posterior, weights)
    partition = as_partition(groups, posterior.n_latents)
    as_choice(log_density, "log_density", METHODS)
    as_positive_number(tolerance, "tolerance", zero_allowed=True)
    n_draws = number_of_draws(n_draws, target_se)
    generator = as_generator(rng)
    chosen = prior_of(prior, posterior)
    if not chosen.factorises:
        raise ValueError(
            f"prior={chosen.name} returned log p(z) of all latents together; log p(z_j) of every latent is wanted, of "
            "shape (n_points, n_latents), since groups are compared latent by latent"
        )

    members = list(partition.values())
    of_latents = marginals(posterior, shares)
    marginal_entropy = np.array([marginal.entropy for marginal in of_latents])
    posterior_entropy = shares @ matrix_of(posterior, "entropy")
    log_prior = expected_log_prior(chosen, posterior, shares, of_latents)
    found = group_information(
        posterior,
        shares,
        of_latents,
        members,
        chosen,
        log_prior,
        n_draws=n_draws,
        target_se=target_se,
        method=log_density,
        tolerance=tolerance,
        rng=generator,
    )

    def by_group(per_latent: FloatArray) -> FloatArray:
        return np.array([math.fsum(per_latent[group]) for group in members])

    told, (index_code_mi, between) = found.mean[: len(members)], found.mean[len(members) :]
    inside = by_group(marginal_entropy - posterior_entropy) - told
    dimension_wise = by_group(-marginal_entropy - log_prior)
    ceiling = -float(shares @ np.log(shares))
    warn_if_few_draws_carry(float(found.standard_error[-1]), float(found.carrying[-1]), found.n_draws)
    warn_if_index_is_saturated(float(index_code_mi), ceiling, posterior.n_samples)
    of_groups, in_all = slice(0, len(members)), len(members)
    places = {
        "total_correlation_between_groups": Place(float(between), len(members) + 1),
        "total_correlation_per_group": Place(inside, of_groups, sign=-1),
        "total_correlation": Place(float(between) + math.fsum(inside), in_all, sign=-1),
        "index_code_mi": Place(float(index_code_mi), in_all),
        "index_information_per_group": Place(told, of_groups),
        "entropy_per_group": Place(told + by_group(posterior_entropy), of_groups),
        "kl_per_group": Place(inside + dimension_wise, of_groups, sign=-1),
    }
    return GroupDecomposition(
        **{name: place.value for name, place in places.items()},
        groups={name: group.tolist() for name, group in partition.items()},
        dimension_wise_kl=math.fsum(dimension_wise),
        dimension_wise_kl_per_group=dimension_wise,
        mean_kl=math.fsum(-posterior_entropy - log_prior),
        index_code_mi_ceiling=ceiling,
        standard_error=found.standard_errors(places),
        interval=found.intervals(places),
        numerical_bound=float(found.numerical_bound.max()),
        n_samples=posterior.n_samples,
        n_draws=found.n_draws,
        n_controls=found.n_controls,
        settings={
            "prior": chosen.name,
            "log_density": log_density,
            "tolerance": tolerance,
            "target_se": target_se,
            "evaluated": found.evaluated,
        },
    )
