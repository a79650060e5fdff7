"""Pictures for a page, drawn the same whatever style a user has set."""

import io
from collections.abc import Callable
from typing import Any

from dismetrics.report.markup import figure

__all__ = ["drawing"]

_WIDTH = 5.2
"""Inches: letters of ten points can still be read where the picture is as wide as a phone."""


def drawing(draw: Callable[..., Any], alt: str, caption: str, *, width: float = _WIDTH, height: float = 3.6) -> str:
    """A figure of the page, of what `draw` puts on the `ax` that it is given."""
    try:
        import matplotlib as mpl
        from matplotlib import style
        from matplotlib.figure import Figure
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise
        raise ImportError("a report needs matplotlib for its pictures: install dismetrics[plot]") from error
    # The salt makes names inside the drawing, and so the page, the same every time; a date would not be. And a dollar
    # sign in the name of a factor is no formula.
    with style.context("default"), mpl.rc_context({"svg.hashsalt": "dismetrics", "text.parse_math": False}):
        # Without pyplot, which would keep it, and might open a window.
        sheet = Figure(figsize=(width, height), layout="constrained")
        draw(ax=sheet.subplots())
        svg = io.BytesIO()
        sheet.savefig(svg, format="svg", metadata={"Date": None})
    return figure(svg.getvalue(), (width, height), alt, caption)
