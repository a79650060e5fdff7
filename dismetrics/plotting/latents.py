"""How latents move with factors: medians and bands by the values of a factor."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dismetrics.estimators import discretise_factors
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.plotting.axes import Axes, add_legend, axes_or_new, grid_of_axes, set_title
from dismetrics.plotting.palette import COLOURS
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray
from dismetrics.validation import as_positive_integer, column_index

__all__ = ["latent_against_factor", "latents_against_factors"]

_QUANTILES = (0.1, 0.5, 0.9)
_N_BINS = 20
"""Of a factor that is a quantity or an angle: as many as the metrics take by default."""


def latent_against_factor(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    latent: int,
    factor: str | int,
    *,
    by: str | int | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """One latent by the values of one factor: median, and the band from the 10th to the 90th percentile.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Points, or posteriors, which stand for their point codes (means of Gaussians).
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors.
    latent : int
        Column of the latents.
    factor : str or int
        Name or index of the factor on the horizontal axis. Quantities and angles are put into 20 bins of equal width.
    by : str or int, optional
        A second factor, of at most seven values: a line for each of them.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0. Percentiles are values of samples (`method="inverted_cdf"` of `numpy.quantile`).
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Lines where the values of the factor are numbers; where they are words, which have no order, a dot and an
        upright line each. Samples without a label of the factors take no part; the title says how many.

    Raises
    ------
    TypeError, ValueError
        For input that is refused by every metric, an unknown latent or factor, or too many values of `by`.
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> import numpy as np
    >>> from dismetrics import plotting
    >>> factors = np.indices((4, 5)).reshape(2, -1).T
    >>> ax = plotting.latent_against_factor(-2.0 * factors, factors, 1, "factor_1")
    >>> ax.lines[0].get_ydata()
    array([-0., -2., -4., -6., -8.])
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights)
    _check_latent(latent, data.n_latents, "latent")
    column = column_index(factor, data.factors.names, "factor")
    line_factor = None if by is None else _line_factor(data.factors, by, column)
    ax = axes_or_new(ax)
    _draw(ax, data, latent, column, line_factor)
    ax.set_xlabel(data.factors.names[column])
    ax.set_ylabel(f"latent {latent}")
    set_title(ax, "median, and 10th to 90th percentile", _without_label(data, column, line_factor))
    add_legend(ax, title=None if line_factor is None else data.factors.names[line_factor])
    return ax


