"""Chance levels: what a metric says of the same data once nothing in them belongs together."""

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
from dismetrics.uncertainty.replicates import replicate
from dismetrics.validation import as_choice, as_fraction, as_positive_integer, as_seed

__all__ = ["N_PERMUTATIONS", "ChanceLevel", "chance_level", "chance_levels"]

N_PERMUTATIONS = 99

NULLS = ("factors", "latents")
"""What may be permuted: the rows of the factors, all at once, or each latent by itself."""

_STREAMS = {"factors": 3, "latents": 4}


@dataclass(frozen=True, slots=True, eq=False)
class ChanceLevel(Result):
    """A score beside what chance gives.

    Attributes
    ----------
    metric : str
        Name of the metric.
    score : float
        The metric's score of the data as they are.
    mean : float
        Mean score of the permuted data.
    low, high : float
        The band that holds the given share of permuted data; a score of data without structure leaves it with
        probability 1 - level at most.
    p_value : float
        Probability that permuted data score as far out, on either side; at least 2 / (n_permutations + 1).
    adjusted : float
        (score - mean) / (best - mean), with the best score that the metric's range allows: 0 at chance, 1 at best.
        nan where the best is infinite, not known (functions of one's own), or chance itself, as for metrics of the
        latents alone, which are at their best where latents have nothing to do with each other.
    level : float
        Share of permuted data inside the band.
    numbers : dict
        Further numbers of the metric: name -> score, mean, low, high, p_value and adjusted.
    factor_names : tuple of str
        Factors of the entries below; empty where the metric has none.
    per_factor, mean_per_factor, low_per_factor, high_per_factor, p_value_per_factor, adjusted_per_factor : ndarray
        Likewise for each factor, float64, or None; nan for a factor without an entry.
    settings : dict
        What was permuted, how often, and the seed.
    """

    metric: str
    score: float
    mean: float
    low: float
    high: float
    p_value: float
    adjusted: float
    level: float
    numbers: dict[str, dict[str, float]]
    factor_names: tuple[str, ...]
    per_factor: FloatArray | None
    mean_per_factor: FloatArray | None
    low_per_factor: FloatArray | None
    high_per_factor: FloatArray | None
    p_value_per_factor: FloatArray | None
    adjusted_per_factor: FloatArray | None
    settings: dict[str, Any]


def chance_level(
    metric: str | Callable[..., Any],
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors | None = None,
    *,
    level: float = 0.95,
    n_permutations: int = N_PERMUTATIONS,
    null: str | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    n_jobs: int | None = None,
    rng: RandomState = None,
    **options: Any,
) -> ChanceLevel:
    """What a metric scores where latents and factors, or latents among themselves, have nothing to do with each other.

    Rows are permuted, so that all marginal distributions stay: those of the factors, all columns together and with
    their weights and missing labels, against the latents; or, for metrics of the latents alone, each latent by itself.
    The registry says which (`MetricSpec.null`). The band has ranks of the permuted scores as its ends, and holds for
    any number of rows: under the null the score is one more such score. Each permutation has a seed of its own for
    metrics that are random, and costs one score of all rows.

    Parameters
    ----------
    metric : str or callable
        Name or function of a metric, or a function of your own, as for `confidence_interval`.
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors q(z|x).
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors, optional
        The true factors; left out for metrics that need none.
    level : float, default 0.95
        Share of permuted data inside the band.
    n_permutations : int, default 99
        Permutations; at least 2 / (1 - level) - 1, which are 39 for 0.95.
    null : {"factors", "latents"}, optional
        What is permuted: the rows of the factors together, or each latent by itself. By default what the registry
        says; for a function of your own the factors, where there are some.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0; they go with the factors, and cannot be had with `null="latents"`.
    n_jobs : int, optional
        Jobs, as joblib counts them; see `confidence_interval`.
    rng : None, int or numpy.random.Generator
        Of the permutations, and of the metric.
    **options : optional
        Settings of the metric.

    Returns
    -------
    ChanceLevel
        Score, mean, band, p-value and adjusted score, in total, for further numbers, and for each factor.

    Raises
    ------
    TypeError, ValueError
        If the data or their permutations cannot be scored, or if no permutation says what chance is.

    See Also
    --------
    confidence_interval : How far the score itself is certain.

    Examples
    --------
    >>> import numpy as np
    >>> import dismetrics as dm
    >>> rng = np.random.default_rng(0)
    >>> factors = rng.integers(0, 5, (500, 2))
    >>> noise = dm.chance_level(dm.mig_sup, rng.normal(size=(500, 3)), factors, rng=0)
    >>> noise.low < noise.score < noise.high
    True
    """
    call = Call(the_metric(metric), options)
    sample = Sample.of(latents, factors, kinds=kinds, weights=weights)
    seed = as_seed(rng)
    _check(level, n_permutations)
    reason = _no_null(call, sample, null)
    if reason:
        raise ValueError(f"{call.name}: {reason}")
    with progress_bar():
        scored = Scored.of(call, sample, seed)
        found = chance_levels(
            sample, [scored], level=level, n_permutations=n_permutations, null=null, n_jobs=n_jobs, seed=seed
        )[scored.name]
    if not isinstance(found, ChanceLevel):
        raise ValueError(f"{scored.name}: {found.error}")
    return found


