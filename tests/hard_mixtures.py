"""Mixtures that are hard for what leaves components out."""

import numpy as np

__all__ = ["hard_mixture"]


def hard_mixture(name, n, n_latents, rng):
    """Means and scales of n components."""
    mean = rng.normal(size=(n, n_latents))
    scale = rng.uniform(0.05, 0.3, mean.shape)
    if name == "duplicates":
        mean, scale = np.repeat(mean[: n // 50], 50, axis=0), np.repeat(scale[: n // 50], 50, axis=0)
    elif name == "one tiny scale":
        scale[n // 2] = 1e-9
        scale[:5] = 3.0
    elif name == "offset":
        mean = mean + 1e6
    elif name == "all scales":
        scale = 10 ** rng.uniform(-4, 1, mean.shape)
    elif name == "far apart":
        mean = mean * 1e3
    elif name == "far apart in one latent":
        mean[:, 0] = 1e6 * np.round(mean[:, 0])
    else:
        assert name == "plain", name
    return mean, scale
