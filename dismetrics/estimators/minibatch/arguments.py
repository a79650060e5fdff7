"""What the minibatch estimators take: arrays of all pairs, sizes, names."""

import numpy as np

from dismetrics.posteriors import FactorisedPosterior, HasLogDensity, TablePosterior
from dismetrics.typing import ArrayLike, FloatArray
from dismetrics.validation import as_choice, as_positive_integer, to_numpy
from dismetrics.validation.arrays import numeric

__all__ = [
    "ESTIMATORS",
    "PLACEMENTS",
    "as_data_set_size",
    "as_estimator",
    "as_pairs",
    "check_others",
    "finite_array",
    "with_density",
]

ESTIMATORS = ("mws", "mss", "minibatch")
"""Minibatch weighted sampling, minibatch stratified sampling, and the plain average over the minibatch."""


PLACEMENTS = ("averaged", "paper")
"""Where MSS puts the weight that one other row has: shared out over all of them, or on the next row."""


def as_pairs(values: ArrayLike) -> FloatArray:
    """Log densities of all pairs, finite, of shape (batch_size, batch_size, n_latents)."""
    array = numeric(to_numpy(values, "log_density"), "log_density")
    if array.ndim != 3 or array.shape[0] != array.shape[1] or 0 in array.shape:
        hint = ""
        if array.ndim == 2 and array.shape[0] == array.shape[1]:
            hint = "; pass log_density[:, :, None] for a single latent, and do not sum over several"
        raise ValueError(
            f"log_density has shape {array.shape}; (batch_size, batch_size, n_latents) is wanted, entry [i, k, j] = "
            f"log q(z_ij|x_k) for every pair of rows{hint}"
        )
    array = array.astype(np.float64, copy=False)
    if not (array < np.inf).all():
        i, k, j = np.argwhere(~(array < np.inf))[0]
        raise ValueError(
            f"log_density holds {array[i, k, j]} (draw of row {i}, posterior of row {k}, latent {j}); log densities "
            "are below infinity: look for a scale that is 0 or not finite"
        )
    i, j = np.unravel_index(int(np.argmin(np.einsum("iij->ij", array))), (array.shape[0], array.shape[2]))
    if array[i, i, j] == -np.inf:
        raise ValueError(
            f"log_density is minus infinity at row {i}'s own draw (entry [{i}, {i}, {j}]); z_i must be drawn from "
            "q(z|x_i), the same rows in the same order on both axes"
        )
    return array


def finite_array(values: ArrayLike, name: str, wanted: tuple[int, int], what: str) -> FloatArray:
    """A finite array of the shape wanted."""
    array = numeric(to_numpy(values, name), name)
    if array.shape != wanted:
        raise ValueError(f"{name} has shape {array.shape}; (batch_size, n_latents) = {wanted} is wanted, {what}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        row, latent = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(
            f"{name} holds {array[row, latent]} (row {row}, latent {latent}); finite values are wanted: "
            "leave out or repair this row"
        )
    return array


def as_data_set_size(n_samples: int, batch_size: int) -> int:
    """The number of samples in the data set, no fewer than in the minibatch."""
    n_samples = as_positive_integer(n_samples, "n_samples")
    if n_samples < batch_size:
        raise ValueError(
            f"n_samples={n_samples} is less than the minibatch of {batch_size} rows; n_samples is the size of the data "
            "set that minibatches are drawn from, without replacement"
        )
    return n_samples


def check_others(batch_size: int) -> None:
    """Stratified sampling needs another row beside the own one."""
    if batch_size < 2:
        raise ValueError(
            f"batch_size={batch_size}; 'mss' wants at least 2 rows, as the others stand for the rest of the data: "
            "use a larger minibatch"
        )


def as_estimator(estimator: str, placement: str) -> tuple[str, str]:
    """An estimator and a placement that go together."""
    estimator = as_choice(estimator, "estimator", ESTIMATORS)
    placement = as_choice(placement, "placement", PLACEMENTS)
    if estimator != "mss" and placement != "averaged":
        raise ValueError(f"placement={placement!r} has no part in estimator={estimator!r}: leave it out")
    return estimator, placement


def with_density(posterior: FactorisedPosterior) -> HasLogDensity | TablePosterior:
    """The posterior, if its densities or probabilities can be evaluated."""
    if not isinstance(posterior, (HasLogDensity, TablePosterior)):
        raise TypeError(
            f"a {type(posterior).__name__} has neither log_density nor probabilities; one is needed here: pass a "
            "posterior of a family, or a class of your own that has one of them"
        )
    return posterior
