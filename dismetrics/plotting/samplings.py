"""A number for each distribution of the factors, objectives side by side."""

from collections.abc import Sequence

import numpy as np

from dismetrics.plotting.axes import Axes, add_legend, axes_or_new, segments, set_title, spread
from dismetrics.plotting.of_study import check_study, interval_words, left_out, settings_of, study_styles
from dismetrics.plotting.palette import markers
from dismetrics.plotting.words import case_words, objective_words, with_unit
from dismetrics.study import Study
from dismetrics.study.table import CASES

__all__ = ["factor_samplings"]


def factor_samplings(
    study: Study,
    metric: str = "mig",
    *,
    beta: float | Sequence[float] | None = None,
    level: float = 0.95,
    ax: Axes | None = None,
) -> Axes:
    """A number of trained models for each distribution of the factors, objectives side by side.

    The picture of Chen et al. 2018, section 5.2: what factors that depend on each other, or are not uniform, do to each
    objective.

    Parameters
    ----------
    study : Study
        Trained models. Those that failed, or have no finite number, take no part; the title says how many.
    metric : str, default "mig"
        A column of numbers.
    beta : float or sequence of float, optional
        Draw models of these only. By default all objectives and beta that were trained in several cases; the title says
        how many were in one alone. Models of different beta are never taken together: each is a series of its own.
    level : float, default 0.95
        Wanted coverage of the intervals; see `median_interval`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Medians with intervals, each model a faint dot; the colour is the objective's, the marker goes with beta where
        an objective has several.

    Raises
    ------
    TypeError, ValueError
        For no study, an unknown column, or nothing to draw.
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> import dismetrics as dm
    >>> from dismetrics import plotting
    >>> rows = [
    ...     dict(cell=f"{case}-{seed}", objective="vae", beta=1.0, case=case, seed=seed, status="done", mig=0.1 * seed)
    ...     for case in ("independent_uniform", "dependent_uniform")
    ...     for seed in range(5)
    ... ]
    >>> ax = plotting.factor_samplings(dm.Study(tuple(rows), {}))
    >>> [" ".join(label.get_text().split()) for label in ax.get_xticklabels()]
    ['independent, uniform', 'dependent, uniform']
    """
    check_study(study)
    models = study if beta is None else study.select(beta=np.atleast_1d(beta).tolist())
    if not models.done:
        there = sorted({row["beta"] for row in study.done})
        raise ValueError(f"beta={beta!r}: no model of the study that is done has it; there is {there}")
    hidden = 0
    if beta is None:
        models, hidden = _in_several_cases(study)
    settings = settings_of(models, metric, level=level)
    cases = list(dict.fromkeys([*CASES, *(row["case"] for row in models.rows)]))
    cases = [case for case in cases if any(row["case"] == case for row in models.rows)]
    series = list(dict.fromkeys((one.objective, one.beta) for one in settings))
    order = list(dict.fromkeys(name for name, _ in series))
    series.sort(key=lambda one: (order.index(one[0]), one[1]))
    styles = study_styles(study)

    ax = axes_or_new(ax)
    for (name, of_beta), aside in zip(series, spread(len(series), 0.6), strict=True):
        found = [one for one in settings if (one.objective, one.beta) == (name, of_beta)]
        betas = [one for objective, one in series if objective == name]
        colour = styles[name].colour
        marker = styles[name].marker if len(betas) == 1 else markers(len(betas))[betas.index(of_beta)]
        x = np.array([cases.index(one.case) for one in found]) + aside
        for at, one in zip(x, found, strict=True):
            # Beside the interval, which would cover them.
            ax.scatter(np.full(len(one.values), at - 0.06), one.values, s=14, color=colour, alpha=0.4, linewidths=0)
        intervals = [one.interval for one in found]
        segments(ax, x, [one.low for one in intervals], [one.high for one in intervals], colors=colour, linewidths=2)
        ax.plot(
            x,
            [one.median for one in intervals],
            color=colour,
            marker=marker,
            markersize=7,
            linestyle="none",
            label=f"{objective_words(name)}, β = {of_beta:g}",
        )
    ax.set_xticks(range(len(cases)), [case_words(case).replace(", ", ",\n") for case in cases])
    ax.set_xlim(-0.5, len(cases) - 0.5)
    ax.set_xlabel("factors of the training data")
    ax.set_ylabel(with_unit(metric))
    empty = [case_words(case) for case in cases if not any(one.case == case for one in settings)]
    set_title(
        ax,
        interval_words(settings),
        left_out(models, metric),
        f"no model: {'; '.join(empty)}" if empty else None,
        f"not shown: {hidden} objectives and β with one case alone" if hidden else None,
    )
    add_legend(ax)
    return ax


def _in_several_cases(study: Study) -> tuple[Study, int]:
    """Models whose objective and beta were trained in several cases, and how many others there are; all if none was."""
    found: dict[tuple[str, float], set[str]] = {}
    for row in study.rows:
        found.setdefault((row["objective"], row["beta"]), set()).add(row["case"])
    several = {series for series, cases in found.items() if len(cases) > 1}
    kept = Study(tuple(row for row in study.rows if (row["objective"], row["beta"]) in several), study.provenance)
    return (kept, len(found) - len(several)) if kept.done else (study, 0)
