"""Explicitness (Ridgeway & Mozer 2018, "Learning Deep Disentangled Embeddings with the F-Statistic Loss", sec. 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.classifiers import CLASSIFIERS, class_probabilities
from dismetrics.estimators.discretize import discretise_factors
from dismetrics.estimators.held_out import held_out
from dismetrics.estimators.presets import resolve_preset
from dismetrics.estimators.roc import area_under_curve
from dismetrics.estimators.standardise import Standardised
from dismetrics.estimators.varying import check_varying, varying_factors
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray, RandomState
from dismetrics.validation import as_choice, as_positive_integer

__all__ = ["ExplicitnessResult", "explicitness"]


@dataclass(frozen=True, slots=True, eq=False)
class ExplicitnessResult(Result):
    """Explicitness and what explains it.

    Attributes
    ----------
    score : float
        Mean of `per_factor` over the factors with more than one value; 0 to 1, 1/2 by chance, higher is better.
    chance_scaled : float
        2 score - 1: 0 by chance.
    per_factor : ndarray of float64, shape (n_factors,)
        Mean area under the curves of each factor's values; nan for a factor with a single value.
    factor_names : tuple of str
        Names of the factors scored.
    per_value : tuple of ndarray of float64
        For each factor, the area under the curve of each value against the others, in the order of the labels; nan for
        one that occurs once, which cannot be held out.
    settings : dict
        The classifier, every setting used, and the seed.
    """

    score: float
    chance_scaled: float
    per_factor: FloatArray
    factor_names: tuple[str, ...]
    per_value: tuple[FloatArray, ...]
    settings: dict[str, Any]


def explicitness(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    classifier: str | None = None,
    n_factor_bins: int = 20,
    factor_subset: Sequence[str | int] | None = None,
    preset: str | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
) -> ExplicitnessResult:
    """Explicitness: how well a linear classifier reads each factor's values from all latents together.

    The mean over factors, and over the values of each, of the area under the receiver operating characteristic of a
    logistic regression that tells this value from the others, on samples held out (Ridgeway & Mozer 2018, section 3).
    0 to 1, higher is better; independent latents score 1/2. It says nothing of how the factors are spread over the
    latents: a rotation of a perfect code loses nothing.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, which are standardised; posteriors stand for theirs.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors. Labels of any kind; continuous and circular ones are binned.
    classifier : {"one_vs_rest", "multinomial"}, optional
        A logistic regression for each value against the others, the default and the paper's, or one for all values.
        The second can also tell a value in the middle of a line from those on either side.
    n_factor_bins : int, default 20
        Bins of equal width for continuous and circular factors.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    preset : {"disentanglement_lib"}, optional
        Settings that reproduce another implementation (`estimators.PRESETS`); settings given beside it go first.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.
    rng : None, int or numpy.random.Generator
        Decides which third of the samples of each label is held out.

    Returns
    -------
    ExplicitnessResult
        Score, chance-scaled score, areas and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored, or labels of which none occurs twice.

    Warns
    -----
    DegenerateDataWarning
        If a factor has a single value: it is left out, and its entry is nan.

    See Also
    --------
    modularity : How near each latent is to one that tells of a single factor, from the same paper.
    r2 : The same question for quantities.

    Notes
    -----
    Regressions are scikit-learn's, with its L2 penalty of C = 1, as in Locatello et al. 2019. Intervals by
    `confidence_interval` are about a fifth too wide: in simulations 98 to 100 % of them held the expected score, of
    95 % that were asked for.

    Examples
    --------
    A perfect code, a rotated one, and an independent one:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.tile(np.indices((2, 2)).reshape(2, -1).T, (250, 1))
    >>> dm.explicitness(factors, factors, rng=0).score
    1.0
    >>> dm.explicitness(factors @ np.array([[1, 1], [-1, 1]]), factors, rng=0).score
    1.0
    >>> noise = np.random.default_rng(0).normal(size=(1000, 2))
    >>> abs(dm.explicitness(noise, factors, rng=0).chance_scaled) < 0.1
    True
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset)
    settings = {
        "classifier": "one_vs_rest",
        **resolve_preset("explicitness", preset, {"classifier": classifier}, ("classifier",)),
    }
    as_choice(settings["classifier"], "classifier", CLASSIFIERS)
    as_positive_integer(n_factor_bins, "n_factor_bins")
    varying = varying_factors(data.factors)
    check_varying(varying, data.factors.names, stacklevel=2)
    labelled = LabelledLatents(data.points, data.posterior, discretise_factors(data.factors, n_factor_bins))
    points, split = labelled.as_points(), held_out(labelled, rng)
    weights_of_rows = points.factors.normalised_weights

    per_value = []
    for k, name in enumerate(data.factors.names):
        train, test = split.train[:, k], split.test[:, k]
        areas = np.full(points.factors.n_values[k], np.nan)
        if varying[k]:
            latents_of_k = Standardised.of(points.points, weights_of_rows, train).columns
            codes = points.factors.codes[:, k]
            _areas(areas, latents_of_k, codes, weights_of_rows, train, test, settings["classifier"])
            if np.isnan(areas).all():
                raise ValueError(
                    f"factor {name!r} has no two labels that occur twice, so that they could be held out: if it is a "
                    "quantity, pass kinds={...: 'continuous'}"
                )
        per_value.append(areas)
    per_factor = np.array(
        [areas[~np.isnan(areas)].mean() if v else np.nan for areas, v in zip(per_value, varying, strict=True)]
    )
    score = float(per_factor[varying].mean())
    return ExplicitnessResult(
        score=score,
        chance_scaled=2.0 * score - 1.0,
        per_factor=per_factor,
        factor_names=data.factors.names,
        per_value=tuple(per_value),
        settings={
            **settings,
            "n_factor_bins": n_factor_bins,
            "seed": rng if isinstance(rng, int) else None,
            "preset": preset,
        },
    )


def _areas(
    areas: FloatArray,
    latents: FloatArray,
    codes: IntArray,
    weights: FloatArray,
    train: BoolArray,
    test: BoolArray,
    classifier: str,
) -> None:
    """Fill in the area under the curve of every label that is both learnt and held out."""
    known, decision = class_probabilities(latents, codes, weights, train, test, classifier)
    for column, code in enumerate(known):
        positive = codes[test] == code
        if positive.any() and not positive.all():
            areas[code] = area_under_curve(decision[:, column], positive, weights[test])