def chance_levels(
    sample: Sample,
    scored: Sequence[Scored],
    *,
    level: float,
    n_permutations: int,
    n_jobs: int | None,
    seed: int,
    null: str | None = None,
) -> dict[str, ChanceLevel | Failure]:
    """The chance levels of several metrics; those with the same null share their permutations."""
    _check(level, n_permutations)
    found: dict[str, ChanceLevel | Failure] = {}
    by_null: dict[str, list[Scored]] = {}
    for each in scored:
        reason = _no_null(each.call, sample, null)
        if reason:
            found[each.name] = Omitted(reason)
        else:
            by_null.setdefault(_null_of(each.call, sample, null), []).append(each)
    for chosen, metrics in by_null.items():
        settings = {"null": chosen, "n_permutations": n_permutations, "seed": seed}
        permuted = replicate(
            sample,
            metrics,
            _permuted_factors if chosen == "factors" else _latents_apart,
            n_permutations,
            stream=_STREAMS[chosen],
            seed=seed,
            n_jobs=n_jobs,
            what="permutations",
        )
        for each in metrics:
            values = permuted[each.name].values
            if values is None:
                found[each.name] = Failure(f"no chance level: of its permutations, {permuted[each.name].error}")
            else:
                found[each.name] = _chance(each, values[:, 0], level, settings)
    return {each.name: found[each.name] for each in scored}


def _check(level: float, n_permutations: int) -> None:
    as_fraction(level, "level")
    fewest = int(np.ceil(2 / (1 - level) - 1 - 1e-9))
    as_positive_integer(n_permutations, "n_permutations")
    if n_permutations < fewest:
        raise ValueError(
            f"n_permutations={n_permutations}; a band of level {level:g} needs at least {fewest}, so that a score "
            "beyond all of them is outside"
        )


def _null_of(call: Call, sample: Sample, null: str | None) -> str:
    if null is not None:
        return as_choice(null, "null", NULLS)
    if call.metric.spec is not None:
        return call.metric.spec.null
    return "latents" if sample.factors is None else "factors"


def _no_null(call: Call, sample: Sample, null: str | None) -> str:
    """Why no permutation says what chance is; empty where one does."""
    chosen = _null_of(call, sample, null)
    if call.metric.is_supervised and sample.factors is None:
        return "needs factors, and there are none"
    if chosen == "none":
        return "no chance level: no permutation of rows says what chance is for this metric"
    if chosen == "factors" and sample.factors is None:
        return "no chance level: there are no factors to permute"
    if chosen == "latents" and sample.weights is not None:
        return (
            "no chance level: latents that are permuted each by itself would leave their samples' weights behind; "
            "leave the weights out"
        )
    return ""


def _permuted_factors(sample: Sample, rng: np.random.Generator) -> list[Sample]:
    return [sample.with_factors_in_order(rng.permutation(sample.n_samples))]


def _latents_apart(sample: Sample, rng: np.random.Generator) -> list[Sample]:
    orders = np.column_stack([rng.permutation(sample.n_samples) for _ in range(sample.n_latents)])
    return [sample.with_latents_apart(orders)]


def _chance(scored: Scored, permuted: FloatArray, level: float, settings: dict[str, Any]) -> ChanceLevel:
    values, scores, spec = scored.values, scored.scores, scored.call.metric.spec
    mean = permuted.mean(axis=0)
    # Place p (M + 1) among the M permuted scores, where one more of the same kind lies below with probability p.
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(permuted, tails, axis=0, method="weibull")
    below, above = ((compare(permuted, values).sum(axis=0) + 1) for compare in (np.less_equal, np.greater_equal))
    p_value = np.minimum(1.0, 2 * np.minimum(below, above) / (len(permuted) + 1))
    best = np.nan if spec is None or not spec.supervised else spec.highest if spec.higher_is_better else spec.lowest
    room = np.where(np.isfinite(best), best - mean, np.nan)
    adjusted = np.divide(values - mean, room, out=np.full_like(mean, np.nan), where=np.abs(room) > 0)
    said = {"score": values, "mean": mean, "low": low, "high": high, "p_value": p_value, "adjusted": adjusted}
    said = {word: np.where(np.isnan(values), np.nan, array) for word, array in said.items()}
    taken = {word: scores.split(array) for word, array in said.items()}
    headlines: dict[str, Any] = {word: float(headline) for word, (headline, _, _) in taken.items()}
    per_factor: dict[str, Any] = {f"{word}_per_factor": entries for word, (_, _, entries) in taken.items()}
    per_factor["per_factor"] = per_factor.pop("score_per_factor")
    return ChanceLevel(
        metric=scored.name,
        **headlines,
        level=level,
        numbers={
            name: {word: float(numbers[name]) for word, (_, numbers, _) in taken.items()} for name in scores.numbers
        },
        factor_names=scores.factor_names,
        **per_factor,
        settings=settings,
    )
