"""log q(z) of the aggregate posterior, and log q(z_-j) with every latent left out in turn, at the same points."""

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from dismetrics.estimators.aggregate_posterior.blocks import nearby_order
from dismetrics.estimators.aggregate_posterior.log_sum import log_sum
from dismetrics.estimators.parallel import map_tasks
from dismetrics.kernels.joint_density import GAUSSIAN, LAPLACE, choose_blocks
from dismetrics.kernels.leave_one_out import add_blocks_without, block_bounds_without
from dismetrics.posteriors import (
    FactorisedPosterior,
    GaussianPosterior,
    HasLogDensity,
    LaplacePosterior,
    TablePosterior,
)
from dismetrics.posteriors.checked import density_of, table_of
from dismetrics.typing import FloatArray, IntArray

__all__ = ["LeaveOneOut", "leave_one_out_density"]

_LOG2_E = 1.0 / np.log(2.0)

_BLOCK = 128
_BOUNDS_AT_ONCE = 2**21
_ENTRIES_AT_ONCE = 2**21
_FIRST_BLOCKS = 2
"""Blocks with the largest bounds, taken before it is decided which others a point can do without."""

_POINTS_WORTH_A_TREE = 128
"""Points from which making the tree (150 ns a component and latent) costs less than half of brute force (2.5 ns)."""


@dataclass(frozen=True, slots=True, eq=False)
class LeaveOneOut:
    """Log densities in nats at points; arrays of shape (n_points, n_latents + 1) have a column for all latents last.

    Attributes
    ----------
    log_density : ndarray of float64, shape (n_points, n_latents + 1)
        log q(z_-j) for every j, then log q(z).
    mean_component : ndarray of float64, shape (n_points, n_latents + 1)
        The mean of log w_n q(z_-j|n) over the components, each by its share of q(z_-j); of log w_n q(z|n) last.
    bound : ndarray of float64, shape (n_points, n_latents + 1)
        The most that each log density can lie below the exact one, for components left out; 0 where none were.
    mean_latent, mean_latent_bound : ndarray of float64, shape (n_points, n_latents + 1)
        The mean of log q(z_j|n) over the components, each by its share of q(z); of log w_n last. And the most that
        each can be off.
    evaluated : ndarray of float64, shape (n_points,)
        Share of the components that were evaluated for each point, over all sets of latents.
    """

    log_density: FloatArray
    mean_component: FloatArray
    bound: FloatArray
    mean_latent: FloatArray
    mean_latent_bound: FloatArray
    evaluated: FloatArray


Evaluate = Callable[[FloatArray], LeaveOneOut]


def leave_one_out_density(
    posterior: FactorisedPosterior, weights: FloatArray, *, method: str = "auto", tolerance: float = 1e-6, n_points: int
) -> Evaluate:
    """A function that evaluates log q(z) and log q(z_-j) for every j at points of shape (n, n_latents).

    Parameters
    ----------
    posterior : FactorisedPosterior
        Posteriors of the samples.
    weights : ndarray of float64, shape (n_samples,)
        Weights that add up to 1.
    method : {"auto", "brute", "tree"}
        Every component at every point, or only those that can matter. `"auto"` takes the cheaper for so many points.
    tolerance : float
        For `"tree"`: share of each density that may be left out at most.
    n_points : int
        Points that will be asked for, about.

    Returns
    -------
    callable
        From points to `LeaveOneOut`.
    """
    if not isinstance(posterior, (GaussianPosterior, LaplacePosterior)):
        return _by_pairs(posterior, weights)
    if method == "tree" or (method == "auto" and n_points >= _POINTS_WORTH_A_TREE):
        return _by_tree(_Blocks(posterior, weights, nearby_order(posterior, _BLOCK)), tolerance)
    return _by_brute_force(_Blocks(posterior, weights, np.arange(posterior.n_samples)))


