"""Posteriors whose latents are put in orders of their own, so that nothing ties one latent to another."""

import numpy as np

from dismetrics.posteriors.bernoulli import BernoulliPosterior
from dismetrics.posteriors.categorical import CategoricalPosterior
from dismetrics.posteriors.gaussian import GaussianPosterior
from dismetrics.posteriors.laplace import LaplacePosterior
from dismetrics.posteriors.protocol import FactorisedPosterior
from dismetrics.posteriors.sampled import SampledPosterior
from dismetrics.typing import FloatArray, IntArray

__all__ = ["columns_apart", "latents_apart"]


def columns_apart(matrix: FloatArray, orders: IntArray) -> FloatArray:
    """The matrix with each column in its own order of the rows; `orders` has shape (n_samples, n_columns)."""
    return np.asfortranarray(np.take_along_axis(matrix, orders, axis=0))


def latents_apart(posterior: FactorisedPosterior, orders: IntArray) -> FactorisedPosterior:
    """The posteriors with each latent in its own order of the samples; `orders` has shape (n_samples, n_latents)."""
    if isinstance(posterior, GaussianPosterior):
        return GaussianPosterior.from_scale(
            columns_apart(posterior.mean, orders), columns_apart(posterior.scale, orders)
        )
    if isinstance(posterior, LaplacePosterior):
        return LaplacePosterior(columns_apart(posterior.location, orders), columns_apart(posterior.scale, orders))
    if isinstance(posterior, BernoulliPosterior):
        return BernoulliPosterior(columns_apart(posterior.probability, orders))
    if isinstance(posterior, CategoricalPosterior):
        return CategoricalPosterior(np.take_along_axis(posterior.probability, orders[:, :, None], axis=0))
    if isinstance(posterior, SampledPosterior):
        draws = np.take_along_axis(posterior.draws, orders[None], axis=1)
        if not posterior.has_density:
            return SampledPosterior(draws)
        return SampledPosterior(draws, lambda z, latent: posterior.log_density(z, latent)[:, orders[:, latent]])
    raise TypeError(
        f"the latents of a {type(posterior).__name__} cannot be permuted each by itself: its methods give all latents "
        "of a sample together; pass points, or a posterior of this package"
    )
