"""Validated data as metrics are called with them, and the parts and permutations that resampling takes of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dismetrics.estimators.varying import varying_factors
from dismetrics.factors import Factors, as_factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.posteriors.apart import columns_apart, latents_apart
from dismetrics.posteriors.checked import lacking_methods
from dismetrics.typing import ArrayLike, FloatArray, IntArray
from dismetrics.validation import as_matrix, as_weights, read_only

__all__ = ["Sample"]


class Sample:
    """Latents with their weights, and their factors where there are some; attributes are the parameters.

    Parameters
    ----------
    latents : ndarray of float64 (n_samples, n_latents), or posterior
        What metrics without factors are called with.
    weights : ndarray of float64, shape (n_samples,), or None
        Weights of these.
    labelled : LabelledLatents or None
        What metrics with factors are called with; its memo holds what they share. Samples of weight zero are gone.
    """

    __slots__ = ("labelled", "latents", "weights")

    def __init__(
        self,
        latents: FloatArray | FactorisedPosterior,
        weights: FloatArray | None,
        labelled: LabelledLatents | None,
    ) -> None:
        self.latents = latents
        self.weights = weights
        self.labelled = labelled

    @classmethod
    def of(
        cls,
        latents: ArrayLike | FactorisedPosterior | LabelledLatents,
        factors: ArrayLike | Factors | None,
        *,
        kinds: str | Mapping[Any, str] | None = None,
        weights: ArrayLike | None = None,
        factor_subset: Any = None,
    ) -> "Sample":
        """The data of a user, validated once."""
        if factors is None:
            return cls._without_factors(latents, kinds, weights, factor_subset)
        if isinstance(latents, LabelledLatents):
            return cls._labelled(as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset))
        known = as_factors(factors, kinds=kinds, weights=weights)
        sample = cls._labelled(as_labelled(latents, known).select(factor_subset))
        if sample.n_samples < known.n_samples:
            # Metrics without factors see the samples of weight zero as they do when called alone.
            sample.weights = known.weights
            sample.latents = latents if isinstance(latents, FactorisedPosterior) else as_matrix(latents, "latents")
        return sample

    @classmethod
    def _without_factors(cls, latents: Any, kinds: Any, weights: Any, factor_subset: Any) -> "Sample":
        for given, name in ((kinds, "kinds"), (factor_subset, "factor_subset")):
            if given is not None:
                raise ValueError(f"{name} is given, but there are no factors that it could speak of")
        lacking = lacking_methods(latents)
        if lacking:
            raise TypeError(f"{type(latents).__name__} is no posterior yet: it lacks {', '.join(lacking)}")
        known = latents if isinstance(latents, FactorisedPosterior) else as_matrix(latents, "latents")
        n_samples = known.n_samples if isinstance(known, FactorisedPosterior) else len(known)
        return cls(known, as_weights(weights, n_samples), None)

    @classmethod
    def _labelled(cls, labelled: LabelledLatents) -> "Sample":
        latents = labelled.points if labelled.posterior is None else labelled.posterior
        assert latents is not None
        return cls(latents, labelled.factors.weights, labelled)

    @property
    def factors(self) -> Factors | None:
        """The factors, where there are some."""
        return None if self.labelled is None else self.labelled.factors

    @property
    def is_posterior(self) -> bool:
        """Whether the latents are posteriors."""
        return isinstance(self.latents, FactorisedPosterior)

    @property
    def n_samples(self) -> int:
        """Number of samples that count."""
        if self.labelled is not None:
            return self.labelled.factors.n_samples
        return self.latents.n_samples if isinstance(self.latents, FactorisedPosterior) else len(self.latents)

    @property
    def n_latents(self) -> int:
        """Number of latents."""
        return self.latents.n_latents if isinstance(self.latents, FactorisedPosterior) else self.latents.shape[1]

    @property
    def n_varying_factors(self) -> int:
        """Number of factors with more than one value."""
        return 0 if self.factors is None else int(varying_factors(self.factors).sum())

    @property
    def is_full_grid(self) -> bool:
        """Whether every combination of the factors' values stands in exactly one row: no row was drawn then."""
        factors = self.factors
        if factors is None or not all(map(factors.is_label, range(factors.n_factors))) or factors.missing.any():
            return False
        sizes = [len(np.unique(column)) for column in factors.codes.T]
        if factors.n_samples != np.prod(sizes, dtype=float):
            return False
        return len(np.unique(np.ravel_multi_index(tuple(factors.codes.T), tuple(factors.n_values)))) == len(
            factors.codes
        )

    def take(self, rows: IntArray) -> "Sample":
        """Some of the samples, with their factors and weights."""
        if self.labelled is None:
            return Sample(_rows_of(self.latents, rows), None if self.weights is None else self.weights[rows], None)
        return self._labelled(
            LabelledLatents(
                None if self.labelled.points is None else _rows_of(self.labelled.points, rows),
                None if self.labelled.posterior is None else self.labelled.posterior.take(rows),
                self.labelled.factors.take(rows),
            )
        )

    def with_factors_in_order(self, order: IntArray) -> "Sample":
        """The latents as they are, with factors (and the weights that belong to them) of other rows."""
        if self.labelled is None:
            raise ValueError("there are no factors to permute")
        held = self.labelled
        return self._labelled(LabelledLatents(held.points, held.posterior, held.factors.take(order)))

    def with_latents_apart(self, orders: IntArray) -> "Sample":
        """Every latent in its own order of the rows, the factors as they are."""
        if self.weights is not None:
            raise ValueError("latents that are permuted each by itself would leave their samples' weights behind")
        if isinstance(self.latents, FactorisedPosterior):
            posterior = latents_apart(self.latents, orders)
            return (
                Sample(posterior, None, None)
                if self.factors is None
                else self._labelled(LabelledLatents(None, posterior, self.factors))
            )
        points = read_only(columns_apart(self.latents, orders))
        if self.factors is None:
            return Sample(points, None, None)
        return self._labelled(LabelledLatents(points, None, self.factors))

    def without_memo(self) -> "Sample":
        """The same data without what was computed of them, to be sent to other processes."""
        if self.labelled is None:
            return self
        held = self.labelled
        return Sample(self.latents, self.weights, LabelledLatents(held.points, held.posterior, held.factors))


def _rows_of(latents: FloatArray | FactorisedPosterior, rows: IntArray) -> Any:
    if isinstance(latents, FactorisedPosterior):
        return latents.take(rows)
    return read_only(np.asfortranarray(latents[rows]))
