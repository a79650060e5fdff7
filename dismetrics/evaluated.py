"""What came of an evaluation: results by name, as tables, JSON and CSV, and where they came from."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dismetrics.provenance import as_provenance
from dismetrics.results import Result, to_plain
from dismetrics.scoring import Failure, Omitted, score_of, spec_of
from dismetrics.tables import Table, number

__all__ = ["Evaluation", "Failure", "Omitted", "as_provenance"]

_INTERVAL_COLUMNS = {"low": "low", "high": "high"}
_CHANCE_COLUMNS = {
    "chance": "mean",
    "chance low": "low",
    "chance high": "high",
    "p": "p_value",
    "adjusted": "adjusted",
}
"""Column -> attribute."""


def _place(latent: int) -> str:
    return "-" if latent < 0 else str(latent)


_EXPLAINED: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("best_latents", "best latent", _place),
    ("runner_up_latents", "runner-up", _place),
    ("matched_latents", "matched latent", _place),
    ("factor_entropy", "H(v) in nats", number),
)
"""What explains a score of factors, by the field of the result that holds it: a column of the table of factors."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The results of several metrics.

    Attributes
    ----------
    results : dict
        Metric name -> its result, a `Failure`, or an `Omitted` (a kind of `Failure`) where the metric is not defined
        for the data.
    provenance : dict
        Versions, seed, shapes and what the data were.
    intervals : dict
        Metric name -> its `ConfidenceInterval`, a `Failure`, or an `Omitted`; empty where none were asked for.
    chance : dict
        Metric name -> its `ChanceLevel`, a `Failure`, or an `Omitted`; empty where none were asked for.
    """

    results: dict[str, Any]
    provenance: dict[str, Any]
    intervals: dict[str, Any] = field(default_factory=dict)
    chance: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        if name not in self.results:
            raise KeyError(f"{name!r} was not evaluated; there is {', '.join(self.results)}")
        return self.results[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def rows(self) -> list[dict[str, Any]]:
        """One row a number: metric (`dci`, `dci.completeness`), score, interval, chance, ceiling, estimator, error."""
        rows = []
        for name, result in self.results.items():
            rows.append(self._row(name, result, None))
            if not isinstance(result, Failure):
                rows.extend(self._row(name, result, further) for further in _further_numbers(name, result))
        return rows

    def factor_rows(self) -> list[dict[str, Any]]:
        """One row for each factor of each metric that has something to say of single factors."""
        rows = []
        for name, result in self._with_factors().items():
            for k, factor in enumerate(result.factor_names):
                row = {"metric": name, "factor": factor, "score": float(result.per_factor[k])}
                for found, columns in self._columns().values():
                    each = found.get(name)
                    row |= {
                        column: None
                        if each is None or isinstance(each, Failure) or not each.factor_names
                        else float(getattr(each, f"{attribute}_per_factor")[k])
                        for column, attribute in columns.items()
                    }
                rows.append(row)
        return rows

    def _columns(self) -> dict[str, tuple[dict[str, Any], dict[str, str]]]:
        """What was found beside the results, and the columns that show it, by attribute."""
        found: dict[str, tuple[dict[str, Any], dict[str, str]]] = {}
        if "intervals" in self.provenance:
            found["intervals"] = self.intervals, _INTERVAL_COLUMNS
        if "chance" in self.provenance:
            found["chance"] = self.chance, _CHANCE_COLUMNS
        return found

    def _row(self, name: str, result: Any, further: str | None) -> dict[str, Any]:
        known = not isinstance(result, Failure)
        score = None
        if known:
            score = score_of(result) if further is None else float(getattr(result, further))
        row: dict[str, Any] = {"metric": name if further is None else f"{name}.{further}", "score": score}
        notes = []
        for found, columns in self._columns().values():
            each = found.get(name)
            if isinstance(each, Failure):
                notes.append(each.error)
                each = None
            for column, attribute in columns.items():
                value = None
                if each is not None:
                    value = getattr(each, attribute) if further is None else each.numbers[further][attribute]
                row[column] = value
        settings = getattr(result, "settings", {})
        row["ceiling"] = getattr(result, "ceiling", None) if known and further is None else None
        row["estimator"] = settings.get("estimator") if known else None
        row["error"] = None if known else result.error
        row["note"] = "; ".join(notes) if further is None and notes else None
        return row

    def table(self) -> Table:
        """The scores, one row a number; what is missing is explained below the last column's heading."""
        rows = self.rows()
        columns = [name for name in rows[0] if name not in ("estimator", "error", "note")]
        cells = [[row["metric"], *(number(row[name]) for name in columns[1:]), row["estimator"] or ""] for row in rows]
        columns = [*columns, "estimator"]
        for word in ("error", "note"):
            if any(row[word] for row in rows):
                columns.append(word)
                cells = [[*cell, row[word] or ""] for cell, row in zip(cells, rows, strict=True)]
        return Table(columns, cells)

    def _with_factors(self) -> dict[str, Any]:
        return {
            name: r
            for name, r in self.results.items()
            if getattr(r, "factor_names", ()) and np.shape(getattr(r, "per_factor", 0.0)) == (len(r.factor_names),)
        }

    def factor_table(self) -> Table | None:
        """What each metric says of each factor; None if none says anything."""
        detailed = self._with_factors()
        if not detailed:
            return None
        # A preset, or a function of one's own, may leave factors out.
        factors = list(dict.fromkeys(factor for result in detailed.values() for factor in result.factor_names))
        columns, cells = ["factor"], [factors]
        rows = self.factor_rows()
        for name, result in detailed.items():
            of_metric = [row for row in rows if row["metric"] == name]
            said: list[tuple[str, list[str]]] = [
                (name if column == "score" else column, [number(row[column]) for row in of_metric])
                for column in list(of_metric[0])[2:]
            ]
            said += [
                (column, [text(value) for value in getattr(result, field)])
                for field, column, text in _EXPLAINED
                if hasattr(result, field)
            ]
            for column, entries in said:
                by_factor = dict(zip(result.factor_names, entries, strict=True))
                columns.append(column)
                cells.append([by_factor.get(factor, "-") for factor in factors])
        return Table(columns, list(zip(*cells, strict=True)))

    def __str__(self) -> str:
        tables = [self.table(), self.factor_table()]
        return "\n\n".join(str(table) for table in tables if table is not None)

    def _repr_html_(self) -> str:
        return "".join(table.to_html() for table in (self.table(), self.factor_table()) if table is not None)

    def to_dict(self) -> dict[str, Any]:
        """Provenance, every result, intervals and chance levels, as plain numbers, lists and strings."""
        return {
            "provenance": to_plain(self.provenance),
            "results": _plain(self.results),
            **{word: _plain(found) for word, (found, _) in self._columns().items()},
        }

    def to_json(self, *, indent: int | None = 2) -> str:
        """`to_dict()` as JSON; numbers that are not finite become null."""
        return json.dumps(self.to_dict(), indent=indent, allow_nan=False)

    def to_csv(self, *, per_factor: bool = False) -> str:
        """`rows()` or `factor_rows()` as comma-separated values at full precision."""
        rows = self.factor_rows() if per_factor else self.rows()
        columns = list(rows[0]) if rows else ["metric", "factor", "score"]
        return Table(columns, [["" if v is None else str(v) for v in row.values()] for row in rows]).to_csv()


def _further_numbers(name: str, result: Any) -> tuple[str, ...]:
    """The numbers beside the headline that the registry lists for a metric."""
    spec = spec_of(name)
    return () if spec is None else tuple(number for number in spec.numbers if hasattr(result, number))


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain_entry(entry) for name, entry in found.items()}


def _plain_entry(entry: Any) -> Any:
    if isinstance(entry, Failure):
        return {"omitted" if isinstance(entry, Omitted) else "error": entry.error}
    return entry.to_dict() if isinstance(entry, Result) else {"score": to_plain(score_of(entry))}
