"""The same metrics on many resamples of the data, over processes or machines through joblib."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.parallel import one_thread_of_linear_algebra
from dismetrics.progress import report
from dismetrics.scoring import Call, Sample, Scored, Scores
from dismetrics.typing import FloatArray

__all__ = ["Replicates", "Resampler", "replicate"]

_BATCHES = 20
"""How often progress is reported."""

Resampler = Callable[[Sample, np.random.Generator], list[Sample]]
"""Resamples of the data for one replicate; several where they belong together, such as two halves."""


@dataclass(frozen=True, slots=True, eq=False)
class Replicates:
    """The scores of one metric on all resamples.

    Attributes
    ----------
    values : ndarray of float64, shape (n_replicates, n_resamples_each, n_values), or None
        What `Scores.read` reads; None where a resample could not be scored.
    error : str
        Why not, and how often; empty where all were scored.
    """

    values: FloatArray | None
    error: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one metric said of one resample: values, or an error, and the warnings it gave."""

    values: FloatArray | None
    error: str
    warned: tuple[tuple[type[Warning], str], ...]


def replicate(
    sample: Sample,
    scored: Sequence[Scored],
    resampler: Resampler,
    n_replicates: int,
    *,
    stream: int,
    seed: int,
    n_jobs: int | None,
    what: str,
) -> dict[str, Replicates]:
    """The scores of every metric on the same resamples.

    Replicate i draws from a stream of its own, made of the seed, the number of the stream and i, so the resamples
    depend neither on the number of jobs nor on the metrics; the metrics share the memo of a resample.
    """
    from joblib import Parallel, delayed

    bare = sample.without_memo()
    # Results stay here: they may be large, and no resample needs them.
    calls = [(each.call, each.scores) for each in scored]
    outcomes: list[list[list[_Outcome]]] = []
    with Parallel(n_jobs=n_jobs) as parallel:
        for numbers in np.array_split(np.arange(n_replicates), min(_BATCHES, n_replicates)):
            outcomes += parallel(
                delayed(_one_replicate)(bare, calls, resampler, [seed, stream, int(i)]) for i in numbers
            )
            report(what, len(outcomes), n_replicates)
    collected = {}
    for number, metric in enumerate(scored):
        of_metric = [[resample[number] for resample in each] for each in outcomes]
        collected[metric.name] = _collected(of_metric)
        _tell_of_warnings(of_metric, metric, what)
    return collected


def _one_replicate(
    sample: Sample, calls: Sequence[tuple[Call, Scores]], resampler: Resampler, entropy: list[int]
) -> list[list[_Outcome]]:
    """For every resample of one replicate, the outcome of every metric."""
    rng = np.random.default_rng(entropy)
    resamples = resampler(sample, rng)
    seeds = rng.integers(2**32, size=len(resamples))
    with one_thread_of_linear_algebra():
        return [
            [_outcome(call, scores, resample, int(seed)) for call, scores in calls]
            for resample, seed in zip(resamples, seeds, strict=True)
        ]


def _outcome(call: Call, scores: Scores, sample: Sample, seed: int) -> _Outcome:
    values, error = None, ""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            values = scores.read(call(sample, seed))
        except Exception as failed:
            error = f"{type(failed).__name__}: {failed}"
    return _Outcome(values, error, tuple({each.category: str(each.message) for each in caught}.items()))


def _collected(outcomes: list[list[_Outcome]]) -> Replicates:
    flat = [outcome for each in outcomes for outcome in each]
    errors = [outcome.error for outcome in flat if outcome.error]
    if errors:
        return Replicates(None, f"{len(errors)} of {len(flat)} resamples cannot be scored ({errors[0]})")
    return Replicates(np.array([[outcome.values for outcome in each] for each in outcomes], np.float64), "")


def _tell_of_warnings(outcomes: list[list[_Outcome]], metric: Scored, what: str) -> None:
    """Each kind of warning that resamples gave and the rows as a whole did not, once, with how many gave it."""
    flat = [outcome for each in outcomes for outcome in each]
    messages: dict[type[Warning], list[str]] = {}
    for outcome in flat:
        for category, message in outcome.warned:
            messages.setdefault(category, []).append(message)
    for category, given in messages.items():
        if category not in metric.warned:
            warnings.warn(
                f"{metric.name}: {len(given)} of {len(flat)} {what} gave this warning: {given[0]}",
                category,
                stacklevel=2,
            )
