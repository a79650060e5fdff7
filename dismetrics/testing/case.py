"""A case: data, and what is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dismetrics.posteriors import (
    FactorisedPosterior,
)
from dismetrics.typing import FloatArray, IntArray

__all__ = ["Case", "Truth"]


@dataclass(frozen=True, eq=False)
class Truth:
    """What is true of a case.

    Attributes
    ----------
    value : float or ndarray
        The true value.
    tolerance : float
        How closely a right function agrees with it, rounding apart.
    how : str
        How it is known.
    """

    value: float | FloatArray
    tolerance: float
    how: str


@dataclass(frozen=True, eq=False)
class Case:
    """Data, and what is true of it.

    Attributes
    ----------
    name : str
        What it is.
    latents : ndarray of float64, shape (n_samples, n_latents), or None
        Points, or None where there is a posterior.
    factors : ndarray of int, shape (n_samples, n_factors), or None
        Labels.
    posterior : posterior or None
        The posteriors, or None where there are points.
    weights : ndarray of float64, shape (n_samples,), or None
        Weights of the samples; None for equal ones.
    truth : mapping of str to Truth
        What is true: `mutual_information`, `factor_entropy`, scores by the names of their metrics, or the terms of the
        decomposition.
    """

    name: str
    latents: FloatArray | None = None
    factors: IntArray | None = None
    posterior: FactorisedPosterior | None = None
    weights: FloatArray | None = None
    truth: Mapping[str, Truth] = field(default_factory=dict)
