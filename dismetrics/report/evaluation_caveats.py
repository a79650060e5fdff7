"""Caveats that follow from the numbers of an evaluation."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from dismetrics.estimators.aggregate_posterior.saturation import ENOUGH_OVERLAP, TOO_MANY_ALONE
from dismetrics.evaluated import Evaluation, Failure, Omitted
from dismetrics.report.caveats import Caveat
from dismetrics.report.chance_caveats import at_chance, factors_at_chance, p_values, worse_than_chance

__all__ = ["evaluation_caveats", "shared_place"]

_TOLERANCE = 1e-9
"""Rounding of a mean of ceilings."""


def evaluation_caveats(evaluation: Evaluation) -> Iterator[Caveat | None]:
    """All of them, the gravest first; None for those without a cause."""
    yield _failed(evaluation)
    yield _single_latent(evaluation)
    yield _saturated_index(evaluation)
    yield _alone(evaluation)
    yield _minibatches(evaluation)
    yield at_chance(evaluation)
    yield worse_than_chance(evaluation)
    yield factors_at_chance(evaluation)
    yield _ceilings(evaluation)
    yield _undefined(evaluation)
    yield _missing(evaluation.intervals, "interval", "No interval")
    yield _missing(evaluation.chance, "chance", "No chance level")
    yield _not_asked(evaluation)
    yield p_values(evaluation)
    yield _omitted(evaluation)
    yield Caveat(
        "one-model",
        "One model",
        "All this is of one set of latents, so of one training with one seed. Intervals and p are about its rows; what "
        "another seed of the same training would score, no number here says. Between seeds scores can differ by more "
        "than between methods: train several, and compare those.",
    )


def shared_place(index_code_mi: float, ceiling: float) -> float:
    """How many samples share a place in the code, by the information that the code has of the sample's index."""
    return max(1.0, math.exp(ceiling - index_code_mi))


def _results(evaluation: Evaluation) -> dict[str, Any]:
    return {name: found for name, found in evaluation.results.items() if not isinstance(found, Failure)}


def _failed(evaluation: Evaluation) -> Caveat | None:
    failed = {
        n: one for n, one in evaluation.results.items() if isinstance(one, Failure) and not isinstance(one, Omitted)
    }
    if not failed:
        return None
    return Caveat(
        "failed",
        "Metrics that failed",
        "These were asked for and have no score.",
        tuple(f"{name}: {one.error}" for name, one in failed.items()),
    )


def _omitted(evaluation: Evaluation) -> Caveat | None:
    omitted = {name: one for name, one in evaluation.results.items() if isinstance(one, Omitted)}
    if not omitted:
        return None
    return Caveat(
        "omitted",
        "Metrics left out",
        "These are not defined for such data, which is no error.",
        tuple(f"{name}: {one.error}" for name, one in omitted.items()),
    )


def _single_latent(evaluation: Evaluation) -> Caveat | None:
    items = []
    for name, found in _results(evaluation).items():
        best = [int(latent) for latent in getattr(found, "best_latents", ()) if latent >= 0]
        if len(best) > 1 and len(set(best)) == 1:
            items.append(f"{name}: latent {best[0]}, for all of {len(best)} factors")
    if not items:
        return None
    return Caveat(
        "single-latent",
        "One latent is the best for every factor",
        "A gap between the best latent and its runner-up is then large where the other latents tell little, though "
        "nothing keeps the factors apart. Look at the matrix, and at MIG-sup or modularity.",
        tuple(items),
    )


def _saturated_index(evaluation: Evaluation) -> Caveat | None:
    items = []
    for name, found in _results(evaluation).items():
        told, ceiling = getattr(found, "index_code_mi", None), getattr(found, "index_code_mi_ceiling", None)
        if told is None or ceiling is None:
            continue
        shared = shared_place(told, ceiling)
        if shared < ENOUGH_OVERLAP:
            items.append(
                f"{name}: {told:.3f} of at most {ceiling:.3f} nats; a place in the code is shared by {shared:.1f} "
                "samples"
            )
    if not items:
        return None
    return Caveat(
        "index-saturation",
        "Index-code information is at its ceiling",
        "What the code tells of the sample's index cannot exceed the logarithm of the number of samples. Here the code "
        "tells nearly every sample from every other, so that the number of samples sets what is reported: with more of "
        "them the index-code information would be higher, and the total correlation lower.",
        tuple(items),
    )


