"""Try one property after the other, within the time there is."""

import dataclasses
import math
import time
from collections.abc import Sequence
from typing import Any

from dismetrics.testing.report import DECLARED, FAILED, HELD, NOT_APPLICABLE, CheckReport, Row
from dismetrics.testing.statistics import FALSE_ALARM_RATE
from dismetrics.testing.trial import Outcome, failed, not_applicable, raised

__all__ = ["run"]


def run(
    title: str, properties: Sequence[Any], trial: Any, asked: set[str], fails: Sequence[str], budget: float | None
) -> CheckReport:
    """The report of these properties; each gets an even share of the time that is left."""
    started, rows = time.perf_counter(), []
    left = [each for each in properties if each.name in asked]
    for each in properties:
        if each.name not in asked:
            rows.append(Row(each.name, NOT_APPLICABLE, "not asked of every metric: holds=..."))
            continue
        if budget is None:
            deadline = math.inf
        else:
            now = time.perf_counter()
            deadline = now + max((started + budget - now) / len(left), 0.0)
        outcome = _outcome(each, trial.until(deadline))
        left.remove(each)
        status = DECLARED if each.name in fails and outcome.status == FAILED else outcome.status
        message = outcome.message
        if each.name in fails and outcome.status == HELD:
            message = f"{message}, although declared to fail"
        rows.append(Row(each.name, status, message, outcome.counterexample))
    return CheckReport(title, tuple(rows), FALSE_ALARM_RATE, trial.search.seed)


def _outcome(each: Any, trial: Any) -> Outcome:
    try:
        outcome: Outcome = each.check(trial)
    except Exception as error:
        # The function raises on data that the property has to work on.
        outcome = failed(raised(error))
    reference = getattr(trial, "reference", None)
    if outcome.status != FAILED or reference is None or each.name.startswith("agrees"):
        return outcome
    try:
        ours: Outcome = each.check(dataclasses.replace(trial, subject=reference, reference=None))
    except Exception as error:
        ours = failed(raised(error))
    return not_applicable(f"it does not hold of our {trial.kind} either") if ours.status == FAILED else outcome
