"""Columns of labels and of quantities."""

import numbers
import warnings
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from dismetrics.typing import BoolArray, FloatArray, IntArray
from dismetrics.validation.arrays import check_column, numeric
from dismetrics.warnings import DegenerateDataWarning

__all__ = ["absent", "encode_distinct", "encode_labels", "finite_column", "unboxed", "warn_if_degrees"]

_MANY_TURNS = 8.0

_DENSE_LABEL_RANGE = 2**22
"""Integer labels within a range of this size are numbered by table look-up, others by sorting."""


def absent(column: np.ndarray[Any, Any]) -> BoolArray:
    """Where NaN, NaT, None or pandas' NA stand: all that is not equal to itself, and None."""
    if column.dtype.kind in "fc":
        return np.isnan(column)
    if column.dtype.kind in "mM":
        return np.isnat(column)
    if column.dtype.kind != "O":
        return np.zeros(len(column), bool)
    return np.array([_is_absent(value) for value in column], bool)


def _is_absent(value: object) -> bool:
    if value is None:
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError):  # pandas' NA has no truth value; an array has too many
        return getattr(value, "size", 1) == 1


def unboxed(column: np.ndarray[Any, Any], missing: BoolArray) -> np.ndarray[Any, Any]:
    """A column of objects that are all numbers, as the array it would have been; missing entries become 0."""
    if column.dtype.kind != "O":
        return column
    known = column[~missing].tolist()
    if all(isinstance(value, (bool, np.bool_)) for value in known):
        kind: Any = np.bool_
    elif all(isinstance(value, numbers.Integral) for value in known):
        kind = np.int64 if all(-(2**63) <= int(value) < 2**63 for value in known) else object
    elif all(isinstance(value, (numbers.Real, Decimal)) for value in known):
        kind = np.float64
    else:
        return column
    if kind is object:
        return column
    plain = np.zeros(len(column), kind)
    plain[~missing] = known
    return plain


def finite_column(values: np.ndarray[Any, Any], missing: BoolArray, what: str) -> FloatArray:
    """A float64 column that is finite wherever it is not missing; missing entries become zero."""
    column = np.where(missing, 0.0, numeric(values, what)).astype(np.float64)
    check_column(column, what, values.dtype, ignored=missing)
    return column


def warn_if_degrees(angles: FloatArray, what: str) -> None:
    """Angles in radians rarely go round and round."""
    turns = float(angles.max() - angles.min()) / (2 * np.pi)
    if turns > _MANY_TURNS:
        warnings.warn(
            f"{what} is circular, in radians, and spans {turns:.0f} turns: if it is in degrees, pass np.radians(...)",
            DegenerateDataWarning,
            stacklevel=3,
        )


def encode_labels(values: np.ndarray[Any, Any], missing: BoolArray, what: str) -> tuple[IntArray, np.ndarray[Any, Any]]:
    """Labels numbered from 0 in sorted order, -1 where missing, and the label each number stands for."""
    kind = values.dtype.kind
    if kind == "c":
        raise TypeError(f"{what} holds complex numbers; labels are integers, booleans or strings")
    if kind == "V":
        raise TypeError(f"{what} has dtype {values.dtype} with fields: pass a mapping of name to column")
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
        if np.abs(known).max() < 2**62:
            return _encode_integers(known.astype(np.int64), missing)
    return encode_distinct(values, missing, what)


def encode_distinct(
    values: np.ndarray[Any, Any], missing: BoolArray, what: str, order: Sequence[Any] | None = None
) -> tuple[IntArray, np.ndarray[Any, Any]]:
    """Labels of any kind, every distinct value one label; numbered in the order given or their own."""
    if values.dtype.kind == "c":
        raise TypeError(f"{what} holds complex numbers; labels are integers, booleans or strings")
    codes = np.full(len(values), -1, np.int32)
    known = values[~missing]
    if values.dtype.kind == "f":
        finite_column(values, missing, what)
    if values.dtype.kind != "O" and order is None:
        categories, codes[~missing] = np.unique(known, return_inverse=True)
        return codes, categories
    try:
        distinct = set(known.tolist())
    except TypeError as error:
        raise TypeError(f"{what} holds objects that cannot be labels: {error}") from error
    ordered = _ordered(distinct) if order is None else [value for value in order if value in distinct]
    categories = np.empty(len(ordered), object)
    categories[:] = ordered
    number = {value: i for i, value in enumerate(ordered)}
    codes[~missing] = [number[value] for value in known.tolist()]
    return codes, categories


def _ordered(distinct: set[Any]) -> list[Any]:
    """In the order of the values' type where it is a total one; else by type, then by what they print as."""
    types = {type(value) for value in distinct}
    # Sets compare by inclusion, which orders few of them.
    if len(types) == 1 and not types & {set, frozenset}:
        try:
            return sorted(distinct)
        except TypeError:
            pass
    return sorted(distinct, key=lambda value: (type(value).__name__, str(value)))


def _encode_integers(values: np.ndarray[Any, Any], missing: BoolArray) -> tuple[IntArray, np.ndarray[Any, Any]]:
    """Integer labels, without sorting where their range allows a table."""
    some_missing = missing.any()
    known = values[~missing] if some_missing else values
    if values.dtype.kind == "b":
        known = known.view(np.uint8)
    lowest = known.min()
    size = int(known.max()) - int(lowest) + 1
    if size > _DENSE_LABEL_RANGE:
        return encode_distinct(values, missing, "labels")
    # Unsigned differences fit; signed ones need the wider type, whose range they cannot leave here.
    shifted = known - lowest if known.dtype.kind == "u" else known.astype(np.int64) - int(lowest)
    present = np.bincount(shifted.astype(np.int64), minlength=size) > 0
    number = np.cumsum(present, dtype=np.int32) - np.int32(1)
    categories = (np.flatnonzero(present).astype(known.dtype if known.dtype.kind == "u" else np.int64) + lowest).astype(
        values.dtype
    )
    if not some_missing:
        return number[shifted], categories
    codes = np.full(len(values), -1, np.int32)
    codes[~missing] = number[shifted]
    return codes, categories
