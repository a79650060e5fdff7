"""Scores with their intervals, chance levels and ceilings."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dismetrics.evaluated import Evaluation
from dismetrics.plotting.canvas import GREY, label_of, new_axes
from dismetrics.scoring import spec_of

__all__ = ["score_bars"]


def score_bars(evaluation: Evaluation, *, metrics: Sequence[str] | None = None, ax: Any = None) -> Any:
    """A bar for each score, with its interval, the band of chance, and its ceiling where that is below 1.

    Parameters
    ----------
    evaluation : Evaluation
        What `dismetrics.evaluate` returns, with or without `intervals` and `chance`.
    metrics : sequence of str, optional
        Rows of `evaluation.rows()`; by default those whose best is 1, which alone can share an axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        With the picture.

    Raises
    ------
    ValueError
        If a metric was not evaluated, or none has a score.

    Examples
    --------
    >>> import numpy as np
    >>> import dismetrics as dm
    >>> from dismetrics.plotting import score_bars
    >>> factors = np.indices((6, 6)).reshape(2, -1).T
    >>> ax = score_bars(dm.evaluate(factors, factors, metrics=["mig", "modularity"]))
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['MIG', 'modularity']
    """
    rows = {row["metric"]: row for row in evaluation.rows()}
    unknown = [] if metrics is None else [name for name in metrics if name not in rows]
    if unknown:
        raise ValueError(f"metrics names {unknown[0]!r}, which was not evaluated; there is {', '.join(rows)}")
    chosen = [name for name in rows if _ends_at_one(name)] if metrics is None else list(metrics)
    shown = [rows[name] for name in chosen if rows[name]["score"] is not None]
    if not shown:
        raise ValueError(
            "there is no score to draw: every metric failed or is not defined, or has no scale that ends at 1"
        )
    ax = new_axes(ax, size=(6.0, 1.2 + 0.32 * len(shown)))
    places = np.arange(len(shown))
    scores = np.array([row["score"] for row in shown])
    ax.barh(places, scores, color="#0072B2", alpha=0.8, height=0.6)
    for place, row in zip(places, shown, strict=True):
        if row.get("low") is not None:
            ends = [[max(0.0, row["score"] - row["low"])], [max(0.0, row["high"] - row["score"])]]
            ax.errorbar([row["score"]], [place], xerr=ends, fmt="none", color="black", capsize=3)
        if row.get("chance") is not None:
            ax.fill_betweenx(
                [place - 0.42, place + 0.42], row["chance low"], row["chance high"], color="#D55E00", alpha=0.45,
                linewidth=1,
            )  # fmt: skip
        if row["ceiling"] is not None and row["ceiling"] < 1:
            ax.plot([row["ceiling"]] * 2, [place - 0.42, place + 0.42], color=GREY, linestyle="--")
    ax.set_yticks(places, [label_of(row["metric"]) for row in shown])
    ax.invert_yaxis()
    ax.set_xlabel("score" + _explained(shown))
    missing = len(chosen) - len(shown)
    if missing:
        ax.set_title(f"{missing} of {len(chosen)} have no score and are left out", fontsize="medium")
    return ax


def _ends_at_one(name: str) -> bool:
    spec = spec_of(name.partition(".")[0])
    return spec is not None and spec.highest == 1.0


def _explained(rows: Sequence[dict[str, Any]]) -> str:
    said = []
    if any(row.get("low") is not None for row in rows):
        said.append("line: interval")
    if any(row.get("chance") is not None for row in rows):
        said.append("orange: chance")
    if any(row["ceiling"] is not None and row["ceiling"] < 1 for row in rows):
        said.append("dashes: ceiling")
    return f" ({', '.join(said)})" if said else ""
