"""Caveats about a score beside what chance gives."""

import math
from typing import Any

from dismetrics.evaluated import Evaluation
from dismetrics.report.caveats import Caveat
from dismetrics.report.markup import text_of
from dismetrics.scoring import spec_of
from dismetrics.tables import number

__all__ = ["at_chance", "factors_at_chance", "p_values", "worse_than_chance"]

_TOLERANCE = 1e-9
"""Relative: rounding of sums in another order."""


def _band(row: dict[str, Any]) -> tuple[float, float, float] | None:
    """Score and chance band of a row; None where one is missing, or no permutation changes anything."""
    ends = (row["score"], row.get("chance low"), row.get("chance high"))
    if not all(end is not None and math.isfinite(end) for end in ends):
        return None
    score, low, high = (float(end) for end in ends if end is not None)
    unchanged = max(abs(score - low), abs(score - high)) <= _TOLERANCE * max(1.0, abs(score))
    return None if unchanged else (score, low, high)


def _inside(row: dict[str, Any]) -> bool:
    found = _band(row)
    return found is not None and found[1] <= found[0] <= found[2]


def _against_chance(row: dict[str, Any]) -> str:
    return f"{row['metric']}: {row['score']:.3f}, chance {row['chance low']:.3f} to {row['chance high']:.3f}"


def at_chance(evaluation: Evaluation) -> Caveat | None:
    """Numbers that permuted data reach."""
    items = tuple(_against_chance(row) for row in evaluation.rows() if _inside(row))
    if not items:
        return None
    return Caveat(
        "chance",
        "Scores that chance reaches",
        "These lie in the band of what the same data score with their rows permuted, so that nothing connects what is "
        "compared. They are no evidence of any structure, however large they look.",
        items,
    )


def worse_than_chance(evaluation: Evaluation) -> Caveat | None:
    """Numbers on the wrong side of the band."""
    items = []
    for row in evaluation.rows():
        found, spec = _band(row), spec_of(row["metric"].partition(".")[0])
        if found is not None and spec is not None:
            score, low, high = found
            if score < low if spec.higher_is_better else score > high:
                items.append(_against_chance(row))
    if not items:
        return None
    return Caveat(
        "worse-than-chance",
        "Scores worse than chance",
        "Permuted rows score better than the data. For a metric that noise satisfies this only says that the data are "
        "no "
        "noise; in no case does such a score speak for the model, however good it looks.",
        tuple(items),
    )


def factors_at_chance(evaluation: Evaluation) -> Caveat | None:
    """Factors that permuted data reach, of metrics that they do not."""
    whole = {row["metric"] for row in evaluation.rows() if _inside(row)}
    by_metric: dict[str, list[str]] = {}
    for row in evaluation.factor_rows():
        if row["metric"] not in whole and _inside(row):
            by_metric.setdefault(row["metric"], []).append(row["factor"])
    if not by_metric:
        return None
    return Caveat(
        "chance-factors",
        "Factors at chance",
        "The headline is outside the band of chance, but for these factors the score lies in theirs.",
        tuple(f"{name}: {', '.join(factors)}" for name, factors in by_metric.items()),
    )


def p_values(evaluation: Evaluation) -> Caveat | None:
    """The least that p can be, and that there are many."""
    asked = evaluation.provenance.get("chance")
    given = [row.get("p") for row in evaluation.rows()]
    values = [p for p in given if p is not None and math.isfinite(p)]
    if not isinstance(asked, dict) or "n_permutations" not in asked or not values:
        return None
    least = 2 / (asked["n_permutations"] + 1)
    text = (
        f"p comes from {text_of(asked['n_permutations'])} permutations, so that none is below {number(least, 4)}, "
        "however strong the structure is."
    )
    at_least = sum(value <= least * (1 + _TOLERANCE) for value in values)
    if at_least:
        text += f" {at_least} of {len(values)} are at that bound."
    if len(values) > 1:
        text += (
            f" Each speaks of its own number: of {len(values)} numbers without any structure, about "
            f"{0.05 * len(values):.1g} would be below 0.05. A small p says that there is structure, not that there is "
            "much."
        )
    return Caveat("p-values", "What p says", text)
