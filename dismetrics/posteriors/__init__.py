"""Posteriors q(z|x): one distribution a sample and latent, the latents independent given x.

`FactorisedPosterior` is what every posterior has. One with densities also has `log_density` and `support`
(`DensityPosterior`), and `cumulative` where its masses in bins are wanted (`HasCumulative`); one over finitely many
values has `probabilities` (`TablePosterior`). A class of your own that has these methods is taken wherever ours are.
"""

from dismetrics.posteriors.bernoulli import BernoulliPosterior
from dismetrics.posteriors.categorical import CategoricalPosterior
from dismetrics.posteriors.gaussian import GaussianPosterior
from dismetrics.posteriors.laplace import LaplacePosterior
from dismetrics.posteriors.protocol import (
    DensityPosterior,
    FactorisedPosterior,
    HasCumulative,
    HasLogDensity,
    TablePosterior,
)
from dismetrics.posteriors.sampled import SampledPosterior
from dismetrics.posteriors.selected import select_latents

__all__ = [
    "BernoulliPosterior",
    "CategoricalPosterior",
    "DensityPosterior",
    "FactorisedPosterior",
    "GaussianPosterior",
    "HasCumulative",
    "HasLogDensity",
    "LaplacePosterior",
    "SampledPosterior",
    "TablePosterior",
    "select_latents",
]
