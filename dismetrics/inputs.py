"""Latents and factors as every metric takes them, validated once, with the work that metrics share."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from dismetrics.factors import Factors, as_factors
from dismetrics.posteriors import FactorisedPosterior, SampledPosterior
from dismetrics.posteriors.checked import lacking_methods, matrix_of
from dismetrics.typing import ArrayLike, FloatArray, IntArray
from dismetrics.validation import as_matrix, as_weights, check_same_length

__all__ = [
    "LabelledLatents",
    "LabelledPoints",
    "as_labelled",
    "as_weighted_points",
    "as_weighted_posterior",
    "check_labelled",
]

Shared = TypeVar("Shared")

_NEGLIGIBLE_WEIGHT = 1e-290
"""Share of all weight below which a sample counts as absent: what is divided by less is no number any more."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPoints:
    """Points of shape (n_samples, n_latents) with their factors."""

    points: FloatArray
    factors: Factors


class LabelledLatents:
    """Latents (points or posteriors) with their factors, sample for sample.

    Samples of weight zero, or next to it, are gone. What several metrics need, such as a matrix of mutual information,
    is computed once and kept in a memo.
    """

    __slots__ = ("_memo", "factors", "points", "posterior")

    def __init__(self, points: FloatArray | None, posterior: FactorisedPosterior | None, factors: Factors) -> None:
        self.points = points
        self.posterior = posterior
        self.factors = factors
        self._memo: dict[Hashable, Any] = {}

    @property
    def n_latents(self) -> int:
        """Number of latents."""
        return self.points.shape[1] if self.posterior is None else self.posterior.n_latents  # type: ignore[union-attr]

    def once(self, key: Hashable, compute: Callable[[], Shared]) -> Shared:
        """The value kept under this key, computed at the first call."""
        if key not in self._memo:
            self._memo[key] = compute()
        value: Shared = self._memo[key]
        return value

    def select(self, factors: Any) -> "LabelledLatents":
        """The same latents with some of the factors."""
        if factors is None:
            return self
        chosen = self.factors.indices_of(factors)
        return self.once(
            ("select", chosen), lambda: LabelledLatents(self.points, self.posterior, self.factors.select(chosen))
        )

    def as_points(self) -> LabelledPoints:
        """The latents as points: posteriors by their point codes, draws all of them, each with its sample's factors."""
        return self.once("as_points", self._as_points)

    def _as_points(self) -> LabelledPoints:
        if self.points is not None:
            return LabelledPoints(self.points, self.factors)
        posterior = self.posterior
        if isinstance(posterior, SampledPosterior):
            rows = np.tile(np.arange(posterior.n_samples), posterior.n_draws)
            pooled = posterior.draws.reshape(-1, posterior.n_latents)
            return LabelledPoints(np.asfortranarray(pooled), self.factors.take(rows))
        assert posterior is not None
        return LabelledPoints(as_matrix(matrix_of(posterior, "point_codes"), "point codes"), self.factors)


def as_labelled(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
) -> LabelledLatents:
    """Validate latents and factors against each other; a pair that was validated before passes with its memo."""
    if isinstance(latents, LabelledLatents):
        if factors is not latents.factors or kinds is not None or weights is not None:
            raise ValueError(
                "latents come with their factors, kinds and weights here: pass latents.factors and no others"
            )
        return latents
    known = as_factors(factors, kinds=kinds, weights=weights)
    lacking = lacking_methods(latents)
    if lacking:
        raise TypeError(f"{type(latents).__name__} is no posterior yet: it lacks {', '.join(lacking)}")
    posterior = latents if isinstance(latents, FactorisedPosterior) else None
    points = None if posterior is not None else as_matrix(latents, "latents")
    shape = points.shape if points is not None else (posterior.n_samples, posterior.n_latents)  # type: ignore[union-attr]
    check_same_length(shape, (known.n_samples, known.n_factors))
    if known.weights is not None and (known.normalised_weights < _NEGLIGIBLE_WEIGHT).any():
        kept = np.flatnonzero(known.normalised_weights >= _NEGLIGIBLE_WEIGHT)
        known = known.take(kept)
        points = None if points is None else np.asfortranarray(points[kept])
        posterior = None if posterior is None else posterior.take(kept)
    return LabelledLatents(points, posterior, known)


def as_weighted_posterior(
    posterior: FactorisedPosterior, weights: ArrayLike | None
) -> tuple[FactorisedPosterior, FloatArray]:
    """A posterior and weights of its samples that add up to 1; samples of weight zero are gone."""
    lacking = lacking_methods(posterior)
    if lacking:
        raise TypeError(f"{type(posterior).__name__} is no posterior yet: it lacks {', '.join(lacking)}")
    if not isinstance(posterior, FactorisedPosterior):
        raise TypeError(
            f"posterior is of type {type(posterior).__name__}; a posterior is wanted, such as "
            "GaussianPosterior(mean, log_var)"
        )
    kept, shares = _shares(weights, posterior.n_samples)
    return posterior if len(kept) == posterior.n_samples else posterior.take(kept), shares


def as_weighted_points(latents: ArrayLike, weights: ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    """Points and weights of theirs that add up to 1; samples of weight zero are gone."""
    lacking = lacking_methods(latents)
    if lacking:
        raise TypeError(f"{type(latents).__name__} is no posterior yet: it lacks {', '.join(lacking)}")
    points = as_matrix(latents, "latents")
    kept, shares = _shares(weights, len(points))
    return points if len(kept) == len(points) else np.asfortranarray(points[kept]), shares


def _shares(weights: ArrayLike | None, n_samples: int) -> tuple[IntArray, FloatArray]:
    """The samples that count, and their weights, which add up to 1."""
    given = as_weights(weights, n_samples)
    if given is None:
        return np.arange(n_samples), np.full(n_samples, 1.0 / n_samples)
    shares = given / given.max()
    shares = shares / shares.sum()
    kept = np.flatnonzero(shares >= _NEGLIGIBLE_WEIGHT)
    return kept, shares if len(kept) == n_samples else shares[kept] / shares[kept].sum()


def check_labelled(posterior: FactorisedPosterior, factors: Factors) -> None:
    """Refuse factors of another length, or without labels: kernels would run past the end of their tables."""
    if not isinstance(factors, Factors):
        raise TypeError(f"factors is of type {type(factors).__name__}; a Factors object is wanted: pass Factors(...)")
    check_same_length((posterior.n_samples, posterior.n_latents), (factors.n_samples, factors.n_factors))
    for k, name in enumerate(factors.names):
        if not factors.is_label(k):
            raise ValueError(
                f"factor {name!r} is {factors.kinds[k]} and has no labels: bin it first, with "
                "estimators.discretise_factors(factors, n_bins)"
            )
