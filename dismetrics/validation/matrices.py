"""Latents, parameters of posteriors and weights."""

from typing import Any

import numpy as np

from dismetrics.typing import ArrayLike, FloatArray
from dismetrics.validation.arrays import check_column, numeric, read_only, to_numpy, warn_if_coarse

__all__ = [
    "as_draws",
    "as_kl_by_model",
    "as_location_and_scale",
    "as_matrix",
    "as_probabilities",
    "as_probability_table",
    "as_weights",
    "check_positive",
    "check_same_length",
    "check_within_unit",
]

_ROWS_IN_CACHE = 2048
"""Rows copied at a time where the order of an array changes."""


def as_matrix(values: ArrayLike, name: str) -> FloatArray:
    """A finite (n_samples, n_columns) float64 matrix in column order; warns where its spacing shows."""
    array = _with_two_axes(values, name)
    matrix = _by_column(array)
    for column in range(matrix.shape[1]):
        check_column(matrix[:, column], f"column {column} of {name}", array.dtype)
    return matrix


def as_location_and_scale(
    location: ArrayLike, scale: ArrayLike, names: tuple[str, str], remedy: str
) -> tuple[FloatArray, FloatArray]:
    """Locations, and scales above zero, of one shape; warns where the spacing of the locations shows.

    The scales may come in as logarithms of variances or as variances: the second name says which.
    """
    raw_location, raw_scale = _with_two_axes(location, names[0]), _with_two_axes(scale, names[1])
    places, spreads = _by_column(raw_location), _by_column(raw_scale)
    # A scale has no offset to be coarse beside, so it is held against the spacing of its location alone.
    for column in range(places.shape[1]):
        check_column(places[:, column], f"column {column} of {names[0]}", raw_location.dtype)
    for column in range(spreads.shape[1]):
        if not np.isfinite(spreads[:, column].sum()):
            check_column(spreads[:, column], f"column {column} of {names[1]}", np.dtype(np.float64))
    if places.shape != spreads.shape:
        raise ValueError(f"shapes differ: {names[0]} {places.shape} and {names[1]} {spreads.shape}")
    if names[1] == "log_var":
        with np.errstate(over="ignore", under="ignore"):
            spreads = read_only(np.exp(0.5 * spreads))
        check_positive(spreads, "the scale exp(log_var / 2)", of="scales", remedy=remedy)
    else:
        check_positive(spreads, names[1], of=f"{names[1]}s", remedy=remedy)
        if names[1] == "variance":
            spreads = read_only(np.sqrt(spreads))
    for column in range(places.shape[1]):
        offset = max(float(places[:, column].max()), -float(places[:, column].min()))
        smallest = float(spreads[:, column].min())
        warn_if_coarse(smallest, offset, f"column {column} of {names[0]}", "smallest scale", raw_location.dtype)
    return places, spreads


def _with_two_axes(values: ArrayLike, name: str) -> np.ndarray[Any, Any]:
    """A numeric array of shape (n_samples, n_columns) with at least two samples."""
    array = numeric(to_numpy(values, name), name)
    if array.ndim == 1:
        raise ValueError(
            f"{name} has shape {array.shape}; (n_samples, n_latents) is wanted: "
            f"pass {name}[:, None] if this is a single latent"
        )
    if array.ndim != 2:
        raise ValueError(f"{name} has shape {array.shape}; two axes (n_samples, n_latents) are wanted")
    if 0 in array.shape:
        raise ValueError(f"{name} is empty: its shape is {array.shape}")
    if array.shape[0] < 2:
        hint = f"; {name} looks transposed: pass {name}.T" if array.shape[1] > 1 else ""
        raise ValueError(f"{name} has one row (shape {array.shape}); at least two samples are needed{hint}")
    return array


def _by_column(array: np.ndarray[Any, Any]) -> FloatArray:
    """A copy as float64 in column order, in blocks of rows that stay in cache; read-only.

    Always a copy: what was checked here must not change when the caller goes on with the array.
    """
    columns = np.empty(array.shape[::-1])
    if array.flags.f_contiguous:
        columns[:] = array.T
    else:
        for start in range(0, len(array), _ROWS_IN_CACHE):
            rows = slice(start, start + _ROWS_IN_CACHE)
            columns[:, rows] = array[rows].T
    return read_only(columns.T)


def check_positive(matrix: FloatArray, name: str, *, of: str, remedy: str) -> None:
    """All entries must be above zero and finite."""
    for column in range(matrix.shape[1]):
        values = matrix[:, column]
        if not 0 < values.min() <= values.max() < np.inf:
            row = int(np.argmin(values) if values.min() <= 0 else np.argmax(values))
            raise ValueError(
                f"column {column} of {name} holds {values[row]:g} (row {row}); {of} must be above zero and finite: "
                f"{remedy}"
            )


def check_within_unit(matrix: FloatArray, name: str, remedy: str) -> None:
    """All entries must lie in [0, 1]."""
    outside = (matrix < 0) | (matrix > 1)
    if outside.any():
        raise ValueError(f"{name} holds {matrix[outside][0]:g}, outside [0, 1]: {remedy}")


