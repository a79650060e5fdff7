"""The mutual information of two latents of a Gaussian mixture, on uniform grids of the plane.

As `aggregate_posterior.grid` does in one dimension: the density of a pair of latents is band limited, so every sample
is evaluated once, around its means, on the coarsest of several grids that resolves it in each of the two directions;
spectra with zeros for the frequencies that a coarser grid lacks bring all grids to the finest, and the information is
a sum there.
"""

from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.aggregate_posterior.grid import RESOLUTION, GridPlan, plan_grid
from dismetrics.estimators.pairwise.information import CellSums
from dismetrics.kernels.gaussian_grid import grid_level
from dismetrics.kernels.gaussian_plane import add_gaussian_products
from dismetrics.typing import FloatArray, IntArray

__all__ = ["LatentOnGrid", "grid_information", "plan_latent"]

_LEVEL_RATIO = 2**0.375
"""Larger than in one dimension, for fewer grids: their number counts twice here. With scale over spacing in
[2.2, 2.85] the window still reaches at least 7 scales to either side."""

_ROWS_AT_ONCE = 2**20
"""Points of the finest grid held in one go."""


@dataclass(frozen=True, slots=True, eq=False)
class LatentOnGrid:
    """One latent's posteriors, its grids, and the level of every sample."""

    mean: FloatArray
    scale: FloatArray
    plan: GridPlan
    level: IntArray

    @property
    def spacing(self) -> FloatArray:
        """Of every level."""
        return np.asarray(self.plan.period / self.plan.lengths)


def plan_latent(mean: FloatArray, scale: FloatArray) -> LatentOnGrid:
    """The grids of one latent."""
    plan = plan_grid(mean, scale, RESOLUTION, _LEVEL_RATIO)
    return LatentOnGrid(mean, scale, plan, grid_level(scale, RESOLUTION * plan.period / plan.lengths))


def grid_information(first: LatentOnGrid, second: LatentOnGrid, weights: FloatArray) -> float:
    """I(z_1; z_2) of the mixture in nats."""
    spectrum = _spectrum(first, second, weights)
    sums = CellSums(second.plan.evaluation_length)
    length = second.plan.evaluation_length
    rows = max(1, _ROWS_AT_ONCE // length)
    from scipy.fft import irfft

    for start in range(0, len(spectrum), rows):
        sums.add(irfft(spectrum[start : start + rows], n=length, axis=1))
    return sums.information()


def _spectrum(first: LatentOnGrid, second: LatentOnGrid, weights: FloatArray) -> np.ndarray:
    """The density on the finest grid of the first latent, by its spectrum along the second."""
    from scipy.fft import fft, ifft, rfft

    n_second = len(second.plan.lengths)
    pair_of_levels = first.level.astype(np.int64) * n_second + second.level
    order = np.argsort(pair_of_levels, kind="stable")
    occupied, starts = np.unique(pair_of_levels[order], return_index=True)
    ends = np.append(starts[1:], len(order))
    mean, scale = np.stack([first.mean, second.mean]), np.stack([first.scale, second.scale])
    origin = np.array([first.plan.origin, second.plan.origin])
    spacing = first.spacing, second.spacing

    n_frequencies = (int(second.plan.lengths[0]) + 1) // 2
    finest = np.zeros((first.plan.evaluation_length, n_frequencies), complex)
    for level in np.unique(occupied // n_second):
        length = int(first.plan.lengths[level])
        along_second = np.zeros((length, n_frequencies), complex)
        for pair, start, end in zip(occupied, starts, ends, strict=True):
            if pair // n_second != level:
                continue
            other = int(pair % n_second)
            table = np.zeros((length, int(second.plan.lengths[other])))
            add_gaussian_products(
                table,
                order[start:end],
                mean,
                scale,
                weights,
                origin,
                np.array([spacing[0][level], spacing[1][other]]),
            )
            # The Nyquist coefficient of an even length is shared by two frequencies and far below the error: dropped.
            kept = (table.shape[1] + 1) // 2
            along_second[:, :kept] += rfft(table, axis=1)[:, :kept] / table.shape[1]
        kept = (length + 1) // 2
        both = fft(along_second, axis=0, overwrite_x=True) / length
        finest[:kept] += both[:kept]
        finest[1 - kept :] += both[1 - kept :] if kept > 1 else 0.0
    return ifft(finest, axis=0, overwrite_x=True)
