"""Entropies of Gaussian mixtures on uniform grids, for all factor values in one pass.

A mixture of Gaussians is band limited: a density of scale s sampled with spacing h <= s / RESOLUTION is recovered
between the samples by trigonometric interpolation with a relative error of exp(-(pi RESOLUTION)^2 / 2). So each
posterior is evaluated once, on the coarsest of several grids that resolves it; every grid is then brought to the
finest by zero padding its spectrum, and the entropy is the trapezoid sum there.
"""

from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.groups import Groups
from dismetrics.kernels.gaussian_grid import WINDOW, add_gaussians, grid_level
from dismetrics.kernels.log import sum_x_log_x
from dismetrics.typing import FloatArray, IntArray

__all__ = ["GridPlan", "grid_density", "grid_mixture_integrals", "plan_grid"]

RESOLUTION = 2.2
"""Smallest scale over spacing of a grid that takes a posterior."""

_LEVEL_RATIO = 2**0.25
"""Spacing of a grid over that of the next finer one: the less they differ, the more scales a window reaches."""

_EVALUATION_RESOLUTION = 3.2
"""Smallest scale over spacing of the grid that takes the logarithm, whose spectrum is wider than the density's."""

_ROWS_AT_ONCE = 2**21
"""Grid points transformed in one go: bounds the memory of the spectra."""


@dataclass(frozen=True, slots=True, eq=False)
class GridPlan:
    """Grids over one period: how many points each level has, and where the interval starts."""

    origin: float
    period: float
    lengths: IntArray
    evaluation_length: int

    @property
    def n_points(self) -> int:
        """Points of one row over all levels."""
        return int(self.lengths.sum())


def plan_grid(
    mean: FloatArray, scale: FloatArray, resolution: float = RESOLUTION, level_ratio: float = _LEVEL_RATIO
) -> GridPlan:
    """The grids that resolve posteriors with these means and scales.

    The larger `resolution * level_ratio`, the less far the window reaches; the smaller the ratio, the more grids.
    """
    from scipy.fft import next_fast_len

    smallest, largest = float(scale.min()), float(scale.max())
    margin = (WINDOW // 2 + 1) * largest / resolution
    lowest = float(mean.min())
    period = float(mean.max()) - lowest + 2 * margin

    def length(points_per_scale: float, scale: float) -> int:
        return int(next_fast_len(int(np.ceil(points_per_scale * period / scale)), real=True))

    lengths = [length(resolution, smallest)]
    # A level more while the largest scale would be resolved better than the window allows for.
    while largest * lengths[-1] / period > resolution * level_ratio:
        lengths.append(int(next_fast_len(int(np.ceil(lengths[-1] / level_ratio)), real=True)))
    return GridPlan(lowest - margin, period, np.array(lengths), length(_EVALUATION_RESOLUTION, smallest))


def _interpolate(table: FloatArray, plan: GridPlan, offset: IntArray, n_groups: int, groups: slice) -> FloatArray:
    """The sum of all levels on the evaluation grid, for some of the groups."""
    from scipy.fft import irfft, rfft

    count = groups.stop - groups.start
    spectrum = np.zeros((count, plan.evaluation_length // 2 + 1), complex)
    for start, length in zip(offset, plan.lengths, strict=True):
        rows = table[start : start + n_groups * length].reshape(n_groups, length)[groups]
        # The Nyquist coefficient of an even length is shared by two frequencies and far below the error: dropped.
        kept = (length + 1) // 2
        spectrum[:, :kept] += rfft(rows, axis=1)[:, :kept] / length
    return irfft(spectrum, n=plan.evaluation_length, axis=1, overwrite_x=True) * plan.evaluation_length


def _deposited(mean: FloatArray, scale: FloatArray, groups: Groups, plan: GridPlan) -> tuple[FloatArray, IntArray]:
    """The rows of all groups at all levels, and where each level starts."""
    spacing = plan.period / plan.lengths
    offset = np.concatenate([[0], np.cumsum(groups.n_groups * plan.lengths)])
    table = np.zeros(int(offset[-1]))
    level = grid_level(scale, RESOLUTION * spacing)
    add_gaussians(
        table, mean, scale, groups.weights, level, groups.codes, plan.origin, spacing, offset[:-1], plan.lengths
    )
    return table, offset[:-1]


def grid_density(mean: FloatArray, scale: FloatArray, groups: Groups, plan: GridPlan) -> tuple[FloatArray, FloatArray]:
    """The evaluation grid, and the density of the first group on it."""
    table, offset = _deposited(mean, scale, groups, plan)
    density = _interpolate(table, plan, offset, groups.n_groups, slice(0, 1))[0]
    points = np.arange(plan.evaluation_length, dtype=np.float64)
    return plan.origin + plan.period / plan.evaluation_length * points, density


def grid_mixture_integrals(
    mean: FloatArray, scale: FloatArray, groups: Groups, plan: GridPlan
) -> tuple[FloatArray, FloatArray]:
    """Integrals of r log r, for the unnormalised density r of every group and of every factor's known rows."""
    n_groups = groups.n_groups
    table, offset = _deposited(mean, scale, groups, plan)
    of_group = np.empty(n_groups)
    known = np.zeros((groups.n_factors, plan.evaluation_length))
    at_once = max(1, _ROWS_AT_ONCE // plan.evaluation_length)
    for factor in range(groups.n_factors):
        values = groups.values_of(factor)
        for start in range(values.start, values.stop, at_once):
            chunk = slice(start, min(start + at_once, values.stop))
            density = _interpolate(table, plan, offset, n_groups, chunk)
            of_group[chunk] = sum_x_log_x(density)
            known[factor] += density.sum(axis=0)
    step = plan.period / plan.evaluation_length
    return of_group * step, sum_x_log_x(known) * step
