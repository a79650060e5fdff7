"""Images in memory: one bit a pixel where they are black and white, as they are where they are not."""

import os
import zipfile
from collections.abc import Sequence
from typing import Any, Protocol, Self

import numpy as np
import torch
from torch import Tensor

from dismetrics import Factors
from dismetrics.typing import ArrayLike

__all__ = ["Images", "PackedImages", "PlainImages", "load_npz", "unpacked"]


class Images(Protocol):
    """What training and encoding ask of a data set."""

    image_shape: tuple[int, int, int]

    @property
    def factors(self) -> Factors:
        """True factors of every image, with sample weights where some are more frequent."""
        ...

    def __len__(self) -> int: ...

    def batch(self, rows: np.ndarray[Any, Any]) -> Tensor:
        """Images of these rows, float32 in 0 to 1, (len(rows), channels, height, width)."""
        ...

    def to(self, device: str | torch.device) -> Self:
        """The same images, made on or kept on a device."""
        ...


class _InMemory:
    def __init__(self, kept: Tensor, factors: Factors, image_shape: tuple[int, int, int]) -> None:
        self.kept, self.factors, self.image_shape = kept, factors, image_shape

    def __len__(self) -> int:
        return len(self.kept)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} images {self.image_shape}; {self.factors})"

    def to(self, device: str | torch.device) -> Self:
        """The same images, kept on a device."""
        return type(self)(self.kept.to(device), self.factors, self.image_shape)

    def with_weights(self, weights: ArrayLike | None) -> Self:
        """The same images, of which some are more frequent: weights (n_samples,), or a table over the factors."""
        weights = None if weights is None else np.asarray(weights).reshape(-1)
        return type(self)(self.kept, self.factors.with_weights(weights), self.image_shape)

    def _rows(self, rows: np.ndarray[Any, Any]) -> Tensor:
        return self.kept[torch.as_tensor(rows, device=self.kept.device)]


class PackedImages(_InMemory):
    """Black and white images, eight pixels a byte as `numpy.packbits` packs them, on any device."""

    def batch(self, rows: np.ndarray[Any, Any]) -> Tensor:
        """Images of these rows, float32, (len(rows), channels, height, width)."""
        return unpacked(self._rows(rows), self.image_shape)


class PlainImages(_InMemory):
    """Images in float32, 0 to 1."""

    def batch(self, rows: np.ndarray[Any, Any]) -> Tensor:
        """Images of these rows, float32, (len(rows), channels, height, width)."""
        return self._rows(rows)


def unpacked(packed: Tensor, image_shape: tuple[int, int, int]) -> Tensor:
    """Packed pixels as float32 images."""
    # A table of the 256 bytes is one pass over the result, where shifts and masks are several.
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float32)
    table = torch.from_numpy(bits).to(packed.device)
    pixels = torch.nn.functional.embedding(packed.int(), table).flatten(1)
    return pixels[:, : int(np.prod(image_shape))].reshape(-1, *image_shape)


def load_npz(
    path: str | os.PathLike[str], *, images: str = "images", factors: str = "factors"
) -> PackedImages | PlainImages:
    """Images and factors of one's own.

    Parameters
    ----------
    path : str or path
        An `.npz` file with images (n_samples, height, width), (n_samples, channels, height, width) or
        (n_samples, height, width, channels), of one or three channels: booleans, bytes in 0 to 255, or numbers in 0 to
        1. Where no value is but 0 and 1, they are black and white. Factors (n_samples, n_factors); optionally their
        names under `factor_names`, and `weights`.
    images, factors : str
        Names of the two arrays.

    Returns
    -------
    PackedImages or PlainImages
        The data set.

    Raises
    ------
    ValueError
        If an array is missing, or has a shape or values that are no images.
    """
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path} is not a readable .npz archive")
    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = [name for name in (images, factors) if name not in archive.files]
            if missing:
                raise ValueError(f"{path} has no array {missing[0]!r}; it holds {', '.join(archive.files)}")
            pixels, codes = archive[images], archive[factors]
            names: Sequence[str] | None = archive["factor_names"].tolist() if "factor_names" in archive else None
            weights = archive.get("weights")
    except (OSError, zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"{path} is not a readable .npz archive: {error}") from error
    if len(pixels) != len(codes):
        raise ValueError(f"{path} holds {len(pixels)} images and factors of {len(codes)}")
    pixels = _channels_first(pixels, path)
    if pixels.dtype == np.uint8 and pixels.max() > 1:
        pixels = pixels / np.float32(255)
    if not (pixels.min() >= 0 and pixels.max() <= 1):  # so that NaN is refused, too
        raise ValueError(f"{path} holds images from {pixels.min()} to {pixels.max()}; 0 to 1, or bytes, are wanted")
    given = Factors(codes, names=names, weights=weights)
    shape = (int(pixels.shape[1]), int(pixels.shape[2]), int(pixels.shape[3]))
    if ((pixels == 0) | (pixels == 1)).all():
        packed = np.packbits(pixels.reshape(len(pixels), -1).astype(bool), axis=1)
        return PackedImages(torch.from_numpy(packed), given, shape)
    return PlainImages(torch.from_numpy(pixels.astype(np.float32)), given, shape)


def _channels_first(pixels: np.ndarray[Any, Any], path: str | os.PathLike[str]) -> np.ndarray[Any, Any]:
    if pixels.ndim == 3:
        return pixels[:, None]
    if pixels.ndim == 4 and pixels.shape[1] in (1, 3):
        return pixels
    if pixels.ndim == 4 and pixels.shape[3] in (1, 3):
        return np.ascontiguousarray(np.moveaxis(pixels, 3, 1))
    raise ValueError(
        f"{path} holds images of shape {pixels.shape}; (n_samples, height, width), or with one or three channels, is "
        "wanted"
    )
