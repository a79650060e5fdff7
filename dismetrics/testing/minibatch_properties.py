"""What can be asked of an estimator of log q(z) from a minibatch."""

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dismetrics.testing.estimator_trial import EstimatorProperty, EstimatorTrial, short
from dismetrics.testing.trial import Outcome, failed, held
from dismetrics.typing import FloatArray

__all__ = ["OF_AVERAGE", "OF_MSS", "OF_MWS"]


def _pairs(trial: EstimatorTrial, n: int = 5) -> tuple[FloatArray, FloatArray]:
    """log q(z_ij | x_n) of one draw a sample, (n, n, 2), and log q(z_i) of all samples."""
    rng = np.random.default_rng(trial.search.seed)
    centre, scale = rng.normal(size=(n, 2)), np.exp(0.5 * rng.normal(size=(n, 2)))
    z = centre + scale * rng.normal(size=centre.shape)
    standardised = (z[:, None] - centre) / scale
    pairs = -0.5 * standardised**2 - np.log(scale) - 0.5 * math.log(2 * math.pi)
    return pairs, np.log(np.exp(pairs.sum(axis=2)).mean(axis=1))


def _batches(n: int, sizes: tuple[int, ...]) -> Iterator[tuple[int, Any]]:
    for size in sizes:
        yield size, list(itertools.permutations(range(n), size))


def _unbiased(trial: EstimatorTrial) -> Outcome:
    """The mean of exp(log q(z_i)) over every ordered minibatch is q(z_i)."""
    pairs, wanted = _pairs(trial)
    n = len(pairs)
    for size, batches in _batches(n, (2, 3, 4)):
        sums, counts = np.zeros(n), np.zeros(n)
        for batch in batches:
            rows = list(batch)
            sums[rows] += np.exp(trial.value(pairs[np.ix_(rows, rows)], n))
            counts[rows] += 1
        found = np.log(sums / counts)
        if not np.abs(found - wanted).max() <= max(trial.tolerance, 1e-9):
            return failed(
                f"log of the mean of q(z) over all {len(batches)} minibatches of {size} of {n} samples: "
                f"{short(found)} where {short(wanted)} is right",
                "log_density[:, :, j] of all samples",
                **{f"latent_{j}": pairs[:, :, j] for j in range(2)},
            )
    return held("over all minibatches of 2, 3 and 4 of 5 samples")


def _minibatch_sum(weight: Callable[[int, int], float]) -> Callable[[EstimatorTrial], Outcome]:
    def check(trial: EstimatorTrial) -> Outcome:
        pairs, _ = _pairs(trial)
        for size, n in ((3, 50), (5, 5)):
            batch = pairs[:size, :size]
            message = trial.complaint(np.log(np.exp(batch.sum(axis=2)).sum(axis=1) * weight(size, n)), batch, n)
            if message is not None:
                return failed(message, f"n_samples={n}", **{f"latent_{j}": batch[:, :, j] for j in range(2)})
        return held("on minibatches of 3 of 50 and 5 of 5")

    return check


def _far(trial: EstimatorTrial) -> Outcome:
    pairs, _ = _pairs(trial)
    before, after = trial.value(pairs[:4, :4], 9), trial.value(pairs[:4, :4] - 600.0, 9)
    if not np.allclose(after, before - 1200.0, rtol=1e-9, atol=0):
        return failed(f"{short(after)} where {short(before - 1200.0)} is right: e^-1200 is below what a float holds")
    return held("where e^log q is below what a float holds")


_FAR = EstimatorProperty("far out", "Densities that underflow.", _far, False)
OF_MSS = (
    EstimatorProperty("unbiased", "q(z), not its log, is right in the mean over minibatches.", _unbiased, False),
    _FAR,
)
OF_MWS = (EstimatorProperty("formula", "The sum over N B.", _minibatch_sum(lambda b, n: 1 / (n * b)), False), _FAR)
OF_AVERAGE = (EstimatorProperty("formula", "The plain average.", _minibatch_sum(lambda b, _: 1 / b), False), _FAR)
