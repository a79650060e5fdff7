"""Correlation of every latent with every factor, whatever kind the factor is of.

Labels without order: the correlation ratio (Fisher 1925), the largest Pearson correlation that any numbering of the
labels could have. Angles: the multiple correlation with cosine and sine (Mardia 1976). RDC: Lopez-Paz, Hennig &
Schölkopf (2013), "The randomized dependence coefficient", NeurIPS.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.standardise import standardised_columns
from dismetrics.estimators.targets import ranks, target_columns
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray, RandomState
from dismetrics.validation import as_choice, as_generator

__all__ = ["CORRELATIONS", "CorrelationMatrix", "CorrelationSettings", "correlation", "correlation_matrix"]

CORRELATIONS = ("pearson", "spearman", "rdc")

_N_FEATURES = 20
_FEATURE_SCALE = 1 / 6
"""Random features of each side of the RDC, and the scale of their arguments, as in the paper."""

_DEPENDENT = 1e-7
"""Directions with a smaller share of the largest one are taken for combinations of the others, as R's cancor does."""


@dataclass(frozen=True, slots=True)
class CorrelationSettings:
    """Which measure of correlation is taken; see `correlation`."""

    measure: str = "pearson"

    def __post_init__(self) -> None:
        as_choice(self.measure, "measure", CORRELATIONS)


@dataclass(frozen=True, slots=True, eq=False)
class CorrelationMatrix:
    """Correlation of every latent with every factor.

    Attributes
    ----------
    correlation : ndarray of float64, shape (n_latents, n_factors)
        Absolute, 0 to 1, over the samples where the factor is known; 0 where the latent or the factor is constant
        there.
    settings : dict
        The measure, and the seed where it draws random features.
    """

    correlation: FloatArray
    settings: dict[str, Any]


