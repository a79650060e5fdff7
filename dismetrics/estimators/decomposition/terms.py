"""The terms as they leave an estimator."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dismetrics.typing import FloatArray

__all__ = ["DecompositionTerms", "Parts"]

Parts = Mapping[str, tuple[int, int, int, int]]
"""Each term by name, as a sum of the means of log q(z), log q(z|n), sum_j log q(z_j) and log p(z)."""


@dataclass(frozen=True, slots=True, eq=False)
class DecompositionTerms:
    """Terms in nats by name, and what is known of their errors.

    Attributes
    ----------
    totals : dict of float
        The terms.
    own, marginal, log_prior : ndarray of float64, shape (n_latents,)
        Means of log q(z_j|n), log q(z_j) and log p(z_j); the last is None where the prior does not factorise.
    standard_error, interval : dict
        Of each sampled term.
    numerical_bound : float or None
        The most that components left out of log q(z), and quadrature, can have changed a term; None where the offset
        says it.
    carrying : float
        How many draws, at equal shares, carry the variance of the term with the largest standard error.
    n_draws, n_controls : int
        Draws and control variates.
    settings : dict
        What the estimator went by.
    offset_range : dict
        (lowest, highest) of the expected estimate less the truth, for each term whose expectation is not the truth.
    """

    totals: dict[str, float]
    own: FloatArray
    marginal: FloatArray
    log_prior: FloatArray | None
    standard_error: dict[str, float]
    interval: dict[str, tuple[float, float]]
    numerical_bound: float | None
    carrying: float
    n_draws: int
    n_controls: int
    settings: dict[str, Any]
    offset_range: dict[str, tuple[float, float]] = field(default_factory=dict)
