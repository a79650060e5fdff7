"""Minimality and sufficiency (Almudévar & Ortega 2024).

"Rethinking Disentanglement under Dependent Factors of Variation", in its first version "Defining and Measuring
Disentanglement for non-Independent Factors of Variation".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from dismetrics.estimators.activity import ACTIVE_INFORMATION
from dismetrics.estimators.aggregation import mean_of_maximum
from dismetrics.estimators.presets import INFORMATION_SETTINGS, resolve_preset
from dismetrics.estimators.relevance.carried import carried_information
from dismetrics.estimators.relevance.normalised import examined_saturation, normalised_information
from dismetrics.estimators.relevance.settings import InformationOptions
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, FloatArray, IntArray, RandomState

__all__ = ["MinimalityResult", "SufficiencyResult", "minimality", "sufficiency"]


@dataclass(frozen=True, slots=True, eq=False)
class MinimalityResult(Result):
    """Minimality and what explains it.

    Attributes
    ----------
    score : float
        Mean of `per_latent` over the latents that say anything; 0 to 1, higher is better. 0 if none does.
    per_latent : ndarray of float64, shape (n_latents,)
        Of what each latent says, the share that its best factor is told by; nan for one that says nothing.
    best_factors : ndarray of int, shape (n_latents,)
        That factor, as index into `factor_names`; -1 for a latent that says nothing.
    factor_names : tuple of str
        Names of the factors scored.
    carried_information : ndarray of float64, shape (n_latents, n_factors)
        I(z_j; x) in nats, over the samples whose label of factor k is known.
    mutual_information : ndarray of float64, shape (n_latents, n_factors)
        I(z_j; v_k) in nats.
    factor_entropy : ndarray of float64, shape (n_factors,)
        H(v_k) in nats.
    overlap : ndarray of float64, shape (n_latents, n_factors), or None
        For the posterior estimator: samples of one factor value that share their place on a latent, in the geometric
        mean.
    saturated_share : ndarray of float64, shape (n_factors,), or None
        For the posterior estimator: of the samples looked at, the share that overlaps with fewer than two others of its
        value. Above 0.2 a SaturationWarning is given.
    settings : dict
        The estimator and every setting used.
    """

    score: float
    per_latent: FloatArray
    best_factors: IntArray
    factor_names: tuple[str, ...]
    carried_information: FloatArray
    mutual_information: FloatArray
    factor_entropy: FloatArray
    overlap: FloatArray | None
    saturated_share: FloatArray | None
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class SufficiencyResult(Result):
    """Sufficiency and what explains it.

    Attributes
    ----------
    score : float
        Mean of `per_factor` over the factors with more than one value; 0 to 1, higher is better.
    per_factor : ndarray of float64, shape (n_factors,)
        Share of each factor that its best latent tells; nan for a factor with a single value.
    factor_names : tuple of str
        Names of the factors scored.
    best_latents : ndarray of int, shape (n_factors,)
        That latent; -1 for a factor with a single value.
    mutual_information : ndarray of float64, shape (n_latents, n_factors)
        I(z_j; v_k) in nats.
    factor_entropy : ndarray of float64, shape (n_factors,)
        H(v_k) in nats.
    ceiling : float
        A bound on the score of any code with this estimator and these factors, min(H(v), log n_bins) / H(v) in the
        mean.
    ceiling_per_factor : ndarray of float64, shape (n_factors,)
        Likewise for each factor.
    overlap : ndarray of float64, shape (n_latents, n_factors), or None
        For the posterior estimator: samples of one factor value that share their place on a latent, in the geometric
        mean.
    saturated_share : ndarray of float64, shape (n_factors,), or None
        For the posterior estimator: of the samples looked at, the share that overlaps with fewer than two others of its
        value, on the latents that count. Above 0.2 a SaturationWarning is given.
    settings : dict
        The estimator and every setting used.
    """

    score: float
    per_factor: FloatArray
    factor_names: tuple[str, ...]
    best_latents: IntArray
    mutual_information: FloatArray
    factor_entropy: FloatArray
    ceiling: float
    ceiling_per_factor: FloatArray
    overlap: FloatArray | None
    saturated_share: FloatArray | None
    settings: dict[str, Any]


def minimality(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    factor_subset: Sequence[str | int] | None = None,
    preset: str | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
    **information: Unpack[InformationOptions],
) -> MinimalityResult:
    """Minimality: how far each latent says nothing but one factor.

    The mean over latents j of max_k I(z_j; v_k) / I(z_j; x) (Almudévar & Ortega 2024). 0 to 1, higher is better. With
    `sufficiency` it is a definition of disentanglement that factors may depend on each other in.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, of which I(z; x) is the entropy of their bins, or posteriors q(z|x).
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors. Labels of any kind; continuous and circular ones are binned.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index; what latents say of the others is then superfluous.
    preset : {"dependent_disentanglement"}, optional
        Settings that reproduce the authors' code (`estimators.PRESETS`); settings given beside it go first.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.
    rng : None, int or numpy.random.Generator
        Used by `n_draws` and `correction="shuffle"` only.
    **information : optional
        How mutual information is estimated; as for `mig`, see `mutual_information`. Not by neighbours, which have no
        entropy to divide by.

    Returns
    -------
    MinimalityResult
        Score, shares, factors, matrices and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored.

    Warns
    -----
    DegenerateDataWarning
        If a factor has a single value: it is left out.
    SaturationWarning
        If there are too few samples for the posterior estimator.

    See Also
    --------
    sufficiency : How much of each factor one latent tells.
    mig_sup : The gap between the two factors that a latent tells most of.

    Notes
    -----
    A latent that says nothing of the samples (constant points, or less than 0.01 nats by its posteriors) has nothing
    superfluous and does not count. The entropy of bins takes noise for content: a code with a little noise that spreads
    over bins is less minimal, the more so the more bins there are.

    Examples
    --------
    A perfect code, a rotated one, and one with a constant latent:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.indices((5, 5)).reshape(2, -1).T
    >>> dm.minimality(factors, factors).score
    1.0
    >>> round(dm.minimality(factors @ np.array([[1, 1], [-1, 1]]), factors).score, 4)
    0.2258
    >>> dm.minimality(np.column_stack([factors, np.zeros(25)]), factors).score
    1.0
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset)
    settings = resolve_preset("minimality", preset, information, INFORMATION_SETTINGS)
    normalised = normalised_information(data, settings, rng)
    matrix, varying = normalised.information, np.flatnonzero(normalised.varying)
    carried = carried_information(data, matrix)
    says_something = carried[:, varying].max(axis=1) > (
        ACTIVE_INFORMATION if normalised.settings["estimator"] == "posterior" else 0.0
    )
    share = np.divide(matrix.mutual_information, carried, out=np.zeros_like(carried), where=carried > 0)[:, varying]
    # What is above 1 is rounding, or the error of a sampled estimate.
    best = mean_of_maximum(np.minimum(share, 1.0).T)
    return MinimalityResult(
        score=float(best.relevance[says_something].mean()) if says_something.any() else 0.0,
        per_latent=np.where(says_something, best.relevance, np.nan),
        best_factors=np.where(says_something, varying[best.candidates], -1),
        factor_names=data.factors.names,
        carried_information=carried,
        mutual_information=matrix.mutual_information,
        factor_entropy=matrix.factor_entropy,
        overlap=matrix.overlap,
        saturated_share=examined_saturation(data, normalised, says_something[:, None] & normalised.varying),
        settings={**_without_normaliser(normalised.settings), "preset": preset},
    )


