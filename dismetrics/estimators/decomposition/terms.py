"""What every term is made of, and the terms as they leave an estimator."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dismetrics.typing import FloatArray

__all__ = ["PARTS", "DecompositionTerms", "parts_of"]

PARTS: Mapping[str, tuple[int, int, int, int]] = {
    "joint_entropy": (-1, 0, 0, 0),
    "mean_posterior_entropy": (0, -1, 0, 0),
    "index_code_mi": (-1, 1, 0, 0),
    "total_correlation": (1, 0, -1, 0),
    "marginal_kl": (1, 0, 0, -1),
    "dimension_wise_kl": (0, 0, 1, -1),
    "mean_kl": (0, 1, 0, -1),
}
"""Each term as a sum of the means of log q(z), log q(z|n), sum_j log q(z_j) and log p(z) over draws."""


def parts_of(factorised: bool) -> dict[str, tuple[int, int, int, int]]:
    """The terms that there are: none by latent where the prior has no log p(z_j)."""
    return {name: parts for name, parts in PARTS.items() if factorised or name != "dimension_wise_kl"}


@dataclass(frozen=True, slots=True, eq=False)
class DecompositionTerms:
    """Terms in nats by name, and what is known of their errors.

    Attributes
    ----------
    totals : dict of float
        The terms of `parts_of`.
    own, marginal, log_prior : ndarray of float64, shape (n_latents,)
        Means of log q(z_j|n), log q(z_j) and log p(z_j); the last is None where the prior does not factorise.
    standard_error, interval : dict
        Of each sampled term.
    offset_range, offset, offset_standard_error : dict
        Of each term whose expectation is not the truth.
    numerical_bound : float or None
        The most that components left out of log q(z) can have changed a term; None where the offset says it.
    n_draws, n_controls : int
        Draws and control variates.
    settings : dict
        What the estimator went by.
    """

    totals: dict[str, float]
    own: FloatArray
    marginal: FloatArray
    log_prior: FloatArray | None
    standard_error: dict[str, float]
    interval: dict[str, tuple[float, float]]
    numerical_bound: float | None
    n_draws: int
    n_controls: int
    settings: dict[str, Any]
    offset_range: dict[str, tuple[float, float]] = field(default_factory=dict)
    offset: dict[str, float] = field(default_factory=dict)
    offset_standard_error: dict[str, float] = field(default_factory=dict)
