"""Latent traversals: decoded images, a row a latent."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dismetrics.plotting.axes import Axes, axes_or_new
from dismetrics.typing import ArrayLike, FloatArray
from dismetrics.validation import as_names, to_numpy
from dismetrics.validation.arrays import numeric

__all__ = ["traversal_grid"]

_GAP = 2
"""Pixels between images."""

_MOST_TICKS = 9


def traversal_grid(
    images: ArrayLike,
    *,
    latent_names: Sequence[str] | None = None,
    values: Sequence[float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Images in which one latent at a time moves, a row a latent.

    Parameters
    ----------
    images : array-like of shape (n_latents, n_steps, height, width) or (n_latents, n_steps, height, width, 3)
        Grey or in colour: whole numbers from 0 to 255, or fractions from 0 to 1.
    latent_names : sequence of str, optional
        By default their numbers.
    values : sequence of float, optional
        What the latent is set to at each step.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        With one picture of all images, side by side.

    Raises
    ------
    TypeError, ValueError
        For another shape, numbers outside the range, or names and values that do not fit it.
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> import numpy as np
    >>> from dismetrics import plotting
    >>> ax = plotting.traversal_grid(np.zeros((3, 5, 8, 8)), latent_names=["x", "y", "size"], values=[-2, -1, 0, 1, 2])
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['x', 'y', 'size']
    """
    bright = _as_images(images)
    n_latents, n_steps, height, width = bright.shape[:4]
    names = (
        tuple(f"latent {j}" for j in range(n_latents))
        if latent_names is None
        else as_names(latent_names, n_latents, "latents")
    )
    steps = None if values is None else numeric(to_numpy(values, "values"), "values")
    if steps is not None and steps.shape != (n_steps,):
        raise ValueError(f"values has shape {steps.shape}; ({n_steps},) is wanted, one a step")

    pitch = (height + _GAP, width + _GAP)
    # Mid-grey between the images: black and white both stand out.
    picture = np.full((n_latents * pitch[0] - _GAP, n_steps * pitch[1] - _GAP, *bright.shape[4:]), 0.5)
    for latent in range(n_latents):
        for step in range(n_steps):
            top, left = latent * pitch[0], step * pitch[1]
            picture[top : top + height, left : left + width] = bright[latent, step]
    # As high as the picture is at the width of a figure, with room for the words.
    ax = axes_or_new(ax, height=5.0 * picture.shape[0] / picture.shape[1] + 0.8)
    ax.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="none")
    ax.set_yticks(np.arange(n_latents) * pitch[0] + (height - 1) / 2, names)
    centres = np.arange(n_steps) * pitch[1] + (width - 1) / 2
    if steps is None:
        ax.set_xticks([])
        ax.set_xlabel("steps of one latent")
    else:
        every = -(-n_steps // _MOST_TICKS)
        ax.set_xticks(centres[::every], [f"{value:.3g}".replace("-", "−") for value in steps[::every]])
        ax.set_xlabel("value of the latent")
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    return ax


def _as_images(images: ArrayLike) -> FloatArray:
    """Brightness from 0 to 1."""
    array: np.ndarray[Any, Any] = numeric(to_numpy(images, "images"), "images")
    if array.ndim not in (4, 5) or 0 in array.shape or (array.ndim == 5 and array.shape[4] != 3):
        raise ValueError(
            f"images has shape {array.shape}; (n_latents, n_steps, height, width) is wanted, with a last axis of 3 for "
            "colours: move channels there, and drop an axis of one channel"
        )
    most = 255 if array.dtype.kind in "iu" else 1
    if not ((array >= 0) & (array <= most)).all():
        raise ValueError(
            f"images holds numbers outside 0 to {most} (or nan), the range of {array.dtype}: clip or rescale them"
        )
    return array / most
