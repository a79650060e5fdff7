"""The marginals q(z_j) of the aggregate posterior: entropies, expectations under them, densities at points."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from dismetrics.estimators.aggregate_posterior.grid import grid_density, plan_grid
from dismetrics.estimators.aggregate_posterior.location_scale import check_resolved, fits_a_grid
from dismetrics.estimators.aggregate_posterior.panels import (
    GAUSSIAN_PANELS,
    LAPLACE_PANELS,
    panel_density,
)
from dismetrics.estimators.aggregate_posterior.quadrature import density_nodes, mixture_density
from dismetrics.estimators.groups import Groups
from dismetrics.estimators.parallel import map_tasks
from dismetrics.posteriors import (
    DensityPosterior,
    FactorisedPosterior,
    GaussianPosterior,
    LaplacePosterior,
    TablePosterior,
)
from dismetrics.posteriors.checked import table_of
from dismetrics.typing import FloatArray

__all__ = ["Marginal", "marginals"]

_TINY = 1e-300
_DEPTH = 60.0
"""Nats below the maximum of a density at which its logarithm is cut off for interpolation."""

_HEADROOM = 0.1
"""Nats by which a density may be above its largest node: a mode between nodes, some 0.01, is no ringing."""


@dataclass(frozen=True, slots=True, eq=False)
class Marginal:
    """One marginal on a quadrature.

    Attributes
    ----------
    z : ndarray of float64, shape (n_nodes,)
        Points in increasing order; the numbers of the values, for a table.
    mass : ndarray of float64, shape (n_nodes,)
        Quadrature weight times density, so that an expectation is the sum of mass times a function at z.
    log_density : ndarray of float64, shape (n_nodes,)
        log q(z_j), or log probabilities for a table; finite.
    discrete : bool
        Whether it is a table.
    mixture : callable or None
        The density at any points, from all components, for families that may have kinks anywhere.
    """

    z: FloatArray
    mass: FloatArray
    log_density: FloatArray
    discrete: bool
    mixture: Callable[[FloatArray], FloatArray] | None = None

    @property
    def entropy(self) -> float:
        """H(z_j) in nats; differential for densities."""
        return -float(self.mass @ self.log_density)

    def log_density_at(self, points: FloatArray) -> FloatArray:
        """log q(z_j) at points: exact for a table or from the mixture, else by a cubic spline through the nodes.

        The spline is off by some 1e-6 nats where there is mass: for use as a control, whose mean is taken at the nodes.
        """
        if self.discrete:
            return self.log_density[points.astype(np.int64)]
        if self.mixture is not None:
            return np.log(np.maximum(self.mixture(points), _TINY))
        from scipy.interpolate import CubicSpline

        # Far below the maximum there is no mass, and the logarithm of rounding would make the spline ring.
        highest = self.log_density.max()
        spline = CubicSpline(self.z, np.maximum(self.log_density, highest - _DEPTH))
        return np.clip(spline(points), highest - _DEPTH, highest + _HEADROOM)


def marginals(posterior: FactorisedPosterior, weights: FloatArray) -> list[Marginal]:
    """The marginals of all latents, for sample weights that add up to 1.

    Parameters
    ----------
    posterior : FactorisedPosterior
        Posteriors with a density and support, or tables.
    weights : ndarray of float64, shape (n_samples,)
        Weights that add up to 1.

    Returns
    -------
    list of Marginal
        One a latent.
    """
    groups = Groups.single(weights)

    def of_latent(latent: int) -> Marginal:
        mixture = None
        if isinstance(posterior, TablePosterior):
            probability = weights @ table_of(posterior, latent)
            values = np.arange(len(probability), dtype=np.float64)
            return Marginal(values, probability, np.log(np.maximum(probability, _TINY)), discrete=True)
        if isinstance(posterior, GaussianPosterior):
            z, step, density = _gaussian(posterior.mean[:, latent], posterior.scale[:, latent], groups)
        elif isinstance(posterior, LaplacePosterior):
            location, scale = posterior.location[:, latent], posterior.scale[:, latent]
            check_resolved(location, scale)
            z, step, density = panel_density(location, scale, weights, LAPLACE_PANELS)
        elif isinstance(posterior, DensityPosterior):
            z, step, density = density_nodes(posterior, latent, groups)
            mixture = partial(_mixture, posterior, latent, weights)
        else:
            raise TypeError(
                f"a {type(posterior).__name__} has neither log_density with support, on which a quadrature could be "
                "laid, nor probabilities; pass a posterior of a family, or a class of your own that has them"
            )
        density = np.maximum(density, _TINY)
        return Marginal(z, step * density, np.log(density), discrete=False, mixture=mixture)

    return map_tasks(of_latent, posterior.n_latents, "marginals")


def _mixture(posterior: DensityPosterior, latent: int, weights: FloatArray, points: FloatArray) -> FloatArray:
    return mixture_density(posterior, latent, points, weights[:, None])[:, 0]


def _gaussian(mean: FloatArray, scale: FloatArray, groups: Groups) -> tuple[FloatArray, FloatArray, FloatArray]:
    check_resolved(mean, scale)
    if fits_a_grid(mean, scale, groups):
        plan = plan_grid(mean, scale)
        # Twice as fine as entropies need, for what is interpolated between the points.
        plan = replace(plan, evaluation_length=2 * plan.evaluation_length)
        z, density = grid_density(mean, scale, groups, plan)
        return z, np.full(len(z), plan.period / plan.evaluation_length), density
    return panel_density(mean, scale, groups.weights, GAUSSIAN_PANELS)
