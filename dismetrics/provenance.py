"""Where results came from: versions, seed, and what the data were."""

import functools
import platform
from importlib import metadata
from typing import Any

from dismetrics.posteriors import FactorisedPosterior
from dismetrics.typing import FloatArray

__all__ = ["as_provenance", "versions"]

_RECORDED_VERSIONS = ("dismetrics", "numpy", "scipy", "scikit-learn", "numba")


def as_provenance(latents: FloatArray | FactorisedPosterior, seed: int, *, weighted: bool) -> dict[str, Any]:
    """What every result should say of itself: versions, seed, and what the latents were."""
    if isinstance(latents, FactorisedPosterior):
        what, n_samples, n_latents = type(latents).__name__, latents.n_samples, latents.n_latents
    else:
        what, (n_samples, n_latents) = "points", latents.shape
    return {
        "versions": versions(),
        "seed": seed,
        "n_samples": n_samples,
        "n_latents": n_latents,
        "latents": what,
        "weighted": weighted,
    }


def versions() -> dict[str, str]:
    """Of Python and of what computes the numbers."""
    return {"python": platform.python_version(), **_of_packages()}


@functools.cache
def _of_packages() -> dict[str, str]:
    found = {}
    for package in _RECORDED_VERSIONS:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:  # run from a checkout that was never installed
            found[package] = "unknown"
    return found
