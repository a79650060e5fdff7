"""The components of an aggregate posterior in blocks, in their own order or so that each block is small in space."""

import math
from dataclasses import dataclass

import numpy as np

from dismetrics.kernels.joint_density import GAUSSIAN, LAPLACE
from dismetrics.kernels.nearby import halved
from dismetrics.posteriors import GaussianPosterior, LaplacePosterior
from dismetrics.typing import FloatArray, IntArray

__all__ = ["Blocks", "lay_out_blocks", "nearby_order"]

_LOG2_E = 1.0 / np.log(2.0)
_CACHE_LINE = 8
"""Numbers of eight bytes in a cache line."""

_EXAMINED = 512
"""Components looked at when a dimension to split is chosen."""


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Components for the kernels of `joint_density`, and what bounds each block."""

    family: int
    components: FloatArray
    counts: FloatArray
    low: FloatArray
    high: FloatArray
    least_steepness: FloatArray
    largest_amplitude: FloatArray


def lay_out_blocks(
    posterior: GaussianPosterior | LaplacePosterior, weights: FloatArray, order: IntArray, size: int
) -> Blocks:
    """Blocks of `size` components in this order, to base 2."""
    if isinstance(posterior, GaussianPosterior):
        family, location, scale = GAUSSIAN, posterior.mean, posterior.scale
        steepness, normaliser = np.sqrt(0.5 * _LOG2_E) / scale, np.sqrt(2 * np.pi)
    else:
        family, location, scale = LAPLACE, posterior.location, posterior.scale
        steepness, normaliser = _LOG2_E / scale, 2.0
    amplitude = np.log2(weights) - np.log2(scale * normaliser).sum(axis=1)
    n_samples, n_latents = location.shape
    n_blocks = -(-n_samples // size)
    components = _aligned_zeros((n_blocks, 2 * n_latents + 1, size))
    components[:, -1] = -np.inf

    def put(row: int, values: FloatArray) -> None:
        full = np.zeros(n_blocks * size) if row >= 0 else np.full(n_blocks * size, -np.inf)
        full[:n_samples] = values[order]
        components[:, row] = full.reshape(n_blocks, size)

    low, high, least = (np.empty((n_latents, n_blocks)) for _ in range(3))
    starts = np.arange(0, n_samples, size)
    for j in range(n_latents):
        put(2 * j, location[:, j])
        put(2 * j + 1, steepness[:, j])
        ordered = location[order, j]
        low[j], high[j] = np.minimum.reduceat(ordered, starts), np.maximum.reduceat(ordered, starts)
        least[j] = np.minimum.reduceat(steepness[order, j], starts)
    put(-1, amplitude)
    largest = np.maximum.reduceat(amplitude[order], starts)
    counts = np.diff(np.append(starts, n_samples)).astype(np.float64)
    return Blocks(family, components, counts, low, high, least, largest)


def _aligned_zeros(shape: tuple[int, ...]) -> FloatArray:
    """Zeros that start at a cache line: a vector of eight numbers that straddles two is read at half the speed."""
    size = math.prod(shape)
    memory = np.zeros(size + _CACHE_LINE)
    start = -(memory.ctypes.data // memory.itemsize) % _CACHE_LINE
    return memory[start : start + size].reshape(shape)


def nearby_order(posterior: GaussianPosterior | LaplacePosterior, size: int) -> IntArray:
    """An order in which every `size` components in a row are near each other, in place and in scale.

    Segments are halved at the median of the dimension in which they are widest, down to single blocks.
    """
    location = posterior.mean if isinstance(posterior, GaussianPosterior) else posterior.location
    # A factor of e in scale counts as much as two typical scales in place.
    features = np.concatenate([location / np.median(posterior.scale, axis=0), 2.0 * np.log(posterior.scale)], axis=1)
    return halved(np.ascontiguousarray(features.T), size, _EXAMINED)
