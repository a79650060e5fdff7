"""A trained model's numbers: posterior MIG, the exact decomposition, and how well it reconstructs."""

import copy
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from dismetrics import elbo_decomposition, mig
from dismetrics.warnings import SaturationWarning
from reference_models.bridge import export_npz
from reference_models.data import Images
from reference_models.models import Model
from reference_models.objectives import bernoulli_log_likelihood

__all__ = ["Scores", "reconstruction", "score"]

_N_IMAGES = 16_384


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """What is said of a model; everything but MIG in nats.

    Attributes
    ----------
    mig : MIGResult
        Over all factors.
    mig_without_shape : float or None
        Over the factors but the shape, the four of Chen et al. 2018; None where there is no shape.
    decomposition : ELBODecomposition
        Index-code mutual information, total correlation and dimension-wise KL.
    log_likelihood : float
        E log p(x|z), over at most 16,384 images.
    """

    mig: Any
    mig_without_shape: float | None
    decomposition: Any
    log_likelihood: float

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "mig": self.mig.to_dict(),
            "mig_without_shape": self.mig_without_shape,
            "elbo_decomposition": self.decomposition.to_dict(),
            "log_likelihood": self.log_likelihood,
        }


def score(model: Model, data: Images, file: Path, *, n_draws: int | None = None, seed: int = 0) -> Scores:
    """Encode, export to a file, and score.

    Parameters
    ----------
    model : Model
        A trained model.
    data : Images
        The images.
    file : path
        Where posteriors and factors go.
    n_draws : int, optional
        For the joint entropy of the decomposition.
    seed : int, default 0
        Of the draws.

    Returns
    -------
    Scores
        MIG, decomposition and reconstruction.
    """
    posterior = export_npz(file, model, data)
    factors = data.factors
    others = [name for name in factors.names if name != "shape"]
    with warnings.catch_warnings():
        # A few thousand images are told apart entirely; the table says so, with the ceiling.
        warnings.simplefilter("ignore", SaturationWarning)
        decomposition = elbo_decomposition(
            posterior, n_draws=n_draws, weights=factors.weights, rng=seed, prior=_prior(model)
        )
        whole = mig(posterior, factors)
        part = mig(posterior, factors, factor_subset=others).score if 0 < len(others) < factors.n_factors else None
    return Scores(whole, part, decomposition, reconstruction(model, data, seed=seed))


def _prior(model: Model) -> Any:
    """The model's prior as a function of points; None for the standard normal, which is the default."""
    if model.config.prior == "normal":
        return None

    # A copy, in the precision of the points.
    prior = copy.deepcopy(model.prior).cpu().double()

    def log_density(points: Any) -> Any:
        with torch.inference_mode():
            return prior.log_density(torch.from_numpy(np.ascontiguousarray(points))).numpy()

    return log_density


def reconstruction(model: Model, data: Images, *, seed: int = 0) -> float:
    """E log p(x|z) in nats: a draw of each of at most 16,384 images, drawn by their weights."""
    rng = np.random.default_rng(seed)
    n_images = min(_N_IMAGES, len(data))
    weighted = data.factors.weights is not None
    rows = np.sort(rng.choice(len(data), n_images, replace=weighted, p=data.factors.normalised_weights))
    device = next(model.parameters()).device
    data = data.to(device)
    total = 0.0
    with torch.inference_mode(), torch.random.fork_rng():
        torch.manual_seed(seed)
        for part in np.array_split(rows, max(1, n_images // 1024)):
            images = data.batch(part)
            z = model.posterior(images).rsample()
            total += bernoulli_log_likelihood(model.network.decode(z), images).double().sum().item()
    return total / n_images
