"""Anything array-like as a numpy array of real numbers."""

import math
import warnings
from typing import Any

import numpy as np

from dismetrics.typing import ArrayLike, BoolArray, FloatArray
from dismetrics.warnings import PrecisionWarning

__all__ = ["check_column", "numeric", "read_only", "to_numpy", "warn_if_coarse"]

_RELIABLE_SPACINGS = 1e4
"""A column that spans fewer spacings of its floating-point offset than this is warned about."""


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


def read_only(array: Any) -> Any:
    """The array, closed to writing: kernels index by what was checked, and would run out of bounds otherwise."""
    array.setflags(write=False)
    return array


def numeric(array: np.ndarray[Any, Any], name: str) -> np.ndarray[Any, Any]:
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


def check_column(column: FloatArray, what: str, dtype: np.dtype[Any], ignored: BoolArray | None = None) -> None:
    """Raise on values that are not finite; where a dtype is given, warn if its spacing shows in the range.

    Entries that are `ignored` must be finite already and take no part in the range.
    """
    counted = column if ignored is None else column[~ignored]
    lowest, highest = float(counted.min()), float(counted.max())
    if not math.isfinite(lowest) or not math.isfinite(highest):
        bad = ~np.isfinite(column)
        first = int(np.argmax(bad))
        raise ValueError(
            f"{what} holds {int(bad.sum())} values that are not finite (first: {column[first]} in row {first}); "
            "remove or impute these rows"
        )
    if not math.isfinite(highest - lowest):
        raise ValueError(f"{what} spans from {lowest:g} to {highest:g}, more than float64 can hold: rescale it")
    warn_if_coarse(highest - lowest, max(abs(lowest), abs(highest)), what, "range", dtype)


def warn_if_coarse(size: float, offset: float, what: str, of: str, dtype: np.dtype[Any]) -> None:
    """Warn when a range or scale is within a few thousand floating-point spacings of its offset."""
    if size == 0:
        return
    kind = dtype if dtype.kind == "f" else np.dtype(np.float64)
    with np.errstate(over="ignore"):  # next to the largest number
        spacing = float(np.spacing(np.asarray(offset, kind)))
    if size < _RELIABLE_SPACINGS * spacing:
        warnings.warn(
            f"{what} has a {of} of {size:g} beside an offset of {offset:g}, only {size / spacing:.0f} spacings of "
            f"{kind}: rounding of the input shows in the result. Subtract the offset before storing it",
            PrecisionWarning,
            stacklevel=2,
        )
