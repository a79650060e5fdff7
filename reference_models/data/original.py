"""The original dSprites file (Matthey et al. 2017), which the user has or asks for; never fetched unasked."""

import math
import os
import urllib.request
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.lib import format as npy

from dismetrics import Factors
from dismetrics.progress import report
from reference_models.data.images import PackedImages
from reference_models.data.sprites import SPRITE_VALUES

__all__ = ["FILE_NAME", "URL", "download", "load_original"]

FILE_NAME = "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz"
URL = f"https://github.com/google-deepmind/dsprites-dataset/raw/master/{FILE_NAME}"

_MEAN_PIXEL = (0.042494, 2e-6)
"""Mean of all pixels of the original file, and how far a file's may be from it."""

_AT_A_TIME = 4096


def load_original(path: str | os.PathLike[str]) -> PackedImages:
    """The dSprites file, checked, as packed bits: 377 MB, read a part at a time.

    Parameters
    ----------
    path : str or path
        `dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz`.

    Returns
    -------
    PackedImages
        Images and factors, in the file's order.

    Raises
    ------
    ValueError
        If the file cannot be read, or its shapes, factor values, pixels or mean are not those of dSprites.
    """
    return _load(path, SPRITE_VALUES, _MEAN_PIXEL)


def download(folder: str | os.PathLike[str], *, url: str = URL) -> Path:
    """Fetch the dSprites file (27 MB; Apache-2.0), check it, and only then give it its name.

    Parameters
    ----------
    folder : str or path
        Where to.
    url : str
        Where from.

    Returns
    -------
    path
        Of the file, for `load_original`; one that is there already is checked and kept.

    Raises
    ------
    OSError, ValueError
        If it cannot be fetched, or is not what it should be.
    """
    return _download(Path(folder), url, SPRITE_VALUES, _MEAN_PIXEL)


def _download(folder: Path, url: str, values: Mapping[str, Any], mean: tuple[float, float]) -> Path:
    target = folder / FILE_NAME
    if target.exists():
        _load(target, values, mean)
        return target
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{FILE_NAME}.part"
    try:
        with urllib.request.urlopen(url, timeout=60) as source, temporary.open("wb") as file:
            while part := source.read(1 << 20):
                file.write(part)
        _load(temporary, values, mean)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def _load(path: str | os.PathLike[str], values: Mapping[str, Any], mean: tuple[float, float]) -> PackedImages:
    n_images = math.prod(map(len, values.values()))
    try:
        with zipfile.ZipFile(path) as archive:
            with archive.open("latents_values.npy") as file:
                stored = npy.read_array(file, allow_pickle=False)
            _check_values(stored, values, path)
            with archive.open("imgs.npy") as file:
                packed, n_ones, side = _packed(file, n_images, path)
    except (OSError, zipfile.BadZipFile, KeyError, EOFError) as error:
        raise ValueError(f"{path} is not a readable dSprites archive: {error}") from error
    found = n_ones / (n_images * side * side)
    if abs(found - mean[0]) > mean[1]:
        raise ValueError(f"{path}: the mean of its pixels is {found:.6f}; that of dSprites is {mean[0]:.6f}")
    codes = np.indices(tuple(map(len, values.values()))).reshape(len(values), -1).T
    kinds = {name: "categorical" if name == "shape" else "ordinal" for name in values}
    factors = Factors(codes, names=tuple(values), kinds=kinds)
    return PackedImages(torch.from_numpy(packed), factors, (1, side, side))


def _check_values(stored: np.ndarray[Any, Any], values: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """The colour, which is always 1, and the grid of factors with shapes counted from 1."""
    wanted = np.array(np.meshgrid(*values.values(), indexing="ij")).reshape(len(values), -1).T
    wanted = np.column_stack([np.ones(len(wanted)), wanted + (np.arange(len(values)) == 0)])
    if stored.shape != wanted.shape:
        raise ValueError(f"{path}: latents_values has shape {stored.shape}; that of dSprites is {wanted.shape}")
    if not np.allclose(stored, wanted, rtol=0, atol=1e-9):
        raise ValueError(f"{path}: latents_values is not the grid of dSprites in its order")


def _packed(file: Any, n_images: int, path: str | os.PathLike[str]) -> tuple[np.ndarray[Any, Any], int, int]:
    """Pixels of the archive's array, packed, with the number of ones and the side of an image."""
    npy.read_magic(file)
    shape, fortran, dtype = npy.read_array_header_1_0(file)
    if len(shape) != 3 or shape[0] != n_images or shape[1] != shape[2] or dtype != np.uint8 or fortran:
        raise ValueError(f"{path}: imgs is {dtype} {shape}; uint8 ({n_images}, 64, 64) in C order is wanted")
    side = shape[1]
    packed = np.empty((n_images, (side * side + 7) // 8), np.uint8)
    n_ones = 0
    for start in range(0, n_images, _AT_A_TIME):
        stop = min(start + _AT_A_TIME, n_images)
        wanted = (stop - start) * side * side
        content = file.read(wanted)
        if len(content) < wanted:
            raise ValueError(f"{path}: imgs ends early, at image {start + len(content) // (side * side)}")
        pixels = np.frombuffer(content, np.uint8).reshape(stop - start, -1)
        if pixels.max() > 1:
            raise ValueError(f"{path}: imgs holds {pixels.max()}; dSprites holds 0 and 1 alone")
        n_ones += int(pixels.sum(dtype=np.int64))
        packed[start:stop] = np.packbits(pixels, axis=1)
        report("reading dSprites", stop, n_images)
    return packed, n_ones, side
