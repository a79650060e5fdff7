"""The matrix of how well each factor is predicted from one latent: one door to all predictors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.held_out import held_out
from dismetrics.estimators.relevance.correlation import CorrelationSettings, correlation_matrix
from dismetrics.estimators.relevance.predictability.linear_svm import svm_predictions
from dismetrics.estimators.relevance.predictability.problem import LabelProblem
from dismetrics.estimators.relevance.predictability.settings import PredictabilitySettings
from dismetrics.estimators.relevance.predictability.tree import tree_predictions
from dismetrics.estimators.varying import varying_factors
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.typing import ArrayLike, FloatArray, RandomState

__all__ = ["PredictabilityMatrix", "predictability", "predictability_matrix"]


@dataclass(frozen=True, slots=True, eq=False)
class PredictabilityMatrix:
    """How well each factor is predicted from one latent alone.

    Attributes
    ----------
    predictability : ndarray of float64, shape (n_latents, n_factors)
        0 to 1: held-out accuracy (or its mean over the labels) for labels, squared correlation for quantities and
        angles. 0 for a constant latent; nan for a factor with a single value.
    measures : tuple of str
        `"accuracy"`, `"balanced_accuracy"` or `"squared_correlation"`, for each factor.
    chance : ndarray of float64, shape (n_factors,)
        What is reached without looking at the latent: the share of the most frequent label among those held out; 0
        for a squared correlation; nan for a factor with a single value.
    ceiling : ndarray of float64, shape (n_factors,)
        What the factor's own numbers reach as a latent: labels numbered in their order, evenly spaced. Below 1 where
        the predictor cannot tell as many labels apart; nan for a factor with a single value.
    settings : dict
        The predictor, every setting that it used, and the seed.
    """

    predictability: FloatArray
    measures: tuple[str, ...]
    chance: FloatArray
    ceiling: FloatArray
    settings: dict[str, Any]


def predictability(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    predictor: str = "linear_svm",
    scoring: str = "accuracy",
    cost: float = 0.01,
    standardise: bool = True,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
) -> PredictabilityMatrix:
    """How well each factor is predicted from one latent alone.

    Labels are learnt on two thirds of the samples of each label, and the share predicted correctly is taken on the
    other third. For quantities and angles it is the squared correlation over all samples, the coefficient of
    determination of a linear regression (multiple, on cosine and sine, for angles).

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes; posteriors stand for theirs (all draws of a SampledPosterior).
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors.
    predictor : {"linear_svm", "tree"}, default "linear_svm"
        For labels. `"linear_svm"`: a linear support vector machine for each label against the rest, squared hinge
        loss, classes balanced, as Locatello et al. 2019 take. It hardly tells more than two labels apart that follow
        each other on a line: see `ceiling`. `"tree"`: as many intervals as there are labels, by a balanced
        classification tree.
    scoring : {"accuracy", "balanced_accuracy"}, default "accuracy"
        For labels: the share of the samples held out that are predicted correctly, as Locatello et al. 2019 take it, or
        the mean of this share over the labels, as in Kumar et al. 2018.
    cost : float, default 0.01
        For `"linear_svm"`: C, as in Locatello et al. 2019.
    standardise : bool, default True
        For `"linear_svm"`: whether its penalty is on the standardised latent. Otherwise the result depends on the unit
        and the offset of the latents.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.
    rng : None, int or numpy.random.Generator
        Decides which samples are held out.

    Returns
    -------
    PredictabilityMatrix
        The matrix, shape (n_latents, n_factors), with chance, ceiling and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored, or labels of which none occurs twice.

    Examples
    --------
    >>> import numpy as np
    >>> v = np.arange(90) % 2
    >>> matrix = predictability(np.column_stack([v, np.zeros(90)]), v, rng=0)
    >>> matrix.predictability.ravel(), matrix.chance
    (array([1., 0.]), array([0.5]))
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights)
    settings = PredictabilitySettings(predictor=predictor, scoring=scoring, cost=cost, standardise=standardise)
    return predictability_matrix(data, settings, rng)


def predictability_matrix(
    data: LabelledLatents, settings: PredictabilitySettings, rng: RandomState = None
) -> PredictabilityMatrix:
    """The matrix for these settings, computed once for all metrics that ask for it with the same seed."""
    if not isinstance(rng, int):
        return _matrix(data, settings, rng)
    return data.once(("predictability", settings, rng), lambda: _matrix(data, settings, rng))


def _matrix(data: LabelledLatents, settings: PredictabilitySettings, rng: RandomState) -> PredictabilityMatrix:
    points = data.as_points()
    factors, latents = points.factors, points.points
    split = held_out(data, rng)
    correlation = correlation_matrix(data, CorrelationSettings("pearson")).correlation
    shape = (latents.shape[1], factors.n_factors)
    matrix, chance, ceiling = np.full(shape, np.nan), np.full(shape[1], np.nan), np.full(shape[1], np.nan)
    for k in np.flatnonzero(varying_factors(factors)).tolist():
        if not factors.is_label(k):
            matrix[:, k], chance[k], ceiling[k] = correlation[:, k] ** 2, 0.0, 1.0
            continue
        if not split.test[:, k].any():
            raise ValueError(
                f"factor {factors.names[k]!r} has no label that occurs twice, so that one could be held out: if it is "
                "a quantity, pass kinds={...: 'continuous'}"
            )
        problem = LabelProblem.of(factors, split, k, settings.scoring)
        matrix[:, k] = [_accuracy(problem, latents[:, j], settings) for j in range(shape[0])]
        chance[k] = problem.chance()
        ceiling[k] = _accuracy(problem, factors.codes[:, k].astype(np.float64), settings)
    measures = tuple(settings.scoring if factors.is_label(k) else "squared_correlation" for k in range(shape[1]))
    used = {**settings.used(), "seed": rng if isinstance(rng, int) else None}
    return PredictabilityMatrix(matrix, measures, chance, ceiling, used)


def _accuracy(problem: LabelProblem, latent: FloatArray, settings: PredictabilitySettings) -> float:
    """What is predicted from a latent; 0 for one that is constant over the rows learnt from."""
    column = latent[problem.rows]
    learnt = column[problem.train]
    if learnt.min() == learnt.max():
        return 0.0
    if settings.predictor == "tree":
        return problem.accuracy(tree_predictions(problem, column))
    return problem.accuracy(svm_predictions(problem, column, settings.cost, settings.standardise))
