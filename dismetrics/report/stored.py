"""An evaluation read back from what it was written as."""

import math
from typing import Any

import numpy as np

from dismetrics.evaluated import Evaluation, Failure, Omitted
from dismetrics.results import Result

__all__ = ["stored_evaluation"]

_ALWAYS_THERE = {
    "results": ("score",),
    "intervals": ("low", "high", "numbers", "factor_names"),
    "chance": ("mean", "low", "high", "p_value", "adjusted", "numbers", "factor_names"),
}


class _StoredResult(Result):
    """A result whose fields come from a file: attributes as of the result that was written, with arrays for lists."""

    __slots__ = ("_fields",)

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields

    def __getattr__(self, name: str) -> Any:
        # What begins with an underscore is Python asking, perhaps before there are fields.
        if name.startswith("_") or name not in self._fields:
            raise AttributeError(f"no {name!r} was stored")
        return self._fields[name]

    def _values(self) -> dict[str, Any]:
        return self._fields


def stored_evaluation(content: Any, name: str) -> Evaluation:
    """The evaluation whose `to_dict()` this is, whether it was in a file in between or not.

    Everything that an evaluation says can be read from it: rows, tables, every field of every result. Null stands for
    nan among numbers.
    """
    if not isinstance(content, dict) or not isinstance(content.get("results"), dict):
        raise ValueError(f"{name} is no evaluation: it has no 'results' by name of a metric")
    if not content["results"]:
        raise ValueError(f"{name} is an evaluation without results; at least one metric is wanted")
    parts: dict[str, Any] = {}
    for part, wanted in _ALWAYS_THERE.items():
        entries = content.get(part, {})
        if not isinstance(entries, dict):
            raise ValueError(f"{name} is no evaluation: its {part!r} are not given by name of a metric")
        parts[part] = {metric: _entry(entry, wanted, f"{name}: {metric}") for metric, entry in entries.items()}
    provenance = content.get("provenance")
    if not isinstance(provenance, dict):
        raise ValueError(f"{name} is no evaluation: it has no 'provenance'")
    evaluation = Evaluation(parts["results"], provenance, parts["intervals"], parts["chance"])
    try:
        evaluation.rows(), evaluation.factor_table()
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f"{name} is no evaluation as dismetrics writes it: {error}") from error
    return evaluation


def _entry(entry: Any, wanted: tuple[str, ...], place: str) -> Any:
    if not isinstance(entry, dict):
        raise ValueError(f"{place} is {type(entry).__name__}; the fields of a result are wanted")
    for word, kind in (("omitted", Omitted), ("error", Failure)):
        if set(entry) == {word}:
            return kind(str(entry[word]))
    missing = [field for field in wanted if field not in entry]
    if missing:
        raise ValueError(f"{place} has no {missing[0]!r}; it has {', '.join(map(str, entry)) or 'nothing'}")
    fields = {field: _array(value) for field, value in entry.items()}
    fields |= {field: math.nan for field in wanted if fields[field] is None}
    return _StoredResult(fields)


def _array(value: Any) -> Any:
    """Lists of numbers as arrays, with nan for null; whatever else as it is."""
    if not isinstance(value, list) or not value:
        return value
    flat = np.array(value, dtype=object) if _is_regular(value) else None
    if flat is None or not all(entry is None or type(entry) in (int, float) for entry in flat.reshape(-1)):
        return tuple(value)
    whole = all(type(entry) is int for entry in flat.reshape(-1))
    return flat.astype(np.int64 if whole else np.float64)


def _is_regular(value: list[Any]) -> bool:
    """Whether a list, or a list of lists, is the rows of an array."""
    lengths = {len(entry) if isinstance(entry, list) else -1 for entry in value}
    if len(lengths) != 1:
        return False
    return -1 in lengths or all(_is_regular(entry) for entry in value if entry)
