"""compare(): several models, or several runs of each, by several metrics on the same rows."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from dismetrics.comparison.compared import Comparison
from dismetrics.comparison.variance import Measured, difference, estimate
from dismetrics.evaluation import calls_of, score_all
from dismetrics.factors import Factors, as_factors
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.provenance import as_provenance
from dismetrics.scoring import Call, Failure, Sample, Scored, spec_of
from dismetrics.terminal import progress_bar
from dismetrics.typing import ArrayLike, RandomState
from dismetrics.uncertainty import N_RESAMPLES, Parts, no_interval, score_parts
from dismetrics.validation import as_choice, as_fraction, as_positive_integer, as_seed, to_numpy

__all__ = ["compare"]

Found = dict[str, dict[str, Any]]
"""Model -> metric -> `Measured` or `Failure`."""


def compare(
    latents: Mapping[str, Any],
    factors: ArrayLike | Factors | None = None,
    *,
    metrics: str | Callable[..., Any] | Sequence[str | Callable[..., Any]] | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    factor_subset: Sequence[str | int] | None = None,
    baseline: str | None = None,
    level: float = 0.95,
    n_resamples: int = N_RESAMPLES,
    population: str | None = None,
    n_jobs: int | None = None,
    errors: str = "raise",
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    progress: bool | None = None,
    rng: RandomState = None,
) -> Comparison:
    """Compare models on the same rows.

    Differences are paired: both models are scored on the same halves and quarters of the rows, so that what the rows
    do to both drops out. Where both models have several runs (trained from several seeds), the scatter of the runs
    adds to the interval, which is then for the expected difference over new runs and rows.

    Parameters
    ----------
    latents : mapping of str to latents, or to a list of latents
        Name of a model -> its latents (points or posteriors), or a list or tuple with those of several runs. All have
        the rows of `factors`, in the same order; they may differ in the number of latents. All are posteriors or all
        are points, unless `options` set one `estimator` for every metric.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors, optional
        The true factors; may be left out where all metrics asked for need none.
    metrics : str, callable, or sequence of these, optional
        As for `evaluate`.
    options : mapping of name to mapping, optional
        Keyword arguments for single metrics.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    baseline : str, optional
        Give differences to this model alone; by default those of all pairs.
    level : float, default 0.95
        Of the intervals. Each holds for itself: of twenty differences of equal models, about one lies outside.
    n_resamples : int, default 64
        Divisions of the rows; see `confidence_interval`.
    population : {"rows"}, optional
        Take the rows for a sample even if they are the full grid of the factors' values; see `confidence_interval`.
    n_jobs : int, optional
        Jobs, as joblib counts them; 1 by default.
    errors : {"raise", "report"}, default "raise"
        Whether a metric that fails stops the comparison or fills its cell with the reason.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.
    progress : bool, optional
        Show a progress bar; by default where standard error is a terminal.
    rng : None, int or numpy.random.Generator
        Of the divisions of the rows, and of the metrics; every model has the same.

    Returns
    -------
    Comparison
        Scores of the models, differences, and the agreement of the metrics; prints as tables.

    Raises
    ------
    TypeError, ValueError
        For fewer than two models, models with different rows, or data that cannot be scored.

    See Also
    --------
    evaluate : One model by many metrics.
    rank_agreement : Rank correlations of scores that are there already.

    Examples
    --------
    >>> import numpy as np
    >>> import dismetrics as dm
    >>> rng = np.random.default_rng(0)
    >>> factors = rng.integers(0, 5, (1000, 2))
    >>> code = factors + 0.3 * rng.normal(size=(1000, 2))
    >>> rotated = code @ np.array([[0.8, 0.6], [-0.6, 0.8]])
    >>> comparison = dm.compare({"code": code, "rotated": rotated}, factors, metrics="mig", rng=0)
    >>> print(comparison.difference_table())
    metric  first  second   difference    low   high  over
    ------  -----  -------  ----------  -----  -----  ----
    mig     code   rotated       0.729  0.716  0.741  rows
    """
    as_choice(errors, "errors", ("raise", "report"))
    as_fraction(level, "level")
    as_positive_integer(n_resamples, "n_resamples", at_least=8)
    models = _models(latents)
    if baseline is not None:
        as_choice(baseline, "baseline", tuple(models))
    if metrics is None:
        metrics = "unsupervised" if factors is None else "fast"
    calls = calls_of(metrics, options)
    _check_one_kind(models, calls)
    if factors is not None:
        factors = as_factors(factors, kinds=kinds, weights=weights)
        kinds = weights = None
    seed = as_seed(rng)
    found: Found = {}
    widths: dict[str, list[int]] = {}
    first: Sample | None = None
    reason = ""
    with progress_bar(progress):
        for name, runs in models.items():
            of_runs = []
            for run in runs:
                sample = Sample.of(run, factors, kinds=kinds, weights=weights, factor_subset=factor_subset)
                if first is None:
                    first, reason = sample, no_interval(sample, population)
                if sample.n_samples != first.n_samples:
                    raise ValueError(
                        f"{name!r} has {sample.n_samples} rows and {next(iter(models))!r} has {first.n_samples}: "
                        "models are compared on the same rows"
                    )
                widths.setdefault(name, []).append(sample.n_latents)
                of_runs.append(_measured(sample, calls, 0 if reason else n_resamples, n_jobs, errors, seed))
            found[name] = {call.name: _over_runs(call.name, of_runs) for call in calls}
    names = [call.name for call in calls]
    assert first is not None
    pairs = list(combinations(models, 2))
    if baseline is not None:
        pairs = [(name, baseline) for name in models if name != baseline]
    provenance = as_provenance(first.latents, seed, weighted=first.weights is not None)
    provenance |= {"n_samples": first.n_samples, "n_latents": widths}
    return Comparison(
        scores=_scores(list(models), names, found, level),
        differences=_differences(pairs, names, found, level),
        runs=_of_runs(list(models), names, found),
        lower_is_better=_lower_is_better(calls),
        note=reason,
        level=level,
        provenance=provenance,
    )


def _models(latents: Any) -> dict[str, list[Any]]:
    """The runs of every model."""
    if not isinstance(latents, Mapping):
        raise TypeError(
            f"latents is of type {type(latents).__name__}; a mapping of the models' names to their latents is wanted"
        )
    models = {str(name): _runs(given) for name, given in latents.items()}
    if len(models) < 2:
        raise ValueError(f"latents names {len(models)} models; at least two are compared")
    empty = [name for name, runs in models.items() if not runs]
    if empty:
        raise ValueError(f"latents of {empty[0]!r} is an empty list")
    return models


def _runs(given: Any) -> list[Any]:
    """A list of latents as it is, and latents of a single run in a list."""
    if not isinstance(given, (list, tuple)):
        return [given]
    entries = list(given)
    # A matrix may be written as a list of lists, too.
    several = all(isinstance(each, FactorisedPosterior) or np.ndim(to_numpy(each, "latents")) == 2 for each in entries)
    return entries if several else [given]


def _check_one_kind(models: Mapping[str, list[Any]], calls: Sequence[Call]) -> None:
    """Points and posteriors have different scores by definition where each goes by its own estimator."""
    kinds = {isinstance(run, FactorisedPosterior) for runs in models.values() for run in runs}
    if len(kinds) > 1 and not all("estimator" in call.options for call in calls):
        raise ValueError(
            "some latents are posteriors and some are points, which are scored by different estimators: pass the same "
            "for all models, or set an estimator for every metric, such as options={'mig': {'estimator': 'histogram'}}"
        )


def _measured(
    sample: Sample, calls: Sequence[Call], n_resamples: int, n_jobs: int | None, errors: str, seed: int
) -> tuple[list[Scored], dict[str, Parts], dict[str, Any]]:
    """One run: the metrics that could be computed, the scores of the parts of the rows, and what could not."""
    results: dict[str, Any] = {}
    scored = score_all(calls, sample, seed, errors, results)
    missing = {name: each for name, each in results.items() if isinstance(each, Failure)}
    if not n_resamples or not scored:
        return scored, {}, missing
    parts, failed = score_parts(sample, scored, n_resamples, seed=seed, n_jobs=n_jobs)
    if failed and errors == "raise":
        name, error = next(iter(failed.items()))
        raise ValueError(f"{name}: {error}; errors='report' leaves it out with the reason")
    return scored, parts, missing | {name: Failure(error) for name, error in failed.items()}


def _over_runs(name: str, runs: Sequence[tuple[list[Scored], dict[str, Parts], dict[str, Any]]]) -> Any:
    """What one metric says of all runs of a model, or why it says nothing."""
    for _, _, missing in runs:
        if name in missing:
            return missing[name]
    scored = [next(each for each in of_run if each.name == name) for of_run, _, _ in runs]
    n_numbers = 1 + len(scored[0].scores.numbers)
    values = np.array([each.values[:n_numbers] for each in scored])
    of_parts = [parts[name] for _, parts, _ in runs if name in parts]
    if not of_parts:
        return Measured(values, None)
    halves = np.mean([each.halves[..., :n_numbers] for each in of_parts], axis=0)
    quarters = np.mean([each.quarters[..., :n_numbers] for each in of_parts], axis=0)
    return Measured(values, Parts(halves, quarters))


def _numbers(name: str) -> tuple[str, ...]:
    """The names of a metric's numbers, in their order."""
    spec = spec_of(name)
    return (name, *(f"{name}.{number}" for number in (spec.numbers if spec is not None else ())))


