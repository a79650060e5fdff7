"""A matrix of latents by factors, with the two latents that make each gap."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dismetrics.plotting.axes import Axes, axes_or_new, height_for, set_title
from dismetrics.plotting.palette import FRAME
from dismetrics.typing import ArrayLike, FloatArray, IntArray
from dismetrics.validation import as_names, to_numpy
from dismetrics.validation.arrays import numeric

__all__ = ["relevance_heatmap"]

_SMALLEST_TEXT = 4.0
"""Points; below this numbers in the cells only get in the way."""


def relevance_heatmap(
    result: Any | ArrayLike,
    *,
    latent_names: Sequence[str] | None = None,
    factor_names: Sequence[str] | None = None,
    quantity: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """What each latent tells of each factor, as a picture of the matrix.

    Parameters
    ----------
    result : result with `mutual_information`, or array-like of shape (n_latents, n_factors)
        Such as that of `mig`, or any matrix of relevance. Entries of nan are cells without a number.
    latent_names, factor_names : sequence of str, optional
        By default the numbers of the latents, and the result's names of the factors.
    quantity : str, optional
        What the cells hold, for the colour bar; by default mutual information in nats, or relevance for an array.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Latents from the top; each cell with its number where there is room. A solid frame is the best latent of a
        factor, a dashed one the runner-up: the result's own where it has them, else the largest two of the column.

    Raises
    ------
    TypeError, ValueError
        For something that is no matrix of numbers, infinite entries, or names that do not fit it.
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> import numpy as np
    >>> import dismetrics as dm
    >>> from dismetrics import plotting
    >>> factors = np.indices((5, 5)).reshape(2, -1).T
    >>> ax = plotting.relevance_heatmap(dm.mig(factors, factors))
    >>> ax.images[0].get_array().data.round(2)
    array([[1.61, 0.  ],
           [0.  , 1.61]])
    """
    of_result = hasattr(result, "mutual_information")
    matrix = _as_matrix(result.mutual_information if of_result else result)
    n_latents, n_factors = matrix.shape
    if factor_names is None and of_result:
        factor_names = getattr(result, "factor_names", None)
    factors = as_names(factor_names, n_factors, "factors")
    latents = (
        tuple(f"latent {j}" for j in range(n_latents))
        if latent_names is None
        else as_names(latent_names, n_latents, "latents")
    )
    if quantity is None:
        quantity = "mutual information (nats)" if of_result else "relevance"

    ax = axes_or_new(ax, height=height_for(n_latents))
    cells = np.ma.masked_invalid(matrix)
    image = ax.imshow(cells, cmap="Blues", aspect="auto", vmin=min(0.0, float(cells.min())), interpolation="none")
    ax.figure.colorbar(image, ax=ax, label=quantity)
    ax.set_xticks(range(n_factors), factors, **({} if n_factors <= 6 else {"rotation": 45, "ha": "right"}))
    ax.set_yticks(range(n_latents), latents)
    _annotate(ax, matrix, image)
    for latent_of, dashes in zip(_marked(result, matrix), ("-", "--"), strict=True):
        for factor, latent in enumerate(latent_of):
            if latent >= 0:
                _frame(ax, factor, latent, dashes)
    without = int(np.isnan(matrix).sum())
    set_title(ax, "solid frame: best latent; dashed: runner-up", f"{without} cells have no number" if without else None)
    return ax


def _as_matrix(values: ArrayLike) -> FloatArray:
    matrix = numeric(to_numpy(values, "result"), "result").astype(np.float64)
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(
            f"result has shape {matrix.shape}; a result with `mutual_information`, or an array of shape "
            "(n_latents, n_factors), is wanted"
        )
    if np.isinf(matrix).any() or np.isnan(matrix).all():
        raise ValueError("result holds infinite entries, or none that is a number; finite numbers are wanted")
    return matrix


def _marked(result: Any, matrix: FloatArray) -> tuple[IntArray, IntArray]:
    """Best latent and runner-up of each factor; -1 where there is none."""
    n_latents, n_factors = matrix.shape
    own = [np.asarray(getattr(result, name, ())) for name in ("best_latents", "runner_up_latents")]
    if all(latents.shape == (n_factors,) for latents in own):
        return own[0], own[1]
    known = np.isfinite(matrix)
    order = np.argsort(np.where(known, -matrix, np.inf), axis=0, kind="stable")
    best = np.where(known.sum(axis=0) >= 1, order[0], -1)
    runner_up = np.where(known.sum(axis=0) >= 2, order[min(1, n_latents - 1)], -1)
    return best, runner_up


def _annotate(ax: Axes, matrix: FloatArray, image: Any) -> None:
    """The number in each cell, if it can be read there."""
    box, (width, height) = ax.get_position(), ax.figure.get_size_inches()
    cell = 72 * np.array([box.width * width / matrix.shape[1], box.height * height / matrix.shape[0]])
    # Four characters, each about 0.6 of the size wide, with a margin.
    size = min(9.0, cell[0] / 3.2, cell[1] / 1.8)
    if size < _SMALLEST_TEXT:
        return
    for (latent, factor), value in np.ndenumerate(matrix):
        dark = np.isfinite(value) and image.norm(value) > 0.55
        text = "–" if np.isnan(value) else f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")
        ax.text(factor, latent, text, ha="center", va="center", fontsize=size, color="white" if dark else "black")


def _frame(ax: Axes, factor: int, latent: int, dashes: str) -> None:
    from matplotlib.patches import Rectangle

    corner = (factor - 0.46, latent - 0.44)
    ax.add_patch(Rectangle(corner, 0.92, 0.88, fill=False, edgecolor=FRAME, linestyle=dashes, linewidth=1.8))
