"""Many metrics over the same latents and factors, with the work that they share done once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dismetrics.evaluated import Evaluation, as_provenance
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.progress import report
from dismetrics.scoring import Call, Chosen, Failure, Omitted, Sample, Scored, chosen_metrics, why_not
from dismetrics.terminal import progress_bar
from dismetrics.typing import ArrayLike, RandomState
from dismetrics.uncertainty import N_PERMUTATIONS, N_RESAMPLES, chance_levels, confidence_intervals
from dismetrics.validation import as_choice, as_flag, as_seed

__all__ = ["Evaluation", "Failure", "Omitted", "calls_of", "evaluate", "metric_names", "score_all"]

_GIVEN_ONCE = ("factors", "kinds", "latents", "rng", "weights")
"""What `evaluate` itself takes and gives to every metric, so that their results go together."""


def evaluate(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors | None = None,
    *,
    metrics: str | Callable[..., Any] | Sequence[str | Callable[..., Any]] | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    factor_subset: Sequence[str | int] | None = None,
    intervals: bool = False,
    chance: bool = False,
    level: float = 0.95,
    n_resamples: int = N_RESAMPLES,
    n_permutations: int = N_PERMUTATIONS,
    population: str | None = None,
    n_jobs: int | None = None,
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
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors, optional
        The true factors; may be left out where all metrics asked for need none.
    metrics : str, callable, or sequence of these, optional
        Names of metrics or groups (`"fast"`, `"all"`, `"supervised"`, `"unsupervised"`), their functions, or functions
        of your own that take `(latents, factors)`, or latents alone where there are no factors, and return a number or
        a result with `score`; no two may have one name. By default `"fast"`, or `"unsupervised"` without factors. A
        metric of a group that is not defined for the data has a row with the reason; one that is named raises.
    options : mapping of name to mapping, optional
        Keyword arguments for single metrics, such as `{"mig": {"n_bins": 10}}`.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    intervals : bool, default False
        Give every number a confidence interval, as `confidence_interval` does.
    chance : bool, default False
        Give every number its chance level, as `chance_level` does.
    level : float, default 0.95
        Of intervals and chance bands.
    n_resamples : int, default 64
        For intervals: divisions of the rows.
    n_permutations : int, default 99
        For chance levels: permutations of the rows.
    population : {"rows"}, optional
        For intervals: take the rows for a sample even if they are the full grid of the factors' values.
    n_jobs : int, optional
        Jobs for resamples and permutations, as joblib counts them; 1 by default. Results do not depend on it.
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
        For an unknown metric, two functions of one name, settings that are not understood, or data that cannot be
        scored.

    Examples
    --------
    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.indices((5, 5)).reshape(2, -1).T
    >>> print(dm.evaluate(factors, factors, metrics=["mig", "mig_sup"]).table())
    metric   score  ceiling  estimator
    -------  -----  -------  ---------
    mig      1.000    1.000  histogram
    mig_sup  1.000    1.000  histogram
    """
    as_choice(errors, "errors", ("raise", "report"))
    as_flag(intervals, "intervals")
    as_flag(chance, "chance")
    if metrics is None:
        metrics = "unsupervised" if factors is None else "fast"
    calls = calls_of(metrics, options)
    sample = Sample.of(latents, factors, kinds=kinds, weights=weights, factor_subset=factor_subset)
    seed = as_seed(rng)
    evaluation = Evaluation({}, _provenance(sample, seed))
    with progress_bar(progress):
        scored = score_all(calls, sample, seed, errors, evaluation.results)
        shared: dict[str, Any] = {"level": level, "n_jobs": n_jobs, "seed": seed}
        if intervals:
            evaluation.intervals.update(
                confidence_intervals(sample, scored, n_resamples=n_resamples, population=population, **shared)
            )
            evaluation.provenance["intervals"] = {"level": level, "n_resamples": n_resamples}
        if chance:
            evaluation.chance.update(chance_levels(sample, scored, n_permutations=n_permutations, **shared))
            evaluation.provenance["chance"] = {"level": level, "n_permutations": n_permutations}
    for found in (evaluation.intervals, evaluation.chance):
        failures = [f"{name}: {each.error}" for name, each in found.items() if _failed(each)]
        if failures and errors == "raise":
            raise ValueError(f"{failures[0]}; errors='report' leaves it out with the reason")
    return evaluation


def score_all(calls: Sequence[Call], sample: Sample, seed: int, errors: str, results: dict[str, Any]) -> list[Scored]:
    """Put the result of every metric into `results`, or why there is none; returns those that have one."""
    scored = []
    for call in calls:
        try:
            reason = _left_out(call.metric, sample)
            if reason:
                results[call.name] = Omitted(reason)
            else:
                scored.append(Scored.of(call, sample, seed))
                results[call.name] = scored[-1].result
        except Exception as error:
            if errors == "raise":
                if len(calls) > 1:
                    error.add_note(f"So says {call.name}; errors='report' fills its row with the reason and goes on.")
                raise
            results[call.name] = Failure(f"{type(error).__name__}: {error}")
        report("metrics", len(results), len(calls))
    return scored


def metric_names(metrics: str | Sequence[str]) -> list[str]:
    """The names of the metrics that names and groups stand for, in order."""
    return list(chosen_metrics(metrics))


def calls_of(metrics: Any, options: Any) -> list[Call]:
    """The metrics asked for with their settings, which are checked to be theirs to take."""
    chosen = chosen_metrics(metrics)
    settings: Any = {} if options is None else options
    if not isinstance(settings, Mapping) or not all(isinstance(given, Mapping) for given in settings.values()):
        raise TypeError(f"options={options!r}; a mapping such as {{'mig': {{'n_bins': 10}}}} is wanted")
    for name, given in settings.items():
        if name not in chosen:
            raise ValueError(f"options are given for {name!r}, which is not evaluated; there is {', '.join(chosen)}")
        common = [key for key in _GIVEN_ONCE if key in given]
        if chosen[name].spec is not None and common:
            raise ValueError(f"options for {name!r} hold {common[0]!r}, which all metrics share: pass it to evaluate()")
    return [Call(metric, dict(settings.get(name, {}))) for name, metric in chosen.items()]


def _failed(found: Any) -> bool:
    """Whether something went wrong; what is not defined for the data is no error."""
    return isinstance(found, Failure) and not isinstance(found, Omitted)


def _left_out(metric: Chosen, sample: Sample) -> str | None:
    """Why a metric of a group is left out; one that was asked for by name says itself why it cannot be had."""
    if metric.is_supervised and sample.factors is None:
        raise ValueError(
            f"{metric.name} needs factors, and there are none: pass them, or choose metrics='unsupervised'"
        )
    return why_not(metric, sample) if metric.of_group else None


def _provenance(sample: Sample, seed: int) -> dict[str, Any]:
    provenance = as_provenance(sample.latents, seed, weighted=sample.weights is not None)
    # Samples of weight zero take no part.
    provenance["n_samples"] = sample.n_samples
    factors = sample.factors
    if factors is not None:
        provenance["factors"] = {
            name: {"kind": kind, "n_values": int(size), "n_missing": int(missing)}
            for name, kind, size, missing in zip(
                factors.names, factors.kinds, factors.n_values, factors.missing.sum(axis=0), strict=True
            )
        }
    return provenance
