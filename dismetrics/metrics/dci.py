"""Disentanglement, completeness, informativeness (Eastwood & Williams 2018, "A Framework for the Quantitative ...")."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from dismetrics.estimators.aggregation import completeness, disentanglement
from dismetrics.estimators.presets import IMPORTANCE_SETTINGS, resolve_preset
from dismetrics.estimators.relevance.importance import ImportanceMatrix, importance_matrix
from dismetrics.estimators.relevance.importance.checks import check_size, check_two_vary
from dismetrics.estimators.relevance.importance.settings import ImportanceOptions, ImportanceSettings
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, FloatArray, RandomState
from dismetrics.validation import as_names, as_relevance

__all__ = ["DCIResult", "dci", "dci_from_importance"]


@dataclass(frozen=True, slots=True, eq=False)
class DCIResult(Result):
    """Disentanglement, completeness and informativeness, and what explains them.

    Attributes
    ----------
    score : float
        Disentanglement: mean of `per_latent` weighted by `latent_share`; 0 to 1, higher is better.
    completeness : float
        Plain mean of `completeness_per_factor`, as in the paper's code; 0 to 1, higher is better.
    completeness_weighted : float
        Their mean weighted by the importances of each factor, as in disentanglement_lib; the same for trees.
    informativeness : float or None
        Mean of `informativeness_per_factor`; at most 1, higher is better. None where importances were given.
    per_latent : ndarray of float64, shape (n_latents,)
        Disentanglement of each latent; 0 for one that no prediction uses.
    latent_share : ndarray of float64, shape (n_latents,)
        Part of each latent in all importances.
    completeness_per_factor : ndarray of float64, shape (n_factors,)
        Completeness of each factor; nan for a factor with a single value.
    informativeness_per_factor : ndarray of float64, shape (n_factors,), or None
        On rows that were not learnt from: accuracy for labels, R^2 for quantities; nan for a factor with a single
        value.
    chance_per_factor : ndarray of float64, shape (n_factors,), or None
        The same without latents: accuracy of the most frequent label, 0 for quantities.
    factor_names : tuple of str
        Names of the factors scored.
    importance : ndarray of float64, shape (n_latents, n_factors)
        Importance of each latent in predicting each factor.
    settings : dict
        The learner and every setting used.
    """

    score: float
    completeness: float
    completeness_weighted: float
    informativeness: float | None
    per_latent: FloatArray
    latent_share: FloatArray
    completeness_per_factor: FloatArray
    informativeness_per_factor: FloatArray | None
    chance_per_factor: FloatArray | None
    factor_names: tuple[str, ...]
    importance: FloatArray
    settings: dict[str, Any]

    @property
    def disentanglement(self) -> float:
        """The score, by its name."""
        return self.score


def dci(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    factor_subset: Sequence[str | int] | None = None,
    preset: str | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
    **learning: Unpack[ImportanceOptions],
) -> DCIResult:
    """Disentanglement, completeness and informativeness: who is needed to predict whom.

    Each factor is predicted from all latents, and R_jk is the importance of latent j for factor k. Disentanglement, the
    score, is the mean of ``D_j = 1 - H_K(R_j. / sum_k R_jk)`` weighted by the share of latent j in R: is each latent
    needed for one factor only? Completeness is the mean of ``C_k = 1 - H_D(R_.k / sum_j R_jk)``: does each factor need
    one latent only? Informativeness is how well factors are predicted on held-out rows (Eastwood & Williams 2018,
    section 2). All are at most 1, and higher is better.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors, which stand for their point codes. At least two latents.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors, at least two of more than one value.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    preset : {"eastwood2018", "disentanglement_lib", "dent"}, optional
        Settings that reproduce another implementation (`estimators.PRESETS`); settings given beside it go first.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.
    rng : None, int or numpy.random.Generator
        Decides which rows are learnt from, and which of several equally good latents a tree splits.
    **learning : optional
        How factors are predicted: `learner` (`"boosting"`, as in Locatello et al. 2019; `"forest"`, `"lasso"`,
        `"logistic"`), `n_train` (10,000) and `n_test` (5,000, likewise), `n_trees`, `learning_rate`, `precision`,
        `max_depth`, `alpha` and `inverse_penalty`; see `estimators.importance`.

    Returns
    -------
    DCIResult
        The three numbers, what they are means of, the matrix and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored: with a single factor disentanglement is not defined, with a single
        latent completeness is not.

    Warns
    -----
    DegenerateDataWarning
        If a factor has a single value: it is left out, and its entries are nan.

    See Also
    --------
    dci_from_importance : The scores of a matrix of importances of your own.
    dci_es : How simple a model is enough, and how many latents there are.

    Notes
    -----
    The number depends on the learner: quote it with the score. Values from different learners, or from different
    numbers of latents or factors (which are the bases of the entropies), do not compare. Intervals by
    `confidence_interval` are rather too wide: in simulations 92 to 100 % of 40 held the expected score, of 95 % that
    should.

    Examples
    --------
    A perfect code, and a rotated one:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.tile(np.indices((5, 5)).reshape(2, -1).T, (8, 1))
    >>> result = dm.dci(factors, factors, rng=0)
    >>> result.score, result.completeness, result.informativeness
    (1.0, 1.0, 1.0)
    >>> dm.dci(factors @ np.array([[1, 1], [-1, 1]]), factors, rng=0).score < 0.3
    True
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights)
    settings = ImportanceSettings(**resolve_preset("dci", preset, learning, IMPORTANCE_SETTINGS))
    data = data.select(factor_subset)
    check_size(data.n_latents, data.factors.n_factors)
    found = importance_matrix(data, settings, rng)
    check_two_vary(found.varying, data.factors.names)
    return _scored(found.importance, found, data.factors.names, {**found.settings, "preset": preset})


