"""The only door: everything that looks at raw user input, and every message about it.

Arrays leave as float64 in column order (one latent contiguous in memory), labels as int32 codes; what lies below
trusts them.
"""

import math
import operator
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray, RandomState
from dismetrics.warnings import PrecisionWarning

__all__ = [
    "as_choice",
    "as_draws",
    "as_generator",
    "as_matrix",
    "as_names",
    "as_positive_integer",
    "as_probability_table",
    "as_weights",
    "check_positive",
    "check_same_length",
    "check_same_shape",
    "check_within_unit",
    "column_index",
    "encode_distinct",
    "encode_labels",
    "finite_column",
    "per_column",
    "to_numpy",
    "warn_if_scale_is_coarse",
]

_RELIABLE_SPACINGS = 1e4
"""A column that spans fewer spacings of its floating-point offset than this is warned about."""

_ROWS_IN_CACHE = 2048
"""Rows copied at a time where the order of an array changes."""

_DENSE_LABEL_RANGE = 2**22
"""Integer labels within a range of this size are numbered by table look-up, others by sorting."""


def to_numpy(values: ArrayLike, name: str) -> np.ndarray[Any, Any]:
    """A numpy array from anything array-like; tensors and data frames by the methods they carry."""
    if isinstance(values, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; pass the plain array, and missing labels through `missing=`")
    if hasattr(values, "detach"):  # torch: off the graph and the device; numpy has no bfloat16
        values = values.detach().cpu()
        if "bfloat16" in str(values.dtype):
            values = values.float()
    elif hasattr(values, "get") and hasattr(values, "__cuda_array_interface__"):  # CuPy
        values = values.get()
    elif hasattr(values, "to_numpy"):  # pandas, polars
        values = values.to_numpy()
    elif hasattr(values, "toarray"):  # scipy.sparse
        values = values.toarray()
    try:
        return np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} is not a rectangular array: {error}") from error


def as_matrix(values: ArrayLike, name: str) -> FloatArray:
    """A finite (n_samples, n_columns) float64 matrix in column order."""
    array = _numeric(to_numpy(values, name), name)
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
        raise ValueError(f"{name} has one row; at least two samples are needed")
    matrix = _by_column(array)
    for column in range(matrix.shape[1]):
        _check_column(matrix[:, column], f"column {column} of {name}", array.dtype)
    return matrix


def _by_column(array: np.ndarray[Any, Any]) -> FloatArray:
    """The array as float64 in column order; copied in blocks of rows that stay in cache."""
    if array.flags.f_contiguous:
        return np.asfortranarray(array, np.float64)
    columns = np.empty(array.shape[::-1])
    for start in range(0, len(array), _ROWS_IN_CACHE):
        rows = slice(start, start + _ROWS_IN_CACHE)
        columns[:, rows] = array[rows].T
    return columns.T


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


def check_same_shape(**arrays: FloatArray) -> None:
    """All arrays must have one shape."""
    if len({array.shape for array in arrays.values()}) > 1:
        shapes = " and ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"shapes differ: {shapes}")


def check_within_unit(matrix: FloatArray, name: str, remedy: str) -> None:
    """All entries must lie in [0, 1]."""
    outside = (matrix < 0) | (matrix > 1)
    if outside.any():
        raise ValueError(f"{name} holds {matrix[outside][0]:g}, outside [0, 1]: {remedy}")


def as_probability_table(values: ArrayLike) -> FloatArray:
    """(n_samples, n_latents, n_values) probabilities that add up to 1."""
    array = _numeric(to_numpy(values, "probability"), "probability").astype(np.float64)
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
    return array / total


def as_draws(values: ArrayLike) -> FloatArray:
    """(n_draws, n_samples, n_latents) finite draws."""
    array = _numeric(to_numpy(values, "draws"), "draws").astype(np.float64)
    if array.ndim != 3 or 0 in array.shape or array.shape[1] < 2:
        raise ValueError(
            f"draws has shape {array.shape}; (n_draws, n_samples, n_latents) is wanted, with at least two samples"
        )
    if not np.isfinite(array).all():
        bad = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(f"draws holds a value that is not finite (draw {bad[0]}, sample {bad[1]}, latent {bad[2]})")
    return array


def _numeric(array: np.ndarray[Any, Any], name: str) -> np.ndarray[Any, Any]:
    """The array if it holds real numbers; object arrays of numbers are converted."""
    if array.dtype.kind == "c":
        raise TypeError(f"{name} holds complex numbers; pass real values, such as the real and imaginary parts")
    if array.dtype.kind == "O":
        try:
            return array.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise TypeError(f"{name} holds objects that are not numbers: {error}") from error
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} has dtype {array.dtype}; real numbers are wanted")
    return array


