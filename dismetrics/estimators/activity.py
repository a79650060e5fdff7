"""Which latents are in use."""

import numpy as np

from dismetrics.inputs import LabelledLatents
from dismetrics.posteriors.checked import matrix_of
from dismetrics.typing import BoolArray

__all__ = ["ACTIVE_INFORMATION", "ACTIVE_KL", "active_latents"]

ACTIVE_KL = 0.01
"""Mean KL to the prior in nats above which a posterior's latent counts as active (Duan et al. 2020)."""

ACTIVE_INFORMATION = 0.01
"""Nats about the samples below which a posterior's latent says nothing; part of its mean KL, so the same bound."""


def active_latents(data: LabelledLatents, *, of_posterior: bool) -> BoolArray:
    """Which latents say anything at all about the samples.

    Parameters
    ----------
    data : LabelledLatents
        Points or posteriors.
    of_posterior : bool
        Whether to judge by the posteriors or by the points.

    Returns
    -------
    ndarray of bool, shape (n_latents,)
        By posteriors: weighted mean KL to the prior above `ACTIVE_KL`. By points: not constant.
    """
    if of_posterior and data.posterior is not None:
        # A divergence too large for float64 is one from an active latent.
        divergence = matrix_of(data.posterior, "kl_to_prior", largest=np.inf)
        return np.asarray(data.factors.normalised_weights @ divergence > ACTIVE_KL)
    points = data.as_points().points
    return np.asarray(points.min(axis=0) < points.max(axis=0))
