"""Which images each iteration sees: a function of the seed and the iteration, so that a run resumes anywhere."""

from typing import Any

import numpy as np

from dismetrics.typing import FloatArray, IntArray

__all__ = ["Batches"]


class Batches:
    """Rows of every minibatch.

    Without weights: shuffled epochs, so that no minibatch holds an image twice; what is left at the end of an epoch is
    left out. With weights: independent draws with these frequencies.

    Parameters
    ----------
    n_samples, batch_size : int
        Sizes of the data set and of a minibatch.
    seed : int
        Of the order.
    weights : ndarray of shape (n_samples,), optional
        Frequencies of the images.
    """

    def __init__(self, n_samples: int, batch_size: int, seed: int, weights: FloatArray | None = None) -> None:
        if batch_size > n_samples:
            raise ValueError(f"batch_size={batch_size} is more than the {n_samples} images of the data set")
        self.n_samples, self.batch_size, self.seed = n_samples, batch_size, seed
        self._cumulative = None if weights is None else np.cumsum(weights / weights.sum())
        self._order: tuple[int, IntArray] | None = None

    def rows(self, iteration: int) -> np.ndarray[Any, Any]:
        """Rows of the minibatch of an iteration, counted from 0."""
        if self._cumulative is not None:
            places = np.random.default_rng([self.seed, iteration]).random(self.batch_size)
            return np.minimum(np.searchsorted(self._cumulative, places, side="right"), self.n_samples - 1)
        epoch, place = divmod(iteration, self.n_samples // self.batch_size)
        if self._order is None or self._order[0] != epoch:
            self._order = epoch, np.random.default_rng([self.seed, epoch]).permutation(self.n_samples)
        return self._order[1][place * self.batch_size : (place + 1) * self.batch_size]
