"""Entropies of Gaussian mixtures: on uniform grids or on panels, whichever costs less."""

import numpy as np

from dismetrics.estimators.aggregate_posterior.grid import grid_mixture_integrals, plan_grid
from dismetrics.estimators.aggregate_posterior.panels import GAUSSIAN_PANELS, panel_mixture_integrals
from dismetrics.estimators.groups import Groups
from dismetrics.typing import FloatArray

__all__ = ["gaussian_integrals"]

_MOST_GRID_POINTS = 2**23
"""Table size of the grids (64 MiB); beyond it the panels, whose memory follows the samples, take over."""

_LARGEST_RANGE = 1e7
"""Range over smallest scale beyond which no grid is planned at all."""

# Measured costs in nanoseconds: a grid pays for its points and little for a sample, panels the other way round.
_GRID_POINT = 5.0
_GRID_SAMPLE = 12.0
_GRID_SAMPLE_AND_FACTOR = 6.0
_PANEL_SAMPLE_AND_FACTOR = 200.0


def gaussian_integrals(mean: FloatArray, scale: FloatArray, groups: Groups) -> tuple[FloatArray, FloatArray]:
    """Integrals of r log r, for the unnormalised density r of every group and of every factor's known rows."""
    if (mean.max() - mean.min() + scale.max()) / scale.min() < _LARGEST_RANGE:
        plan = plan_grid(mean, scale)
        points = groups.n_groups * plan.n_points
        grid_cost = _GRID_POINT * groups.n_groups * (plan.n_points + plan.evaluation_length) + len(mean) * (
            _GRID_SAMPLE + _GRID_SAMPLE_AND_FACTOR * groups.n_factors
        )
        panel_cost = _PANEL_SAMPLE_AND_FACTOR * len(mean) * (groups.n_factors + 1)
        if points <= _MOST_GRID_POINTS and grid_cost <= panel_cost:
            return grid_mixture_integrals(mean, scale, groups, plan)
    return panel_mixture_integrals(np.ascontiguousarray(mean), np.ascontiguousarray(scale), groups, GAUSSIAN_PANELS)