def latents_against_factors(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    latents_shown: Sequence[int] | None = None,
    by: str | int | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    axes: Any | None = None,
) -> Any:
    """All latents by all factors: a row a factor, a column a latent, as the papers show what a latent has learnt.

    A latent that tells one factor moves in one row of its column alone.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Points, or posteriors, which stand for their point codes.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors.
    latents_shown : sequence of int, optional
        Columns of the latents, from the left; all by default.
    by : str or int, optional
        A second factor, of at most seven values: a line for each of them, but in its own row.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.
    axes : array of matplotlib.axes.Axes, shape (n_factors, n_shown), optional
        Where to draw; a new figure by default, in which a column has one scale.

    Returns
    -------
    ndarray of matplotlib.axes.Axes, shape (n_factors, n_shown)
        Each as `latent_against_factor` draws it; a title where samples have no label of a factor.

    Raises
    ------
    TypeError, ValueError
        As for `latent_against_factor`; for axes of another shape.
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> import numpy as np
    >>> from dismetrics import plotting
    >>> factors = np.indices((4, 5)).reshape(2, -1).T
    >>> plotting.latents_against_factors(factors, factors, latents_shown=[1]).shape
    (2, 1)
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights)
    shown = list(range(data.n_latents)) if latents_shown is None else list(latents_shown)
    for latent in shown:
        _check_latent(latent, data.n_latents, "latents_shown")
    if not shown:
        raise ValueError("latents_shown is empty; name at least one latent")
    names = data.factors.names
    line_factor = None if by is None else _line_factor(data.factors, by, None)
    if axes is None:
        axes = grid_of_axes(len(names), len(shown), sharey="col")
    axes = np.asarray(axes, object)
    if axes.shape != (len(names), len(shown)):
        raise ValueError(f"axes has shape {axes.shape}; {(len(names), len(shown))} is wanted: factors, latents shown")
    for row, name in enumerate(names):
        lines = None if line_factor == row else line_factor
        for column, latent in enumerate(shown):
            ax = axes_or_new(axes[row, column])
            _draw(ax, data, latent, row, lines)
            ax.tick_params(labelsize="x-small")
            ax.set_xlabel(name, fontsize="small")
            set_title(ax, f"latent {latent}" if row == 0 else None, _without_label(data, row, lines))
    if line_factor is not None and len(names) > 1:
        add_legend(axes[0 if line_factor else 1, -1], title=names[line_factor], title_fontsize="small", outside=True)
    return axes


def _check_latent(latent: int, n_latents: int, name: str) -> None:
    if as_positive_integer(latent, name, at_least=0) >= n_latents:
        raise ValueError(f"{name}={latent!r} is out of range for {n_latents} latents (0 to {n_latents - 1})")


def _line_factor(factors: Factors, by: str | int, column: int | None) -> int:
    found = column_index(by, factors.names, "by")
    if found == column:
        raise ValueError(f"by={by!r} is the factor on the axis; name another one")
    if not 1 <= factors.n_values[found] <= len(COLOURS):
        seen = f"{factors.n_values[found]} values" if factors.is_label(found) else f"no labels ({factors.kinds[found]})"
        raise ValueError(f"by={by!r} has {seen}; a factor of at most {len(COLOURS)} values is wanted, a line each")
    return found


def _without_label(data: LabelledLatents, *columns: int | None) -> str | None:
    used = [column for column in columns if column is not None]
    unknown = int(data.factors.missing[:, used].any(axis=1).sum())
    return f"left out: {unknown} samples without a label" if unknown else None


def _draw(ax: Axes, data: LabelledLatents, latent: int, column: int, line_factor: int | None) -> None:
    points = data.as_points()
    factors, z = points.factors, points.points[:, latent]
    known = ~factors.missing[:, column]
    codes, places, words = _places(factors, column)
    weights = None if factors.weights is None else factors.normalised_weights
    lines: list[tuple[str | None, BoolArray]] = [(None, known)]
    if line_factor is not None:
        labels = factors.categories[line_factor]
        lines = [(str(label), known & (factors.codes[:, line_factor] == k)) for k, label in enumerate(labels)]
    for number, (label, rows) in enumerate(lines):
        colour = COLOURS[number]
        low, middle, high = _percentiles(z, codes, rows, weights, len(places))
        if words is None:
            ax.fill_between(places, low, high, color=colour, alpha=0.2, linewidth=0)
            ax.plot(places, middle, color=colour, linewidth=1.5, marker="o", markersize=3, label=label)
        else:
            # Beside each other, as upright lines would hide each other.
            x = places + 0.5 * (number - (len(lines) - 1) / 2) / len(lines)
            ax.vlines(x, low, high, color=colour, alpha=0.4, linewidth=3)
            ax.plot(x, middle, color=colour, marker="o", markersize=5, linestyle="none", label=label)
    if words is not None:
        ax.set_xticks(places, words)
        ax.set_xlim(-0.5, len(places) - 0.5)


def _places(factors: Factors, column: int) -> tuple[IntArray, FloatArray, list[str] | None]:
    """The number of each sample's value, where each value stands, and its words if it is no number."""
    if factors.is_label(column):
        labels = factors.categories[column]
        numbers = labels.dtype.kind in "iuf"
        places = labels.astype(np.float64) if numbers else np.arange(float(len(labels)))
        return factors.codes[:, column], places, None if numbers else [str(label) for label in labels]
    binned = discretise_factors(factors.select([column]), _N_BINS)
    codes, known = binned.codes[:, 0], ~factors.missing[:, column]
    values = factors.values[:, column]
    if factors.kinds[column] == "circular":
        values = np.mod(values, 2 * np.pi)
    counts = np.bincount(codes[known], minlength=len(binned.categories[0]))
    sums = np.bincount(codes[known], weights=values[known], minlength=len(counts))
    # A bin stands at the mean of its samples; an empty one nowhere, so that no line goes through it.
    return codes, np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0), None


def _percentiles(
    z: FloatArray, codes: IntArray, rows: BoolArray, weights: FloatArray | None, n_values: int
) -> FloatArray:
    """Percentiles for each value; nan where no sample has it."""
    found = np.full((len(_QUANTILES), n_values), np.nan)
    for value in range(n_values):
        these = rows & (codes == value)
        if these.any():
            of_these = None if weights is None else weights[these]
            found[:, value] = np.quantile(z[these], _QUANTILES, weights=of_these, method="inverted_cdf")
    return found
