"""What figures take from a study: one number of every model, by setting, and what they leave out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.plotting.palette import Style, objective_styles
from dismetrics.study import Study, median_interval
from dismetrics.study.median import MedianInterval
from dismetrics.typing import FloatArray

__all__ = [
    "Setting",
    "check_study",
    "column_of",
    "interval_words",
    "left_out",
    "settings_of",
    "study_of_case",
    "study_styles",
]


@dataclass(frozen=True, slots=True)
class Setting:
    """The seeds of one setting that have the number."""

    objective: str
    beta: float
    case: str
    values: FloatArray
    interval: MedianInterval


def check_study(study: Study) -> Study:
    """A study with at least one model that has numbers."""
    if not isinstance(study, Study):
        raise TypeError(f"study is of type {type(study).__name__}; a Study is wanted, such as read_study(path)")
    if not study.done:
        seen = f"its {len(study)} models all failed" if len(study) else "it has no rows"
        raise ValueError(f"the study has nothing to draw: {seen}")
    return study


def column_of(study: Study, name: str) -> FloatArray:
    """A number of every model that is done; nan where it has none, or none that is finite."""
    try:
        values = study.column(name)
    except TypeError as error:
        raise ValueError(f"{name!r} is no column of numbers: {error}") from error
    except ValueError as error:
        if any(name in row for row in study.done):
            raise ValueError(f"{name!r} is no column of numbers: {error}") from error
        raise
    values = np.where(np.isfinite(values), values, math.nan)
    if np.isnan(values).all():
        raise ValueError(f"none of the {len(values)} models of the study has a finite {name!r}")
    return values


def study_of_case(study: Study, case: str | None) -> Study:
    """The models of one distribution of factors; which one need not be said where there is a single one."""
    check_study(study)
    cases = list(dict.fromkeys(row["case"] for row in study.rows))
    if case is None:
        if len(cases) > 1:
            raise ValueError(f"the study has models of {len(cases)} cases: say which with case=, one of {cases}")
        return study
    if case not in cases:
        raise ValueError(f"case={case!r} is not in the study; there is {', '.join(cases)}")
    return check_study(study.select(case=case))


def settings_of(study: Study, name: str, *, level: float) -> list[Setting]:
    """The values of every setting that has some, in the study's order, with their median."""
    column_of(study, name)
    found = []
    for setting in study.settings():
        models = study.select(**setting).done
        values = np.array([math.nan if row.get(name) is None else float(row[name]) for row in models])
        values = values[np.isfinite(values)]
        if len(values):
            found.append(Setting(**setting, values=values, interval=median_interval(values, level=level)))
    return found


def study_styles(study: Study) -> dict[str, Style]:
    """A style for each objective of the study."""
    return objective_styles(row["objective"] for row in study.rows)


def left_out(study: Study, *names: str) -> str | None:
    """How many models take no part, and why; None where all do."""
    columns = np.array([column_of(study, name) for name in names])
    without = int(np.isnan(columns).any(axis=0).sum())
    said = [f"{len(study.failed)} failed"] if study.failed else []
    said += [f"{without} without {' and '.join(dict.fromkeys(names))}"] if without else []
    return f"left out: {', '.join(said)}" if said else None


def interval_words(settings: Sequence[Setting]) -> str:
    """What the medians are of, and what their intervals cover."""
    counts = sorted({one.interval.n for one in settings})
    seeds = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    covered: list[Any] = [one.interval.coverage for one in settings if one.interval.n > 1]
    if not covered:
        return "single seeds, so no intervals"
    # Rounded down: what is promised must hold.
    least = math.floor(100 * min(covered))
    at_least = "" if len(set(covered)) == 1 else "at least "
    return f"median of {seeds} seeds, interval covers {at_least}{least} %"
