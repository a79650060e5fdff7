"""Latent traversals as a PNG file, which needs nothing but zlib."""

import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch

from dismetrics.posteriors import GaussianPosterior, LaplacePosterior
from reference_models.models import Model

__all__ = ["traversals", "write_png"]


def traversals(model: Model, location: Any, order: Any, *, reach: float = 2.0, n_steps: int = 9) -> Any:
    """Decoded images in which one latent at a time goes from -reach to reach: a row a latent, as one picture.

    Parameters
    ----------
    model : Model
        A trained model.
    location : array-like of shape (n_latents,)
        Where the other latents stay.
    order : sequence of int
        The latents, from the top.
    reach : float, default 2.0
        Ends of the traversal.
    n_steps : int, default 9
        Images in a row.

    Returns
    -------
    ndarray of uint8, shape (height, width) or (height, width, 3)
        The picture.
    """
    device = next(model.parameters()).device
    z = torch.as_tensor(np.asarray(location), dtype=torch.float32).repeat(len(order), n_steps, 1)
    for row, latent in enumerate(order):
        z[row, :, latent] = torch.linspace(-reach, reach, n_steps)
    with torch.inference_mode():
        images = torch.sigmoid(model.network.decode(z.flatten(0, 1).to(device))).float().cpu()
    # A grey line between images, which are black at their edges.
    framed = torch.nn.functional.pad(images, (1, 0, 1, 0), value=0.5)
    channels, height, width = framed.shape[1:]
    grid = framed.view(len(order), n_steps, channels, height, width).permute(0, 3, 1, 4, 2)
    picture = (255 * grid.reshape(len(order) * height, n_steps * width, channels) + 0.5).to(torch.uint8).numpy()
    return picture[:, :, 0] if channels == 1 else picture


def by_information(posterior: GaussianPosterior | LaplacePosterior) -> tuple[Any, Any]:
    """Latents by their mean KL to the standard normal, the most informative first, and these KL in nats."""
    kl = posterior.kl_to_prior().mean(axis=0)
    order = np.argsort(-kl, kind="stable")
    return order, kl[order]


def write_png(path: str | os.PathLike[str], picture: Any) -> None:
    """Write a picture of bytes, (height, width) grey or (height, width, 3) in colour."""
    height, width = picture.shape[:2]
    # Each line starts with the number of its filter, here none.
    lines = np.zeros((height, 1 + picture[0].size), np.uint8)
    lines[:, 1:] = picture.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 0 if picture.ndim == 2 else 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b"")]
    content = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    Path(path).write_bytes(b"\x89PNG\r\n\x1a\n" + content)
