"""Two numbers of every model against each other, with a line of least squares."""

from typing import Any

import numpy as np

from dismetrics.plotting.axes import Axes, add_legend, axes_or_new, set_title
from dismetrics.plotting.of_study import check_study, column_of, left_out, study_styles
from dismetrics.plotting.palette import GREY
from dismetrics.plotting.words import number_words, objective_words, with_unit
from dismetrics.study import Study
from dismetrics.typing import FloatArray
from dismetrics.validation import as_flag, as_fraction

__all__ = ["metric_scatter"]


def metric_scatter(
    study: Study, x: str, y: str, *, band: bool = True, level: float = 0.95, ax: Axes | None = None
) -> Axes:
    """Two numbers of every trained model against each other.

    Parameters
    ----------
    study : Study
        Trained models. Those that failed, or lack one of the numbers, take no part; the title says how many.
    x, y : str
        Columns of numbers, such as `"total_correlation"` and `"mig"`.
    band : bool, default True
        Draw the line of least squares over all models, and the confidence band of its mean at every x:
        t(n - 2) s sqrt(1 / n + (x - mean x)^2 / Sxx). There is none where all models have the same x.
    level : float, default 0.95
        Of the band at each x by itself, and of the interval of Kendall's tau.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        A dot a model, in the colour of its objective; Kendall's tau-b in the title, with its interval from ten models
        on. Line, band and interval take the models for independent draws; seeds of one setting are so only among
        themselves.

    Raises
    ------
    TypeError, ValueError
        For no study, an unknown column, or fewer than three models that have both numbers.
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> import dismetrics as dm
    >>> from dismetrics import plotting
    >>> rows = [
    ...     dict(
    ...         cell=str(seed),
    ...         objective="vae",
    ...         beta=1.0,
    ...         case="independent_uniform",
    ...         seed=seed,
    ...         status="done",
    ...         mig=0.1 * seed,
    ...         total_correlation=3.0 - 0.2 * seed,
    ...     )
    ...     for seed in range(4)
    ... ]
    >>> ax = plotting.metric_scatter(dm.Study(tuple(rows), {}), "total_correlation", "mig")
    >>> ax.get_title(loc="left")
    "Kendall's τ = −1.00, 4 models"
    """
    as_flag(band, "band")
    as_fraction(level, "level")
    check_study(study)
    columns = np.array([column_of(study, x), column_of(study, y)])
    known = np.isfinite(columns).all(axis=0)
    if known.sum() < 3:
        raise ValueError(f"{int(known.sum())} models have both {x!r} and {y!r}; at least three are wanted")
    points = columns[:, known]
    models = [row for row, has_both in zip(study.done, known, strict=True) if has_both]
    styles = study_styles(study)

    ax = axes_or_new(ax)
    for name in dict.fromkeys(row["objective"] for row in models):
        its = np.array([row["objective"] == name for row in models])
        style = styles[name]
        ax.scatter(
            *points[:, its],
            s=28,
            color=style.colour,
            marker=style.marker,
            alpha=0.8,
            linewidths=0,
            zorder=3,
            label=objective_words(name),
        )
    if band and np.ptp(points[0]) > 0:
        grid = np.linspace(points[0].min(), points[0].max(), 101)
        line, half = regression(points[0], points[1], grid, level=level)
        ax.fill_between(grid, line - half, line + half, color=GREY, alpha=0.2, linewidth=0)
        ax.plot(grid, line, color=GREY, linewidth=1.5)
    ax.set_xlabel(with_unit(x))
    ax.set_ylabel(with_unit(y))
    constant = next((name for name, values in zip((x, y), points, strict=True) if np.ptp(values) == 0), None)
    found = study.rank_correlation(x, y, level=level)
    set_title(
        ax,
        _tau(found) if constant is None else f"Kendall's τ is not defined: all have the same {number_words(constant)}",
        left_out(study, x, y),
    )
    add_legend(ax)
    return ax


def regression(x: FloatArray, y: FloatArray, at: FloatArray, *, level: float) -> tuple[FloatArray, FloatArray]:
    """The line of least squares at some places, and half the width of the confidence interval of its mean there."""
    from scipy.stats import t

    n, centre = len(x), x.mean()
    square = ((x - centre) ** 2).sum()
    slope = ((x - centre) * (y - y.mean())).sum() / square
    variance = ((y - y.mean() - slope * (x - centre)) ** 2).sum() / (n - 2)
    half = t.ppf(0.5 + level / 2, n - 2) * np.sqrt(variance * (1 / n + (at - centre) ** 2 / square))
    return y.mean() + slope * (at - centre), half


def _tau(found: dict[str, Any]) -> str:
    ends = "" if found["low"] is None else f" [{_signed(found['low'])}, {_signed(found['high'])}]"
    return f"Kendall's τ = {_signed(found['coefficient'])}{ends}, {found['n']} models"


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
