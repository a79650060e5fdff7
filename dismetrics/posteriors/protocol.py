"""What a posterior is, to everything that takes one."""

from typing import Protocol, Self, runtime_checkable

import numpy as np

from dismetrics.typing import BoolArray, FloatArray, IntArray

__all__ = ["DensityPosterior", "FactorisedPosterior", "HasCumulative", "HasLogDensity", "TablePosterior"]


@runtime_checkable
class FactorisedPosterior(Protocol):
    """q(z|x_n) = prod_j q(z_j|x_n) for every sample n. All entropies and divergences are in nats."""

    @property
    def n_samples(self) -> int:
        """Number of samples x_n."""
        ...

    @property
    def n_latents(self) -> int:
        """Number of latents z_j."""
        ...

    def entropy(self) -> FloatArray:
        """H(q(z_j|x_n)), shape (n_samples, n_latents); differential for densities."""
        ...

    def kl_to_prior(self) -> FloatArray:
        """KL(q(z_j|x_n) || p(z_j)), shape (n_samples, n_latents)."""
        ...

    def sample(self, rng: np.random.Generator) -> FloatArray:
        """One draw of every z_j given every x_n, shape (n_samples, n_latents)."""
        ...

    def point_codes(self) -> FloatArray:
        """One number for every latent and sample, for estimators on points; shape (n_samples, n_latents)."""
        ...

    def take(self, rows: IntArray | BoolArray) -> Self:
        """The posteriors of some of the samples."""
        ...


@runtime_checkable
class HasLogDensity(FactorisedPosterior, Protocol):
    """A posterior whose density can be evaluated, wherever its mass may be."""

    def log_density(self, z: FloatArray, latent: int) -> FloatArray:
        """log q(z_latent = z_i | x_n), shape (len(z), n_samples)."""
        ...


@runtime_checkable
class DensityPosterior(HasLogDensity, Protocol):
    """A posterior over real numbers."""

    def support(self, latent: int) -> tuple[FloatArray, FloatArray]:
        """An interval for every sample outside which its mass is below 1e-10: lower and upper ends, (n_samples,)."""
        ...


@runtime_checkable
class HasCumulative(FactorisedPosterior, Protocol):
    """A posterior over real numbers whose distribution function can be evaluated."""

    def cumulative(self, z: FloatArray, latent: int) -> FloatArray:
        """q(z_latent <= z_i | x_n), shape (len(z), n_samples)."""
        ...


@runtime_checkable
class TablePosterior(FactorisedPosterior, Protocol):
    """A posterior over finitely many values."""

    def probabilities(self, latent: int) -> FloatArray:
        """q(z_latent = c | x_n), shape (n_samples, n_values)."""
        ...