def _alone(evaluation: Evaluation) -> Caveat | None:
    items = []
    for name, found in _results(evaluation).items():
        share = getattr(found, "saturated_share", None)
        factors = getattr(found, "factor_names", ())
        if share is None or np.shape(share) != (len(factors),):
            continue
        high = [f"{factor} {one:.0%}" for factor, one in zip(factors, share, strict=True) if one > TOO_MANY_ALONE]
        if high:
            items.append(f"{name}: {', '.join(high)}")
    if not items:
        return None
    return Caveat(
        "saturation",
        "Too few samples for the posterior estimator",
        f"Within a value of these factors, the given share of the samples overlaps with fewer than "
        f"{ENOUGH_OVERLAP - 1:g} others. Mutual information then runs into the factor's entropy and gaps close: the "
        "score is not what more samples would give.",
        tuple(items),
    )


def _minibatches(evaluation: Evaluation) -> Caveat | None:
    items = []
    for name, found in _results(evaluation).items():
        offsets = getattr(found, "offset_range", None)
        if isinstance(offsets, dict) and offsets:
            ends = [
                f"{term.replace('_', ' ')} {low:+.3f} to {high:+.3f}"
                for term, (low, high) in offsets.items()
                if low is not None and high is not None
            ]
            items.append(f"{name}: {', '.join(ends)}")
    if not items:
        return None
    return Caveat(
        "minibatch",
        "Estimates from minibatches",
        "These are what a training loop would log, and differ from the truth in expectation by something in these "
        "ranges, in nats.",
        tuple(items),
    )


def _ceilings(evaluation: Evaluation) -> Caveat | None:
    items = tuple(
        f"{row['metric']}: {row['score']:.3f} of at most {row['ceiling']:.3f}"
        for row in evaluation.rows()
        if row["ceiling"] is not None and row["score"] is not None and row["ceiling"] < 1 - _TOLERANCE
    )
    if not items:
        return None
    return Caveat(
        "ceiling",
        "Scores that cannot reach 1",
        "With these settings and these factors no code scores more than the ceiling. Hold a score against it, not "
        "against 1, and beside other scores only where their ceiling is the same.",
        items,
    )


def _undefined(evaluation: Evaluation) -> Caveat | None:
    by_metric: dict[str, list[str]] = {}
    for row in evaluation.factor_rows():
        if math.isnan(row["score"]):
            by_metric.setdefault(row["metric"], []).append(row["factor"])
    if not by_metric:
        return None
    return Caveat(
        "undefined-factors",
        "Factors without an entry",
        "A factor with a single value, or one that the data say nothing of, has no entry and no part in the mean.",
        tuple(f"{name}: {', '.join(factors)}" for name, factors in by_metric.items()),
    )


def _missing(found: dict[str, Any], kind: str, title: str) -> Caveat | None:
    items = tuple(f"{name}: {one.error}" for name, one in found.items() if isinstance(one, Failure))
    if not items:
        return None
    return Caveat(f"no-{kind}", title, "It was asked for, and could not be had.", items)


def _not_asked(evaluation: Evaluation) -> Caveat | None:
    lacking = [
        (word, option)
        for word, key, option in (("intervals", "intervals", "--intervals"), ("chance levels", "chance", "--chance"))
        if key not in evaluation.provenance
    ]
    if not lacking:
        return None
    words, options = (" and ".join(each) for each in zip(*lacking, strict=True))
    return Caveat(
        "not-asked",
        f"No {words}",
        f"The scores were computed without {words}: how certain they are, or what noise scores, is not known from this "
        f"page. `dismetrics score` adds them with {options}.",
    )