def _check_column(column: FloatArray, what: str, dtype: np.dtype[Any]) -> None:
    """Raise on values that are not finite; warn where the input's spacing shows."""
    lowest, highest = float(column.min()), float(column.max())
    if not math.isfinite(lowest) or not math.isfinite(highest):
        bad = ~np.isfinite(column)
        first = int(np.argmax(bad))
        raise ValueError(
            f"{what} holds {int(bad.sum())} values that are not finite (first: {column[first]} in row {first}); "
            "remove or impute these rows"
        )
    if not math.isfinite(highest - lowest):
        raise ValueError(f"{what} spans from {lowest:g} to {highest:g}, more than float64 can hold: rescale it")
    _warn_if_coarse(highest - lowest, max(abs(lowest), abs(highest)), what, "range", dtype)


def _warn_if_coarse(size: float, offset: float, what: str, of: str, dtype: np.dtype[Any]) -> None:
    """Warn when a range or scale is within a few thousand floating-point spacings of its offset."""
    kind = dtype if dtype.kind == "f" else np.dtype(np.float64)
    spacing = float(np.spacing(np.asarray(offset, kind)))
    if 0 < size < _RELIABLE_SPACINGS * spacing:
        warnings.warn(
            f"{what} has a {of} of {size:g} beside an offset of {offset:g}, only {size / spacing:.0f} spacings of "
            f"{kind}: rounding of the input shows in the result. Subtract the offset before storing it",
            PrecisionWarning,
            stacklevel=2,
        )


def warn_if_scale_is_coarse(location: FloatArray, scale: FloatArray, dtype: Any) -> None:
    """Warn of scales within a few thousand floating-point spacings of the locations, column by column."""
    # Tensors of other libraries have dtypes of their own; their values came in as numpy's.
    kind = dtype if isinstance(dtype, np.dtype) else np.dtype(np.float64)
    for column in range(location.shape[1]):
        offset = max(float(location[:, column].max()), -float(location[:, column].min()))
        smallest = float(scale[:, column].min())
        _warn_if_coarse(smallest, offset, f"column {column} of the locations", "smallest scale", kind)


def finite_column(values: np.ndarray[Any, Any], missing: BoolArray, what: str) -> FloatArray:
    """A float64 column that is finite wherever it is not missing; missing entries become zero."""
    column = np.where(missing, 0.0, _numeric(values, what)).astype(np.float64)
    if not missing.all():
        _check_column(column[~missing], what, values.dtype)
    return column


def encode_labels(values: np.ndarray[Any, Any], missing: BoolArray, what: str) -> tuple[IntArray, np.ndarray[Any, Any]]:
    """Labels numbered from 0 in sorted order, -1 where missing, and the label each number stands for."""
    kind = values.dtype.kind
    if kind == "c":
        raise TypeError(f"{what} holds complex numbers; labels are integers, booleans or strings")
    if kind in "biu":
        return _encode_integers(values, missing)
    if kind == "f":
        known = finite_column(values, missing, what)
        if not np.array_equal(known, np.rint(known)):
            n_distinct = len(np.unique(known[~missing]))
            raise TypeError(
                f"{what} holds fractions ({n_distinct} distinct values), so it is not said whether they are labels: "
                f"pass kinds={{...: 'continuous'}} for a quantity, 'circular' for an angle in radians, "
                f"'ordinal' or 'categorical' if every distinct value is a label"
            )
        if np.abs(known).max(initial=0.0) < 2**62:
            return _encode_integers(known.astype(np.int64), missing)
        values = known
    return encode_distinct(values, missing)


def encode_distinct(values: np.ndarray[Any, Any], missing: BoolArray) -> tuple[IntArray, np.ndarray[Any, Any]]:
    """Labels of any kind, every distinct value one label."""
    known = values[~missing]
    try:
        categories, inverse = np.unique(known, return_inverse=True)
    except TypeError:  # values of several types have no order of their own
        categories = np.array(sorted(set(known.tolist()), key=lambda v: (str(type(v)), str(v))), object)
        number = {value: i for i, value in enumerate(categories)}
        inverse = np.array([number[value] for value in known.tolist()], np.int64)
    codes = np.full(len(values), -1, np.int32)
    codes[~missing] = inverse
    return codes, categories


