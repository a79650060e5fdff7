"""Posteriors that look like those of trained VAEs, on the full grid of dSprites' factors."""

import numpy as np

import dismetrics as dm

SIZES = (3, 6, 40, 32, 32)
NAMES = ("shape", "scale", "orientation", "pos_x", "pos_y")
N_LATENTS = 10

PROFILES = {
    # Scale of the posterior for five latents that carry a factor each; the others carry nothing, or mixtures.
    "wide": (0.055, 0.055, 0.11, 0.22, 0.35),
    "sharp": (0.015, 0.015, 0.03, 0.05, 0.06),
    "noisy": (0.12, 0.12, 0.3, None, None),
}


def factor_grid(sizes=SIZES) -> np.ndarray:
    """All combinations of factor values, shape (n_samples, n_factors)."""
    return np.ascontiguousarray(np.indices(sizes).reshape(len(sizes), -1).T.astype(np.int32))


def posterior(profile: str, sizes=SIZES, seed: int = 0) -> tuple[dm.GaussianPosterior, dm.Factors]:
    """Posteriors of one profile, and their factors."""
    rng = np.random.default_rng(seed)
    v = factor_grid(sizes)
    shape, scale, _orientation, x, y = (v / (np.array(sizes) - 1) - 0.5).T
    turn = 2 * np.pi * v[:, 2] / sizes[2]
    paths = [
        3.2 * x + 0.1 * scale * np.sin(3 * y),
        3.2 * y + 0.1 * scale * np.cos(3 * x),
        3.0 * scale + 0.25 * shape + 0.08 * np.cos(2 * turn),
        1.25 * np.sin(2 * turn + 0.3 * scale) + 0.1 * shape,
        1.1 * np.cos(2 * turn) * (1 + 0.3 * shape) + 0.35 * shape,
    ]
    mean = 0.02 * rng.standard_normal((len(v), N_LATENTS))
    spread = np.minimum(np.exp(0.01 * rng.standard_normal(mean.shape)), 1.1)
    for latent, (path, width) in enumerate(zip(paths, PROFILES[profile], strict=True)):
        if width is not None:
            mean[:, latent] += path
            spread[:, latent] = width * np.exp(0.15 * rng.standard_normal(len(v)))
    if profile == "sharp":
        for latent in range(len(paths), N_LATENTS):
            a, b, c, d = rng.standard_normal(4)
            mean[:, latent] += a * np.sin(3.2 * x + b) + c * np.cos(3 * y) * scale + d * np.sin(turn * (1 + shape))
            spread[:, latent] = (0.06 + 0.02 * (latent - 5)) * np.exp(0.2 * rng.standard_normal(len(v)))
    return dm.GaussianPosterior.from_scale(mean, spread), dm.Factors(v, names=NAMES)


def any_scale(seed: int = 0) -> tuple[dm.GaussianPosterior, dm.Factors]:
    """Scales log-uniform from 1e-6 to 10 in every latent: what no uniform grid can hold."""
    rng = np.random.default_rng(seed)
    v = factor_grid()
    mean = rng.standard_normal((len(v), N_LATENTS))
    return dm.GaussianPosterior.from_scale(mean, 10 ** rng.uniform(-6, 1, mean.shape)), dm.Factors(v, names=NAMES)
