"""What came of an evaluation: results by name, as tables, JSON and CSV, and where they came from."""

import json
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np

from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result, to_plain
from dismetrics.tables import Table, number
from dismetrics.typing import FloatArray

__all__ = ["Evaluation", "Failure", "as_provenance", "score_of"]


def _place(latent: int) -> str:
    return "-" if latent < 0 else str(latent)


_EXPLAINED: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("best_latents", "best latent", _place),
    ("runner_up_latents", "runner-up", _place),
    ("matched_latents", "matched latent", _place),
    ("factor_entropy", "H(v) in nats", number),
)
"""What explains a score of factors, by the field of the result that holds it: a column of the table of factors."""

_RECORDED_VERSIONS = ("dismetrics", "numpy", "scipy", "scikit-learn", "numba")


@dataclass(frozen=True, slots=True)
class Failure:
    """A metric that could not be computed, and why."""

    error: str


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The results of several metrics.

    Attributes
    ----------
    results : dict
        Metric name -> its result, or a `Failure`.
    provenance : dict
        Versions, seed, shapes and what the data were.
    """

    results: dict[str, Any]
    provenance: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        if name not in self.results:
            raise KeyError(f"{name!r} was not evaluated; there is {', '.join(self.results)}")
        return self.results[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def rows(self) -> list[dict[str, Any]]:
        """One row a number: metric, score, ceiling, estimator, error."""
        return [_row(name, result) for name, result in self.results.items()]

    def table(self) -> Table:
        """The scores, one row a metric."""
        columns = ["metric", "score", "ceiling", "estimator"]
        cells = [
            [row["metric"], number(row["score"]), number(row["ceiling"]), row["estimator"] or ""] for row in self.rows()
        ]
        errors = [row["error"] or "" for row in self.rows()]
        if any(errors):
            columns.append("error")
            cells = [[*row, error] for row, error in zip(cells, errors, strict=True)]
        return Table(columns, cells)

    def factor_table(self) -> Table | None:
        """What each metric says of each factor; None if none says anything."""
        detailed = {
            name: r for name, r in self.results.items() if hasattr(r, "per_factor") and hasattr(r, "factor_names")
        }
        if not detailed:
            return None
        # A preset, or a function of one's own, may leave factors out.
        factors = list(dict.fromkeys(factor for result in detailed.values() for factor in result.factor_names))
        columns, cells = ["factor"], [factors]
        for name, result in detailed.items():
            said: list[tuple[str, list[str]]] = [(name, [number(value) for value in result.per_factor])]
            for field, column, text in _EXPLAINED:
                if hasattr(result, field):
                    said.append((column, [text(value) for value in getattr(result, field)]))
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
        """Provenance and every result, as plain numbers, lists and strings."""
        results = {
            name: result.to_dict() if isinstance(result, Result) else _plain_result(result)
            for name, result in self.results.items()
        }
        return {"provenance": to_plain(self.provenance), "results": results}

    def to_json(self, *, indent: int | None = 2) -> str:
        """`to_dict()` as JSON; numbers that are not finite become null."""
        return json.dumps(self.to_dict(), indent=indent, allow_nan=False)

    def to_csv(self) -> str:
        """`rows()` as comma-separated values at full precision."""
        rows = self.rows()
        columns = list(rows[0])
        return Table(columns, [["" if v is None else str(v) for v in row.values()] for row in rows]).to_csv()


def score_of(result: Any) -> float:
    """The number that a result stands for: its `score`, or itself; raises where there is none."""
    score = getattr(result, "score", result)
    # float() would also read a string, or take the only entry of an array.
    if not isinstance(score, (str, bytes)) and getattr(score, "ndim", 0) == 0:
        try:
            return float(score)
        except (TypeError, ValueError):
            pass
    seen = f"an array of shape {score.shape}" if isinstance(score, np.ndarray) else f"{type(score).__name__}"
    raise TypeError(f"{seen} was returned; a number, or a result with `score`, is wanted")


def _row(name: str, result: Any) -> dict[str, Any]:
    failed = isinstance(result, Failure)
    settings = getattr(result, "settings", {})
    return {
        "metric": name,
        "score": None if failed else score_of(result),
        "ceiling": None if failed else getattr(result, "ceiling", None),
        "estimator": settings.get("estimator"),
        "error": result.error if failed else None,
    }


def _plain_result(result: Any) -> Any:
    return {"error": result.error} if isinstance(result, Failure) else {"score": to_plain(score_of(result))}


def as_provenance(latents: FloatArray | FactorisedPosterior, seed: int, *, weighted: bool) -> dict[str, Any]:
    """What every result should say of itself: versions, seed, and what the latents were."""
    if isinstance(latents, FactorisedPosterior):
        what, n_samples, n_latents = type(latents).__name__, latents.n_samples, latents.n_latents
    else:
        what, (n_samples, n_latents) = "points", latents.shape
    return {
        "versions": {"python": platform.python_version(), **_versions()},
        "seed": seed,
        "n_samples": n_samples,
        "n_latents": n_latents,
        "latents": what,
        "weighted": weighted,
    }


def _versions() -> dict[str, str]:
    found = {}
    for package in _RECORDED_VERSIONS:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:  # run from a checkout that was never installed
            found[package] = "unknown"
    return found