def _scores(models: Sequence[str], names: Sequence[str], found: Found, level: float) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for name in names:
        for model in models:
            measured = found[model][name]
            if not isinstance(measured, Measured):
                rows.append({"metric": name, "model": model, "score": None, "note": measured.error})
                continue
            mean = estimate(measured, level)
            rows += [
                {
                    "metric": number,
                    "model": model,
                    "score": float(mean.value[i]),
                    **mean.of(i),
                    "n_runs": measured.n_runs,
                }
                for i, number in enumerate(_numbers(name))
            ]
    return rows


def _differences(
    pairs: Sequence[tuple[str, str]], names: Sequence[str], found: Found, level: float
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for name in names:
        for one, other in pairs:
            first, second = found[one][name], found[other][name]
            row = {"metric": name, "first": one, "second": other}
            missing = [each for each in (first, second) if not isinstance(each, Measured)]
            if missing:
                rows.append({**row, "difference": None, "note": missing[0].error})
                continue
            gap = difference(first, second, level)
            rows += [
                {**row, "metric": number, "difference": float(gap.value[i]), **gap.of(i)}
                for i, number in enumerate(_numbers(name))
            ]
    return rows


def _of_runs(models: Sequence[str], names: Sequence[str], found: Found) -> dict[str, list[float]]:
    """The scores of all runs of all models, for the numbers that all of them have."""
    scores: dict[str, list[float]] = {}
    for name in names:
        of_models = [found[model][name] for model in models]
        if all(isinstance(each, Measured) for each in of_models):
            values = np.concatenate([each.values for each in of_models])
            scores |= {number: values[:, i].tolist() for i, number in enumerate(_numbers(name))}
    return scores


def _lower_is_better(calls: Sequence[Call]) -> tuple[str, ...]:
    turned = [c.name for c in calls if c.metric.spec is not None and not c.metric.spec.higher_is_better]
    return tuple(number for name in turned for number in _numbers(name))
