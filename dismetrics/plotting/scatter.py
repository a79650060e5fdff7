"""One number of every model against another."""

from typing import Any

import numpy as np

from dismetrics.plotting.canvas import GREY, colours_of, label_of, new_axes, note_left_out
from dismetrics.study import Study
from dismetrics.typing import FloatArray
from dismetrics.validation import as_flag

__all__ = ["metric_scatter"]

_LEVEL = 0.95


def metric_scatter(study: Study, x: str, y: str = "mig", *, band: bool = True, ax: Any = None) -> Any:
    """A dot for every model, such as total correlation against MIG, or the ELBO against MIG.

    Parameters
    ----------
    study : Study
        The models.
    x, y : str
        Columns.
    band : bool, default True
        Add the least-squares line, with the pointwise 95 % confidence band of its mean; it takes models for
        independent draws of one line. Left out where fewer than three models, or one value of x, allow none.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        With the picture; the title has Kendall's tau, from three models on.

    Raises
    ------
    ValueError
        If no model has both columns.

    Examples
    --------
    >>> from dismetrics.plotting import metric_scatter
    >>> metric_scatter(dm.read_study("runs/laptop"), "total_correlation", "mig")  # doctest: +SKIP
    """
    as_flag(band, "band")
    values = np.array([study.column(x), study.column(y)])
    kept = np.isfinite(values).all(axis=0)
    if not kept.any():
        raise ValueError(f"no model of the study has both {x!r} and {y!r}")
    ax = new_axes(ax)
    objectives = np.array([row["objective"] for row in study.done])
    for objective, colour in colours_of(objectives).items():
        chosen = kept & (objectives == objective)
        ax.scatter(*values[:, chosen], s=22, color=colour, alpha=0.8, label=label_of(objective))
    found = values[:, kept]
    if band and kept.sum() > 2 and np.ptp(found[0]) > 0:
        grid = np.linspace(found[0].min(), found[0].max(), 100)
        line, half = _regression(found[0], found[1], grid)
        ax.plot(grid, line, color=GREY)
        ax.fill_between(grid, line - half, line + half, color=GREY, alpha=0.25, linewidth=0)
    if kept.sum() > 2:
        tau = study.rank_correlation(x, y)
        ends = "" if tau["low"] is None else f" [{tau['low']:.2f}, {tau['high']:.2f}]"
        ax.set_title(f"Kendall's τ {tau['coefficient']:.2f}{ends}, {tau['n']} models", fontsize="medium")
    ax.set_xlabel(label_of(x))
    ax.set_ylabel(label_of(y))
    ax.legend()
    note_left_out(ax, len(study) - int(kept.sum()), f"{x} and {y}")
    return ax


def _regression(x: FloatArray, y: FloatArray, grid: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The least-squares line at the points of a grid, and half the width of its band."""
    from scipy.special import stdtrit

    n, centre = len(x), x.mean()
    squares = ((x - centre) ** 2).sum()
    slope = ((x - centre) * y).sum() / squares
    line = y.mean() + slope * (grid - centre)
    residual = y - y.mean() - slope * (x - centre)
    spread = np.sqrt((residual**2).sum() / (n - 2))
    quantile = float(stdtrit(n - 2, 0.5 + _LEVEL / 2))
    return line, quantile * spread * np.sqrt(1 / n + (grid - centre) ** 2 / squares)
