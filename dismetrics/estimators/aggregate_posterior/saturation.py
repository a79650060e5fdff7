"""Whether there are enough samples for the aggregate posterior to mean anything.

Within the N_a samples of a factor value, I(z_j; n | v = a) says how well the latent tells the samples apart; its most
is log N_a, reached when every sample sees only itself. Then H(z_j | v) is the mean entropy of single posteriors,
I(z_j; v) runs into H(v) whatever the latent encodes, and gaps close. The overlap

    exp( H(n | v) - I(z_j; n | v) )

is the number of samples that share a place, in the geometric mean over the samples of each value.
"""

import warnings

import numpy as np

from dismetrics.estimators.aggregate_posterior.entropies import AggregateEntropies, mean_over_known
from dismetrics.factors import Factors
from dismetrics.typing import BoolArray, FloatArray
from dismetrics.warnings import SaturationWarning

__all__ = ["ENOUGH_OVERLAP", "overlapping_samples", "warn_if_index_is_saturated", "warn_if_saturated"]

ENOUGH_OVERLAP = 3.0
"""Samples sharing a place below which a latent that seems to tell of the factor is warned about."""

_NOTICEABLE = 0.05
"""Share of H(v) below which mutual information cannot have been raised by much, however few samples overlap."""


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


def warn_if_saturated(overlap: FloatArray, share: FloatArray, used: BoolArray, factors: Factors) -> None:
    """Warn about factors whose score rests on latents where samples of one value hardly overlap.

    Parameters
    ----------
    overlap, share : ndarray of float64, shape (n_latents, n_factors)
        `overlapping_samples`, and mutual information as a share of the factors' entropies.
    used : ndarray of bool, shape (n_latents, n_factors)
        The entries that the score rests on.
    factors : Factors
        The factors.
    """
    smallest = np.where(used & (share > _NOTICEABLE), overlap, np.inf).min(axis=0)
    low = np.flatnonzero(smallest < ENOUGH_OVERLAP)
    if low.size:
        listed = ", ".join(f"{factors.names[k]} {smallest[k]:.1f}" for k in low)
        warnings.warn(
            f"too few samples ({factors.n_samples}) for the posterior estimator: within one value of a factor, a "
            f"sample's posterior overlaps with few others (samples that share a place: {listed}; at least "
            f"{ENOUGH_OVERLAP:g} are wanted). Mutual information then runs into H(v) and gaps close, so the score is "
            "too low: use more samples",
            SaturationWarning,
            stacklevel=3,
        )


def warn_if_index_is_saturated(index_code_mi: float, ceiling: float, n_samples: int) -> None:
    """Warn where the code tells nearly every sample from every other: I(z; n) is then set by the number of samples."""
    shared = float(np.exp(ceiling - index_code_mi))
    if n_samples > 1 and shared < ENOUGH_OVERLAP:
        warnings.warn(
            f"the index-code mutual information, {index_code_mi:.3f}, is at its ceiling of {ceiling:.3f} nats: a place in "
            f"the code is shared by {max(shared, 1.0):.1f} samples (at least {ENOUGH_OVERLAP:g} are wanted). More samples "
            "would raise it, and lower the total correlation",
            SaturationWarning,
            stacklevel=3,
        )
