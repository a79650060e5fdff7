"""Many trained models as one table, and what it says."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.comparison import rank_agreement
from dismetrics.results import to_plain
from dismetrics.study.median import median_interval
from dismetrics.tables import Table, number
from dismetrics.typing import FloatArray
from dismetrics.validation import as_choice, as_fraction

__all__ = ["CASES", "CONDITIONS", "SETTINGS", "TERMS", "Study"]

CASES = ("independent_uniform", "independent_nonuniform", "dependent_uniform", "dependent_nonuniform")
"""How factors were distributed where nothing else is said: the four of Chen et al. 2018, section 5.2."""

SETTINGS = ("objective", "beta", "case")
"""What models of one setting have in common; they differ in their seed."""

CONDITIONS = (
    "data",
    "network",
    "hidden",
    "decoder_layers",
    "n_latents",
    "alpha",
    "gamma",
    "posterior",
    "prior",
    "estimator",
    "iterations",
    "batch_size",
    "learning_rate",
    "precision",
    "device",
    "n_images",
    "metrics",
    "n_draws",
)
"""How models were trained and scored beside their setting: better the same for all, and one of a seed in any case."""

TERMS = ("mig", "index_code_mi", "total_correlation", "dimension_wise_kl", "log_likelihood")
"""What the summary shows."""


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """Trained models, a row each.

    Attributes
    ----------
    rows : tuple of dict
        A row has `cell` (a name that no other row has), the setting (`objective`, `beta`, `case`), the `seed`, `status`
        (`"done"` or `"failed"`), an `error` where it failed, and numbers: `mig`, `index_code_mi`, `total_correlation`,
        `dimension_wise_kl`, `mean_kl`, `log_likelihood`, `elbo` (nats but for MIG), and whatever else was measured.
    provenance : dict
        Versions, and where the rows came from.
    """

    rows: tuple[dict[str, Any], ...]
    provenance: dict[str, Any]

    def __post_init__(self) -> None:
        seen = set[str]()
        for row in self.rows:
            missing = [name for name in ("cell", *SETTINGS, "seed", "status") if name not in row]
            if missing:
                raise ValueError(f"a row of a study has no {missing[0]!r}; it has {', '.join(row)}")
            if row["cell"] in seen:
                raise ValueError(f"two rows of a study are of the cell {row['cell']!r}")
            seen.add(row["cell"])

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def done(self) -> tuple[dict[str, Any], ...]:
        """Rows of the models that have numbers."""
        return tuple(row for row in self.rows if row["status"] == "done")

    @property
    def failed(self) -> tuple[dict[str, Any], ...]:
        """Rows of the models that could not be trained or scored."""
        return tuple(row for row in self.rows if row["status"] != "done")

    def select(self, **conditions: Any) -> "Study":
        """The rows in which every named column has this value, or one of these values.

        Parameters
        ----------
        **conditions
            Column = value, or a list, tuple or set of values.

        Returns
        -------
        Study
            With these rows.
        """
        wanted = {
            name: value if isinstance(value, (list, tuple, set)) else (value,) for name, value in conditions.items()
        }
        rows = tuple(row for row in self.rows if all(row.get(name) in values for name, values in wanted.items()))
        return Study(rows, self.provenance)

    def column(self, name: str) -> FloatArray:
        """A number of every model that is done.

        Parameters
        ----------
        name : str
            Of the column.

        Returns
        -------
        ndarray of float64, shape (n_done,)
            In the order of `done`; nan where a row has none.

        Raises
        ------
        ValueError
            If no row has it.
        """
        if not any(name in row for row in self.done):
            known = list(dict.fromkeys(key for row in self.done for key in row))
            raise ValueError(f"no model of the study has {name!r}; there is {', '.join(known) or 'none that is done'}")
        values = [row.get(name) for row in self.done]
        return np.array([math.nan if value is None else float(value) for value in values])

    def settings(self) -> list[dict[str, Any]]:
        """Settings of the models that are done: by objective in order of appearance, then by beta and case."""
        objectives = list(dict.fromkeys(row["objective"] for row in self.rows))
        cases = list(dict.fromkeys([*CASES, *(row["case"] for row in self.rows)]))
        found = {tuple(row[name] for name in SETTINGS) for row in self.done}
        ordered = sorted(found, key=lambda one: (cases.index(one[2]), objectives.index(one[0]), one[1]))
        return [dict(zip(SETTINGS, one, strict=True)) for one in ordered]

    def summary(self, names: Sequence[str] = TERMS, *, level: float = 0.95) -> list[dict[str, Any]]:
        """Medians over the seeds of every setting, with intervals.

        Parameters
        ----------
        names : sequence of str
            Columns.
        level : float, default 0.95
            Wanted coverage of the intervals; see `median_interval`.

        Returns
        -------
        list of dict
            One a setting: objective, beta, case, n_seeds, n_failed, and for every column a `MedianInterval`, or None
            where no model has a finite number.
        """
        self._check_told_apart()
        rows = []
        for setting in self.settings():
            models = self.select(**setting)
            row: dict[str, Any] = {**setting, "n_seeds": len(models.done), "n_failed": len(models.failed)}
            for name in names:
                values = models.column(name) if any(name in one for one in models.done) else np.empty(0)
                values = values[np.isfinite(values)]
                row[name] = median_interval(values, level=level) if len(values) else None
            rows.append(row)
        return rows

    def differences(self, first: str, second: str, name: str = "mig", *, level: float = 0.95) -> list[dict[str, Any]]:
        """One objective less another at the same beta and case, paired by seed.

        Models of one seed share their first weights and the order of images, so that pairs differ by less than
        models of two seeds do.

        Parameters
        ----------
        first, second : str
            Two objectives.
        name : str, default "mig"
            Column.
        level : float, default 0.95
            Of the intervals, which are those of `median_interval`, of the differences.

        Returns
        -------
        list of dict
            One a beta and case that both were trained with, and for each case one with beta None, of the differences
            averaged over all shared beta: case, beta, `difference` (a `MedianInterval`), n_positive.
        """
        self._check_told_apart()
        value = {(row["case"], row["beta"], row["seed"], row["objective"]): row.get(name) for row in self.done}
        pairs: dict[str, dict[float, dict[int, float]]] = {}
        for (case, beta, seed, objective), one in value.items():
            other = value.get((case, beta, seed, second))
            if objective == first and one is not None and other is not None:
                pairs.setdefault(case, {}).setdefault(beta, {})[seed] = one - other
        rows = []
        for case in sorted(pairs, key=lambda one: (one not in CASES, CASES.index(one) if one in CASES else 0, one)):
            by_beta = {beta: list(found.values()) for beta, found in sorted(pairs[case].items())}
            shared = set.intersection(*(set(found) for found in pairs[case].values()))
            groups: list[tuple[float | None, list[float]]] = list(by_beta.items())
            if len(by_beta) > 1 and shared:
                means = [float(np.mean([found[seed] for found in pairs[case].values()])) for seed in sorted(shared)]
                groups.append((None, means))
            rows += [
                {
                    "case": case,
                    "beta": beta,
                    "difference": median_interval(found, level=level),
                    "n_positive": sum(one > 0 for one in found),
                }
                for beta, found in groups
            ]
        return rows

    def _check_told_apart(self) -> None:
        """Refuse two models of one setting and seed, which differ in what no setting says."""
        seen: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in self.done:
            key = (*(row[name] for name in SETTINGS), row["seed"])
            before = seen.setdefault(key, row)
            if before is not row:
                told = [name for name in CONDITIONS if before.get(name) != row.get(name)]
                setting = f"{row['objective']}, beta {row['beta']:g}, {row['case']}, seed {row['seed']}"
                raise ValueError(
                    f"two models of {setting} differ in {', '.join(told) or 'their cell'} and cannot stand in one "
                    f"median: choose with select({told[0] if told else 'cell'}=...)"
                )

    def rank_correlation(
        self, x: str, y: str, *, statistic: str = "kendall", level: float = 0.95
    ) -> dict[str, float | int | None]:
        """Rank correlation of two columns over the models that are done.

        Parameters
        ----------
        x, y : str
            Columns.
        statistic : {"kendall", "spearman"}, default "kendall"
            See `rank_agreement`.
        level : float, default 0.95
            Of the interval, which takes the models for independent draws.

        Returns
        -------
        dict
            `coefficient`, `low` and `high` (None below ten models), and `n`.

        Raises
        ------
        ValueError
            For fewer than three models that have both.
        """
        as_fraction(level, "level")
        columns = np.array([self.column(x), self.column(y)])
        columns = columns[:, np.isfinite(columns).all(axis=0)]
        found = rank_agreement({"x": columns[0], "y": columns[1]}, statistic=statistic, level=level)
        low, high = (None if end is None else float(end[0, 1]) for end in (found.low, found.high))
        return {"coefficient": float(found.coefficient[0, 1]), "low": low, "high": high, "n": found.n_models}

    def merged(self, *others: "Study", keep: str | None = None) -> "Study":
        """With the rows of other studies, each cell once.

        Parameters
        ----------
        *others : Study
            Further rows. Where a cell is in several, a row that is done counts before one that failed.
        keep : {"first", "other"}, optional
            Which row counts where a cell is done in two of them with different scores: this study's, or the other's.

        Returns
        -------
        Study
            All of it.

        Raises
        ------
        ValueError
            If a cell is done in two of them with different scores, and `keep` is not given.
        """
        if keep is not None:
            as_choice(keep, "keep", ("first", "other"))
        differing = []
        rows = {row["cell"]: row for row in self.rows}
        for row in (row for other in others for row in other.rows):
            before = rows.get(row["cell"])
            if before is None or before["status"] != "done":
                rows[row["cell"]] = row
            elif row["status"] == "done" and any(before.get(name) != row.get(name) for name in TERMS):
                if keep is None:
                    differing.append(row["cell"])
                elif keep == "other":
                    rows[row["cell"]] = row
        if differing:
            raise ValueError(
                f"{', '.join(differing)}: done in two studies with different scores, by other machines or versions; "
                "say which count, with keep='first' or keep='other'"
            )
        return Study(tuple(rows.values()), self.provenance)

    def summary_table(self, names: Sequence[str] = TERMS) -> Table:
        """`summary()` as text: median [low, high]."""
        rows = []
        for row in self.summary(names):
            cells = [_with_ends(row[name]) for name in names]
            counts = [str(row["n_seeds"]), *([str(row["n_failed"])] if self.failed else [])]
            rows.append([row["objective"], f"{row['beta']:g}", row["case"], *counts, *cells])
        columns = ("objective", "beta", "case", "seeds", *(("failed",) if self.failed else ()), *names)
        return Table(columns, rows)

    def table(self, names: Sequence[str] = TERMS) -> Table:
        """Every model: setting, seed, numbers, and why it failed where it did."""
        columns = ["objective", "beta", "case", "seed", *names]
        rows = [
            [
                row["objective"],
                f"{row['beta']:g}",
                row["case"],
                str(row["seed"]),
                *(number(row.get(name)) for name in names),
            ]
            for row in self.rows
        ]
        if self.failed:
            columns.append("error")
            rows = [[*cells, row.get("error") or ""] for cells, row in zip(rows, self.rows, strict=True)]
        return Table(columns, rows)

    def __str__(self) -> str:
        return str(self.summary_table()) if self.done else str(self.table())

    def _repr_html_(self) -> str:
        return (self.summary_table() if self.done else self.table()).to_html()

    def to_json(self, *, indent: int | None = 2) -> str:
        """Rows and provenance as JSON; numbers that are not finite become null."""
        content = {"study": to_plain(list(self.rows)), "provenance": to_plain(self.provenance)}
        return json.dumps(content, indent=indent, allow_nan=False)

    def to_csv(self) -> str:
        """All columns of all rows as comma-separated values at full precision."""
        columns = list(dict.fromkeys(name for row in self.rows for name in row))
        cells = [["" if row.get(name) is None else str(row[name]) for name in columns] for row in self.rows]
        return Table(columns, cells).to_csv()


def _with_ends(found: Any) -> str:
    if found is None:
        return "-"
    return number(found.median) if found.n == 1 else f"{found.median:.3f} [{found.low:.3f}, {found.high:.3f}]"
