"""Separated attribute predictability (Kumar, Sattigeri & Balakrishnan 2018, section 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Unpack

import numpy as np

from dismetrics.estimators.aggregation import top_two_gap
from dismetrics.estimators.presets import resolve_preset
from dismetrics.estimators.relevance.predictability import (
    PredictabilityOptions,
    PredictabilitySettings,
    predictability_matrix,
)
from dismetrics.estimators.varying import check_varying, varying_factors
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, FloatArray, IntArray, RandomState

__all__ = ["SAPResult", "sap"]

_SETTINGS = tuple(field.name for field in fields(PredictabilitySettings))


@dataclass(frozen=True, slots=True, eq=False)
class SAPResult(Result):
    """The separated attribute predictability and what explains it.

    Attributes
    ----------
    score : float
        Mean of `per_factor` over the factors with more than one value; 0 to 1, higher is better.
    per_factor : ndarray of float64, shape (n_factors,)
        Gap of each factor; nan for a factor with a single value.
    factor_names : tuple of str
        Names of the factors scored.
    best_latents, runner_up_latents : ndarray of int, shape (n_factors,)
        The two latents that make each gap; -1 for a factor with a single value, and for the runner-up where there is
        a single latent.
    predictability : ndarray of float64, shape (n_latents, n_factors)
        What each latent alone predicts of each factor: held-out accuracy, or squared correlation.
    measures : tuple of str
        Which of the two it is, for each factor.
    chance_per_factor : ndarray of float64, shape (n_factors,)
        The same without looking at a latent: the share of the most frequent label, or 0.
    ceiling : float
        Mean of `ceiling_per_factor`: what a latent reaches that is the factor itself, where no other tells anything.
        No bound in the strict sense: labels that are spaced unevenly may be told apart a little better.
    ceiling_per_factor : ndarray of float64, shape (n_factors,)
        Likewise for each factor; far below 1 where a linear machine has many labels to tell apart.
    settings : dict
        The predictor, every setting used, and the seed.
    """

    score: float
    per_factor: FloatArray
    factor_names: tuple[str, ...]
    best_latents: IntArray
    runner_up_latents: IntArray
    predictability: FloatArray
    measures: tuple[str, ...]
    chance_per_factor: FloatArray
    ceiling: float
    ceiling_per_factor: FloatArray
    settings: dict[str, Any]


def sap(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    factor_subset: Sequence[str | int] | None = None,
    preset: str | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
    **predictor: Unpack[PredictabilityOptions],
) -> SAPResult:
    """Separated attribute predictability: how far each factor is predicted by one latent alone.

    SAP = mean over factors k of S(a, k) - S(b, k), with S(j, k) what latent j alone predicts of factor k, and a and b
    the two latents that predict most of it (Kumar et al. 2018, section 3). S is the squared correlation for quantities
    and the held-out accuracy of a classifier for labels. 0 to 1, higher is better. Independent latents score about 0:
    chance is in both terms of the gap, but the two largest of several scatter apart.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes; posteriors stand for theirs. A constant latent predicts nothing. A single latent is allowed: the
        runner-up is then 0 by definition.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors, of any kind.
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
    **predictor : optional
        How labels are predicted: `predictor` (`"linear_svm"`, by default, or `"tree"`), `scoring` (`"accuracy"`, by
        default, or `"balanced_accuracy"`), `cost` (0.01, as in Locatello et al. 2019) and `standardise`; see
        `predictability`.

    Returns
    -------
    SAPResult
        Score, gaps, latents, matrix, chance, ceiling and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored; the message names the argument and the remedy.

    Warns
    -----
    DegenerateDataWarning
        If a factor has a single value: it is left out, and its entry is nan.

    See Also
    --------
    mig : The same gap, of mutual information.

    Notes
    -----
    One linear machine for each label cannot tell many labels apart that follow each other on a line: a perfect code of
    32 values reaches an accuracy of about 0.06. The result's `ceiling` says so; `predictor="tree"` has no such limit.
    The paper fits thresholds and takes the balanced accuracy, which is `predictor="tree"` with
    `scoring="balanced_accuracy"`. The literature since Locatello et al. 2019 takes the defaults here, but fits them to
    the latents as they are, so that the score depends on their unit.

    Examples
    --------
    A perfect code, a rotated one, and an independent one:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.tile(np.indices((2, 2)).reshape(2, -1).T, (250, 1))
    >>> round(dm.sap(factors, factors, rng=0).score, 1)
    0.5
    >>> round(dm.sap(factors @ np.array([[1, 1], [-1, 1]]), factors, rng=0).score, 1)
    0.0
    >>> noise = np.random.default_rng(0).normal(size=(1000, 2))
    >>> dm.sap(noise, factors, rng=0).score < 0.05
    True
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset)
    settings = PredictabilitySettings(**resolve_preset("sap", preset, predictor, _SETTINGS))
    varying = varying_factors(data.factors)
    check_varying(varying, data.factors.names, stacklevel=2)
    matrix = predictability_matrix(data, settings, rng)
    gap = top_two_gap(matrix.predictability)
    return SAPResult(
        score=float(gap.gap[varying].mean()),
        per_factor=gap.gap,
        factor_names=data.factors.names,
        best_latents=np.where(varying, gap.best, -1),
        runner_up_latents=np.where(varying, gap.runner_up, -1),
        predictability=matrix.predictability,
        measures=matrix.measures,
        chance_per_factor=matrix.chance,
        ceiling=float(matrix.ceiling[varying].mean()),
        ceiling_per_factor=matrix.ceiling,
        settings={**matrix.settings, "preset": preset},
    )