class _Blocks:
    """Components for the kernels, and what bounds each block."""

    def __init__(self, posterior: GaussianPosterior | LaplacePosterior, weights: FloatArray, order: IntArray) -> None:
        if isinstance(posterior, GaussianPosterior):
            self.family, location, scale = GAUSSIAN, posterior.mean, posterior.scale
            steepness, normaliser = np.sqrt(0.5 * _LOG2_E) / scale, np.sqrt(2 * np.pi)
        else:
            self.family, location, scale = LAPLACE, posterior.location, posterior.scale
            steepness, normaliser = _LOG2_E / scale, 2.0
        peak = -np.log2(scale * normaliser)
        log_weight = np.log2(weights)
        n_samples, n_latents = location.shape
        starts = np.arange(0, n_samples, _BLOCK)
        # Largest absolute peaks and log weight, in nats, and the largest density that a component has: for bounds.
        self.steepest = np.abs(np.column_stack([peak, log_weight])).max(axis=0) / _LOG2_E
        self.counts: IntArray = np.diff(np.append(starts, n_samples))
        self.components = np.zeros((len(starts), 3 * n_latents + 1, _BLOCK))
        self.low, self.high, self.least = (np.empty((n_latents, len(starts))) for _ in range(3))
        self.largest = np.empty((n_latents + 1, len(starts)))
        for j in range(n_latents):
            for row, values in enumerate((location, steepness, peak)):
                self._put(3 * j + row, values[order, j])
            self.low[j] = np.minimum.reduceat(location[order, j], starts)
            self.high[j] = np.maximum.reduceat(location[order, j], starts)
            self.least[j] = np.minimum.reduceat(steepness[order, j], starts)
            others = log_weight + np.delete(peak, j, axis=1).sum(axis=1)
            self.largest[j] = np.maximum.reduceat(others[order], starts)
        self._put(-1, log_weight[order])
        together = log_weight + peak.sum(axis=1)
        self.largest[-1] = np.maximum.reduceat(together[order], starts)

    def _put(self, row: int, values: FloatArray) -> None:
        full = np.zeros(len(self.counts) * _BLOCK)
        full[: len(values)] = values
        self.components[:, row] = full.reshape(-1, _BLOCK)


class _Sums:
    """Running sums of some points, for every set of latents."""

    def __init__(self, blocks: _Blocks, z: FloatArray) -> None:
        n_points, n_latents = z.shape
        self.blocks, self.z = blocks, z
        self.maximum = np.full((n_latents + 1, n_points), -1e300)
        self.total, self.moment = np.zeros((2, n_latents + 1, n_points))
        self.of_latents = np.zeros((n_points, n_latents + 1))

    def add(self, wanted: np.ndarray) -> None:
        """Add the blocks that are wanted, (n_latents + 1, n_points, n_blocks)."""
        add_blocks_without(
            self.maximum,
            self.total,
            self.moment,
            self.of_latents,
            self.z,
            self.blocks.components,
            self.blocks.counts,
            wanted,
            self.blocks.family,
        )

    def found(self, bound: FloatArray, evaluated: FloatArray) -> LeaveOneOut:
        """The log densities, in nats."""
        log_density = (self.maximum + np.log2(self.total)).T / _LOG2_E
        mean_latent = self.of_latents / self.total[-1, :, None] / _LOG2_E
        # Components left out that hold shares r of at most b together: of |u_nj| <= |peak_jn| + s_n, where s_n is what
        # a component is below its own peak, log(peak / q) - log r_n; and sum -r log r <= b log(N / b).
        b = bound[-1, :, None]
        below = self.blocks.largest[-1].max() / _LOG2_E - log_density[:, -1:]
        spread = np.log(self.blocks.counts.sum() / np.maximum(b, 1e-300))
        bound_of_means = b * (np.abs(mean_latent) + self.blocks.steepest + np.maximum(below, 0.0) + spread)
        return LeaveOneOut(
            log_density,
            (self.maximum + self.moment / self.total).T / _LOG2_E,
            bound.T,
            mean_latent,
            bound_of_means,
            evaluated,
        )


def _in_parts(points: FloatArray, evaluate: Evaluate, size: int) -> LeaveOneOut:
    points = np.ascontiguousarray(points)
    starts = range(0, len(points), size)
    parts = map_tasks(
        lambda i: evaluate(points[starts[i] : starts[i] + size]), len(starts), "log densities without each latent"
    )
    return LeaveOneOut(
        *(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(LeaveOneOut))
    )


