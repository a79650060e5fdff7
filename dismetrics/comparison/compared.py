"""What came of a comparison: scores of models, differences, and the agreement of metrics, as tables, JSON and CSV."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dismetrics.comparison.agreement import RankAgreement, rank_agreement
from dismetrics.results import to_plain
from dismetrics.tables import Table, number

__all__ = ["Comparison"]

_FEWEST_FOR_AGREEMENT = 3

_DIFFERENCE_COLUMNS = ("metric", "first", "second", "difference", "low", "high", "over")


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Models side by side.

    Attributes
    ----------
    scores : list of dict
        One row a number and model: metric, model, score (the mean over runs), low, high, row_error, run_error, over
        (what the interval is over: rows, runs, or both), n_runs; or a note that says why there is no score.
    differences : list of dict
        One row a number and pair of models: metric, first, second, difference (first less second), low, high,
        row_error, run_error, over; or a note.
    runs : dict
        Number -> the scores of all runs of all models, for the numbers that all of them have.
    lower_is_better : tuple of str
        Numbers whose low scores are the good ones.
    note : str
        Why the rows give no intervals, where they give none.
    level : float
        Confidence level of the intervals.
    provenance : dict
        Versions, seed and shapes.
    """

    scores: list[dict[str, Any]]
    differences: list[dict[str, Any]]
    runs: dict[str, list[float]]
    lower_is_better: tuple[str, ...]
    note: str
    level: float
    provenance: dict[str, Any]

    def score_table(self) -> Table:
        """One row a number, one column a model: score [low, high]."""
        models = list(dict.fromkeys(row["model"] for row in self.scores))
        by_metric: dict[str, dict[str, str]] = {}
        for row in self.scores:
            by_metric.setdefault(row["metric"], {})[row["model"]] = _with_ends(row)
        rows = [[metric, *(cells.get(model, "-") for model in models)] for metric, cells in by_metric.items()]
        return Table(("metric", *models), rows)

    def difference_table(self) -> Table:
        """One row a number and pair of models."""
        columns = list(_DIFFERENCE_COLUMNS)
        rows = [
            [
                row["metric"],
                row["first"],
                row["second"],
                *(number(row.get(column)) for column in ("difference", "low", "high")),
                row.get("over") or "-",
            ]
            for row in self.differences
        ]
        if any(row.get("note") for row in self.differences):
            columns.append("note")
            rows = [[*cells, row.get("note") or ""] for cells, row in zip(rows, self.differences, strict=True)]
        return Table(columns, rows)

    def agreement(self, *, statistic: str = "kendall", metrics: Sequence[str] | None = None) -> RankAgreement:
        """Rank correlations between the metrics over the models, every run counted as one.

        Parameters
        ----------
        statistic : {"kendall", "spearman"}, default "kendall"
            See `rank_agreement`.
        metrics : sequence of str, optional
            Numbers to correlate; by default all that every model has.

        Returns
        -------
        RankAgreement
            The matrix and, from ten models on, its intervals.

        Raises
        ------
        ValueError
            For fewer than three models.
        """
        chosen = list(self.runs) if metrics is None else list(metrics)
        unknown = [name for name in chosen if name not in self.runs]
        if unknown:
            raise ValueError(
                f"metrics names {unknown[0]!r}, which not every model has; there is {', '.join(self.runs)}"
            )
        return rank_agreement(
            {name: self.runs[name] for name in chosen},
            lower_is_better=self.lower_is_better,
            statistic=statistic,
            level=self.level,
        )

    @property
    def _has_agreement(self) -> bool:
        return len(self.runs) > 1 and all(len(scores) >= _FEWEST_FOR_AGREEMENT for scores in self.runs.values())

    def _tables(self) -> list[Table]:
        tables = [self.score_table(), self.difference_table()]
        return [*tables, self.agreement().table()] if self._has_agreement else tables

    def __str__(self) -> str:
        return "\n\n".join([*map(str, self._tables()), *([self.note] if self.note else [])])

    def _repr_html_(self) -> str:
        return "".join(table.to_html() for table in self._tables()) + (f"<p>{self.note}</p>" if self.note else "")

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers, lists and strings."""
        plain = {name: to_plain(getattr(self, name)) for name in self.__slots__}
        return plain | {"agreement": self.agreement().to_dict()} if self._has_agreement else plain

    def to_json(self, *, indent: int | None = 2) -> str:
        """`to_dict()` as JSON; numbers that are not finite become null."""
        return json.dumps(self.to_dict(), indent=indent, allow_nan=False)

    def to_csv(self) -> str:
        """The differences as comma-separated values at full precision."""
        columns = (*_DIFFERENCE_COLUMNS, "row_error", "run_error", "note")
        rows = [[_text(row.get(column)) for column in columns] for row in self.differences]
        return Table(columns, rows).to_csv()


def _with_ends(row: dict[str, Any]) -> str:
    """0.310 [0.291, 0.329], or what there is of it."""
    score = number(row["score"])
    if row["score"] is None or row["low"] != row["low"]:
        return score
    return f"{score} [{number(row['low'])}, {number(row['high'])}]"


def _text(value: Any) -> str:
    return "" if value is None else str(value)
