"""How much each latent tells of each factor, as a heat map."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dismetrics.plotting.canvas import new_axes
from dismetrics.validation import as_matrix

__all__ = ["relevance_heatmap"]

_LARGEST_TEXT = 24
"""Rows beyond which the cells have no room for a number."""


def relevance_heatmap(
    relevance: Any, *, factor_names: Sequence[str] | None = None, label: str | None = None, ax: Any = None
) -> Any:
    """A heat map of latents by factors, with each factor's best latent framed and its runner-up dashed.

    Parameters
    ----------
    relevance : result or array-like of shape (n_latents, n_factors)
        A result with `mutual_information` and `factor_names`, such as that of `dismetrics.mig`, or a matrix of which
        larger entries are more.
    factor_names : sequence of str, optional
        For a matrix.
    label : str, optional
        What the numbers are; by default mutual information in nats for a result.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        With the picture.

    Raises
    ------
    ValueError
        If names and columns differ in number.

    Examples
    --------
    >>> from dismetrics.plotting import relevance_heatmap
    >>> ax = relevance_heatmap([[1.0, 0.1], [0.0, 0.7]], factor_names=["shape", "scale"])
    >>> [text.get_text() for text in ax.get_xticklabels()]
    ['shape', 'scale']
    """
    from matplotlib.patches import Rectangle

    ax = new_axes(ax)
    if hasattr(relevance, "mutual_information"):
        names = relevance.factor_names if factor_names is None else factor_names
        label = "mutual information, nats" if label is None else label
        matrix = as_matrix(relevance.mutual_information, "relevance")
    else:
        matrix = as_matrix(relevance, "relevance")
        names = [str(k) for k in range(matrix.shape[1])] if factor_names is None else factor_names
    n_latents, n_factors = matrix.shape
    if len(names) != n_factors:
        raise ValueError(f"factor_names has {len(names)} names for {n_factors} columns")
    image = ax.imshow(matrix, aspect="auto", cmap="cividis", vmin=min(0.0, float(matrix.min())))
    ax.figure.colorbar(image, ax=ax, label=label or "")
    ax.set_xticks(range(n_factors), names, rotation=30, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(n_latents))
    ax.set_xlabel("factor")
    ax.set_ylabel("latent")
    if n_latents <= _LARGEST_TEXT:
        middle = (image.norm.vmin + image.norm.vmax) / 2
        for (latent, factor), value in np.ndenumerate(matrix):
            colour = "white" if value < middle else "black"
            ax.text(factor, latent, f"{value:.2f}", ha="center", va="center", color=colour, fontsize="small")
    for factor in range(n_factors):
        for latent, style in zip(np.argsort(-matrix[:, factor], kind="stable")[:2], ("-", "--"), strict=False):
            corner = (factor - 0.47, latent - 0.47)
            ax.add_patch(Rectangle(corner, 0.94, 0.94, fill=False, edgecolor="#D55E00", linestyle=style, linewidth=2))
    return ax
