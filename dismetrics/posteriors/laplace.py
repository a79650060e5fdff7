"""Laplace posteriors."""

from typing import Self

import numpy as np

from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray
from dismetrics.validation import as_location_and_scale, read_only

__all__ = ["LaplacePosterior"]

_REMEDY = "a latent without noise has no density, so use estimator='histogram' on the locations"


class LaplacePosterior:
    """q(z_j|x_n) with density exp(-|z - location[n, j]| / scale[n, j]) / (2 scale[n, j]).

    Parameters
    ----------
    location, scale : array-like of shape (n_samples, n_latents)
        Locations, and scales b above zero (the standard deviation is b sqrt(2)).

    Raises
    ------
    ValueError
        If the shapes differ, an entry is not finite, or a scale is not above zero.

    Examples
    --------
    >>> import dismetrics as dm
    >>> dm.LaplacePosterior([[0.0], [4.0]], [[0.5], [0.5]]).entropy().ravel()
    array([1., 1.])
    """

    __slots__ = ("location", "scale")

    location: FloatArray
    scale: FloatArray

    def __init__(self, location: ArrayLike, scale: ArrayLike) -> None:
        self.location, self.scale = as_location_and_scale(location, scale, ("location", "scale"), _REMEDY)

    def __repr__(self) -> str:
        return f"LaplacePosterior({self.n_samples} samples, {self.n_latents} latents)"

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return self.location.shape[0]

    @property
    def n_latents(self) -> int:
        """Number of latents."""
        return self.location.shape[1]

    def entropy(self) -> FloatArray:
        """Differential entropies 1 + log(2 scale) in nats, shape (n_samples, n_latents)."""
        return 1.0 + np.log(2.0 * self.scale)

    def kl_to_prior(self) -> FloatArray:
        """KL to the standard normal in nats, shape (n_samples, n_latents).

        The variance of a Laplace distribution is 2 scale^2, so the cross-entropy to the prior is
        (log(2 pi) + location^2 + 2 scale^2) / 2.
        """
        cross_entropy = 0.5 * (np.log(2 * np.pi) + self.location**2 + 2.0 * self.scale**2)
        return cross_entropy - self.entropy()

    def sample(self, rng: np.random.Generator) -> FloatArray:
        """One draw of every latent for every sample, shape (n_samples, n_latents)."""
        return rng.laplace(self.location, self.scale)

    def log_density(self, z: FloatArray, latent: int) -> FloatArray:
        """Log densities of one latent at the points z under every sample's posterior, shape (len(z), n_samples)."""
        scale = self.scale[:, latent]
        return -np.abs(z[:, None] - self.location[:, latent]) / scale - np.log(2.0 * scale)

    def cumulative(self, z: FloatArray, latent: int) -> FloatArray:
        """Probabilities that one latent is at most z, for every sample's posterior, shape (len(z), n_samples)."""
        t = (z[:, None] - self.location[:, latent]) / self.scale[:, latent]
        tail = 0.5 * np.exp(-np.abs(t))
        return np.where(t < 0, tail, 1.0 - tail)

    def support(self, latent: int) -> tuple[FloatArray, FloatArray]:
        """Ends of location +- 24 scales: less than 1e-10 of the mass lies outside."""
        reach = 24.0 * self.scale[:, latent]
        return self.location[:, latent] - reach, self.location[:, latent] + reach

    def point_codes(self) -> FloatArray:
        """The locations."""
        return self.location

    def take(self, rows: IntArray | BoolArray) -> Self:
        """The posteriors of some of the samples."""
        posterior = object.__new__(type(self))
        posterior.location = read_only(np.asfortranarray(self.location[rows]))
        posterior.scale = read_only(np.asfortranarray(self.scale[rows]))
        return posterior

    def select(self, latents: IntArray) -> Self:
        """The posteriors of some of the latents, in the order given."""
        posterior = object.__new__(type(self))
        posterior.location = read_only(np.asfortranarray(self.location[:, latents]))
        posterior.scale = read_only(np.asfortranarray(self.scale[:, latents]))
        return posterior
