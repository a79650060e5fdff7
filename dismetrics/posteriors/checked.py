"""What posteriors return, checked: their classes may be anybody's."""

from typing import Any

import numpy as np

from dismetrics.posteriors.protocol import (
    DensityPosterior,
    FactorisedPosterior,
    HasCumulative,
    HasLogDensity,
    TablePosterior,
)
from dismetrics.typing import FloatArray

__all__ = [
    "cumulative_of",
    "density_of",
    "lacking_methods",
    "log_probability_of",
    "matrix_of",
    "support_of",
    "table_of",
]

_METHODS = ("n_samples", "n_latents", "entropy", "kl_to_prior", "sample", "point_codes", "take")
_SUM_TOLERANCE = 1e-4


def lacking_methods(latents: object) -> list[str]:
    """What an object that looks like a posterior lacks to be one; nothing for arrays and posteriors."""
    lacking = [name for name in _METHODS if not hasattr(latents, name)]
    looks_like_one = hasattr(latents, "n_samples") and hasattr(latents, "n_latents")
    return lacking if looks_like_one else []


def matrix_of(
    posterior: FactorisedPosterior, method: str, *arguments: Any, largest: float = np.finfo(float).max
) -> FloatArray:
    """`entropy()`, `kl_to_prior()`, `sample(rng)` or `point_codes()`: (n_samples, n_latents), no NaN, no infinity."""
    with np.errstate(over="ignore"):  # what overflows is told below, in words
        result = np.asarray(getattr(posterior, method)(*arguments), np.float64)
    wanted = (posterior.n_samples, posterior.n_latents)
    if result.shape != wanted:
        raise ValueError(f"{_name(posterior)}.{method}() returned shape {result.shape}; {wanted} is wanted")
    within = (result >= -np.finfo(float).max) & (result <= largest)
    if not within.all():
        bad = np.argwhere(~within)[0]
        raise ValueError(
            f"{_name(posterior)}.{method}() returned {result[tuple(bad)]} for sample {bad[0]}, latent {bad[1]}"
        )
    return result


def density_of(posterior: HasLogDensity, z: FloatArray, latent: int) -> FloatArray:
    """`log_density(z, latent)`: (len(z), n_samples), below infinity and no NaN."""
    result = np.asarray(posterior.log_density(z, latent), np.float64)
    wanted = (len(z), posterior.n_samples)
    if result.shape != wanted:
        raise ValueError(
            f"{_name(posterior)}.log_density(z, {latent}) returned shape {result.shape}; "
            f"(len(z), n_samples) = {wanted} is wanted"
        )
    if not (result < np.inf).all():
        raise ValueError(f"{_name(posterior)}.log_density(z, {latent}) returned NaN or infinity at some z")
    return result


def cumulative_of(posterior: HasCumulative, z: FloatArray, latent: int) -> FloatArray:
    """`cumulative(z, latent)` at increasing points: (len(z), n_samples), in [0, 1] and never falling."""
    result = np.asarray(posterior.cumulative(z, latent), np.float64)
    wanted = (len(z), posterior.n_samples)
    if result.shape != wanted:
        raise ValueError(
            f"{_name(posterior)}.cumulative(z, {latent}) returned shape {result.shape}; "
            f"(len(z), n_samples) = {wanted} is wanted"
        )
    if not ((result >= 0) & (result <= 1)).all() or (np.diff(result, axis=0) < 0).any():
        raise ValueError(
            f"{_name(posterior)}.cumulative(z, {latent}) must return probabilities in [0, 1] that never fall with z"
        )
    return result


def support_of(posterior: DensityPosterior, latent: int) -> tuple[FloatArray, FloatArray]:
    """`support(latent)`: finite lower ends below upper ends, (n_samples,) each."""
    lower, upper = (np.asarray(end, np.float64) for end in posterior.support(latent))
    wanted = (posterior.n_samples,)
    if lower.shape != wanted or upper.shape != wanted:
        raise ValueError(
            f"{_name(posterior)}.support({latent}) returned shapes {lower.shape} and {upper.shape}; {wanted} is wanted"
        )
    if not (np.isfinite(lower).all() and np.isfinite(upper).all() and (lower < upper).all()):
        raise ValueError(f"{_name(posterior)}.support({latent}) must return finite lower ends below the upper ends")
    return lower, upper


def table_of(posterior: TablePosterior, latent: int) -> FloatArray:
    """`probabilities(latent)`: (n_samples, n_values), adding up to 1."""
    result = np.asarray(posterior.probabilities(latent), np.float64)
    if result.ndim != 2 or len(result) != posterior.n_samples:
        raise ValueError(
            f"{_name(posterior)}.probabilities({latent}) returned shape {result.shape}; (n_samples, n_values) with "
            f"{posterior.n_samples} samples is wanted"
        )
    if not ((result >= 0) & (result <= 1)).all() or np.abs(result.sum(axis=1) - 1.0).max() > _SUM_TOLERANCE:
        raise ValueError(
            f"{_name(posterior)}.probabilities({latent}) must return probabilities in [0, 1] that add up to 1 for "
            "every sample"
        )
    return result


def log_probability_of(posterior: HasLogDensity | TablePosterior, z: FloatArray, latent: int) -> FloatArray:
    """Log densities, or the logarithms of a table's probabilities at values z: (len(z), n_samples)."""
    if not isinstance(posterior, TablePosterior):
        return density_of(posterior, z, latent)
    table = table_of(posterior, latent)
    strange = (z < 0) | (z >= table.shape[1]) | (z != np.floor(z))
    if strange.any():
        raise ValueError(
            f"latent {latent} of a {_name(posterior)} has the values 0 to {table.shape[1] - 1}, and z holds "
            f"{z[strange][0]:g}"
        )
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(table.T)[z.astype(np.int64)])


def _name(posterior: object) -> str:
    return type(posterior).__name__
