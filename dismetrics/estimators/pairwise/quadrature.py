"""Which quadrature a pair of latents is integrated by, and what it costs.

Uniform grids of the plane for Gaussian posteriors: a pair costs some 0.3 microseconds a sample, and its grids. A
product of panels for any density: a pair costs cells times samples, so it is for few samples.
"""

from collections.abc import Callable
from dataclasses import dataclass

from dismetrics.estimators.aggregate_posterior.location_scale import near_one
from dismetrics.estimators.pairwise.information import PairEstimate
from dismetrics.estimators.pairwise.plane import LatentOnGrid, grid_information, plan_latent
from dismetrics.estimators.pairwise.product import (
    LatentOnPanels,
    density_latent,
    gaussian_latent,
    laplace_latent,
    product_information,
    product_seconds,
)
from dismetrics.posteriors import DensityPosterior, GaussianPosterior, LaplacePosterior
from dismetrics.typing import FloatArray

__all__ = ["MOST_POINTS", "SETTLED", "Plan", "Quadratures"]

SETTLED = 1e-6
"""Bound on the error of a quadrature in nats above which it has failed."""

MOST_POINTS = 2**25
"""Points of a grid of the plane: 256 MiB."""

_GRID_BOUND = 1e-7
"""Error of the grids in nats that tests hold them to; the largest seen is below 1e-8."""

_LARGEST_RANGE = 1e6
"""Range over smallest scale beyond which no grid is planned at all."""

_MOST_MEMBERS = 4096
"""Gaussian samples above which grids cost less, and Laplace samples above which there are too many kinks."""

# Measured costs of the grids in seconds: of a sample, and of a point.
_GRID_SAMPLE = 3e-7
_GRID_POINT = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How a pair is integrated: about how long it takes, how many points it holds, and what does it.

    `integrate` takes the most seconds that refinement may make it last.
    """

    seconds: float
    points: float
    integrate: Callable[[float], PairEstimate]


class Quadratures:
    """Plans for the pairs of latents of a posterior, for sample weights that add up to 1."""

    def __init__(self, posterior: DensityPosterior, weights: FloatArray) -> None:
        self.weights = weights
        self.on_grids: list[LatentOnGrid | None] = []
        self.on_panels: list[LatentOnPanels | None] = []
        for latent in range(posterior.n_latents):
            grid, panels = None, None
            few = posterior.n_samples <= _MOST_MEMBERS
            if isinstance(posterior, GaussianPosterior):
                mean, scale = near_one(posterior.mean[:, latent], posterior.scale[:, latent])
                if (mean.max() - mean.min() + scale.max()) / scale.min() < _LARGEST_RANGE:
                    grid = plan_latent(mean, scale)
                panels = gaussian_latent(mean, scale, weights) if few else None
            elif isinstance(posterior, LaplacePosterior):
                location, scale = near_one(posterior.location[:, latent], posterior.scale[:, latent])
                panels = laplace_latent(location, scale) if few else None
            else:
                panels = density_latent(posterior, latent, weights)
            self.on_grids.append(grid)
            self.on_panels.append(panels)

    def plan(self, pair: tuple[int, int]) -> Plan | None:
        """The cheaper way for this pair; None where there is none."""
        plans = [plan for plan in (self.by_grid(pair), self.by_panels(pair)) if plan is not None]
        return min(plans, key=lambda plan: plan.seconds, default=None)

    def by_grid(self, pair: tuple[int, int]) -> Plan | None:
        """On uniform grids of the plane, where the scales allow for one."""
        first, second = (self.on_grids[j] for j in pair)
        if first is None or second is None:
            return None
        points = float(first.plan.evaluation_length) * second.plan.evaluation_length
        if points > MOST_POINTS:
            return None
        of_levels = float(first.plan.n_points) * second.plan.n_points
        return Plan(
            _GRID_SAMPLE * len(self.weights) + _GRID_POINT * (points + of_levels),
            points,
            lambda _: PairEstimate(grid_information(first, second, self.weights), _GRID_BOUND),
        )

    def by_panels(self, pair: tuple[int, int]) -> Plan | None:
        """On a product of panels, where samples are few."""
        first, second = (self.on_panels[j] for j in pair)
        if first is None or second is None:
            return None
        seconds = product_seconds(len(first.start), len(second.start), len(self.weights))
        return Plan(
            seconds,
            0.0,
            lambda most_seconds: PairEstimate(*product_information(first, second, self.weights, most_seconds)),
        )
