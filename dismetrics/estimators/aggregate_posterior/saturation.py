"""Whether there are enough samples for the aggregate posterior to mean anything.

Within the N_a samples of a factor value, I(z_j; n | v = a) says how well the latent tells the samples apart; its most
is log N_a, reached when every sample sees only itself. Then H(z_j | v) is the mean entropy of single posteriors,
I(z_j; v) runs into H(v) whatever the latent encodes, and gaps close. The overlap

    exp( H(n | v) - I(z_j; n | v) )

is the number of samples that share a place, in the geometric mean over the samples of each value. A mean can hide that
half of the samples see only themselves, so the warning goes by a count: for some of the samples, how many of their
value share their place.
"""

import warnings

import numpy as np

from dismetrics.estimators.aggregate_posterior.entropies import AggregateEntropies, mean_over_known
from dismetrics.estimators.groups import Groups
from dismetrics.factors import Factors
from dismetrics.kernels.mixture import log_gaussian_mixture
from dismetrics.posteriors import FactorisedPosterior, GaussianPosterior, HasLogDensity
from dismetrics.posteriors.checked import density_of, matrix_of
from dismetrics.typing import BoolArray, FloatArray, IntArray
from dismetrics.warnings import SaturationWarning

__all__ = [
    "ENOUGH_OVERLAP",
    "TOO_MANY_ALONE",
    "overlapping_samples",
    "saturated_share",
    "warn_if_index_is_saturated",
    "warn_if_saturated",
]

ENOUGH_OVERLAP = 3.0
"""Samples, itself included, that share a sample's place when there are enough of them."""

TOO_MANY_ALONE = 0.2
"""Share of the samples with less overlap above which the score is warned about."""

_NOTICEABLE = 0.05
"""Share of H(v) below which mutual information cannot have been raised by much, however few samples overlap."""

_EXAMINED_VALUES = 2
_EXAMINED_SAMPLES = 16
"""Values of a factor that are looked at, and samples of each: enough to tell a share of 0.2 from none."""


def overlapping_samples(entropies: AggregateEntropies) -> FloatArray:
    """The number of samples of one factor value that share their place on a latent.

    Parameters
    ----------
    entropies : AggregateEntropies
        Of the samples' posteriors.

    Returns
    -------
    ndarray of float64, shape (n_latents, n_factors)
        From 1 (every sample sees only itself) to the number of samples per factor value (they all coincide).
    """
    groups = entropies.groups
    # H(n | v) = H(n) - H(v) over the samples whose label is known: the most that can be told of a sample.
    known_mass = np.array([groups.known_mass(k) for k in range(groups.n_factors)])
    with np.errstate(divide="ignore"):
        log_mass = np.log(known_mass)
    entropy_of_samples = log_mass + mean_over_known(-np.log(groups.weights)[:, None], groups)[0]
    most = entropy_of_samples - groups.factor_entropies()
    told_apart = np.maximum(entropies.conditional - entropies.mean_posterior, 0.0)
    return np.maximum(np.exp(most - told_apart), 1.0)


def saturated_share(posterior: FactorisedPosterior, groups: Groups, share: FloatArray, used: BoolArray) -> FloatArray:
    """For each factor, the share of its samples that hardly overlap with others of their value.

    Parameters
    ----------
    posterior : FactorisedPosterior
        Posteriors of the samples.
    groups : Groups
        The samples by factor value.
    share : ndarray of float64, shape (n_latents, n_factors)
        Mutual information as a share of the factors' entropies.
    used : ndarray of bool, shape (n_latents, n_factors)
        The entries that a score rests on.

    Returns
    -------
    ndarray of float64, shape (n_factors,)
        The largest share over the latents in use that tell noticeably of the factor; 0 for probability tables, where
        values are few and always shared.
    """
    found = np.zeros(groups.n_factors)
    if not isinstance(posterior, HasLogDensity):
        return found
    for k in range(groups.n_factors):
        latents = np.flatnonzero(used[:, k] & (share[:, k] > _NOTICEABLE))
        if latents.size:
            members = _examined_values(groups, k)
            for j in latents:
                alone = [_overlap(posterior, groups.weights, rows, int(j)) < ENOUGH_OVERLAP for rows in members]
                found[k] = max(found[k], float(np.concatenate(alone).mean()))
    return found


def _examined_values(groups: Groups, factor: int) -> list[IntArray]:
    """The samples of some of a factor's values, spread over all of them."""
    values = groups.values_of(factor)
    occupied = values.start + np.flatnonzero(groups.mass[values] > 0)
    # Away from the ends, where codes are often less typical.
    chosen = np.unique(np.linspace(0, len(occupied) - 1, _EXAMINED_VALUES + 2)[1:-1].astype(int))
    return [np.flatnonzero(groups.codes[:, factor] == group) for group in occupied[chosen]]


def _overlap(posterior: HasLogDensity, weights: FloatArray, members: IntArray, latent: int) -> FloatArray:
    """How many of the members share the place of some of them: their densities there over the own one."""
    step = max(1, len(members) // _EXAMINED_SAMPLES)
    rows = members[::step][:_EXAMINED_SAMPLES]
    own_place = np.arange(0, len(members), step)[:_EXAMINED_SAMPLES]
    if isinstance(posterior, GaussianPosterior):
        mean, scale = posterior.mean[members, latent], posterior.scale[members, latent]
        log_all = log_gaussian_mixture(mean[own_place], mean, scale, weights[members])
        log_own = np.log(weights[rows] / (scale[own_place] * np.sqrt(2 * np.pi)))
        return np.asarray(np.exp(log_all - log_own))
    places = matrix_of(posterior, "point_codes")[rows, latent]
    log_q = density_of(posterior.take(members), places, latent)
    log_own = log_q[np.arange(len(rows)), own_place] + np.log(weights[rows])
    return np.asarray(np.exp(log_q - log_own[:, None]) @ weights[members])


def warn_if_saturated(share: FloatArray, factors: Factors) -> None:
    """Warn about factors of which too many samples see only themselves: see `saturated_share`."""
    high = np.flatnonzero(share > TOO_MANY_ALONE)
    if high.size:
        listed = ", ".join(f"{factors.names[k]} {share[k]:.0%}" for k in high)
        warnings.warn(
            f"too few samples ({factors.n_samples}) for the posterior estimator: within their value of a factor, many "
            f"samples overlap with fewer than {ENOUGH_OVERLAP - 1:g} others ({listed}). Mutual information then runs "
            "into H(v) and gaps close, so the score is not what more samples would give: use more",
            SaturationWarning,
            stacklevel=3,
        )


def warn_if_index_is_saturated(index_code_mi: float, ceiling: float, n_samples: int) -> None:
    """Warn where the code tells nearly every sample from every other: I(z; n) is then set by the number of samples."""
    shared = float(np.exp(ceiling - index_code_mi))
    if n_samples > 1 and shared < ENOUGH_OVERLAP:
        warnings.warn(
            f"the index-code mutual information, {index_code_mi:.3f}, is at its ceiling of {ceiling:.3f} nats: a place "
            f"in the code is shared by {max(shared, 1.0):.1f} samples (at least {ENOUGH_OVERLAP:g} are wanted). More "
            "samples would raise it, and lower the total correlation",
            SaturationWarning,
            stacklevel=3,
        )
