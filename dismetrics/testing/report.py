"""What a check found: a row for every property, a table of them, and the smallest counterexamples."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.tables import Table

__all__ = ["CheckReport", "Counterexample", "Row"]

MOST_ROWS = 12
HELD, FAILED, DECLARED, NOT_APPLICABLE = "held", "failed", "declared to fail", "not applicable"


@dataclass(frozen=True, eq=False)
class Counterexample:
    """Data that a property fails on.

    Attributes
    ----------
    arrays : dict of str to object
        What the function was given: `latents` and `factors`, or `posterior`.
    note : str
        What was done with them, where the arrays do not say it.
    """

    arrays: dict[str, Any]
    note: str = ""

    def __str__(self) -> str:
        lines = [self.note] if self.note else []
        columns: list[tuple[str, list[str]]] = []
        for name, value in self.arrays.items():
            if isinstance(value, np.ndarray) and value.ndim in (1, 2) and len(value):
                matrix = value[:, None] if value.ndim == 1 else value
                for j in range(matrix.shape[1]):
                    heading = name if matrix.shape[1] == 1 else f"{name}[{j}]"
                    columns.append((heading, [_cell(entry) for entry in matrix[:MOST_ROWS, j].tolist()]))
                n_left = len(value) - MOST_ROWS
                if n_left > 0:
                    lines.append(f"{name}: the first {MOST_ROWS} of {len(value)} rows")
            else:
                lines.append(f"{name}: {value!r}")
        if columns:
            longest = max(len(cells) for _, cells in columns)
            rows = list(zip(*(cells + [""] * (longest - len(cells)) for _, cells in columns), strict=True))
            lines.append(str(Table([heading for heading, _ in columns], rows)))
        return "\n".join(lines)


def _cell(value: Any) -> str:
    return f"{value:.8g}" if isinstance(value, float) else str(value) if isinstance(value, int) else repr(value)


@dataclass(frozen=True, eq=False)
class Row:
    """What became of one property.

    Attributes
    ----------
    property : str
        Its name.
    status : {"held", "failed", "declared to fail", "not applicable"}
        What became of it.
    message : str
        Why it failed or does not apply, or on what it held.
    counterexample : Counterexample or None
        The smallest data found that it fails on.
    """

    property: str
    status: str
    message: str
    counterexample: Counterexample | None = None


@dataclass(frozen=True, eq=False)
class CheckReport:
    """What a check found.

    Attributes
    ----------
    name : str
        What was checked.
    rows : tuple of Row
        One for every property.
    false_alarm_rate : float
        Bound on the probability that any statistical property fails of a right function, over the whole run.
    seed : int
        Of all that was drawn.
    """

    name: str
    rows: tuple[Row, ...]
    false_alarm_rate: float
    seed: int

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    @property
    def failures(self) -> tuple[Row, ...]:
        """The rows that failed."""
        return tuple(row for row in self.rows if row.status == FAILED)

    def __getitem__(self, name: str) -> Row:
        """The row of a property."""
        for row in self.rows:
            if row.property == name:
                return row
        raise KeyError(f"{name!r}; the properties are {', '.join(row.property for row in self.rows)}")

    def table(self) -> Table:
        """The properties and what became of them."""
        return Table(
            ("property", "result", "why"), [(row.property, row.status, row.message) for row in self.rows], self.name
        )

    def __str__(self) -> str:
        n_held = sum(row.status == HELD for row in self.rows)
        parts = [str(self.table())]
        for row in self.failures:
            parts.append(f"{row.property}: {row.message}")
            if row.counterexample is not None:
                parts[-1] += "\n" + "\n".join("    " + line for line in str(row.counterexample).splitlines())
        parts.append(f"{n_held} held, {len(self.failures)} failed (seed {self.seed})")
        return "\n\n".join(parts)

    def raise_if_failed(self) -> None:
        """Raise AssertionError with the table if a property failed.

        Raises
        ------
        AssertionError
            If one failed.
        """
        if not self.passed:
            raise AssertionError(f"\n{self}")
