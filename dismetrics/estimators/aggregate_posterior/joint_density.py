"""log q(z) of the aggregate posterior in all latents together."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.aggregate_posterior.blocks import Blocks, lay_out_blocks, nearby_order
from dismetrics.estimators.aggregate_posterior.log_sum import log_sum
from dismetrics.estimators.parallel import map_tasks
from dismetrics.kernels.joint_density import add_blocks, block_bounds, choose_blocks
from dismetrics.posteriors import (
    FactorisedPosterior,
    GaussianPosterior,
    HasLogDensity,
    LaplacePosterior,
    TablePosterior,
)
from dismetrics.posteriors.checked import density_of, table_of
from dismetrics.typing import FloatArray

__all__ = ["METHODS", "JointLogDensity", "joint_log_density"]

METHODS = ("auto", "brute", "tree")

_BLOCK = 256
_LEAF = 128
_BRUTE_POINTS_AT_ONCE = 1024
_TREE_POINTS_AT_ONCE = 512
_ENTRIES_AT_ONCE = 2**22

# Measured costs in nanoseconds: brute force for each pair of point and component, and for each latent of it; the tree's
# making for each component, and for each latent of it.
_BRUTE_PAIR = 0.75
_BRUTE_PAIR_AND_LATENT = 0.085
_TREE_COMPONENT = 150.0
_TREE_COMPONENT_AND_LATENT = 80.0


@dataclass(frozen=True, slots=True, eq=False)
class JointLogDensity:
    """log q(z) at points.

    Attributes
    ----------
    log_density : ndarray of float64, shape (n_points,)
        In nats.
    bound : ndarray of float64, shape (n_points,)
        The most that each value can lie below the exact one, for components left out; 0 where none were.
    mean_component : ndarray of float64, shape (n_points,)
        The mean of log w_n q(z|n) over the components, each by its share of q(z). Its mean under q(z) is that of
        log w_n q(z|n) over samples and draws, which makes it a control.
    evaluated : float
        Share of all pairs of point and component that were evaluated.
    """

    log_density: FloatArray
    bound: FloatArray
    mean_component: FloatArray
    evaluated: float


def joint_log_density(
    posterior: FactorisedPosterior, weights: FloatArray, *, method: str = "auto", tolerance: float = 1e-6
) -> Callable[[FloatArray], JointLogDensity]:
    """A function that evaluates log q(z), q(z) = sum_n w_n prod_j q(z_j|x_n), at points of shape (n, n_latents).

    Parameters
    ----------
    posterior : FactorisedPosterior
        Posteriors of the samples.
    weights : ndarray of float64, shape (n_samples,)
        Weights that add up to 1.
    method : {"auto", "brute", "tree"}
        Every component at every point, or only those that can matter. `"auto"` takes every component until so many
        points were asked for that a tree would have paid.
    tolerance : float
        For the tree: share of q(z) that may be left out at most.

    Returns
    -------
    callable
        From points to `JointLogDensity`.
    """
    if not isinstance(posterior, (GaussianPosterior, LaplacePosterior)):
        return _by_pairs(posterior, weights)

    def brute() -> Callable[[FloatArray], JointLogDensity]:
        return _by_brute_force(lay_out_blocks(posterior, weights, np.arange(posterior.n_samples), _BLOCK))

    def tree() -> Callable[[FloatArray], JointLogDensity]:
        return _by_tree(lay_out_blocks(posterior, weights, nearby_order(posterior, _LEAF), _LEAF), tolerance)

    if method == "auto":
        brute_point = _BRUTE_PAIR + _BRUTE_PAIR_AND_LATENT * posterior.n_latents
        build = _TREE_COMPONENT + _TREE_COMPONENT_AND_LATENT * posterior.n_latents
        # A tree that saved nothing would cost its making twice over; one that works saves most of the rest.
        return _first_then(brute, tree, 2.0 * build / brute_point)
    return brute() if method == "brute" else tree()


def _first_then(
    first: Callable[[], Callable[[FloatArray], JointLogDensity]],
    then: Callable[[], Callable[[FloatArray], JointLogDensity]],
    n_points: float,
) -> Callable[[FloatArray], JointLogDensity]:
    """One way for the first points, another once there would be more than so many."""
    asked, evaluate, is_first = 0, None, True

    def either(points: FloatArray) -> JointLogDensity:
        nonlocal asked, evaluate, is_first
        asked += len(points)
        if is_first and asked > n_points:
            evaluate, is_first = then(), False
        elif evaluate is None:
            evaluate = first()
        return evaluate(points)

    return either


Part = tuple[FloatArray, FloatArray, FloatArray, float]


def _in_parts(points: FloatArray, evaluate: Callable[[FloatArray], Part], size: int) -> JointLogDensity:
    starts = range(0, len(points), size)
    parts = map_tasks(
        lambda i: evaluate(points[starts[i] : starts[i] + size]), len(starts), "log density of all latents"
    )
    log_q, bound, mean_component = (np.concatenate([part[i] for part in parts]) for i in range(3))
    return JointLogDensity(log_q, bound, mean_component, sum(part[3] for part in parts) / len(points))


def _sums(n_points: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Running maximum, total and moment before any component."""
    return np.full(n_points, -1e300), np.zeros(n_points), np.zeros(n_points)


