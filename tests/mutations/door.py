"""What all of them check of their input."""

import numpy as np


def checked(latents, factors):
    """Latents as float64 (N, D), factors (N, K); raises for what has no answer."""
    latents, factors = np.asarray(latents, float), np.asarray(factors)
    if latents.ndim != 2 or len(latents) < 2 or len(latents) != len(factors):
        raise ValueError(f"shapes {latents.shape} and {factors.shape}")
    if not np.isfinite(latents).all():
        raise ValueError("NaN or infinity")
    return latents, factors
