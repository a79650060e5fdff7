"""The scores of an evaluation as bars, with intervals, chance and ceilings."""

import math
from collections.abc import Sequence
from typing import Any

from dismetrics.evaluated import Evaluation
from dismetrics.plotting.axes import Axes, add_legend, axes_or_new, height_for, segments, set_title
from dismetrics.plotting.palette import COLOURS
from dismetrics.plotting.words import lower_is_better, number_words
from dismetrics.scoring import spec_of

__all__ = ["score_bars"]

_BAR, _INTERVAL, _CHANCE, _CEILING = "#9FC5E3", "#000000", COLOURS[1], COLOURS[2]


def score_bars(evaluation: Evaluation, *, metrics: Sequence[str] | None = None, ax: Axes | None = None) -> Axes:
    """Scores side by side, with whatever of intervals, chance levels and ceilings the evaluation has.

    Parameters
    ----------
    evaluation : Evaluation
        What `evaluate` returns; with `intervals=True` and `chance=True` for all there is to see.
    metrics : sequence of str, optional
        Rows of the evaluation to draw, such as `"mig"` or `"dci.completeness"`, from the top. By default all but those
        of metrics without a bound, which would squeeze the rest; the title names them.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        A bar a score; the line is its confidence interval, the shaded band and its stroke are the chance level, and a
        triangle is the ceiling where that is below 1. A metric without a score says so in place of a bar.

    Raises
    ------
    TypeError, ValueError
        For no evaluation, an unknown row, or no row.
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> import numpy as np
    >>> import dismetrics as dm
    >>> from dismetrics import plotting
    >>> factors = np.indices((5, 5)).reshape(2, -1).T
    >>> ax = plotting.score_bars(dm.evaluate(factors, factors, metrics=["mig", "modularity"]))
    >>> [float(bar.get_width()) for bar in ax.patches]
    [1.0, 1.0]
    """
    rows, hidden = _rows(evaluation, metrics)
    ax = axes_or_new(ax, height=height_for(len(rows)))
    place = range(len(rows))
    column = {name: [_number(row.get(name)) for row in rows] for name in ("score", "low", "high", "ceiling", "chance")}
    bars = [math.nan if score is None else score for score in column["score"]]
    band = [(_number(row.get("chance low")), _number(row.get("chance high"))) for row in rows]
    for at, score in enumerate(column["score"]):
        if score is None:
            ax.annotate("no score", (0, at), xytext=(3, 0), textcoords="offset points", va="center", style="italic")
    shown = [at for at in place if column["score"][at] is not None]
    ax.barh(shown, [bars[at] for at in shown], height=0.6, color=_BAR, label="score" if shown else None)

    chance = [(at, *band[at], column["chance"][at]) for at in shown if column["chance"][at] is not None]
    for at, low, high, mean in chance:
        if low is not None and high is not None:
            ax.barh(at, high - low, left=low, height=0.84, color=_CHANCE, alpha=0.3, linewidth=0)
        ax.plot([mean, mean], [at - 0.42, at + 0.42], color=_CHANCE, linewidth=2, label=_once("chance", at, chance))
    known = [at for at in shown if column["low"][at] is not None and column["high"][at] is not None]
    if known:
        ends = [[column[name][at] for at in known] for name in ("low", "high")]
        segments(ax, known, *ends, upright=False, colors=_INTERVAL, linewidths=2, zorder=3, label="interval")
    ceilings = [(at, top) for at in shown if (top := column["ceiling"][at]) is not None and top < 1]
    if ceilings:
        places, tops = zip(*ceilings, strict=True)
        ax.plot(tops, places, color=_CEILING, marker="<", markersize=8, linestyle="none", zorder=4, label="ceiling")

    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(place, [_name(row["metric"]) for row in rows])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.autoscale_view(scaley=False)
    # What is missing to the best score is to be seen.
    ax.set_xlim(right=max(1.0, ax.get_xlim()[1]))
    arrows = any(lower_is_better(row["metric"]) for row in rows)
    ax.set_xlabel("score (↓: lower is better)" if arrows else "score (higher is better)")
    set_title(ax, f"not shown, as they have no bound: {', '.join(hidden)}" if hidden else None)
    add_legend(ax, order=("score", "interval", "chance", "ceiling"))
    return ax


def _rows(evaluation: Evaluation, metrics: Sequence[str] | None) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows to draw, and the names of those that are not by default."""
    if not isinstance(evaluation, Evaluation):
        raise TypeError(f"evaluation is of type {type(evaluation).__name__}; what evaluate(...) returns is wanted")
    rows = {row["metric"]: row for row in evaluation.rows()}
    if metrics is not None:
        names = [metrics] if isinstance(metrics, str) else list(metrics)
        unknown = [name for name in names if name not in rows]
        if unknown:
            raise ValueError(f"metrics names {unknown[0]!r}, which was not evaluated; there is {', '.join(rows)}")
    else:
        names = [name for name in rows if _is_bounded(name)] or list(rows)
    if not names:
        raise ValueError("no score is to be drawn: the evaluation, or metrics, is empty")
    return [rows[name] for name in names], [] if metrics is not None else [name for name in rows if name not in names]


def _is_bounded(name: str) -> bool:
    spec = spec_of(name.partition(".")[0])
    return spec is None or (math.isfinite(spec.lowest) and math.isfinite(spec.highest))


def _number(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _once(label: str, at: int, drawn: Sequence[tuple[Any, ...]]) -> str | None:
    """The label at the first of several, so that the legend has it once."""
    return label if at == drawn[0][0] else None


def _name(metric: str) -> str:
    name, _, further = metric.partition(".")
    words = number_words(name) + (f": {number_words(further)}" if further else "")
    return f"{words} ↓" if lower_is_better(metric) else words
