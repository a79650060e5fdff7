"""Where a figure is drawn, and the only place that reaches for matplotlib."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dismetrics.typing import FloatArray

__all__ = [
    "Axes",
    "add_legend",
    "axes_or_new",
    "grid_of_axes",
    "height_for",
    "segments",
    "set_title",
    "shifted",
    "spread",
]

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


_MOST_INSIDE = 5
"""Entries of a legend that do not cover too much of what is drawn."""


def height_for(n_rows: int) -> float:
    """Inches of a figure with so many rows of text beside each other."""
    return max(SIZE[1], 0.25 * n_rows + 1.0)


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


def shifted(ax: Axes, points: float) -> Any:
    """Data coordinates moved to the right by some points of the page, whatever the scale of the axis."""
    from matplotlib.transforms import ScaledTranslation

    return ax.transData + ScaledTranslation(points / 72, 0, ax.figure.dpi_scale_trans)


def segments(ax: Axes, at: Any, low: Any, high: Any, *, upright: bool = True, **style: Any) -> None:
    """Intervals as lines from end to end; an interval that is not known (nan) leaves no line."""
    from matplotlib.collections import LineCollection

    known = [(x, a, b) for x, a, b in zip(at, low, high, strict=True) if a == a and b == b]
    ends = [[(x, a), (x, b)] if upright else [(a, x), (b, x)] for x, a, b in known]
    ax.add_collection(LineCollection(ends, **style))


def set_title(ax: Axes, *lines: str | None) -> None:
    """What the picture says, and below it what it leaves out."""
    ax.set_title("\n".join(line for line in lines if line), fontsize="medium", loc="left")


def add_legend(ax: Axes, *, order: Sequence[str] = (), outside: bool = False, **options: Any) -> None:
    """A legend of what has a label, in this order or as it was drawn; beside the axes where it is long."""
    found = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    labels = [label for label in order or found if label in found]
    if outside or len(labels) > _MOST_INSIDE:
        # The layout of a new figure makes room for it.
        options |= {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)}
    if labels:
        ax.legend([found[label] for label in labels], labels, fontsize="small", framealpha=0.85, **options)


def spread(count: int, width: float) -> FloatArray:
    """Offsets that set several things apart around one place."""
    return width * (np.arange(count) - (count - 1) / 2) / max(count - 1, 1)
