"""Priors p(z), and the expectations of factorised ones, p(z) = prod_j p(z_j), under the aggregate posterior."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from dismetrics.estimators.aggregate_posterior.marginals import Marginal
from dismetrics.estimators.aggregate_posterior.panels import GAUSSIAN_PANELS, panel_density, panel_mean
from dismetrics.posteriors import (
    FactorisedPosterior,
    GaussianPosterior,
    HasLogDensity,
    LaplacePosterior,
    TablePosterior,
)
from dismetrics.posteriors.checked import density_of, matrix_of, table_of
from dismetrics.typing import FloatArray

__all__ = ["Prior", "expected_log_prior", "prior_of"]

_LOG_2_PI = np.log(2 * np.pi)


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """A prior, with a name for the record.

    Attributes
    ----------
    name : str
        What it is called.
    log_density : callable
        log p(z_j) of every latent, shape (n_points, n_latents). Beside a joint prior the usual one, for control only.
    joint : callable or None
        log p(z) of all latents together, shape (n_points,), of a prior that does not factorise.
    """

    name: str
    log_density: Callable[[FloatArray], FloatArray]
    joint: Callable[[FloatArray], FloatArray] | None = None

    @property
    def factorises(self) -> bool:
        """Whether it has a log p(z_j) of its own."""
        return self.joint is None

    def at_draws(self, z: FloatArray) -> FloatArray:
        """log p(z), shape (n_points,), of a joint prior, or log p(z_j), shape (n_points, n_latents)."""
        return self.log_density(z) if self.joint is None else self.joint(z)


def prior_of(prior: Any, posterior: FactorisedPosterior) -> Prior:
    """The prior meant: the usual one, a posterior-like object, a joint density, or a function that is either."""
    n_latents = posterior.n_latents
    if prior is None:
        if not isinstance(posterior, TablePosterior):
            return Prior("standard normal", lambda z: -0.5 * (z**2 + _LOG_2_PI))
        log_share = -np.log([table_of(posterior, j).shape[1] for j in range(n_latents)])
        return Prior("uniform", lambda z: np.broadcast_to(log_share, z.shape))
    if hasattr(prior, "joint_log_density"):
        return _checked_prior(prior.joint_log_density, type(prior).__name__, posterior, joint=True)
    if isinstance(prior, FactorisedPosterior):
        _check_alike(prior, posterior)
        return Prior(type(prior).__name__, lambda z: _log_mean(prior, z))
    if callable(prior):
        return _checked_prior(prior, getattr(prior, "__name__", type(prior).__name__), posterior, joint=False)
    raise TypeError(
        f"prior={prior!r}; None, a posterior-like object, an object with joint_log_density, or a function that returns "
        "log densities of shape (n_points, n_latents), or (n_points,) if they do not factorise, is wanted"
    )


def expected_log_prior(
    prior: Prior, posterior: FactorisedPosterior, weights: FloatArray, of_latents: Sequence[Marginal | None]
) -> FloatArray:
    """The mean of log p(z_j) under q(z_j), for every latent: by moments where they do, else by quadrature.

    0 for a latent whose marginal is not known.
    """
    if prior.name == "standard normal" and isinstance(posterior, GaussianPosterior):
        return -0.5 * (weights @ (posterior.mean**2 + posterior.scale**2) + _LOG_2_PI)
    if prior.name == "standard normal" and isinstance(posterior, LaplacePosterior):
        return -0.5 * (weights @ (posterior.location**2 + 2.0 * posterior.scale**2) + _LOG_2_PI)
    expected = np.zeros(len(of_latents))
    # Of a factorised prior only one latent's column is read, but the others must be where it is defined.
    place = np.array([0.0 if each is None else each.z[np.argmax(each.log_density)] for each in of_latents])

    def log_prior(latent: int, z: FloatArray) -> FloatArray:
        points = np.tile(place, (len(z), 1))
        points[:, latent] = z
        return prior.log_density(points)[:, latent]

    for j, marginal in enumerate(of_latents):
        if marginal is None:
            continue
        z, mass = marginal.z, marginal.mass
        if marginal.discrete:
            held = mass > 0  # where there is none the prior may have none either
            expected[j] = mass[held] @ log_prior(j, z[held])
            continue
        if isinstance(posterior, GaussianPosterior):
            # Its marginals may be on a grid, exact for what is as smooth as they are. A prior need not be.
            z, step, density = panel_density(posterior.mean[:, j], posterior.scale[:, j], weights, GAUSSIAN_PANELS)
            mass = step * density
        expected[j] = panel_mean(z, mass, partial(log_prior, j))
    return expected


def _checked_prior(
    function: Callable[[FloatArray], Any], name: str, posterior: FactorisedPosterior, *, joint: bool
) -> Prior:
    """A prior from a user's function: factorised or joint by the shape of what it returns for a few draws."""
    n_latents = posterior.n_latents
    trial = matrix_of(posterior.take(np.arange(min(3, posterior.n_samples))), "sample", np.random.default_rng(0))
    shape = np.shape(function(trial))
    factorised, whole = trial.shape, trial.shape[:1]
    if n_latents == 1 and shape in (factorised, whole):
        # A single latent's density is the density of all.
        return Prior(name, lambda z: _checked(function, z, shape[1:]).reshape(z.shape))
    if shape == whole:
        return Prior(name, prior_of(None, posterior).log_density, lambda z: _checked(function, z, ()))
    if shape == factorised and not joint:
        return Prior(name, lambda z: _checked(function, z, (n_latents,)))
    what = "prior.joint_log_density(z)" if joint else "prior(z)"
    wanted = (
        f"log p(z) of shape {whole} is wanted"
        if joint
        else f"log p(z_j) of every latent, of shape {factorised}, is wanted, or log p(z) of shape {whole} of a prior "
        "that does not factorise"
    )
    raise ValueError(f"{what} returned shape {shape} for z of shape {trial.shape}; {wanted}")