def _encode_integers(values: np.ndarray[Any, Any], missing: BoolArray) -> tuple[IntArray, np.ndarray[Any, Any]]:
    """Integer labels, without sorting where their range allows a table."""
    some_missing = missing.any()
    known = values[~missing] if some_missing else values
    if known.size == 0:
        return np.full(len(values), -1, np.int32), known
    if values.dtype.kind == "b":
        known = known.view(np.uint8)
    lowest = int(known.min())
    size = int(known.max()) - lowest + 1
    if size > _DENSE_LABEL_RANGE:
        return encode_distinct(values, missing)
    shifted = (known - known.dtype.type(lowest)).astype(np.int32)
    present = np.bincount(shifted, minlength=size) > 0
    number = np.cumsum(present, dtype=np.int32) - np.int32(1)
    categories = (np.flatnonzero(present) + lowest).astype(values.dtype)
    if not some_missing:
        return number[shifted], categories
    codes = np.full(len(values), -1, np.int32)
    codes[~missing] = number[shifted]
    return codes, categories


def as_weights(weights: ArrayLike | None, n_samples: int) -> FloatArray | None:
    """Finite weights >= 0, one a sample, not all zero."""
    if weights is None:
        return None
    array = _numeric(to_numpy(weights, "weights"), "weights").astype(np.float64)
    if array.shape != (n_samples,):
        raise ValueError(f"weights has shape {array.shape}; ({n_samples},) is wanted, one weight a sample")
    if not np.isfinite(array).all():
        raise ValueError(f"weights holds a value that is not finite (row {int(np.argmin(np.isfinite(array)))})")
    if (array < 0).any():
        raise ValueError(f"weights holds {array.min():g} (row {int(np.argmin(array))}); weights are >= 0")
    if not array.any():
        raise ValueError("weights are all zero: no sample would count")
    return array


def check_same_length(shape: tuple[int, ...], n_factors: int, what: str) -> None:
    """Latents and factors must have the same rows; says so where one looks transposed."""
    if shape[0] == n_factors:
        return
    hint = f"; {what} looks transposed: pass {what}.T" if len(shape) == 2 and shape[1] == n_factors else ""
    raise ValueError(f"{what} has {shape[0]} samples (axis 0 of shape {shape}) but factors has {n_factors}{hint}")


def as_choice(value: object, name: str, choices: Sequence[str]) -> str:
    """One of the listed words."""
    if value not in choices:
        raise ValueError(f"{name}={value!r} is not known; choose one of {', '.join(map(repr, choices))}")
    return str(value)


def as_positive_integer(value: object, name: str, *, at_least: int = 1) -> int:
    """A whole number not below the bound."""
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{name}={value!r} is not a whole number") from None
    if isinstance(value, bool):  # True counts as 1 to Python, hardly to its user
        raise TypeError(f"{name}={value!r} is not a whole number")
    if number < at_least:
        raise ValueError(f"{name}={value!r}; a whole number of at least {at_least} is wanted")
    return number


def as_generator(rng: RandomState) -> np.random.Generator:
    """A generator from None, a seed or a generator (SPEC 7)."""
    if isinstance(rng, np.random.Generator):
        return rng
    return np.random.default_rng(None if rng is None else as_positive_integer(rng, "rng", at_least=0))


def as_names(names: Sequence[str] | None, count: int, what: str) -> tuple[str, ...]:
    """One distinct name a column; `factor_0`, `factor_1`, ... where none are given."""
    if names is None:
        return tuple(f"factor_{k}" for k in range(count))
    if isinstance(names, str):
        raise TypeError(f"names={names!r} is one string; a sequence of {count} names is wanted")
    result = tuple(str(name) for name in names)
    if len(result) != count:
        raise ValueError(f"{len(result)} names are given for {count} {what}")
    if len(set(result)) != count:
        raise ValueError(f"names of {what} must differ from each other: {result}")
    return result


def per_column(setting: Mapping[Any, Any], names: Sequence[str], what: str) -> dict[int, Any]:
    """A mapping keyed by column name or index, as one keyed by index."""
    return {column_index(key, names, what): value for key, value in setting.items()}


def column_index(key: object, names: Sequence[str], what: str) -> int:
    """The index of a column given by name or index."""
    if isinstance(key, str):
        if key not in names:
            raise ValueError(f"{what} names {key!r}, which is no factor; the factors are {', '.join(names)}")
        return list(names).index(key)
    index = as_positive_integer(key, f"{what} index", at_least=-len(names))
    if index >= len(names):
        raise ValueError(f"{what} index {index} is out of range for {len(names)} factors ({', '.join(names)})")
    return index % len(names)
