"""Posteriors of every family, with their moments."""

from dataclasses import dataclass

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.posteriors import FactorisedPosterior

N, D = 5, 2
RNG = np.random.default_rng(0)
LOCATION = 3 * RNG.normal(size=(N, D))
SCALE = 10.0 ** RNG.uniform(-2, 1, (N, D))
PROBABILITY = RNG.random((N, D))
PROBABILITY[:3, 0] = 0.0, 1.0, 0.5
TABLE = RNG.dirichlet(np.ones(3), (N, D))
TABLE[0, 0] = 0.0, 1.0, 0.0


@dataclass(frozen=True)
class Family:
    posterior: FactorisedPosterior
    mean: np.ndarray
    variance: np.ndarray
    text: str


VALUES = np.arange(3)
GAUSSIAN = dm.GaussianPosterior(LOCATION, 2 * np.log(SCALE))
LAPLACE = dm.LaplacePosterior(LOCATION, SCALE)
BERNOULLI = dm.BernoulliPosterior(PROBABILITY)
CATEGORICAL = dm.CategoricalPosterior(TABLE)
DENSITIES = {
    "gaussian": Family(GAUSSIAN, LOCATION, SCALE**2, "GaussianPosterior(5 samples, 2 latents)"),
    "laplace": Family(LAPLACE, LOCATION, 2 * SCALE**2, "LaplacePosterior(5 samples, 2 latents)"),
}
TABLES = {
    "bernoulli": Family(
        BERNOULLI, PROBABILITY, PROBABILITY * (1 - PROBABILITY), "BernoulliPosterior(5 samples, 2 latents)"
    ),
    "categorical": Family(
        CATEGORICAL,
        TABLE @ VALUES,
        TABLE @ VALUES**2 - (TABLE @ VALUES) ** 2,
        "CategoricalPosterior(5 samples, 2 latents, 3 values)",
    ),
}
FAMILIES = DENSITIES | TABLES
every_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
every_density = pytest.mark.parametrize("family", DENSITIES.values(), ids=DENSITIES)
every_table = pytest.mark.parametrize("family", TABLES.values(), ids=TABLES)


def nodes(posterior, sample, latent, centre):
    """Gauss-Legendre nodes and weights over a support, in panels that end at the centre, where a kink may be."""
    lower, upper = (ends[sample] for ends in posterior.support(latent))
    edges = np.concatenate([np.linspace(lower, centre, 101), np.linspace(centre, upper, 101)[1:]])
    x, w = np.polynomial.legendre.leggauss(12)
    half = 0.5 * np.diff(edges)
    return (edges[:-1, None] + half[:, None] * (x + 1)).ravel(), (half[:, None] * w).ravel()
