"""MED (Cao et al. 2022, "An Empirical Study on Disentanglement of Negative-free Contrastive Learning")."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from dismetrics.estimators.aggregation import disentanglement
from dismetrics.estimators.presets import INFORMATION_SETTINGS, resolve_preset
from dismetrics.estimators.relevance.normalised import examined_saturation, normalised_information
from dismetrics.estimators.relevance.settings import InformationOptions
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray, RandomState
from dismetrics.validation import as_positive_integer

__all__ = ["MEDResult", "med"]


@dataclass(frozen=True, slots=True, eq=False)
class MEDResult(Result):
    """MED and what explains it.

    Attributes
    ----------
    score : float
        Mean of `per_latent` over the selected latents, each with its share of the importance; 0 to 1, higher is better.
    per_latent : ndarray of float64, shape (n_latents,)
        How concentrated the importance of each latent is on one factor; 0 for a latent without importance.
    importance : ndarray of float64, shape (n_latents, n_factors)
        I(z_j; v_k) as a share of its sum over all latents; 0 for a factor of which nothing is told, nan for one with a
        single value.
    selected : ndarray of bool, shape (n_latents,)
        Latents that count: all, or those that `top_k` selects.
    best_factors : ndarray of int, shape (n_latents,)
        The factor for which each latent is most important, as index into `factor_names`; -1 for a latent without
        importance.
    factor_names : tuple of str
        Names of the factors scored.
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
    importance: FloatArray
    selected: BoolArray
    best_factors: IntArray
    factor_names: tuple[str, ...]
    mutual_information: FloatArray
    factor_entropy: FloatArray
    overlap: FloatArray | None
    saturated_share: FloatArray | None
    settings: dict[str, Any]


def med(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    top_k: int | None = None,
    factor_subset: Sequence[str | int] | None = None,
    preset: str | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
    **information: Unpack[InformationOptions],
) -> MEDResult:
    """MED: mutual information as the importance in the disentanglement of DCI.

    With r_jk = I(z_j; v_k) / sum_j I(z_j; v_k) and p_jk = r_jk / sum_k r_jk, the score is
    sum_j w_j (1 + sum_k p_jk log_K p_jk), w_j = sum_k r_jk / sum r (Cao et al. 2022, section 3). 0 to 1, higher is
    better. Nothing is trained, so it serves codes of many dimensions.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors q(z|x).
    factors : array-like of shape (n_samples, n_factors), or Factors
        The true factors, two or more with more than one value.
    top_k : int, optional
        Top-k MED: only the latents count that are, among those that are most important for one factor, the k with the
        highest `per_latent`, for each factor.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    preset : {"disentanglement_lib_med"}, optional
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
    MEDResult
        Score, latents, importance, selection, matrix and settings; 0 if nothing is told at all.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored, or a single factor.

    Warns
    -----
    DegenerateDataWarning
        If a factor has a single value: it is left out.
    SaturationWarning
        If there are too few samples for the posterior estimator.

    See Also
    --------
    modularity : Another measure of the same matrix, in which all latents count alike.

    Notes
    -----
    Each factor shares out an importance of 1, however little is told of it. So a factor that no latent tells of adds
    noise of the same weight as one that is told in full.

    Examples
    --------
    A perfect code, a rotated one, and one with a constant latent:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.indices((5, 5)).reshape(2, -1).T
    >>> dm.med(factors, factors).score
    1.0
    >>> round(dm.med(factors @ np.array([[1, 1], [-1, 1]]), factors).score, 4)
    0.0
    >>> dm.med(np.column_stack([factors, np.zeros(25)]), factors).score
    1.0
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset)
    if top_k is not None:
        as_positive_integer(top_k, "top_k")
    settings = resolve_preset("med", preset, information, INFORMATION_SETTINGS)
    normalised = normalised_information(data, settings, rng)
    matrix, varying = normalised.information, np.flatnonzero(normalised.varying)
    if len(varying) < 2:
        raise ValueError(
            f"MED is not defined for one factor ({data.factors.names[varying[0]]}): every latent then tells of a "
            "single factor at most; give two or more that vary"
        )
    importance = _shares(matrix.mutual_information[:, varying], axis=0)
    per_latent = disentanglement(importance).each
    weight = importance.sum(axis=1)
    best = importance.argmax(axis=1)
    selected = np.ones(data.n_latents, bool) if top_k is None else _best_of_each(per_latent, best, top_k)
    total = weight[selected].sum()

    shown = np.full(matrix.mutual_information.shape, np.nan)
    shown[:, varying] = importance
    settings_used = {name: value for name, value in normalised.settings.items() if name != "normaliser"}
    return MEDResult(
        score=float(weight[selected] @ per_latent[selected] / total) if total > 0 else 0.0,
        per_latent=per_latent,
        importance=shown,
        selected=selected,
        best_factors=np.where(weight > 0, varying[best], -1),
        factor_names=data.factors.names,
        mutual_information=matrix.mutual_information,
        factor_entropy=matrix.factor_entropy,
        overlap=matrix.overlap,
        saturated_share=examined_saturation(data, normalised, selected[:, None] & normalised.varying),
        settings={**settings_used, "top_k": top_k, "preset": preset},
    )


def _shares(matrix: FloatArray, axis: int) -> FloatArray:
    """Entries as shares of their sum along an axis; 0 where that is 0."""
    total = matrix.sum(axis=axis, keepdims=True)
    return np.divide(matrix, total, out=np.zeros_like(matrix), where=total > 0)


def _best_of_each(per_latent: FloatArray, best: IntArray, k: int) -> BoolArray:
    """Of the latents that belong to each factor, the k of the highest score; of equal ones, the first."""
    selected = np.zeros(len(best), bool)
    for factor in np.unique(best):
        members = np.flatnonzero(best == factor)
        selected[members[np.argsort(-per_latent[members], kind="stable")[:k]]] = True
    return selected
