"""Factorised priors p(z) = prod_j p(z_j), and their expectations under the aggregate posterior."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.aggregate_posterior.marginals import Marginal
from dismetrics.posteriors import (
    FactorisedPosterior,
    GaussianPosterior,
    HasLogDensity,
    LaplacePosterior,
    TablePosterior,
)
from dismetrics.posteriors.checked import density_of, table_of
from dismetrics.typing import FloatArray

__all__ = ["Prior", "expected_log_prior", "prior_of"]

_LOG_2_PI = np.log(2 * np.pi)


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """A factorised prior: its name for the record, and log p(z_j) of every latent, shape (n_points, n_latents)."""

    name: str
    log_density: Callable[[FloatArray], FloatArray]


def prior_of(prior: Any, posterior: FactorisedPosterior) -> Prior:
    """The prior meant: the usual one, a posterior-like object, or a function."""
    n_latents = posterior.n_latents
    if prior is None:
        if not isinstance(posterior, TablePosterior):
            return Prior("standard normal", lambda z: -0.5 * (z**2 + _LOG_2_PI))
        log_share = -np.log([table_of(posterior, j).shape[1] for j in range(n_latents)])
        return Prior("uniform", lambda z: np.broadcast_to(log_share, z.shape))
    if isinstance(prior, FactorisedPosterior):
        if prior.n_latents != n_latents:
            raise ValueError(f"prior has {prior.n_latents} latents but the posterior has {n_latents}")
        return Prior(type(prior).__name__, lambda z: _log_mean(prior, z))
    if callable(prior):
        return Prior(getattr(prior, "__name__", type(prior).__name__), lambda z: _checked(prior, z))
    raise TypeError(
        f"prior={prior!r}; None, a posterior-like object or a function that returns log densities of shape "
        "(n_points, n_latents) is wanted"
    )


def expected_log_prior(
    prior: Prior, posterior: FactorisedPosterior, weights: FloatArray, of_latents: list[Marginal]
) -> FloatArray:
    """The mean of log p(z_j) under q(z_j), for every latent: by moments where they do, else by quadrature."""
    if prior.name == "standard normal" and isinstance(posterior, GaussianPosterior):
        return -0.5 * (weights @ (posterior.mean**2 + posterior.scale**2) + _LOG_2_PI)
    if prior.name == "standard normal" and isinstance(posterior, LaplacePosterior):
        return -0.5 * (weights @ (posterior.location**2 + 2.0 * posterior.scale**2) + _LOG_2_PI)
    expected = np.empty(len(of_latents))
    for j, marginal in enumerate(of_latents):
        # Of a factorised prior only this latent's column is read, so the others may hold anything.
        points = np.zeros((len(marginal.z), len(of_latents)))
        points[:, j] = marginal.z
        expected[j] = marginal.mass @ prior.log_density(points)[:, j]
    return expected


def _log_mean(prior: FactorisedPosterior, z: FloatArray) -> FloatArray:
    """Log of the prior's density or probability, the mean over its rows where it has several."""
    columns = []
    for j in range(prior.n_latents):
        if isinstance(prior, TablePosterior):
            columns.append(np.log(table_of(prior, j).mean(axis=0))[z[:, j].astype(np.int64)])
        elif isinstance(prior, HasLogDensity):
            log_p = density_of(prior, z[:, j], j)
            largest = log_p.max(axis=1)
            columns.append(largest + np.log(np.exp(log_p - largest[:, None]).mean(axis=1)))
        else:
            raise TypeError(f"{type(prior).__name__} as a prior needs log_density or probabilities")
    return np.column_stack(columns)


def _checked(prior: Callable[[FloatArray], Any], z: FloatArray) -> FloatArray:
    result = np.asarray(prior(z), np.float64)
    if result.shape != z.shape:
        raise ValueError(
            f"prior(z) returned shape {result.shape} for z of shape {z.shape}; log p(z_j) of every latent is wanted, "
            "in the same shape"
        )
    if not np.isfinite(result).all():
        raise ValueError("prior(z) returned a log density that is not finite where the aggregate posterior has mass")
    return result
