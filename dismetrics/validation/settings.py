"""Words, numbers, seeds and names of columns."""

import math
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dismetrics.typing import RandomState

__all__ = [
    "as_choice",
    "as_flag",
    "as_fraction",
    "as_generator",
    "as_interval",
    "as_names",
    "as_positive_integer",
    "as_positive_number",
    "as_seed",
    "column_index",
    "per_column",
]


def as_choice(value: object, name: str, choices: Sequence[str]) -> str:
    """One of the listed words."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name}={value!r} is not known; choose one of {', '.join(map(repr, choices))}")
    return value


def as_flag(value: object, name: str) -> bool:
    """True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name}={value!r}; True or False is wanted")
    return bool(value)


def as_positive_integer(value: Any, name: str, *, at_least: int = 1) -> int:
    """A whole number not below the bound."""
    if isinstance(value, (bool, np.bool_)):  # True counts as 1 to Python, hardly to its user
        raise TypeError(f"{name}={value!r} is not a whole number")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}={value!r} is not a whole number") from None
    if number < at_least:
        raise ValueError(f"{name}={value!r}; a whole number of at least {at_least} is wanted")
    return number


def as_positive_number(value: Any, name: str, *, zero_allowed: bool = False) -> float:
    """A finite number above zero, or not below it."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name}={value!r} is not a number")
    if not math.isfinite(value) or value < 0 or (value == 0 and not zero_allowed):
        raise ValueError(f"{name}={value!r}; a finite number {'not below' if zero_allowed else 'above'} zero is wanted")
    return float(value)


def as_generator(rng: RandomState) -> np.random.Generator:
    """A generator from None, a seed or a generator (SPEC 7)."""
    if isinstance(rng, np.random.Generator):
        return rng
    return np.random.default_rng(None if rng is None else as_positive_integer(rng, "rng", at_least=0))


def as_interval(value: Any, name: str) -> tuple[float, float]:
    """Two finite numbers, the first below the second."""
    try:
        low, high = (float(end) for end in value)
    except (TypeError, ValueError):
        raise TypeError(f"{name}={value!r}; two numbers such as (-4.0, 4.0) are wanted") from None
    if not (math.isfinite(low) and math.isfinite(high) and low < high and math.isfinite(high - low)):
        raise ValueError(f"{name}={value!r}; two finite numbers are wanted, the lower one first")
    return low, high


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
    by_index: dict[int, Any] = {}
    for key, value in setting.items():
        index = column_index(key, names, what)
        if index in by_index:
            raise ValueError(f"{what} speaks of {names[index]} twice, by name and by index")
        by_index[index] = value
    return by_index


def column_index(key: object, names: Sequence[str], what: str) -> int:
    """The index of a column given by name or index."""
    if isinstance(key, str):
        if key not in names:
            raise ValueError(f"{what} names {key!r}, which is no factor; the factors are {', '.join(names)}")
        return list(names).index(key)
    index = as_positive_integer(key, f"{what} index", at_least=-len(names))
    if str(index) in names and list(names).index(str(index)) != index:
        raise ValueError(f"{what} index {index} is the name of another factor; give the name, as a string")
    if index >= len(names):
        raise ValueError(f"{what} index {index} is out of range for {len(names)} factors ({', '.join(names)})")
    return index % len(names)


def as_fraction(value: Any, name: str) -> float:
    """A number strictly between 0 and 1."""
    number = as_positive_number(value, name)
    if number >= 1:
        raise ValueError(f"{name}={value!r}; a number between 0 and 1 is wanted, such as 0.95")
    return number


def as_seed(rng: RandomState) -> int:
    """A seed from a seed, or one drawn from a generator or from fresh entropy."""
    if rng is None or isinstance(rng, np.random.Generator):
        return int(as_generator(rng).integers(2**32))
    return as_positive_integer(rng, "rng", at_least=0)