def as_probabilities(values: ArrayLike) -> FloatArray:
    """(n_samples, n_latents) probabilities in column order."""
    matrix = _by_column(_with_two_axes(values, "probability"))
    for column in range(matrix.shape[1]):
        if not np.isfinite(matrix[:, column].sum()):
            check_column(matrix[:, column], f"column {column} of probability", np.dtype(np.float64))
    check_within_unit(matrix, "probability", "put logits through a sigmoid first")
    return matrix


def as_probability_table(values: ArrayLike) -> FloatArray:
    """(n_samples, n_latents, n_values) probabilities that add up to 1."""
    array = numeric(to_numpy(values, "probability"), "probability").astype(np.float64)
    if array.ndim != 3 or 0 in array.shape or array.shape[0] < 2 or array.shape[2] < 2:
        raise ValueError(
            f"probability has shape {array.shape}; (n_samples, n_latents, n_values) is wanted, "
            "with at least two samples and two values"
        )
    if not np.isfinite(array).all():
        raise ValueError("probability holds a value that is not finite")
    check_within_unit(array, "probability", "put logits through a softmax first")
    total = array.sum(axis=2, keepdims=True)
    worst = float(np.abs(total - 1.0).max())
    if worst > 1e-4:
        raise ValueError(f"probabilities do not add up to 1 along the last axis (off by {worst:.3g})")
    return read_only(array / total)


def as_draws(values: ArrayLike) -> FloatArray:
    """(n_draws, n_samples, n_latents) finite draws; warns where their spacing shows."""
    raw = numeric(to_numpy(values, "draws"), "draws")
    array = raw.astype(np.float64)  # a copy
    if array.ndim != 3 or 0 in array.shape or array.shape[1] < 2:
        raise ValueError(
            f"draws has shape {array.shape}; (n_draws, n_samples, n_latents) is wanted, with at least two samples"
        )
    if not np.isfinite(array).all():
        bad = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(f"draws holds a value that is not finite (draw {bad[0]}, sample {bad[1]}, latent {bad[2]})")
    for latent in range(array.shape[2]):
        check_column(array[:, :, latent].reshape(-1), f"latent {latent} of draws", raw.dtype)
    return read_only(array)


def as_kl_by_model(kl: Any, widths: list[int]) -> list[FloatArray | None]:
    """Mean divergences >= 0 in nats, one for each latent of every model; None for all where none are given."""
    if kl is None:
        return [None] * len(widths)
    if not hasattr(kl, "__len__") or len(kl) != len(widths):
        raise ValueError(
            f"kl holds divergences for {len(kl) if hasattr(kl, '__len__') else 'no'} models of {len(widths)}"
        )
    known: list[FloatArray | None] = []
    for number, (given, width) in enumerate(zip(kl, widths, strict=True)):
        array = numeric(to_numpy(given, f"kl[{number}]"), f"kl[{number}]").astype(np.float64)
        if array.shape != (width,):
            raise ValueError(f"kl[{number}] has shape {array.shape}; ({width},) is wanted, one a latent")
        wrong = ~((array >= 0) & np.isfinite(array))
        if wrong.any():
            raise ValueError(f"kl[{number}] holds {array[wrong][0]:g}; divergences are finite and >= 0")
        known.append(array)
    return known


def as_weights(weights: ArrayLike | None, n_samples: int) -> FloatArray | None:
    """Finite weights >= 0, one a sample, not all zero."""
    if weights is None:
        return None
    array = numeric(to_numpy(weights, "weights"), "weights").astype(np.float64)
    if array.shape != (n_samples,):
        raise ValueError(f"weights has shape {array.shape}; ({n_samples},) is wanted, one weight a sample")
    if not np.isfinite(array).all():
        raise ValueError(f"weights holds a value that is not finite (row {int(np.argmin(np.isfinite(array)))})")
    if (array < 0).any():
        raise ValueError(f"weights holds {array.min():g} (row {int(np.argmin(array))}); weights are >= 0")
    if np.count_nonzero(array) < 2:
        seen = "are all zero" if not array.any() else "are zero for all samples but one"
        raise ValueError(f"weights {seen}: at least two samples must count")
    return read_only(array)


def check_same_length(latents: tuple[int, int], factors: tuple[int, int]) -> None:
    """Latents and factors, of these shapes, must have the same samples; says so where one looks transposed."""
    (n_latent_rows, n_latents), (n_factor_rows, n_factors) = latents, factors
    if n_latent_rows == n_factor_rows:
        if n_latents > n_latent_rows and n_factors > n_factor_rows:
            raise ValueError(
                f"latents {latents} and factors {factors} both have more columns than samples: both look transposed"
            )
        return
    hint = ""
    if n_latents == n_factor_rows and n_latents > n_latent_rows:
        hint = "; latents looks transposed: pass latents.T"
    elif n_factors == n_latent_rows and n_factors > n_factor_rows:
        hint = "; factors looks transposed: pass factors.T"
    raise ValueError(
        f"latents has {n_latent_rows} samples (axis 0 of shape {latents}) but factors has {n_factor_rows}{hint}"
    )
