"""Minibatches, and the estimators by name."""

import numpy as np

import dismetrics as dm
from dismetrics.estimators import minibatch

# Estimator and placement, and what the oracle calls them.
EVERY = {
    "mws": ("mws", "averaged"),
    "averaged": ("mss", "averaged"),
    "paper": ("mss", "paper"),
    "minibatch": ("minibatch", "averaged"),
}
N_DSPRITES = 737_280


def random_pairs(seed=0, batch_size=7, n_latents=3, scale=0.5):
    """Log densities of a random minibatch of Gaussians."""
    rng = np.random.default_rng(seed)
    mean = rng.normal(size=(batch_size, n_latents))
    posterior = dm.GaussianPosterior.from_scale(mean, scale * rng.uniform(0.5, 2.0, mean.shape))
    return minibatch.pairwise_log_density(posterior, posterior.sample(rng))


def estimated(pairs, n_samples, name):
    if name == "mws":
        return minibatch.mws(pairs, n_samples)
    if name == "minibatch":
        return minibatch.minibatch_average(pairs)
    return minibatch.mss(pairs, n_samples, placement=name)


def tables(rng, n_samples, n_latents, n_values, concentration):
    p = rng.dirichlet(np.full(n_values, concentration), (n_samples, n_latents)) + 1e-9
    return p / p.sum(axis=2, keepdims=True)


def range_of(n_samples, batch_size, n_latents, name):
    estimator, placement = EVERY[name]
    return minibatch.offset_range(n_samples, batch_size, n_latents, estimator, placement=placement)


def column_weights(batch_size, n_samples):
    """The mistake: weights meant for the diagonal and the one above it stand in the first two columns."""
    others = batch_size - 1
    matrix = np.full((batch_size, batch_size), 1 / others)
    matrix[:, 0] = 1 / n_samples
    matrix[:, 1] = matrix[-2, 0] = (n_samples - others) / (n_samples * others)
    return matrix
