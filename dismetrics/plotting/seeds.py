"""Models of a study by setting: medians over seeds, with the seeds themselves."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dismetrics.plotting.canvas import colours_of, label_of, new_axes, note_left_out, setting_label
from dismetrics.study import Study
from dismetrics.study.table import CASES

__all__ = ["factor_samplings", "metric_against_beta", "seed_distributions"]


def metric_against_beta(study: Study, metric: str = "mig", *, case: str | None = None, ax: Any = None) -> Any:
    """A number against beta: a line of medians for each objective, their intervals, and every seed as a faint dot.

    Parameters
    ----------
    study : Study
        The models.
    metric : str, default "mig"
        Column.
    case : str, optional
        Factor sampling; by default the study's first.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        With the picture.

    Raises
    ------
    ValueError
        If no model has the column, or was trained under the factor sampling.

    Examples
    --------
    >>> from dismetrics.plotting import metric_against_beta
    >>> metric_against_beta(dm.read_study("runs/laptop"))  # doctest: +SKIP
    """
    models, case, missing = _of_case(study, metric, case)
    ax = new_axes(ax)
    objectives = list(dict.fromkeys(row["objective"] for row in models.done))
    betas = sorted({row["beta"] for row in models.done})
    step = min(np.diff(betas), default=1.0)
    for place, (objective, colour) in enumerate(colours_of(objectives).items()):
        # A little apart, so that intervals do not cover each other.
        shift = 0.06 * step * (place - (len(objectives) - 1) / 2)
        rows = models.select(objective=objective).summary([metric])
        for row in rows:
            values = models.select(objective=objective, beta=row["beta"]).column(metric)
            ax.plot(np.full(len(values), row["beta"] + shift), values, "o", color=colour, alpha=0.3, markersize=4)
        x = np.array([row["beta"] for row in rows]) + shift
        _medians(ax, x, [row[metric] for row in rows], colour, label_of(objective), line="-")
    ax.set_xlabel("β")
    ax.set_xticks(betas)
    ax.set_ylabel(label_of(metric))
    ax.set_title(f"medians over seeds, {case.replace('_', ' ')} factors", fontsize="medium")
    ax.legend()
    note_left_out(ax, missing, metric)
    return ax


def seed_distributions(study: Study, metric: str = "mig", *, case: str | None = None, ax: Any = None) -> Any:
    """A number of every seed, setting by setting, with median and interval.

    Parameters
    ----------
    study : Study
        The models.
    metric : str, default "mig"
        Column.
    case : str, optional
        Factor sampling; by default the study's first.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        With the picture.

    Raises
    ------
    ValueError
        If no model has the column, or was trained under the factor sampling.

    Examples
    --------
    >>> from dismetrics.plotting import seed_distributions
    >>> seed_distributions(dm.read_study("runs/laptop"), "total_correlation")  # doctest: +SKIP
    """
    models, case, missing = _of_case(study, metric, case)
    ax = new_axes(ax)
    rows = models.summary([metric])
    colours = colours_of(row["objective"] for row in rows)
    for place, row in enumerate(rows):
        values = models.select(objective=row["objective"], beta=row["beta"]).column(metric)
        colour = colours[row["objective"]]
        ax.plot(np.full(len(values), place - 0.12), values, "o", color=colour, alpha=0.4, markersize=5)
        _medians(ax, [place + 0.12], [row[metric]], colour, None)
    labels = [setting_label(row["objective"], row["beta"]) for row in rows]
    ax.set_xticks(range(len(rows)), labels, rotation=30, ha="right", rotation_mode="anchor")
    ax.set_ylabel(label_of(metric))
    ax.set_title(f"every seed, {case.replace('_', ' ')} factors", fontsize="medium")
    note_left_out(ax, missing, metric)
    return ax


def factor_samplings(study: Study, metric: str = "mig", *, ax: Any = None) -> Any:
    """A number under each factor sampling, objectives side by side: Chen et al. 2018, section 5.2.

    Parameters
    ----------
    study : Study
        The models; those settings are drawn that were trained under more than one sampling.
    metric : str, default "mig"
        Column.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        With the picture.

    Raises
    ------
    ValueError
        If no model has the column, or no setting was trained under two samplings.

    Examples
    --------
    >>> from dismetrics.plotting import factor_samplings
    >>> factor_samplings(dm.read_study("runs/laptop"))  # doctest: +SKIP
    """
    models, missing = _with(study, metric)
    cases_of: dict[tuple[str, float], set[str]] = {}
    for row in models.done:
        cases_of.setdefault((row["objective"], row["beta"]), set()).add(row["case"])
    settings = [setting for setting, cases in cases_of.items() if len(cases) > 1]
    if not settings:
        raise ValueError(
            "no setting of the study was trained under two factor samplings, so there is nothing to set side by side"
        )
    ax = new_axes(ax)
    found = set.union(*(cases_of[setting] for setting in settings))
    cases = [case for case in CASES if case in found] + sorted(found - set(CASES))
    colours = colours_of(objective for objective, _ in settings)
    for place, (objective, beta) in enumerate(settings):
        shift = 0.3 * (place - (len(settings) - 1) / 2)
        rows = {row["case"]: row[metric] for row in models.select(objective=objective, beta=beta).summary([metric])}
        for case in rows:
            values = models.select(objective=objective, beta=beta, case=case).column(metric)
            dots = np.full(len(values), cases.index(case) + shift - 0.06)
            ax.plot(dots, values, "o", color=colours[objective], alpha=0.35, markersize=4)
        x = [cases.index(case) + shift + 0.06 for case in rows]
        _medians(ax, x, list(rows.values()), colours[objective], setting_label(objective, beta))
    ax.set_xticks(range(len(cases)), [case.replace("_", "\n") for case in cases])
    ax.set_xlabel("how factors are distributed")
    ax.set_ylabel(label_of(metric))
    ax.legend()
    note_left_out(ax, missing, metric)
    return ax


def _with(study: Study, metric: str) -> tuple[Study, int]:
    """The models that have a number, and how many have none."""
    values = study.column(metric)
    kept = tuple(row for row, value in zip(study.done, values, strict=True) if np.isfinite(value))
    if not kept:
        raise ValueError(f"no model of the study has a finite {metric!r}")
    return Study(kept, study.provenance), len(study) - len(kept)


def _of_case(study: Study, metric: str, case: str | None) -> tuple[Study, str, int]:
    if case is None:
        case = study.settings()[0]["case"] if study.done else CASES[0]
    models = study.select(case=case)
    if not models.done:
        known = ", ".join(dict.fromkeys(row["case"] for row in study.done))
        raise ValueError(f"case={case!r} has no model that is done; there is {known or 'none'}")
    kept, missing = _with(models, metric)
    return kept, case, missing


def _medians(ax: Any, x: Any, found: Sequence[Any], colour: str, label: str | None, *, line: str = "none") -> None:
    medians = [one.median for one in found]
    # A single seed has no interval.
    low, high = (
        [abs(end - one.median) if one.n > 1 else 0.0 for one, end in zip(found, ends, strict=True)]
        for ends in ([one.low for one in found], [one.high for one in found])
    )
    ax.errorbar(
        x, medians, yerr=[low, high], fmt="D", color=colour, linestyle=line, capsize=3, markersize=6, label=label
    )
