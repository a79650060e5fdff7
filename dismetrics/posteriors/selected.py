"""Posteriors of some of the latents."""

from collections.abc import Sequence
from typing import Self

import numpy as np

from dismetrics.posteriors.bernoulli import BernoulliPosterior
from dismetrics.posteriors.categorical import CategoricalPosterior
from dismetrics.posteriors.checked import density_of, matrix_of, support_of, table_of
from dismetrics.posteriors.gaussian import GaussianPosterior
from dismetrics.posteriors.laplace import LaplacePosterior
from dismetrics.posteriors.protocol import DensityPosterior, FactorisedPosterior, HasLogDensity, TablePosterior
from dismetrics.typing import BoolArray, FloatArray, IntArray

__all__ = ["select_latents"]


def select_latents(posterior: FactorisedPosterior, latents: Sequence[int] | IntArray) -> FactorisedPosterior:
    """The posterior of some of the latents, prod_{j in S} q(z_j|x_n), in the order given.

    Parameters
    ----------
    posterior : FactorisedPosterior
        Posteriors of any family, or of a class of one's own.
    latents : sequence of int
        Latents to keep, from 0.

    Returns
    -------
    FactorisedPosterior
        Of the same family where it is one of ours, so that what is fast for it stays fast; else a view, which has
        `log_density`, `support` and `probabilities` exactly where the posterior has them.
    """
    chosen: IntArray = np.asarray(latents, np.intp)
    if isinstance(posterior, (GaussianPosterior, LaplacePosterior, BernoulliPosterior, CategoricalPosterior)):
        return posterior.select(chosen)
    if isinstance(posterior, TablePosterior):
        return _SelectedTables(posterior, chosen)
    if isinstance(posterior, DensityPosterior):
        return _SelectedDensities(posterior, chosen)
    if isinstance(posterior, HasLogDensity):
        return _SelectedLogDensities(posterior, chosen)
    return _Selected(posterior, chosen)


class _Selected:
    """Some of the latents of a posterior of any kind; its methods are asked for all of them, and checked."""

    __slots__ = ("_latents", "_whole")

    def __init__(self, whole: FactorisedPosterior, latents: IntArray) -> None:
        self._whole = whole
        self._latents = latents

    def __repr__(self) -> str:
        return f"{type(self._whole).__name__}(latents {', '.join(map(str, self._latents))})"

    @property
    def n_samples(self) -> int:
        return self._whole.n_samples

    @property
    def n_latents(self) -> int:
        return len(self._latents)

    def entropy(self) -> FloatArray:
        return matrix_of(self._whole, "entropy")[:, self._latents]

    def kl_to_prior(self) -> FloatArray:
        return matrix_of(self._whole, "kl_to_prior")[:, self._latents]

    def sample(self, rng: np.random.Generator) -> FloatArray:
        return matrix_of(self._whole, "sample", rng)[:, self._latents]

    def point_codes(self) -> FloatArray:
        return matrix_of(self._whole, "point_codes")[:, self._latents]

    def take(self, rows: IntArray | BoolArray) -> Self:
        return type(self)(self._whole.take(rows), self._latents)


class _SelectedTables(_Selected):
    __slots__ = ()
    _whole: TablePosterior

    def probabilities(self, latent: int) -> FloatArray:
        return table_of(self._whole, int(self._latents[latent]))


class _SelectedLogDensities(_Selected):
    __slots__ = ()
    _whole: HasLogDensity

    def log_density(self, z: FloatArray, latent: int) -> FloatArray:
        return density_of(self._whole, z, int(self._latents[latent]))


class _SelectedDensities(_SelectedLogDensities):
    __slots__ = ()
    _whole: DensityPosterior

    def support(self, latent: int) -> tuple[FloatArray, FloatArray]:
        return support_of(self._whole, int(self._latents[latent]))
