"""What every result can do: stand for its headline number, become JSON, be shown in a notebook."""

import dataclasses
import math
from typing import Any

import numpy as np

from dismetrics.tables import Table

__all__ = ["Result", "to_plain"]


def to_plain(value: Any) -> Any:
    """Nested lists, dicts, numbers and strings, ready for JSON; NaN and infinity become None."""
    if isinstance(value, np.ndarray):
        return to_plain(value.tolist())
    if isinstance(value, np.generic):
        return to_plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): to_plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(entry) for entry in value]
    return value


class Result:
    """Base of the frozen result classes; a subclass has a field `score`."""

    __slots__ = ()

    score: float

    def __float__(self) -> float:
        return float(self.score)

    def to_dict(self) -> dict[str, Any]:
        """The score and all fields as plain numbers, lists and strings, ready for JSON."""
        return {name: to_plain(value) for name, value in self._values().items()}

    def _repr_html_(self) -> str:
        rows = [(name, _short(value)) for name, value in self._values().items()]
        return Table(("field", "value"), rows, title=type(self).__name__).to_html()

    def _values(self) -> dict[str, Any]:
        """All fields by name; before them the score, where it is one of them by another name."""
        found = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}  # type: ignore[arg-type]
        return found if "score" in found else {"score": self.score, **found}


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return np.array2string(value, precision=4, threshold=200)
    return f"{value:.6g}" if isinstance(value, float) else str(value)