def _check_alike(prior: FactorisedPosterior, posterior: FactorisedPosterior) -> None:
    """A prior and a posterior over the same values: points of as many latents, or the same tables."""
    if prior.n_latents != posterior.n_latents:
        raise ValueError(f"prior has {prior.n_latents} latents but the posterior has {posterior.n_latents}")
    if not isinstance(prior, TablePosterior):
        if not isinstance(prior, HasLogDensity):
            raise TypeError(f"{_name(prior)} as a prior needs log_density or probabilities")
        if isinstance(posterior, TablePosterior):
            raise ValueError(f"prior is a {_name(prior)}, of densities, for a {_name(posterior)}, of probabilities")
        return
    if not isinstance(posterior, TablePosterior):
        raise ValueError(f"prior is a {_name(prior)}, of probabilities, for a {_name(posterior)}, of densities")
    for j in range(prior.n_latents):
        values = table_of(prior, j).shape[1], table_of(posterior, j).shape[1]
        if values[0] != values[1]:
            raise ValueError(f"prior has {values[0]} values of latent {j} but the posterior has {values[1]}")


def _log_mean(prior: FactorisedPosterior, z: FloatArray) -> FloatArray:
    """Log of the prior's density or probability, the mean over its rows where it has several."""
    columns = []
    for j in range(prior.n_latents):
        # Nothing there is told below.
        with np.errstate(divide="ignore", invalid="ignore"):
            if isinstance(prior, TablePosterior):
                columns.append(np.log(table_of(prior, j).mean(axis=0))[z[:, j].astype(np.int64)])
            else:
                assert isinstance(prior, HasLogDensity)
                log_p = density_of(prior, z[:, j], j)
                largest = log_p.max(axis=1)
                columns.append(largest + np.log(np.exp(log_p - largest[:, None]).mean(axis=1)))
    return _finite(np.column_stack(columns))


def _checked(prior: Callable[[FloatArray], Any], z: FloatArray, each: tuple[int, ...]) -> FloatArray:
    """Log densities at points, finite, of the shape that the trial returned."""
    result = np.asarray(prior(z), np.float64)
    wanted = (len(z), *each)
    if result.shape != wanted:
        raise ValueError(f"prior(z) returned shape {result.shape} for z of shape {z.shape}; {wanted} is wanted")
    return _finite(result)


def _finite(log_density: FloatArray) -> FloatArray:
    if not np.isfinite(log_density).all():
        raise ValueError("prior(z) returned a log density that is not finite where the aggregate posterior has mass")
    return log_density


def _name(posterior: object) -> str:
    return type(posterior).__name__
