"""Draws of the aggregate posterior: made as they are asked for, or those that a posterior holds, each used once."""

from dataclasses import dataclass, field

import numpy as np

from dismetrics.posteriors import FactorisedPosterior, SampledPosterior
from dismetrics.posteriors.checked import matrix_of
from dismetrics.typing import FloatArray, IntArray

__all__ = ["FEWEST_DRAWS", "DrawSource", "StoredDraws", "draw_source"]

FEWEST_DRAWS = 32
"""Draws that a mean with a standard error takes."""


@dataclass(slots=True, eq=False)
class DrawSource:
    """Draws from the aggregate posterior, samples in proportion to their weights; `most` is None: there is no end."""

    posterior: FactorisedPosterior
    weights: FloatArray
    rng: np.random.Generator

    @property
    def most(self) -> int | None:
        """How many draws there are."""
        return None

    def take(self, count: int) -> tuple[IntArray, FloatArray]:
        """The samples that the next draws come from, and the draws, (count, n_latents)."""
        rows = self.rng.choice(len(self.weights), count, p=self.weights)
        return rows, matrix_of(self.posterior.take(rows), "sample", self.rng)


@dataclass(slots=True, eq=False)
class StoredDraws(DrawSource):
    """The draws that a `SampledPosterior` holds, none of them twice: a repeated draw would feign a smaller error.

    The k-th draw of sample n comes up at time (k + u_n) / w_n, u_n uniform between 0 and 1. So each sample has its
    share of the draws up to any time, until the first sample has none left; with equal weights, once through all of
    them in random order before any comes up again. That scatters less than independent choices, and the standard
    errors for those hold from above.
    """

    _order: IntArray = field(init=False)
    _used: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        assert isinstance(self.posterior, SampledPosterior)
        n_draws = self.posterior.n_draws
        times = (np.arange(n_draws)[:, None] + self.rng.uniform(size=len(self.weights))) / self.weights
        order = np.argsort(times, axis=None)
        self._order = order[: np.searchsorted(times.reshape(-1)[order], n_draws / self.weights.max())]

    @property
    def most(self) -> int:
        """How many draws there are."""
        return len(self._order)

    def take(self, count: int) -> tuple[IntArray, FloatArray]:
        """The samples that the next draws come from, and the draws, (count, n_latents)."""
        assert isinstance(self.posterior, SampledPosterior)
        chosen = self._order[self._used : self._used + count]
        self._used += count
        draw, row = np.divmod(chosen, len(self.weights))
        return row, self.posterior.draws[draw, row]


def draw_source(posterior: FactorisedPosterior, weights: FloatArray, rng: np.random.Generator) -> DrawSource:
    """Where draws of this aggregate posterior come from."""
    if not isinstance(posterior, SampledPosterior):
        return DrawSource(posterior, weights, rng)
    stored = StoredDraws(posterior, weights, rng)
    if stored.most < FEWEST_DRAWS:
        raise ValueError(
            f"the SampledPosterior has {stored.most} draws of {posterior.n_samples} samples in proportion to their "
            f"weights; at least {FEWEST_DRAWS} are needed: pass more draws of each sample"
        )
    return stored
