"""Bernoulli posteriors."""

from typing import Self

import numpy as np

from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray
from dismetrics.validation import as_probabilities, read_only

__all__ = ["BernoulliPosterior"]


class BernoulliPosterior:
    """q(z_j = 1|x_n) = probability[n, j]; the prior is a fair coin.

    Parameters
    ----------
    probability : array-like of shape (n_samples, n_latents)
        Probabilities of 1, in [0, 1].

    Raises
    ------
    ValueError
        If a probability lies outside [0, 1]; logits must go through a sigmoid first.

    Examples
    --------
    >>> import dismetrics as dm
    >>> dm.BernoulliPosterior([[0.5], [1.0]]).kl_to_prior().ravel().round(4)
    array([0.    , 0.6931])
    """

    __slots__ = ("probability",)

    probability: FloatArray

    def __init__(self, probability: ArrayLike) -> None:
        self.probability = as_probabilities(probability)

    def __repr__(self) -> str:
        return f"BernoulliPosterior({self.n_samples} samples, {self.n_latents} latents)"

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return self.probability.shape[0]

    @property
    def n_latents(self) -> int:
        """Number of latents."""
        return self.probability.shape[1]

    def probabilities(self, latent: int) -> FloatArray:
        """Probabilities of 0 and of 1 for one latent, shape (n_samples, 2)."""
        p = self.probability[:, latent]
        return np.column_stack([1.0 - p, p])

    def entropy(self) -> FloatArray:
        """Entropies in nats, shape (n_samples, n_latents)."""
        p = self.probability
        return np.maximum(-(_x_log_x(p) + _x_log_x(1.0 - p)), 0.0)

    def kl_to_prior(self) -> FloatArray:
        """KL to a fair coin in nats, log 2 - entropy, shape (n_samples, n_latents)."""
        return np.log(2.0) - self.entropy()

    def sample(self, rng: np.random.Generator) -> FloatArray:
        """One draw of every latent for every sample, 0. or 1., shape (n_samples, n_latents)."""
        return (rng.random(self.probability.shape) < self.probability).astype(np.float64)

    def point_codes(self) -> FloatArray:
        """The probabilities of 1."""
        return self.probability

    def take(self, rows: IntArray | BoolArray) -> Self:
        """The posteriors of some of the samples."""
        posterior = object.__new__(type(self))
        posterior.probability = read_only(np.asfortranarray(self.probability[rows]))
        return posterior

    def select(self, latents: IntArray) -> Self:
        """The posteriors of some of the latents, in the order given."""
        posterior = object.__new__(type(self))
        posterior.probability = read_only(np.asfortranarray(self.probability[:, latents]))
        return posterior


def _x_log_x(x: FloatArray) -> FloatArray:
    return x * np.log(x, where=x > 0, out=np.zeros_like(x))