def sufficiency(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    factor_subset: Sequence[str | int] | None = None,
    preset: str | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
    **information: Unpack[InformationOptions],
) -> SufficiencyResult:
    """Sufficiency: how much of each factor one latent tells.

    The mean over factors k of max_j I(z_j; v_k) / H(v_k) (Almudévar & Ortega 2024). 0 to 1, higher is better. It asks
    for one good latent for each factor, and minds neither others beside it nor what else that latent tells: see
    `minimality`.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors q(z|x).
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors. Labels of any kind; continuous and circular ones are binned.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    preset : {"dependent_disentanglement"}, optional
        Settings that reproduce the authors' code (`estimators.PRESETS`); settings given beside it go first.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.
    rng : None, int or numpy.random.Generator
        Used by `n_draws` and `correction="shuffle"` only.
    **information : optional
        How mutual information is estimated; as for `mig`, see `mutual_information`.

    Returns
    -------
    SufficiencyResult
        Score, shares, latents, matrix, ceiling and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored.

    Warns
    -----
    DegenerateDataWarning
        If a factor has a single value: it is left out, and its entry is nan.
    SaturationWarning
        If there are too few samples for the posterior estimator.

    See Also
    --------
    minimality : How far each latent says nothing but one factor.
    mig : The same share, less that of the next latent.

    Notes
    -----
    Intervals by `confidence_interval` are a little too wide for noise: in simulations all of 200 held the expected
    score, of 95 % that should.

    Examples
    --------
    A perfect code, one latent that tells both factors, and a rotated code:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.indices((4, 4)).reshape(2, -1).T
    >>> dm.sufficiency(factors, factors).score
    1.0
    >>> both = factors @ np.array([[4], [1]])
    >>> dm.sufficiency(both, factors).score, dm.minimality(both, factors).score
    (1.0, 0.5)
    >>> round(dm.sufficiency(factors @ np.array([[1, 1], [-1, 1]]), factors).score, 4)
    0.3278
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset)
    settings = resolve_preset("sufficiency", preset, information, INFORMATION_SETTINGS)
    normalised = normalised_information(data, settings, rng)
    matrix, varying = normalised.information, normalised.varying
    best = mean_of_maximum(normalised.share)
    best_latents = np.where(varying, best.candidates, -1)
    used = np.arange(data.n_latents)[:, None] == best_latents
    return SufficiencyResult(
        score=float(best.relevance[varying].mean()),
        per_factor=best.relevance,
        factor_names=data.factors.names,
        best_latents=best_latents,
        mutual_information=matrix.mutual_information,
        factor_entropy=matrix.factor_entropy,
        ceiling=float(normalised.ceiling[varying].mean()),
        ceiling_per_factor=normalised.ceiling,
        overlap=matrix.overlap,
        saturated_share=examined_saturation(data, normalised, used),
        settings={**_without_normaliser(normalised.settings), "preset": preset},
    )


def _without_normaliser(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Each of the two has a normaliser of its own."""
    return {name: value for name, value in settings.items() if name != "normaliser"}
