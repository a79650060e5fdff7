"""Categorical posteriors."""

from typing import Self

import numpy as np

from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray
from dismetrics.validation import as_probability_table

__all__ = ["CategoricalPosterior"]


class CategoricalPosterior:
    """q(z_j = c|x_n) = probability[n, j, c]; the prior is uniform over the values.

    Parameters
    ----------
    probability : array-like of shape (n_samples, n_latents, n_values)
        Probabilities, adding up to 1 along the last axis to within 1e-4 (they are then normalised exactly).

    Raises
    ------
    ValueError
        If an entry lies outside [0, 1] or a sum is not 1; logits must go through a softmax first.

    Examples
    --------
    >>> import dismetrics as dm
    >>> dm.CategoricalPosterior([[[0.5, 0.5, 0.0]], [[0.0, 0.0, 1.0]]]).entropy().ravel().round(4)
    array([0.6931, 0.    ])
    """

    __slots__ = ("probability",)

    probability: FloatArray

    def __init__(self, probability: ArrayLike) -> None:
        self.probability = as_probability_table(probability)

    def __repr__(self) -> str:
        n_samples, n_latents, n_values = self.probability.shape
        return f"CategoricalPosterior({n_samples} samples, {n_latents} latents, {n_values} values)"

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return self.probability.shape[0]

    @property
    def n_latents(self) -> int:
        """Number of latents."""
        return self.probability.shape[1]

    def probabilities(self, latent: int) -> FloatArray:
        """Probabilities of the values of one latent, shape (n_samples, n_values)."""
        return self.probability[:, latent]

    def entropy(self) -> FloatArray:
        """Entropies in nats, shape (n_samples, n_latents)."""
        p = self.probability
        return np.maximum(-(p * np.log(p, where=p > 0, out=np.zeros_like(p))).sum(axis=2), 0.0)

    def kl_to_prior(self) -> FloatArray:
        """KL to the uniform distribution in nats, log(n_values) - entropy, shape (n_samples, n_latents)."""
        return np.log(self.probability.shape[2]) - self.entropy()

    def sample(self, rng: np.random.Generator) -> FloatArray:
        """One draw of every latent for every sample, the number of a value, shape (n_samples, n_latents)."""
        cumulative = self.probability.cumsum(axis=2)
        below = rng.random((*cumulative.shape[:2], 1)) >= cumulative
        return np.minimum(below.sum(axis=2), cumulative.shape[2] - 1).astype(np.float64)

    def point_codes(self) -> FloatArray:
        """The number of the most probable value."""
        return self.probability.argmax(axis=2).astype(np.float64)

    def take(self, rows: IntArray | BoolArray) -> Self:
        """The posteriors of some of the samples."""
        posterior = object.__new__(type(self))
        posterior.probability = self.probability[rows]
        return posterior

    def select(self, latents: IntArray) -> Self:
        """The posteriors of some of the latents, in the order given."""
        posterior = object.__new__(type(self))
        posterior.probability = self.probability[:, latents]
        return posterior
