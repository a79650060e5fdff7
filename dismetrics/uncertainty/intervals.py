"""Confidence intervals of a metric's numbers, for rows that were drawn from a population."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.scoring import Call, Failure, Omitted, Sample, Scored, the_metric
from dismetrics.terminal import progress_bar
from dismetrics.typing import ArrayLike, FloatArray, RandomState
from dismetrics.uncertainty.parts import FEWEST_ROWS, Parts, error_of, score_parts
from dismetrics.validation import as_choice, as_fraction, as_positive_integer, as_seed

__all__ = ["N_RESAMPLES", "ConfidenceInterval", "confidence_interval", "confidence_intervals", "no_interval"]

N_RESAMPLES = 64
"""Divisions of the rows into halves; with their quarters they cost 80 evaluations of the metric."""


@dataclass(frozen=True, slots=True, eq=False)
class ConfidenceInterval(Result):
    """A score with its confidence interval.

    Attributes
    ----------
    metric : str
        Name of the metric.
    score : float
        The metric's score of all rows.
    low, high : float
        Ends of the interval for the expected score of as many rows.
    standard_error : float
        Standard error of the score.
    bias : float
        Mean score of the half samples less the score: what half the rows add. Where the score's bias falls as one over
        the number of rows, this is the bias itself; the interval is not moved by it.
    level : float
        Confidence level.
    numbers : dict
        Further numbers of the metric: name -> score, low, high, standard_error and bias.
    factor_names : tuple of str
        Factors of the entries below; empty where the metric has none.
    per_factor, low_per_factor, high_per_factor, standard_error_per_factor : ndarray of float64, or None
        Likewise for each factor; nan where a factor, or a part of the rows, has no entry.
    settings : dict
        Resamples, population, degrees of freedom and seed.
    """

    metric: str
    score: float
    low: float
    high: float
    standard_error: float
    bias: float
    level: float
    numbers: dict[str, dict[str, float]]
    factor_names: tuple[str, ...]
    per_factor: FloatArray | None
    low_per_factor: FloatArray | None
    high_per_factor: FloatArray | None
    standard_error_per_factor: FloatArray | None
    settings: dict[str, Any]


def confidence_interval(
    metric: str | Callable[..., Any],
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors | None = None,
    *,
    level: float = 0.95,
    n_resamples: int = N_RESAMPLES,
    population: str | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    n_jobs: int | None = None,
    rng: RandomState = None,
    **options: Any,
) -> ConfidenceInterval:
    """A confidence interval for a metric's score, for rows that are a sample.

    The interval is for the expected score of so many rows drawn from the population, not for the limit of ever more
    rows: bias that goes with the number of rows belongs to the score, and `bias` estimates it. It is the score -+ t
    standard errors, cut off at the ends of the metric's range (but for further numbers, whose range may be another).
    The standard error comes from the scores of disjoint halves and quarters of the rows, in which no row occurs twice,
    by V(n) = V(n/2)^2 / V(n/4); seeds of metrics that are random vary with them.

    Parameters
    ----------
    metric : str or callable
        Name or function of a metric, or a function of your own of `(latents, factors)` that returns a number or a
        result with `score`; it gets `rng` if it has a parameter of that name.
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors q(z|x). At least 40 samples.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors, optional
        The true factors; left out for metrics that need none.
    level : float, default 0.95
        Confidence level.
    n_resamples : int, default 64
        Divisions of the rows into two halves; a quarter as many into four quarters. At least 8.
    population : {"rows"}, optional
        What is random: rows drawn from a population, each independently of the others. By default that is taken for
        granted unless the rows are the full grid of the factors' values, each combination once, which is no sample and
        has no interval; `"rows"` takes them for a sample all the same.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0; they go with their rows.
    n_jobs : int, optional
        Jobs, as joblib counts them: 1 by default, -1 for one a core; a `joblib.parallel_config` around the call may
        choose another backend, such as dask. Results do not depend on it.
    rng : None, int or numpy.random.Generator
        Of the divisions of the rows, and of the metric.
    **options : optional
        Settings of the metric.

    Returns
    -------
    ConfidenceInterval
        Score, interval, standard error and bias, in total, for further numbers, and for each factor.

    Raises
    ------
    TypeError, ValueError
        If the data cannot be scored, in part or as a whole, or if the rows are a full grid.

    See Also
    --------
    chance_level : What data score in which nothing belongs together.
    compare : Differences of models, on the same rows.

    Notes
    -----
    By default it takes 192 scores of halves and quarters of the rows. Those by votes cost as much as of all rows, and
    `n_train` and `n_test` are worth lowering; learners take a few seconds in all. What a seed decides for each metric
    (votes, rows held out, subsets, draws), and coverage by simulation, are in the documentation. Percentiles of a
    bootstrap are not used: rows drawn twice raise the bias of counts and leak from training into test sets, and the
    interval may then lie beside the score.

    Examples
    --------
    >>> import numpy as np
    >>> import dismetrics as dm
    >>> rng = np.random.default_rng(0)
    >>> factors = rng.integers(0, 5, (1000, 2))
    >>> interval = dm.confidence_interval(dm.mig, factors + 0.4 * rng.normal(size=(1000, 2)), factors, rng=0)
    >>> interval.low < interval.score < interval.high
    True
    """
    call = Call(the_metric(metric), options)
    sample = Sample.of(latents, factors, kinds=kinds, weights=weights)
    seed = as_seed(rng)
    _check(level, n_resamples)
    if no_interval(sample, population):
        raise ValueError(no_interval(sample, population))
    with progress_bar():
        scored = Scored.of(call, sample, seed)
        found = confidence_intervals(
            sample, [scored], level=level, n_resamples=n_resamples, population=population, n_jobs=n_jobs, seed=seed
        )[scored.name]
    if not isinstance(found, ConfidenceInterval):
        raise ValueError(f"{scored.name}: {found.error}")
    return found


def confidence_intervals(
    sample: Sample,
    scored: Sequence[Scored],
    *,
    level: float,
    n_resamples: int,
    population: str | None,
    n_jobs: int | None,
    seed: int,
) -> dict[str, ConfidenceInterval | Failure]:
    """The intervals of several metrics over the same parts of the rows."""
    _check(level, n_resamples)
    reason = no_interval(sample, population)
    if reason or not scored:
        return {each.name: Omitted(reason) for each in scored}
    parts, errors = score_parts(sample, scored, n_resamples, seed=seed, n_jobs=n_jobs)
    settings = {"n_resamples": n_resamples, "population": "rows", "seed": seed}
    return {
        each.name: _interval(each, parts[each.name], level, settings)
        if each.name in parts
        else Failure(errors[each.name])
        for each in scored
    }


def no_interval(sample: Sample, population: str | None) -> str:
    """Why the rows are no sample that intervals could rest on; empty where they are."""
    if population is not None:
        as_choice(population, "population", ("rows",))
    elif sample.is_full_grid:
        return (
            "no interval: the rows are the full grid of the factors' values, each combination once; none of them was "
            "drawn, so there is nothing to be uncertain of. Pass population='rows' to take them for a sample"
        )
    if sample.n_samples < FEWEST_ROWS:
        return (
            f"no interval: quarters of the rows are compared, and there are {sample.n_samples} rows; at least "
            f"{FEWEST_ROWS} are needed"
        )
    return ""


def _check(level: float, n_resamples: int) -> None:
    as_fraction(level, "level")
    as_positive_integer(n_resamples, "n_resamples", at_least=8)


def _interval(scored: Scored, parts: Parts, level: float, settings: dict[str, Any]) -> ConfidenceInterval:
    values, scores, spec = scored.values, scored.scores, scored.call.metric.spec
    error = error_of(parts)
    lowest, highest = np.full_like(values, -np.inf), np.full_like(values, np.inf)
    if spec is not None:
        # Of the headline and the factors; further numbers may go beyond it.
        ranged = np.ones(len(values), bool)
        ranged[1 : 1 + len(scores.numbers)] = False
        lowest[ranged], highest[ranged] = spec.lowest, spec.highest
    margin = error.margin(level)
    # The expected score lies within the range, so this cuts off nothing that could be right. A score that is itself
    # outside (an estimate may be) stays inside its interval.
    low = np.maximum(values - margin, np.minimum(values, lowest))
    high = np.minimum(values + margin, np.maximum(values, highest))
    said = {
        "score": values,
        "low": low,
        "high": high,
        "standard_error": error.standard_error,
        "bias": error.half_mean - values,
    }
    taken = {word: scores.split(array) for word, array in said.items()}
    per_factor = {word: entries for word, (_, _, entries) in taken.items()}
    return ConfidenceInterval(
        metric=scored.name,
        **{word: float(headline) for word, (headline, _, _) in taken.items()},
        level=level,
        numbers={
            name: {word: float(numbers[name]) for word, (_, numbers, _) in taken.items()} for name in scores.numbers
        },
        factor_names=scores.factor_names,
        per_factor=per_factor["score"],
        low_per_factor=per_factor["low"],
        high_per_factor=per_factor["high"],
        standard_error_per_factor=per_factor["standard_error"],
        settings={**settings, "degrees_of_freedom": error.degrees_of_freedom},
    )
