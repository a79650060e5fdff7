"""Entropies of mixtures of Gaussians or Laplace densities: by uniform grids or by panels, whichever costs less."""

import numpy as np

from dismetrics.estimators.aggregate_posterior.grid import grid_mixture_integrals, plan_grid
from dismetrics.estimators.aggregate_posterior.panels import (
    GAUSSIAN_PANELS,
    LAPLACE_PANELS,
    panel_mixture_integrals,
)
from dismetrics.estimators.groups import Groups
from dismetrics.typing import FloatArray

__all__ = ["check_resolved", "fits_a_grid", "gaussian_integrals", "laplace_integrals", "near_one"]

_MOST_GRID_POINTS = 2**23
"""Table size of the grids (64 MiB); beyond it the panels, whose memory follows the samples, take over."""

_LARGEST_RANGE = 1e7
"""Range over smallest scale beyond which no grid is planned at all."""

# Measured costs in nanoseconds: a grid pays for its points and little for a sample, panels the other way round.
_GRID_POINT = 5.0
_GRID_SAMPLE = 12.0
_GRID_SAMPLE_AND_FACTOR = 4.0
_PANEL_SAMPLE_AND_FACTOR = 200.0

_LARGEST_RATIO = 1e120
"""Largest over smallest scale of one latent: densities, and the squares of what their distances are in scales, must
stay numbers."""

_EXTREME_EXPONENT = 64
"""Scales beyond 2**64 or below 2**-64 are brought near 1 first: densities and their squares must not overflow."""

Integrals = tuple[FloatArray, FloatArray]


def gaussian_integrals(mean: FloatArray, scale: FloatArray, groups: Groups) -> Integrals:
    """Integrals of r log r, for the unnormalised density r of every group and of every factor's known rows.

    Raises ValueError if a scale is below the floating-point spacing of its mean.
    """
    check_resolved(mean, scale)
    exponent = _extreme_exponent(scale)
    mean, scale = _moved(mean, exponent), _moved(scale, exponent)
    if fits_a_grid(mean, scale, groups):
        return _moved_back(grid_mixture_integrals(mean, scale, groups, plan_grid(mean, scale)), exponent, groups)
    return _moved_back(panel_mixture_integrals(mean, scale, groups, GAUSSIAN_PANELS), exponent, groups)


def fits_a_grid(mean: FloatArray, scale: FloatArray, groups: Groups) -> bool:
    """Whether uniform grids are small enough, and cost less than panels."""
    if (mean.max() - mean.min() + scale.max()) / scale.min() >= _LARGEST_RANGE:
        return False
    plan = plan_grid(mean, scale)
    grid_cost = _GRID_POINT * groups.n_groups * (plan.n_points + plan.evaluation_length) + len(mean) * (
        _GRID_SAMPLE + _GRID_SAMPLE_AND_FACTOR * groups.n_factors
    )
    panel_cost = _PANEL_SAMPLE_AND_FACTOR * len(mean) * (groups.n_factors + 1)
    return bool(groups.n_groups * plan.n_points <= _MOST_GRID_POINTS and grid_cost <= panel_cost)


def laplace_integrals(location: FloatArray, scale: FloatArray, groups: Groups) -> Integrals:
    """The same for Laplace densities: on panels, which can be halved around each kink."""
    check_resolved(location, scale)
    exponent = _extreme_exponent(scale)
    location, scale = _moved(location, exponent), _moved(scale, exponent)
    return _moved_back(panel_mixture_integrals(location, scale, groups, LAPLACE_PANELS), exponent, groups)


def check_resolved(location: FloatArray, scale: FloatArray) -> None:
    """Refuse scales below the spacing of their locations, and such as no one unit can hold with the others."""
    if scale.max() / _LARGEST_RATIO > scale.min():
        raise ValueError(
            f"scales of one latent run from {scale.min():g} to {scale.max():g}, further apart than densities can be "
            f"computed (a factor of {_LARGEST_RATIO:.0e}): leave out the samples whose posterior is a point, or use "
            "estimator='histogram' on the means"
        )
    if scale.min() >= np.spacing(max(location.max(), -location.min())):
        return
    too_small = scale < np.spacing(np.abs(location))
    if too_small.any():
        row = int(np.argmax(too_small))
        raise ValueError(
            f"a posterior has a scale of {scale[row]:g} at {location[row]:g} (row {row}), below the spacing of float64 "
            "there: it cannot be told from a point; subtract the offset, or use estimator='histogram' on the means"
        )


def near_one(location: FloatArray, scale: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both in a unit in which scales are no extreme numbers, for what does not depend on the unit."""
    exponent = _extreme_exponent(scale)
    return _moved(location, exponent), _moved(scale, exponent)


def _extreme_exponent(scale: FloatArray) -> int:
    """The power of two to divide by: that of the largest scale where it is far from 1, else 0."""
    exponent = int(np.frexp(scale.max())[1])
    return exponent if abs(exponent) > _EXTREME_EXPONENT else 0


def _moved(values: FloatArray, exponent: int) -> FloatArray:
    return np.ldexp(values, -exponent) if exponent else np.ascontiguousarray(values)


def _moved_back(integrals: Integrals, exponent: int, groups: Groups) -> Integrals:
    """With z = 2**e z', the integral of r log r is that of r' log r' less e log 2 times the mass."""
    if not exponent:
        return integrals
    of_group, known = integrals
    known_mass = np.array([groups.known_mass(k) for k in range(groups.n_factors)])
    shift = exponent * np.log(2.0)
    return of_group - shift * groups.mass, known - shift * known_mass
