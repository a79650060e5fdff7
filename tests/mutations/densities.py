"""log q(z) of Gaussian posteriors, total correlation from it, and minibatch densities."""

import math

import numpy as np

LOG_DENSITY_DEFECTS = ("scale for variance", "floor at 1e-8", "sum for mean", "no shift", "samples reshaped")


def _pairs(z, mean, variance):
    """log q(z_ij | x_n), (len(z), n_samples, n_latents)."""
    return -0.5 * ((z[:, None] - mean) ** 2 / variance + np.log(variance) + math.log(2 * math.pi))


def _log_mean(values, axis):
    top = values.max(axis=axis, keepdims=True)
    return np.squeeze(top, axis) + np.log(np.exp(values - top).mean(axis=axis))


def log_density(posterior, z, defect=None):
    mean, variance = posterior.mean, posterior.scale if defect == "scale for variance" else posterior.scale**2
    if defect == "samples reshaped":
        mean = mean.T.reshape(mean.shape)
    pairs = _pairs(np.asarray(z, float), mean, variance).sum(axis=2)
    if defect == "floor at 1e-8":
        return np.log(np.exp(pairs).mean(axis=1) + 1e-8)
    if defect == "no shift":
        return np.log(np.exp(pairs).mean(axis=1))
    if defect == "sum for mean":
        return _log_mean(pairs, 1) + math.log(pairs.shape[1])
    return _log_mean(pairs, 1)


TC_DEFECTS = ("offset of weighted sampling", "scale for variance", "axes of the draws swapped", "unseeded")


def total_correlation(posterior, n_draws=2000, rng=None, defect=None):
    """The mean of log q(z) - sum_j log q(z_j) over draws."""
    generator = np.random.default_rng(None if defect == "unseeded" else rng)
    mean, scale = posterior.mean, posterior.scale
    n, d = mean.shape
    rows = generator.integers(n, size=n_draws)
    z = mean[rows] + scale[rows] * generator.normal(size=(n_draws, d))
    if defect == "axes of the draws swapped":
        z = z.reshape(d, n_draws).T
    pairs = _pairs(z, mean, scale if defect == "scale for variance" else scale**2)
    joint, marginals = _log_mean(pairs.sum(axis=2), 1), _log_mean(pairs, 1).sum(axis=1)
    if defect == "offset of weighted sampling":
        # Each density over N B in place of B: (D - 1) log N too much.
        joint, marginals = joint - math.log(n), marginals - d * math.log(n)
    return float(np.mean(joint - marginals))


MSS_DEFECTS = ("strides down columns", "weight added for each latent", "plain average", "weights of weighted sampling")


def mss(log_density, n_samples, defect=None):
    """Minibatch stratified sampling, the special weights on the diagonal and beside it."""
    b, d = log_density.shape[1:]
    m = b - 1
    weights = np.full((b, b), 1 / m)
    if defect == "strides down columns":
        weights.reshape(-1)[:: m + 1] = 1 / n_samples
        weights.reshape(-1)[1 :: m + 1] = (n_samples - m) / (n_samples * m)
    else:
        weights.reshape(-1)[:: b + 1] = 1 / n_samples
        beside = np.arange(b), (np.arange(b) + 1) % b
        weights[beside] = (n_samples - m) / (n_samples * m)
    if defect == "plain average":
        weights[:] = 1 / b
    if defect == "weights of weighted sampling":
        weights[:] = 1 / (b * n_samples)
    logs = np.log(weights)
    if defect == "weight added for each latent":
        logs = d * logs
    terms = log_density.sum(axis=2) + logs
    top = terms.max(axis=1, keepdims=True)
    return top[:, 0] + np.log(np.exp(terms - top).sum(axis=1))