def dci_from_importance(importance: ArrayLike, *, names: Sequence[str] | None = None) -> DCIResult:
    """Disentanglement and completeness of a matrix of importances.

    Parameters
    ----------
    importance : array-like of shape (n_latents, n_factors)
        Importance of each latent in predicting each factor, not below 0; at least two of each.
    names : sequence of str, optional
        Names of the factors.

    Returns
    -------
    DCIResult
        As of `dci`; informativeness is None, since nothing was predicted.

    Raises
    ------
    TypeError, ValueError
        For entries below 0 or not finite, a single latent or a single factor.

    Examples
    --------
    >>> import dismetrics as dm
    >>> result = dm.dci_from_importance([[3.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    >>> result.score, result.completeness
    (1.0, 1.0)
    """
    matrix = as_relevance(importance, "importance")
    check_size(*matrix.shape)
    return _scored(matrix, None, as_names(names, matrix.shape[1], "factors"), {"learner": None})


def _scored(
    matrix: FloatArray, learnt: ImportanceMatrix | None, names: tuple[str, ...], settings: dict[str, Any]
) -> DCIResult:
    varying = np.ones(matrix.shape[1], bool) if learnt is None else learnt.varying
    by_latent, by_factor = disentanglement(matrix[:, varying]), completeness(matrix[:, varying])
    completeness_per_factor = np.full(len(varying), np.nan)
    completeness_per_factor[varying] = by_factor.each
    return DCIResult(
        score=by_latent.weighted,
        completeness=by_factor.mean,
        completeness_weighted=by_factor.weighted,
        informativeness=None if learnt is None else float(learnt.held_out[varying].mean()),
        per_latent=by_latent.each,
        latent_share=by_latent.share,
        completeness_per_factor=completeness_per_factor,
        informativeness_per_factor=None if learnt is None else learnt.held_out,
        chance_per_factor=None if learnt is None else learnt.chance,
        factor_names=names,
        importance=matrix,
        settings=settings,
    )
