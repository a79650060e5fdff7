"""The axis-alignment metric of the repository YannDubs/disentangling-vae (Dubois et al. 2019); there is no paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from dismetrics.estimators.presets import INFORMATION_SETTINGS, resolve_preset
from dismetrics.estimators.relevance.normalised import examined_saturation, normalised_information
from dismetrics.estimators.relevance.settings import InformationOptions
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, FloatArray, IntArray, RandomState

__all__ = ["AAMResult", "aam"]


@dataclass(frozen=True, slots=True, eq=False)
class AAMResult(Result):
    """The axis-alignment metric and what explains it.

    Attributes
    ----------
    score : float
        Mean of `per_factor` over the factors with more than one value; 0 to 1, higher is better.
    per_factor : ndarray of float64, shape (n_factors,)
        Share of what the best latent tells that no other latent tells; nan for a factor with a single value.
    factor_names : tuple of str
        Names of the factors scored.
    best_latents : ndarray of int, shape (n_factors,)
        The latent that tells most of each factor; -1 for a factor with a single value, or of which nothing is told.
    told_by_best, told_by_others : ndarray of float64, shape (n_factors,)
        I(z; v_k) of the best latent, and the sum over all others, in nats.
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
    per_factor: FloatArray
    factor_names: tuple[str, ...]
    best_latents: IntArray
    told_by_best: FloatArray
    told_by_others: FloatArray
    mutual_information: FloatArray
    factor_entropy: FloatArray
    overlap: FloatArray | None
    saturated_share: FloatArray | None
    settings: dict[str, Any]


def aam(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    factor_subset: Sequence[str | int] | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
    **information: Unpack[InformationOptions],
) -> AAMResult:
    """Axis-alignment metric: how much of what the best latent tells of a factor is told by no other.

    AAM = mean over factors k of max(0, I(z_a; v_k) - sum over j != a of I(z_j; v_k)) / I(z_a; v_k), with a the latent
    that tells most of factor k (the repository YannDubs/disentangling-vae, where its code defines it). 0 where nothing
    is told. 0 to 1, higher is better. It does not ask how much is told: a code that tells little of a factor, but by
    one latent, scores 1.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors q(z|x). A single latent scores 1 if it tells anything at all.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors. Labels of any kind; continuous and circular ones are binned.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.
    rng : None, int or numpy.random.Generator
        Used by `n_draws` and `correction="shuffle"` only.
    **information : optional
        How mutual information is estimated; as for `mig`, see `mutual_information`. The bias of the histogram counts
        once for every latent here, and against the score: `correction="shuffle"` takes it away.

    Returns
    -------
    AAMResult
        Score, shares, latents, matrix, entropies and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored; the message names the argument and the remedy.

    Warns
    -----
    DegenerateDataWarning
        If a factor has a single value: it is left out, and its entry is nan.
    SaturationWarning
        If there are too few samples for the posterior estimator.

    See Also
    --------
    mig : The gap to the second latent alone, as a share of what there is to tell.

    Notes
    -----
    The repository computes it from sampled entropies whose draws are mixed up between latents, so its numbers differ.
    Intervals by `confidence_interval` are two thirds too wide: in simulations 99 to 100 % of them held the expected
    score, of 95 % that should.

    Examples
    --------
    A perfect code, one that tells half of each factor, and a rotated one:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.indices((4, 4)).reshape(2, -1).T
    >>> dm.aam(factors, factors).score
    1.0
    >>> dm.aam(factors // 2, factors).score
    1.0
    >>> dm.aam(factors @ np.array([[1, 1], [-1, 1]]), factors).score
    0.0
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset)
    normalised = normalised_information(data, resolve_preset("aam", None, information, INFORMATION_SETTINGS), rng)
    matrix, varying = normalised.information, normalised.varying
    told = matrix.mutual_information
    best = told.argmax(axis=0)
    by_best = told.max(axis=0)
    # The sum of the others, not the sum of all less the best: what is left of a perfect code would be rounding.
    by_others = np.sort(told, axis=0)[:-1].sum(axis=0)
    share = np.divide(
        np.maximum(by_best - by_others, 0.0), by_best, out=np.zeros_like(by_best), where=varying & (by_best > 0)
    )
    per_factor = np.where(varying, share, np.nan)
    return AAMResult(
        score=float(per_factor[varying].mean()),
        per_factor=per_factor,
        factor_names=data.factors.names,
        best_latents=np.where(varying & (by_best > 0), best, -1),
        told_by_best=by_best,
        told_by_others=by_others,
        mutual_information=told,
        factor_entropy=matrix.factor_entropy,
        overlap=matrix.overlap,
        saturated_share=examined_saturation(data, normalised, np.broadcast_to(varying, told.shape)),
        settings={name: value for name, value in normalised.settings.items() if name != "normaliser"},
    )
