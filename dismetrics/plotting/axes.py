"""Where a figure is drawn, and the only place that reaches for matplotlib."""

from typing import Any

import numpy as np

from dismetrics.typing import FloatArray

__all__ = ["Axes", "add_legend", "axes_or_new", "grid_of_axes", "segments", "set_title", "spread"]

Axes = Any
"""A `matplotlib.axes.Axes`; matplotlib is an extra, so its types are not known here."""

SIZE = (6.0, 4.0)
"""Inches of a new figure: texts of nine points can be read on a phone."""


def _pyplot() -> Any:
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise
        raise ImportError("dismetrics.plotting needs matplotlib, which is missing: install dismetrics[plot]") from error
    return plt


def axes_or_new(ax: Axes | None, *, height: float = SIZE[1]) -> Axes:
    """The axes given, or those of a new figure of this height in inches."""
    if ax is None:
        return _pyplot().subplots(figsize=(SIZE[0], height), layout="constrained")[1]
    if not hasattr(ax, "add_collection"):
        raise TypeError(f"ax is of type {type(ax).__name__}; the Axes of a single matplotlib plot is wanted")
    return ax


def grid_of_axes(n_rows: int, n_columns: int, *, sharey: str) -> Any:
    """The array of Axes of a new figure that grows with its panels."""
    size = (max(SIZE[0], 1.4 * n_columns + 0.4), max(SIZE[1], 1.25 * n_rows + 0.4))
    return _pyplot().subplots(n_rows, n_columns, figsize=size, layout="constrained", squeeze=False, sharey=sharey)[1]


def segments(ax: Axes, at: Any, low: Any, high: Any, *, upright: bool = True, **style: Any) -> None:
    """Intervals as lines from end to end; an interval that is not known (nan) leaves no line."""
    from matplotlib.collections import LineCollection

    known = [(x, a, b) for x, a, b in zip(at, low, high, strict=True) if a == a and b == b]
    ends = [[(x, a), (x, b)] if upright else [(a, x), (b, x)] for x, a, b in known]
    ax.add_collection(LineCollection(ends, **style))


def set_title(ax: Axes, *lines: str | None) -> None:
    """What the picture says, and below it what it leaves out."""
    ax.set_title("\n".join(line for line in lines if line), fontsize="medium", loc="left")


def add_legend(ax: Axes, **options: Any) -> None:
    """A legend of what has a label; none where nothing has."""
    if ax.get_legend_handles_labels()[0]:
        ax.legend(fontsize="small", framealpha=0.85, **options)


def spread(count: int, width: float) -> FloatArray:
    """Offsets that set several things apart around one place."""
    return width * (np.arange(count) - (count - 1) / 2) / max(count - 1, 1)
