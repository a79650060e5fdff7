"""What single latents do: decoded traversals, and latents by the values of factors."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.plotting.canvas import new_axes, pyplot
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.typing import ArrayLike, FloatArray

__all__ = ["latent_against_factor", "latents_against_factors", "traversal_grid"]

_ENDS = (10, 90)
_COLOUR = "#0072B2"


def traversal_grid(
    images: ArrayLike,
    *,
    latent_names: Sequence[str] | None = None,
    values: Sequence[float] | None = None,
    ax: Any = None,
) -> Any:
    """Decoded images in which one latent at a time changes: a row a latent.

    Parameters
    ----------
    images : array-like of shape (n_latents, n_steps, height, width) or (n_latents, n_steps, height, width, 3)
        Grey or in colour, 0 to 1.
    latent_names : sequence of str, optional
        Of the rows; by default their numbers.
    values : sequence of float, optional
        What the latent is in each column.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        With the picture.

    Raises
    ------
    ValueError
        If images have another shape, values that are no grey levels, or names of another number.

    Examples
    --------
    >>> import numpy as np
    >>> from dismetrics.plotting import traversal_grid
    >>> ax = traversal_grid(np.zeros((2, 5, 8, 8)), latent_names=["x", "y"])
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['x', 'y']
    """
    pictures = np.asarray(images, dtype=np.float64)
    if pictures.ndim not in (4, 5) or (pictures.ndim == 5 and pictures.shape[4] != 3) or 0 in pictures.shape:
        raise ValueError(
            f"images has shape {pictures.shape}; (n_latents, n_steps, height, width), or with three colours, is wanted"
        )
    if not (pictures.min() >= 0 and pictures.max() <= 1):  # so that NaN is refused, too
        raise ValueError(f"images are from {pictures.min()} to {pictures.max()}; grey levels from 0 to 1 are wanted")
    n_latents, n_steps, height, width = pictures.shape[:4]
    for name, given, wanted in (("latent_names", latent_names, n_latents), ("values", values, n_steps)):
        if given is not None and len(given) != wanted:
            raise ValueError(f"{name} has {len(given)} entries; {wanted} are wanted")
    # A grey line between images, which are often black at their edges.
    edges = [(0, 0), (0, 0), (1, 0), (1, 0), *[(0, 0)] * (pictures.ndim - 4)]
    framed = np.moveaxis(np.pad(pictures, edges, constant_values=0.5), 2, 1)
    mosaic = framed.reshape(n_latents * (height + 1), n_steps * (width + 1), *pictures.shape[4:])
    ax = new_axes(ax, size=(6.0, max(1.5, 6.0 * n_latents / n_steps)))
    ax.imshow(mosaic, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    names = [str(latent) for latent in range(n_latents)] if latent_names is None else latent_names
    ax.set_yticks((np.arange(n_latents) + 0.5) * (height + 1), names)
    ax.set_ylabel("latent")
    if values is None:
        ax.set_xticks([])
    else:
        ax.set_xticks((np.arange(n_steps) + 0.5) * (width + 1), [f"{value:g}" for value in values])
        ax.set_xlabel("value of the latent")
    ax.tick_params(length=0)
    return ax


def latent_against_factor(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    latent: int,
    factor: str | int,
    *,
    kinds: str | Mapping[Any, str] | None = None,
    ax: Any = None,
) -> Any:
    """One latent by the values of one factor: its median over the samples of each value, and where 80 % of them lie.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Points, or posteriors, which stand for their means.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors.
    latent : int
        Which latent.
    factor : str or int
        Which factor, by name or index.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        With the picture.

    Raises
    ------
    ValueError
        If latent or factor is not among those given, or the factor has no labels.

    Examples
    --------
    >>> import numpy as np
    >>> from dismetrics.plotting import latent_against_factor
    >>> factors = np.indices((5, 4)).reshape(2, -1).T
    >>> ax = latent_against_factor(10.0 * factors, factors, 0, 1)
    >>> ax.lines[0].get_ydata()
    array([20., 20., 20., 20.])
    """
    data = as_labelled(latents, factors, kinds=kinds)
    ax = new_axes(ax)
    _draw(ax, data, latent, data.factors.indices_of([factor])[0], titles=True)
    return ax


def latents_against_factors(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    shown: Sequence[int] | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    axes: Any = None,
) -> Any:
    """Every latent by the values of every factor, as in the figures of Chen et al. 2018: a row a factor.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Points, or posteriors, which stand for their means.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors.
    shown : sequence of int, optional
        Latents, a column each; by default all.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    axes : array of matplotlib.axes.Axes, shape (n_factors, n_shown), optional
        Where to draw; a new figure by default.

    Returns
    -------
    ndarray of matplotlib.axes.Axes, shape (n_factors, n_shown)
        With the pictures.

    Raises
    ------
    ValueError
        If a latent is not among those given, a factor has no labels, or axes has another shape.

    Examples
    --------
    >>> import numpy as np
    >>> from dismetrics.plotting import latents_against_factors
    >>> factors = np.indices((5, 4)).reshape(2, -1).T
    >>> latents_against_factors(factors, factors).shape
    (2, 2)
    """
    data = as_labelled(latents, factors, kinds=kinds)
    columns = list(range(data.n_latents)) if shown is None else list(shown)
    shape = (data.factors.n_factors, len(columns))
    if axes is None:
        size = (1.0 + 1.3 * shape[1], 0.8 + 1.2 * shape[0])
        _, axes = pyplot().subplots(*shape, figsize=size, sharey="col", squeeze=False, layout="constrained")
    axes = np.asarray(axes, dtype=object)
    if axes.shape != shape:
        raise ValueError(f"axes has shape {axes.shape}; (n_factors, n_shown) = {shape} is wanted")
    for row, name in enumerate(data.factors.names):
        for column, latent in enumerate(columns):
            ax = axes[row, column]
            _draw(ax, data, latent, row, titles=False)
            if row == 0:
                ax.set_title(f"latent {latent}", fontsize="medium")
            if column == 0:
                ax.set_ylabel(name)
    return axes


def _draw(ax: Any, data: LabelledLatents, latent: int, factor: int, *, titles: bool) -> None:
    known, points = data.as_points().factors, data.as_points().points
    if not 0 <= latent < points.shape[1]:
        raise ValueError(f"latent={latent} is not among the {points.shape[1]} latents")
    if not known.is_label(factor):
        name, kind = known.names[factor], known.kinds[factor]
        raise ValueError(
            f"factor {name!r} is {kind} and has no labels: bin it first, with estimators.discretise_factors"
        )
    codes = known.codes[:, factor]
    values = [points[codes == code, latent] for code in range(int(known.n_values[factor]))]
    places = np.array([code for code, of_code in enumerate(values) if len(of_code)])
    median, low, high = (_percentiles(values, percent) for percent in (50, *_ENDS))
    ax.fill_between(places, low, high, color=_COLOUR, alpha=0.25, linewidth=0)
    ax.plot(places, median, color=_COLOUR, marker="o", markersize=3)
    if titles:
        ax.set_xlabel(f"value of {known.names[factor]}")
        ax.set_ylabel(f"latent {latent}")
        ax.set_title("median, and where 80 % lie", fontsize="medium")


def _percentiles(values: Sequence[FloatArray], percent: int) -> FloatArray:
    return np.array([np.percentile(of_code, percent) for of_code in values if len(of_code)])
