"""Many metrics over the same latents and factors, with the work that they share done once."""

import json
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np

from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.progress import report
from dismetrics.registry import METRICS
from dismetrics.results import Result, to_plain
from dismetrics.tables import Table, number
from dismetrics.terminal import progress_bar
from dismetrics.typing import ArrayLike, RandomState
from dismetrics.validation import as_choice, as_generator, as_positive_integer

__all__ = ["Evaluation", "Failure", "evaluate", "metric_names"]

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
        columns, cells = ["factor"], [list(next(iter(detailed.values())).factor_names)]
        for name, result in detailed.items():
            columns.append(name)
            cells.append([number(value) for value in result.per_factor])
            if hasattr(result, "best_latents"):
                columns += ["best latent", "runner-up", "H(v) in nats"]
                cells.append([str(j) for j in result.best_latents])
                cells.append(["-" if j < 0 else str(j) for j in result.runner_up_latents])
                cells.append([number(value) for value in result.factor_entropy])
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


def evaluate(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    metrics: str | Callable[..., Any] | Sequence[str | Callable[..., Any]] = "fast",
    options: Mapping[str, Mapping[str, Any]] | None = None,
    factor_subset: Sequence[str | int] | None = None,
    errors: str = "raise",
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    progress: bool | None = None,
    rng: RandomState = None,
) -> Evaluation:
    """Score latents with many metrics.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors q(z|x).
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors.
    metrics : str, callable, or sequence of these, default "fast"
        Names of metrics or groups (`"fast"`, `"supervised"`, `"all"`), or functions of your own that take
        `(latents, factors)` and return a number or a result with `score`.
    options : mapping of name to mapping, optional
        Keyword arguments for single metrics, such as `{"mig": {"n_bins": 10}}`.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    errors : {"raise", "report"}, default "raise"
        Whether a metric that fails stops the evaluation or fills its row with the reason.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.
    progress : bool, optional
        Show a progress bar; by default where standard error is a terminal.
    rng : None, int or numpy.random.Generator
        A seed goes to every metric as it is, so that each result equals the metric called alone with that seed. From
        a generator, one seed is drawn; None draws one too, and records it.

    Returns
    -------
    Evaluation
        Results by name; prints as a table.

    Raises
    ------
    ValueError, TypeError
        For an unknown metric, or data that cannot be scored.

    Examples
    --------
    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.indices((5, 5)).reshape(2, -1).T
    >>> print(dm.evaluate(factors, factors).table())
    metric   score  ceiling  estimator
    -------  -----  -------  ---------
    mig      1.000    1.000  histogram
    mig_sup  1.000    1.000  histogram
    """
    as_choice(errors, "errors", ("raise", "report"))
    chosen = _chosen(metrics)
    options = {name: dict(given) for name, given in (options or {}).items()}
    unused = sorted(set(options) - set(chosen))
    if unused:
        raise ValueError(f"options are given for {unused[0]!r}, which is not evaluated; there is {', '.join(chosen)}")
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset)
    if rng is None or isinstance(rng, np.random.Generator):
        seed = int(as_generator(rng).integers(2**32))
    else:
        seed = as_positive_integer(rng, "rng", at_least=0)
    results: dict[str, Any] = {}
    with progress_bar(progress):
        for name, (function, is_ours) in chosen.items():
            try:
                results[name] = _call(function, is_ours, data, options.get(name, {}), seed)
            except Exception as error:
                if errors == "raise":
                    raise
                results[name] = Failure(f"{type(error).__name__}: {error}")
            report("metrics", len(results), len(chosen))
    return Evaluation(results, _provenance(data, seed))


def metric_names(metrics: str | Sequence[str]) -> list[str]:
    """The names of the metrics that names and groups stand for, in order."""
    return list(_chosen(metrics))


def _chosen(metrics: str | Callable[..., Any] | Sequence[Any]) -> dict[str, tuple[Callable[..., Any], bool]]:
    """Functions by name, in registry order within a group, and whether they are ours."""
    wanted = [metrics] if isinstance(metrics, str) or callable(metrics) else list(metrics)
    by_name = {spec.name: spec for spec in METRICS}
    groups = sorted({group for spec in METRICS for group in spec.groups} | {"all"})
    chosen: dict[str, tuple[Callable[..., Any], bool]] = {}
    for item in wanted:
        if callable(item):
            chosen[getattr(item, "__name__", repr(item))] = (item, False)
        elif item in groups:
            chosen |= {spec.name: (spec.function, True) for spec in METRICS if item in (*spec.groups, "all")}
        elif item in by_name:
            chosen[item] = (by_name[item].function, True)
        else:
            raise ValueError(
                f"metrics names {item!r}, which is neither a metric ({', '.join(by_name)}) nor a group "
                f"({', '.join(groups)})"
            )
    if not chosen:
        raise ValueError("metrics is empty; name at least one")
    return chosen


def _call(
    function: Callable[..., Any], is_ours: bool, data: LabelledLatents, options: Mapping[str, Any], seed: int
) -> Any:
    if is_ours:
        return function(data, data.factors, rng=seed, **options)
    latents = data.posterior if data.posterior is not None else data.points
    return function(latents, data.factors, **options)


def _row(name: str, result: Any) -> dict[str, Any]:
    failed = isinstance(result, Failure)
    settings = getattr(result, "settings", {})
    return {
        "metric": name,
        "score": None if failed else float(result),
        "ceiling": None if failed else getattr(result, "ceiling", None),
        "estimator": settings.get("estimator"),
        "error": result.error if failed else None,
    }


def _plain_result(result: Any) -> Any:
    return {"error": result.error} if isinstance(result, Failure) else {"score": to_plain(float(result))}


def _provenance(data: LabelledLatents, seed: int) -> dict[str, Any]:
    factors = data.factors
    return {
        "versions": {"python": platform.python_version(), **_versions()},
        "seed": seed,
        "n_samples": factors.n_samples,
        "n_latents": data.n_latents,
        "latents": "points" if data.posterior is None else type(data.posterior).__name__,
        "factors": {
            name: {"kind": kind, "n_values": int(size), "n_missing": int(missing)}
            for name, kind, size, missing in zip(
                factors.names, factors.kinds, factors.n_values, factors.missing.sum(axis=0), strict=True
            )
        },
        "weighted": factors.weights is not None,
    }


def _versions() -> dict[str, str]:
    found = {}
    for package in _RECORDED_VERSIONS:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:  # run from a checkout that was never installed
            found[package] = "unknown"
    return found
