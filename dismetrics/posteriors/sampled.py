"""Posteriors known by draws."""

from collections.abc import Callable
from typing import Self

import numpy as np

from dismetrics.posteriors.checked import density_of
from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray
from dismetrics.validation import as_draws, as_matrix

__all__ = ["SampledPosterior"]

LogDensity = Callable[[FloatArray, int], FloatArray]


class SampledPosterior:
    """Several draws of z for every x, and the density they come from where it is known.

    Parameters
    ----------
    draws : array-like of shape (n_draws, n_samples, n_latents)
        Draws from q(z|x_n).
    log_density : callable, optional
        `log_density(z, latent)` returns log q(z_latent = z_i | x_n) for points z of shape (n_points,), as an array of
        shape (n_points, n_samples). Needed by everything that uses the posterior and not only its draws.

    Raises
    ------
    ValueError
        If a draw is not finite; later, where a density is needed and none was given.

    Examples
    --------
    >>> import dismetrics as dm
    >>> dm.SampledPosterior([[[0.1], [2.0]], [[0.2], [1.9]]])
    SampledPosterior(2 samples, 1 latents, 2 draws each, no density)
    """

    __slots__ = ("_log_density", "_rows", "draws")

    draws: FloatArray

    def __init__(self, draws: ArrayLike, log_density: LogDensity | None = None) -> None:
        self.draws = as_draws(draws)
        if log_density is not None and not callable(log_density):
            raise TypeError(f"log_density={log_density!r} is not callable; log_density(z, latent) is wanted")
        self._log_density = log_density
        self._rows: IntArray | None = None

    def __repr__(self) -> str:
        density = "no density" if self._log_density is None else "with density"
        size = f"{self.n_samples} samples, {self.n_latents} latents, {self.n_draws} draws each"
        return f"SampledPosterior({size}, {density})"

    @property
    def n_draws(self) -> int:
        """Draws of each sample."""
        return self.draws.shape[0]

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return self.draws.shape[1]

    @property
    def n_latents(self) -> int:
        """Number of latents."""
        return self.draws.shape[2]

    @property
    def has_density(self) -> bool:
        """Whether a log density was given."""
        return self._log_density is not None

    def log_density(self, z: FloatArray, latent: int) -> FloatArray:
        """Log densities of one latent at the points z under every sample's posterior, shape (len(z), n_samples)."""
        if self._log_density is None:
            raise ValueError(
                "this SampledPosterior has draws but no density, which the posterior estimator needs: "
                "pass SampledPosterior(draws, log_density=...), or choose estimator='histogram' or 'knn', "
                "which work on the draws"
            )
        result = np.asarray(self._log_density(z, latent), np.float64)
        if self._rows is not None and result.ndim == 2:
            result = result[:, self._rows]
        return result

    def entropy(self) -> FloatArray:
        """Entropies in nats, estimated as the mean of -log q over the draws, shape (n_samples, n_latents)."""
        total = np.zeros((self.n_samples, self.n_latents))
        for latent in range(self.n_latents):
            for draw in self.draws[:, :, latent]:
                for start in range(0, self.n_samples, 256):
                    rows = slice(start, start + 256)
                    log_q = density_of(self, draw[rows], latent)[:, rows]
                    own = np.diagonal(log_q)
                    if (own == -np.inf).any():
                        raise ValueError(f"log_density of latent {latent} is minus infinity at a sample's own draw")
                    total[rows, latent] -= own
        return total / self.n_draws

    def kl_to_prior(self) -> FloatArray:
        """KL to the standard normal in nats, estimated over the draws, shape (n_samples, n_latents)."""
        cross_entropy = 0.5 * np.log(2 * np.pi) + 0.5 * (self.draws**2).mean(axis=0)
        return cross_entropy - self.entropy()

    def sample(self, rng: np.random.Generator) -> FloatArray:
        """One of the draws of every sample, chosen at random; shape (n_samples, n_latents)."""
        chosen = rng.integers(self.n_draws, size=self.n_samples)
        return self.draws[chosen, np.arange(self.n_samples)]

    def point_codes(self) -> FloatArray:
        """The means of the draws."""
        return as_matrix(self.draws.mean(axis=0), "the mean of draws")

    def take(self, rows: IntArray | BoolArray) -> Self:
        """The posteriors of some of the samples."""
        indices: IntArray = np.arange(self.n_samples)[rows]
        posterior = object.__new__(type(self))
        posterior.draws = self.draws[:, indices]
        posterior._log_density = self._log_density
        posterior._rows = indices if self._rows is None else self._rows[indices]
        return posterior