def correlation(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    measure: str = "pearson",
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
) -> CorrelationMatrix:
    """Absolute correlation of every latent with every factor.

    What stands beside the latent depends on the kind of the factor: a quantity itself; cosine and sine of an angle,
    in a multiple correlation; the number of an ordinal label in its order; for a categorical label, whose numbers mean
    nothing, the correlation ratio, which is the largest correlation that any numbering could have.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes; posteriors stand for theirs (all draws of a SampledPosterior).
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors. Integers and strings are categorical labels unless `kinds` says otherwise.
    measure : {"pearson", "spearman", "rdc"}, default "pearson"
        `"pearson"`: of the values. `"spearman"`: of ranks, of the latents and of quantities and ordinal labels.
        `"rdc"`: the randomised dependence coefficient, the largest correlation between combinations of 20 random
        sines of the ranks of either side.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.
    rng : None, int or numpy.random.Generator
        Used by `"rdc"` only.

    Returns
    -------
    CorrelationMatrix
        The matrix, shape (n_latents, n_factors), and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that are not understood.

    Examples
    --------
    >>> import numpy as np
    >>> z = np.array([[0.0], [1.0], [2.0], [9.0]])
    >>> correlation(z, [0.0, 1.0, 2.0, 3.0], kinds="continuous").correlation.round(4)
    array([[0.8854]])
    >>> correlation(z, [0, 1, 2, 3], kinds="ordinal", measure="spearman").correlation
    array([[1.]])
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights)
    return correlation_matrix(data, CorrelationSettings(measure), rng)


def correlation_matrix(
    data: LabelledLatents, settings: CorrelationSettings, rng: RandomState = None, rows: BoolArray | None = None
) -> CorrelationMatrix:
    """The matrix for these settings, computed once for all metrics that ask for it.

    With `rows`, shape (n_rows, n_factors), each factor counts at some of the rows of `data.as_points()` only.
    """
    if rows is not None or (settings.measure == "rdc" and not isinstance(rng, int)):
        return _matrix(data, settings, rng, rows)
    key = ("correlation", settings, rng if settings.measure == "rdc" else None)
    return data.once(key, lambda: _matrix(data, settings, rng, None))


def _matrix(
    data: LabelledLatents, settings: CorrelationSettings, rng: RandomState, rows: BoolArray | None
) -> CorrelationMatrix:
    points = data.as_points()
    latents, factors = points.points, points.factors
    used: dict[str, Any] = {"correlation": settings.measure}
    draw = _RandomFeatures(as_generator(rng)) if settings.measure == "rdc" else None
    if draw is not None:
        used["seed"] = rng if isinstance(rng, int) else None
    matrix = np.zeros((latents.shape[1], factors.n_factors))
    counted = ~factors.missing if rows is None else ~factors.missing & rows
    # Factors that are known for the same samples share what is computed of the latents.
    alike: dict[bytes, list[int]] = {}
    for k in range(factors.n_factors):
        alike.setdefault(counted[:, k].tobytes(), []).append(k)
    for chosen in alike.values():
        known = np.flatnonzero(counted[:, chosen[0]])
        if known.size == 0:
            continue
        weights = factors.normalised_weights[known]
        shares = weights / weights.sum()
        if draw is None:
            matrix[:, chosen] = _linear(latents[known], factors, chosen, known, shares, settings.measure)
        else:
            matrix[:, chosen] = _canonical(latents[known], factors, chosen, known, shares, draw)
    # What is above 1 is rounding.
    return CorrelationMatrix(np.minimum(matrix, 1.0), used)


def _linear(
    latents: FloatArray, factors: Factors, chosen: list[int], known: IntArray, shares: FloatArray, measure: str
) -> FloatArray:
    """Multiple correlation of each latent, or its ranks, with the columns of each factor."""
    if measure == "spearman":
        latents = np.column_stack([ranks(column, shares) for column in latents.T])
    # Of length 1 and orthogonal to the constant, so that projections are correlations.
    directions = np.sqrt(shares)[:, None] * standardised_columns(latents, shares)
    found = np.empty((latents.shape[1], len(chosen)))
    for i, k in enumerate(chosen):
        if factors.kinds[k] == "categorical":
            # The indicators are orthogonal as they are.
            codes = factors.codes[known, k]
            mass = np.sqrt(np.maximum(np.bincount(codes, shares), np.finfo(float).tiny))
            root = np.sqrt(shares)
            projected = np.array([np.bincount(codes, root * direction) for direction in directions.T]) / mass
        else:
            columns = target_columns(factors, k, known)
            if measure == "spearman" and factors.kinds[k] != "circular":
                columns = ranks(columns[:, 0], shares)[:, None]
            projected = directions.T @ _orthonormal(columns, shares)
        found[:, i] = np.sqrt((projected**2).sum(axis=1))
    return found


def _canonical(
    latents: FloatArray,
    factors: Factors,
    chosen: list[int],
    known: IntArray,
    shares: FloatArray,
    draw: "_RandomFeatures",
) -> FloatArray:
    """The largest correlation between combinations of features of each latent and of each factor."""
    of_factors = []
    for k in chosen:
        columns = target_columns(factors, k, known)
        # Indicators separate labels already; sines of them would only mix them.
        features = columns if factors.kinds[k] == "categorical" else draw.of_factor(columns, shares)
        of_factors.append(_orthonormal(features, shares))
    found = np.zeros((latents.shape[1], len(chosen)))
    for j, column in enumerate(latents.T):
        of_latent = _orthonormal(draw.of_latent(column[:, None], shares), shares)
        for i, of_factor in enumerate(of_factors):
            if of_latent.shape[1] and of_factor.shape[1]:
                found[j, i] = np.linalg.norm(of_latent.T @ of_factor, ord=2)
    return found


class _RandomFeatures:
    """Sines of random combinations of ranks; the same combinations for all latents, others for all factors."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._latent = generator.standard_normal((2, _N_FEATURES))
        self._factor = generator.standard_normal((2, _N_FEATURES))
        self._angle = generator.standard_normal((3, _N_FEATURES))

    def of_latent(self, columns: FloatArray, shares: FloatArray) -> FloatArray:
        return _sines(columns, shares, self._latent)

    def of_factor(self, columns: FloatArray, shares: FloatArray) -> FloatArray:
        return _sines(columns, shares, self._factor if columns.shape[1] == 1 else self._angle)


def _sines(columns: FloatArray, shares: FloatArray, combinations: FloatArray) -> FloatArray:
    ranked = [ranks(column, shares) for column in columns.T]
    inputs = np.column_stack([*ranked, np.ones(len(columns))])
    return np.sin(_FEATURE_SCALE / inputs.shape[1] * inputs @ combinations)


def _orthonormal(columns: FloatArray, shares: FloatArray) -> FloatArray:
    """Orthonormal directions, shape (n_rows, rank), of the span of the columns beside the constant, under the weights.

    Without any if all columns are constant.
    """
    varying = columns[:, columns.min(axis=0) < columns.max(axis=0)]
    if varying.shape[1] == 0:
        return np.zeros((len(columns), 0))
    if varying.shape[1] == 1:
        return np.sqrt(shares)[:, None] * standardised_columns(varying, shares)
    centred = np.sqrt(shares)[:, None] * (varying - shares @ varying)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    return left[:, sizes > _DEPENDENT * sizes[0]]
