"""Gaussian posteriors."""

from typing import Self

import numpy as np

from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray
from dismetrics.validation import as_location_and_scale, read_only

__all__ = ["GaussianPosterior"]

_ENTROPY_OF_UNIT_SCALE = 0.5 * np.log(2 * np.pi * np.e)
_REMEDY = "a latent without noise has no density, so use estimator='histogram' on the means"


class GaussianPosterior:
    """q(z_j|x_n) = N(mean[n, j], scale[n, j]^2).

    Parameters
    ----------
    mean : array-like of shape (n_samples, n_latents)
        Means.
    log_var : array-like of shape (n_samples, n_latents)
        Logarithms of the variances, as most encoders return them. See `from_variance` and `from_scale` for others.

    Attributes
    ----------
    mean, scale : ndarray of float64, shape (n_samples, n_latents)
        Means and standard deviations.

    Raises
    ------
    ValueError
        If the shapes differ, an entry is not finite, or a scale is zero (its entropy would be minus infinity).

    Examples
    --------
    >>> import dismetrics as dm
    >>> posterior = dm.GaussianPosterior([[0.0], [4.0]], [[0.0], [0.0]])
    >>> posterior.kl_to_prior().ravel().round(3)
    array([0., 8.])
    """

    __slots__ = ("mean", "scale")

    mean: FloatArray
    scale: FloatArray

    def __init__(self, mean: ArrayLike, log_var: ArrayLike) -> None:
        self.mean, self.scale = as_location_and_scale(mean, log_var, ("mean", "log_var"), _REMEDY)

    @classmethod
    def from_variance(cls, mean: ArrayLike, variance: ArrayLike) -> Self:
        """Posteriors with the given variances.

        Parameters
        ----------
        mean, variance : array-like of shape (n_samples, n_latents)
            Means, and variances above zero.

        Returns
        -------
        GaussianPosterior
            The posteriors.
        """
        return cls._of(*as_location_and_scale(mean, variance, ("mean", "variance"), _REMEDY))

    @classmethod
    def from_scale(cls, mean: ArrayLike, scale: ArrayLike) -> Self:
        """Posteriors with the given standard deviations.

        Parameters
        ----------
        mean, scale : array-like of shape (n_samples, n_latents)
            Means, and standard deviations above zero.

        Returns
        -------
        GaussianPosterior
            The posteriors.
        """
        return cls._of(*as_location_and_scale(mean, scale, ("mean", "scale"), _REMEDY))

    @classmethod
    def _of(cls, mean: FloatArray, scale: FloatArray) -> Self:
        posterior = object.__new__(cls)
        posterior.mean, posterior.scale = mean, scale
        return posterior

    def __repr__(self) -> str:
        return f"GaussianPosterior({self.n_samples} samples, {self.n_latents} latents)"

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return self.mean.shape[0]

    @property
    def n_latents(self) -> int:
        """Number of latents."""
        return self.mean.shape[1]

    def entropy(self) -> FloatArray:
        """Differential entropies log(scale sqrt(2 pi e)) in nats, shape (n_samples, n_latents)."""
        return _ENTROPY_OF_UNIT_SCALE + np.log(self.scale)

    def kl_to_prior(self) -> FloatArray:
        """KL to the standard normal in nats, (mean^2 + scale^2 - 1)/2 - log scale, shape (n_samples, n_latents)."""
        return 0.5 * (self.mean**2 + self.scale**2 - 1.0) - np.log(self.scale)

    def sample(self, rng: np.random.Generator) -> FloatArray:
        """One draw of every latent for every sample, shape (n_samples, n_latents)."""
        return self.mean + self.scale * rng.standard_normal(self.mean.shape)

    def log_density(self, z: FloatArray, latent: int) -> FloatArray:
        """Log densities of one latent at the points z under every sample's posterior, shape (len(z), n_samples)."""
        scale = self.scale[:, latent]
        standardised = (z[:, None] - self.mean[:, latent]) / scale
        return -0.5 * standardised**2 - np.log(scale) - 0.5 * np.log(2 * np.pi)

    def cumulative(self, z: FloatArray, latent: int) -> FloatArray:
        """Probabilities that one latent is at most z, for every sample's posterior, shape (len(z), n_samples)."""
        from scipy.special import ndtr

        return np.asarray(ndtr((z[:, None] - self.mean[:, latent]) / self.scale[:, latent]))

    def support(self, latent: int) -> tuple[FloatArray, FloatArray]:
        """Ends of mean +- 6.5 scales: less than 1e-10 of the mass lies outside."""
        reach = 6.5 * self.scale[:, latent]
        return self.mean[:, latent] - reach, self.mean[:, latent] + reach

    def point_codes(self) -> FloatArray:
        """The means."""
        return self.mean

    def take(self, rows: IntArray | BoolArray) -> Self:
        """The posteriors of some of the samples."""
        return self._of(read_only(np.asfortranarray(self.mean[rows])), read_only(np.asfortranarray(self.scale[rows])))

    def select(self, latents: IntArray) -> Self:
        """The posteriors of some of the latents, in the order given."""
        return self._of(
            read_only(np.asfortranarray(self.mean[:, latents])), read_only(np.asfortranarray(self.scale[:, latents]))
        )
