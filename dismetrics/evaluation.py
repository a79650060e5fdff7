"""Many metrics over the same latents and factors, with the work that they share done once."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from dismetrics.estimators.varying import varying_factors
from dismetrics.evaluated import Evaluation, Failure, as_provenance, score_of
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.progress import report
from dismetrics.registry import METRICS
from dismetrics.terminal import progress_bar
from dismetrics.typing import ArrayLike, RandomState
from dismetrics.validation import as_choice, as_generator, as_positive_integer

__all__ = ["Evaluation", "Failure", "evaluate", "metric_names"]

_GIVEN_ONCE = ("factors", "kinds", "latents", "rng", "weights")
"""What `evaluate` itself takes and gives to every metric, so that their results go together."""


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
        Names of metrics or groups (`"fast"`, `"supervised"`, `"all"`), their functions, or functions of your own
        that take `(latents, factors)` and return a number or a result with `score`; no two may have one name. Where a
        metric of a group is not defined for so few latents or factors, its result is a `Failure` that says so.
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
    chosen = _chosen(metrics)
    settings = _settings(options, chosen)
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset)
    undefined = _undefined(chosen, metrics, data)
    if rng is None or isinstance(rng, np.random.Generator):
        seed = int(as_generator(rng).integers(2**32))
    else:
        seed = as_positive_integer(rng, "rng", at_least=0)
    results: dict[str, Any] = {}
    with progress_bar(progress):
        for name, (function, is_ours) in chosen.items():
            if name in undefined:
                results[name] = Failure(undefined[name])
                continue
            try:
                results[name] = _call(function, is_ours, data, settings.get(name, {}), seed)
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
    items: Any = [metrics] if isinstance(metrics, str) or callable(metrics) else metrics
    if not np.iterable(items):
        raise TypeError(f"metrics={metrics!r}; names of metrics or groups, functions, or a sequence of these is wanted")
    by_name = {spec.name: spec for spec in METRICS}
    groups = sorted({group for spec in METRICS for group in spec.groups} | {"all"})
    chosen: dict[str, tuple[Callable[..., Any], bool]] = {}
    for item in items:
        ours = [spec for spec in METRICS if item is spec.function]
        if ours:
            chosen[ours[0].name] = (ours[0].function, True)
        elif callable(item):
            name = getattr(item, "__name__", type(item).__name__)
            if name in by_name or (name in chosen and chosen[name][0] is not item):
                taken = "a metric of dismetrics has" if name in by_name else "another function has"
                raise ValueError(
                    f"metrics holds a function named {name!r}, a name that {taken}: give it one of its own"
                )
            chosen[name] = (item, False)
        elif not isinstance(item, str):
            raise TypeError(f"metrics holds {item!r}, which is neither a name nor a function")
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


def _undefined(chosen: Mapping[str, Any], metrics: Any, data: LabelledLatents) -> dict[str, str]:
    """Why metrics of a group are not defined for so few latents or factors; one that is named raises by itself."""
    named = [metrics] if isinstance(metrics, str) or callable(metrics) else list(metrics)
    n_factors = int(varying_factors(data.factors).sum())
    reasons = {}
    for spec in METRICS:
        if spec.name not in chosen or spec.name in named or any(item is spec.function for item in named):
            continue
        for fewest, what, there in (
            (spec.fewest_latents, "latents", data.n_latents),
            (spec.fewest_factors, "factors with more than one value", n_factors),
        ):
            if there < fewest:
                reasons[spec.name] = f"not defined: it needs at least {fewest} {what}, not {there}"
    return reasons


def _settings(options: Any, chosen: Mapping[str, tuple[Callable[..., Any], bool]]) -> dict[str, dict[str, Any]]:
    """Keyword arguments of the metrics that have some, checked to be theirs to take."""
    if options is None:
        return {}
    if not isinstance(options, Mapping) or not all(isinstance(given, Mapping) for given in options.values()):
        raise TypeError(f"options={options!r}; a mapping such as {{'mig': {{'n_bins': 10}}}} is wanted")
    for name, given in options.items():
        if name not in chosen:
            raise ValueError(f"options are given for {name!r}, which is not evaluated; there is {', '.join(chosen)}")
        common = [key for key in _GIVEN_ONCE if key in given]
        if chosen[name][1] and common:
            raise ValueError(f"options for {name!r} hold {common[0]!r}, which all metrics share: pass it to evaluate()")
    return {name: dict(given) for name, given in options.items()}


def _call(
    function: Callable[..., Any], is_ours: bool, data: LabelledLatents, options: Mapping[str, Any], seed: int
) -> Any:
    if is_ours:
        random = {"rng": seed} if "rng" in inspect.signature(function).parameters else {}
        return function(data, data.factors, **random, **options)
    latents = data.posterior if data.posterior is not None else data.points
    result = function(latents, data.factors, **options)
    # Looked at here, where a function that returns no number still counts as one that fails.
    score = score_of(result)
    return result if hasattr(result, "score") else score


def _provenance(data: LabelledLatents, seed: int) -> dict[str, Any]:
    factors = data.factors
    latents = data.points if data.posterior is None else data.posterior
    assert latents is not None
    return {
        **as_provenance(latents, seed, weighted=factors.weights is not None),
        "factors": {
            name: {"kind": kind, "n_values": int(size), "n_missing": int(missing)}
            for name, kind, size, missing in zip(
                factors.names, factors.kinds, factors.n_values, factors.missing.sum(axis=0), strict=True
            )
        },
    }