def _by_brute_force(blocks: Blocks) -> Callable[[FloatArray], JointLogDensity]:
    everything = np.empty((0, 0), bool)

    def evaluate(z: FloatArray) -> Part:
        maximum, total, moment = _sums(len(z))
        add_blocks(maximum, total, moment, z, blocks.components, everything, blocks.family)
        log_q, mean_component = maximum + np.log2(total), maximum + moment / total
        return log_q * np.log(2.0), np.zeros(len(z)), mean_component * np.log(2.0), float(len(z))

    # Many points at once: a block is read from memory once for all of them.
    return lambda points: _in_parts(np.ascontiguousarray(points), evaluate, _BRUTE_POINTS_AT_ONCE)


def _by_tree(blocks: Blocks, tolerance: float) -> Callable[[FloatArray], JointLogDensity]:
    n_blocks = len(blocks.counts)

    def evaluate(z: FloatArray) -> Part:
        maximum, total, moment = _sums(len(z))
        bounds = block_bounds(
            z, blocks.low, blocks.high, blocks.least_steepness, blocks.largest_amplitude, blocks.family
        )
        # The block with the largest bound comes before it is decided which others a point can do without.
        first = np.zeros(bounds.shape, bool)
        first[np.arange(len(z)), bounds.argmax(axis=1)] = True
        add_blocks(maximum, total, moment, z, blocks.components, first, blocks.family)
        rest = np.empty_like(first)
        left_out = choose_blocks(bounds, blocks.counts, maximum, total, tolerance, first, rest)
        before = maximum.copy()
        add_blocks(maximum, total, moment, z, blocks.components, rest, blocks.family)
        # log(q + r) - log q <= r / q; the maximum may have risen since the remainder was bounded.
        bound = left_out * np.exp2(np.maximum(before - maximum, -1000.0)) / total
        log_q, mean_component = maximum + np.log2(total), maximum + moment / total
        taken = np.count_nonzero(first, axis=0) + np.count_nonzero(rest, axis=0)
        share = float(taken @ blocks.counts / blocks.counts.sum())
        return log_q * np.log(2.0), bound, mean_component * np.log(2.0), share

    size = min(_TREE_POINTS_AT_ONCE, max(1, _ENTRIES_AT_ONCE // n_blocks))
    return lambda points: _in_parts(np.ascontiguousarray(points), evaluate, size)


def _by_pairs(posterior: FactorisedPosterior, weights: FloatArray) -> Callable[[FloatArray], JointLogDensity]:
    """Any posterior: the log density of every pair of point and component, summed over the latents."""
    log_weights = np.log(weights)

    def of_latent(z: FloatArray, latent: int) -> FloatArray:
        if isinstance(posterior, TablePosterior):
            with np.errstate(divide="ignore"):
                return np.log(table_of(posterior, latent)).T[z.astype(np.int64)]
        if isinstance(posterior, HasLogDensity):
            return density_of(posterior, z, latent)
        raise TypeError(f"{type(posterior).__name__} has neither log_density nor probabilities; one is needed here")

    def evaluate(z: FloatArray) -> Part:
        each = log_weights + sum(of_latent(z[:, j], j) for j in range(posterior.n_latents))
        log_q, mean_component, _ = log_sum(each)
        return log_q, np.zeros(len(z)), mean_component, float(len(z))

    return lambda points: _in_parts(points, evaluate, max(1, _ENTRIES_AT_ONCE // posterior.n_samples))
