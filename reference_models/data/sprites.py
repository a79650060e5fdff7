"""dSprites, rendered: the whole grid of factors or a part of it, at any size, without a file.

Rendered images are near pixel-exact and are not the original file: of real images nine in ten are equal, and the others
differ by a pixel or two. Say which of them a number was trained on.
"""

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from dismetrics import Factors
from dismetrics.typing import ArrayLike
from dismetrics.validation import as_choice, as_positive_integer, as_weights
from reference_models.data.images import PackedImages, unpacked
from reference_models.data.render import render_packed

__all__ = ["SPRITE_VALUES", "Sprites"]

SHAPES = ("square", "ellipse", "heart")

SPRITE_VALUES = {
    "shape": np.arange(3.0),
    "scale": np.linspace(0.5, 1.0, 6),
    "orientation": np.linspace(0.0, 2 * math.pi, 40),
    "pos_x": np.linspace(0.0, 1.0, 32),
    "pos_y": np.linspace(0.0, 1.0, 32),
}
"""The factors of dSprites and their values, in the order of its file; the first and the last orientation are one."""

_AT_A_TIME = 4096


class Sprites:
    """Sprites on a grid of factors, each image rendered when it is asked for.

    Parameters
    ----------
    shape : sequence of {"square", "ellipse", "heart"}
        The shapes; all by default.
    scale, orientation, pos_x, pos_y : int or sequence of float, optional
        Values of the factor: the original's by default. An integer takes so many of them, evenly spaced from the first
        to the last (of orientations: without the last, which is the first again); one value means that the factor
        stays the same: scale 1, orientation 0, the middle of the frame.
    size : int, default 64
        Height and width in pixels.
    weights : array-like, optional
        Weights of the images, a table over the grid or (n_samples,): how frequent they are in training, and what
        metrics take as sample weights. See `joint_weights`.

    Attributes
    ----------
    values : dict
        Values of each factor with more than one.
    sizes : dict
        Their number.
    image_shape : tuple of int
        (1, size, size).

    Examples
    --------
    >>> data = Sprites(shape=["square"], orientation=1, pos_x=8, pos_y=[0.25, 0.5, 0.75], size=32)
    >>> data.sizes
    {'scale': 6, 'pos_x': 8, 'pos_y': 3}
    >>> data.batch(np.array([0, 143])).shape
    torch.Size([2, 1, 32, 32])
    """

    def __init__(
        self,
        *,
        shape: Sequence[str] = SHAPES,
        scale: int | Sequence[float] | None = None,
        orientation: int | Sequence[float] | None = None,
        pos_x: int | Sequence[float] | None = None,
        pos_y: int | Sequence[float] | None = None,
        size: int = 64,
        weights: ArrayLike | None = None,
    ) -> None:
        if isinstance(shape, str):
            raise TypeError(f"shape={shape!r} is one string; a sequence such as [{shape!r}] is wanted")
        self._grid = {"shape": np.array([float(SHAPES.index(as_choice(name, "shape", SHAPES))) for name in shape])}
        given = {"scale": scale, "orientation": orientation, "pos_x": pos_x, "pos_y": pos_y}
        self._grid |= {name: _values(name, value) for name, value in given.items()}
        if any(values.size == 0 or len(set(values.tolist())) < values.size for values in self._grid.values()):
            raise ValueError(f"every factor needs a value, and none twice: {self._grid}")
        if (self._grid["scale"] <= 0).any():
            raise ValueError(f"scale={scale!r}; values above zero are wanted")
        self.image_shape = (1, as_positive_integer(size, "size"), size)
        self.values = {name: values for name, values in self._grid.items() if values.size > 1}
        if not self.values:
            raise ValueError("every factor has a single value; at least one must vary")
        self.sizes = {name: values.size for name, values in self.values.items()}
        self._device: str | torch.device = "cpu"
        self._weights = None if weights is None else as_weights(np.asarray(weights).reshape(-1), len(self))

    def __len__(self) -> int:
        return math.prod(self.sizes.values())

    def __repr__(self) -> str:
        grid = " x ".join(f"{name} {size}" for name, size in self.sizes.items())
        return f"Sprites({len(self)} images {self.image_shape}: {grid})"

    @cached_property
    def factors(self) -> Factors:
        """Codes of every image's factors: the first varies slowest."""
        codes = np.indices(tuple(self.sizes.values())).reshape(len(self.sizes), -1).T
        kinds = {name: "categorical" if name == "shape" else "ordinal" for name in self.sizes}
        return Factors(codes, names=tuple(self.sizes), kinds=kinds, weights=self._weights)

    def packed_batch(self, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Images of these rows, eight pixels a byte, (len(rows), ceil(size^2 / 8))."""
        codes = np.unravel_index(np.asarray(rows), tuple(map(len, self._grid.values())))
        shape, *others = (values[code] for values, code in zip(self._grid.values(), codes, strict=True))
        return render_packed(shape.astype(np.int64), *others, self.image_shape[1])

    def batch(self, rows: np.ndarray[Any, Any]) -> Tensor:
        """Images of these rows, float32, (len(rows), 1, size, size)."""
        return unpacked(torch.from_numpy(self.packed_batch(rows)).to(self._device), self.image_shape)

    def packed(self) -> PackedImages:
        """All images in memory: 377 MB for the whole grid at 64 x 64."""
        parts = [
            self.packed_batch(np.arange(k, min(k + _AT_A_TIME, len(self)))) for k in range(0, len(self), _AT_A_TIME)
        ]
        return PackedImages(torch.from_numpy(np.concatenate(parts)).to(self._device), self.factors, self.image_shape)

    def to(self, device: str | torch.device) -> "Sprites | PackedImages":
        """For an accelerator all images, packed on it; rendering on the CPU would hold it up."""
        return self if torch.device(device).type == "cpu" else self.packed().to(device)

    def with_weights(self, weights: ArrayLike | None) -> Self:
        """The same images, of which some are more frequent."""
        other = object.__new__(type(self))
        other.__dict__ = {name: value for name, value in self.__dict__.items() if name != "factors"}
        other._weights = None if weights is None else as_weights(np.asarray(weights).reshape(-1), len(self))
        return other


def _values(name: str, given: int | Sequence[float] | None) -> np.ndarray[Any, Any]:
    original = SPRITE_VALUES[name]
    if given is None:
        return original
    if np.ndim(given) == 1:
        values = np.array(given, dtype=np.float64)
        if not np.isfinite(values).all():
            raise ValueError(f"{name}={given!r} holds a value that is not finite")
        return values
    count = as_positive_integer(given, name)
    if count == 1:
        return np.array([{"scale": 1.0, "orientation": 0.0}.get(name, 0.5)])
    return np.linspace(original[0], original[-1], count, endpoint=name != "orientation")
