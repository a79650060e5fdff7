"""From a trained model to what dismetrics scores: posteriors over a data set, and the file of them."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import torch

from dismetrics import GaussianPosterior, LaplacePosterior
from dismetrics.progress import report
from reference_models.data import Images
from reference_models.models import Model

__all__ = ["encode", "export_npz", "posterior"]


def encode(model: Model, data: Images, *, batch_size: int = 2048) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """What the encoder returns for every image, a minibatch at a time, in float32 whatever it was trained in.

    Parameters
    ----------
    model : Model
        Any module with `network.encode`; where its weights are, it is used.
    data : Images
        The images, in the order of their rows.
    batch_size : int, default 2048
        Images at a time.

    Returns
    -------
    location : ndarray of float32, shape (n_samples, n_latents)
        Means of a Gaussian, locations of a Laplace posterior.
    log_spread : ndarray of float32, shape (n_samples, n_latents)
        Log variances of a Gaussian, log scales of a Laplace posterior.
    """
    device = next(model.parameters()).device
    data = data.to(device)
    was_training = model.training
    model.eval()
    results: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None = None
    with torch.inference_mode():
        for start in range(0, len(data), batch_size):
            rows = np.arange(start, min(start + batch_size, len(data)))
            found = [part.float().cpu().numpy() for part in model.network.encode(data.batch(rows))]
            if results is None:
                shape = (len(data), found[0].shape[1])
                results = np.empty(shape, np.float32), np.empty(shape, np.float32)
            for result, part in zip(results, found, strict=True):
                result[rows] = part
            report("encoding", int(rows[-1]) + 1, len(data))
    model.train(was_training)
    assert results is not None  # a data set is never empty
    return results


def posterior(model: Model, data: Images, *, batch_size: int = 2048) -> GaussianPosterior | LaplacePosterior:
    """q(z|x) of every image: what `dismetrics.mig` and `dismetrics.elbo_decomposition` take.

    Parameters
    ----------
    model : Model
        A trained model.
    data : Images
        The images.
    batch_size : int, default 2048
        Images at a time.

    Returns
    -------
    GaussianPosterior or LaplacePosterior
        In the family that the model was trained with.
    """
    return _family(model, *encode(model, data, batch_size=batch_size))


def export_npz(path: str | os.PathLike[str], model: Model, data: Images, *, batch_size: int = 2048) -> Any:
    """Encode, and write the file that `dismetrics score` reads.

    Parameters
    ----------
    path : str or path
        The `.npz` file: `mean` and `log_var` (of a Laplace posterior `latents`, the locations, and `log_scale`),
        `factors`, `factor_names`, `factor_sizes`, and `weights` where images have them.
    model : Model
        A trained model.
    data : Images
        The images.
    batch_size : int, default 2048
        Images at a time.

    Returns
    -------
    GaussianPosterior or LaplacePosterior
        What `posterior` returns.
    """
    location, log_spread = encode(model, data, batch_size=batch_size)
    gaussian = model.config.posterior == "gaussian"
    names = ("mean", "log_var") if gaussian else ("latents", "log_scale")
    factors = data.factors
    arrays: dict[str, Any] = {
        **dict(zip(names, (location, log_spread), strict=True)),
        "factors": factors.codes.astype(np.int16),
        "factor_names": np.array(factors.names),
        "factor_sizes": factors.n_values,
    }
    if factors.weights is not None:
        arrays["weights"] = factors.weights
    target = Path(path)
    temporary = target.with_name(f".{target.name}.part")
    try:
        with temporary.open("wb") as file:
            np.savez_compressed(file, **arrays)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return _family(model, location, log_spread)


def _family(model: Model, location: Any, log_spread: Any) -> GaussianPosterior | LaplacePosterior:
    if model.config.posterior == "gaussian":
        return GaussianPosterior(location, log_spread)
    return LaplacePosterior(location, np.exp(log_spread, dtype=np.float64))