def _by_brute_force(blocks: _Blocks) -> Evaluate:
    def evaluate(z: FloatArray) -> LeaveOneOut:
        sums = _Sums(blocks, z)
        shape = (*sums.total.shape, len(blocks.counts))
        sums.add(np.broadcast_to(True, shape))
        return sums.found(np.zeros(shape[:2]), np.ones(len(z)))

    return lambda points: _in_parts(points, evaluate, 512)


def _by_tree(blocks: _Blocks, tolerance: float) -> Evaluate:
    n_sets, n_blocks = blocks.largest.shape
    counts = blocks.counts.astype(np.float64)

    def evaluate(z: FloatArray) -> LeaveOneOut:
        sums = _Sums(blocks, z)
        bounds = block_bounds_without(z, blocks.low, blocks.high, blocks.least, blocks.largest, blocks.family)
        first = np.zeros(bounds.shape, bool)
        if n_blocks > _FIRST_BLOCKS:
            nearest = np.argpartition(bounds, -_FIRST_BLOCKS, axis=2)[:, :, -_FIRST_BLOCKS:]
            np.put_along_axis(first, nearest, True, axis=2)
        else:
            first[:] = True
        sums.add(first)
        rest = np.empty_like(first)
        left_out = np.empty(sums.total.shape)
        for s in range(n_sets):
            left_out[s] = choose_blocks(bounds[s], counts, sums.maximum[s], sums.total[s], tolerance, first[s], rest[s])
        before = sums.maximum.copy()
        sums.add(rest)
        # log(q + r) - log q <= r / q; the maximum may have risen since the remainder was bounded.
        bound = left_out * np.exp2(np.maximum(before - sums.maximum, -1000.0)) / sums.total
        taken = (first | rest).sum(axis=0) @ counts
        return sums.found(bound, taken / (n_sets * counts.sum()))

    return lambda points: _in_parts(points, evaluate, max(1, min(128, _BOUNDS_AT_ONCE // (n_sets * n_blocks))))


def _by_pairs(posterior: FactorisedPosterior, weights: FloatArray) -> Evaluate:
    """Any posterior: the log density of every pair of point and component, latent by latent."""
    log_weights = np.log(weights)
    n_latents = posterior.n_latents

    def of_latent(z: FloatArray, latent: int) -> FloatArray:
        if isinstance(posterior, TablePosterior):
            with np.errstate(divide="ignore"):
                return np.log(table_of(posterior, latent)).T[z.astype(np.int64)]
        if isinstance(posterior, HasLogDensity):
            return density_of(posterior, z, latent)
        raise TypeError(f"{type(posterior).__name__} has neither log_density nor probabilities; one is needed here")

    def evaluate(z: FloatArray) -> LeaveOneOut:
        terms = [of_latent(z[:, j], j) for j in range(n_latents)]
        after = [np.broadcast_to(log_weights, terms[0].shape)]
        for term in terms[:0:-1]:
            after.append(after[-1] + term)
        log_density, mean_component, mean_latent = np.empty((3, len(z), n_latents + 1))
        before = np.zeros_like(terms[0])
        for j, term in enumerate(terms):
            log_density[:, j], mean_component[:, j], _ = log_sum(before + after.pop())
            before += term
        log_density[:, -1], mean_component[:, -1], shares = log_sum(before + log_weights)
        for j, values in enumerate((*terms, log_weights)):
            # 0 times minus infinity, where a component cannot have produced the point, adds nothing.
            mean_latent[:, j] = (shares * np.where(shares > 0, values, 0.0)).sum(axis=1)
        exact = np.zeros_like(log_density)
        return LeaveOneOut(log_density, mean_component, exact, mean_latent, exact, np.ones(len(z)))

    at_once = max(1, _ENTRIES_AT_ONCE // (posterior.n_samples * n_latents))
    return lambda points: _in_parts(points, evaluate, at_once)
