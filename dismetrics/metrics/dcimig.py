"""DCIMIG (Sepliarskaia, Kiseleva & de Rijke 2019, "How to not measure disentanglement", where it is 3CharM)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from dismetrics.estimators.aggregation import top_two_gap
from dismetrics.estimators.presets import INFORMATION_SETTINGS, resolve_preset
from dismetrics.estimators.relevance.normalised import examined_saturation, normalised_information
from dismetrics.estimators.relevance.settings import InformationOptions
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, FloatArray, IntArray, RandomState

__all__ = ["DCIMIGResult", "dcimig"]


@dataclass(frozen=True, slots=True, eq=False)
class DCIMIGResult(Result):
    """DCIMIG and what explains it.

    Attributes
    ----------
    score : float
        Sum of the factors' gaps over the sum of their entropies; 0 to 1, higher is better.
    per_factor : ndarray of float64, shape (n_factors,)
        Gap of each factor as a share of its entropy; nan for a factor with a single value. The score is their mean
        with the entropies as weights.
    factor_names : tuple of str
        Names of the factors scored.
    best_latents : ndarray of int, shape (n_factors,)
        The latent with the largest gap among those that tell most of the factor; -1 where there is none.
    gap_per_latent : ndarray of float64, shape (n_latents,)
        What each latent tells more of one factor than of any other, in nats.
    best_factors : ndarray of int, shape (n_latents,)
        The factor that each latent tells most of, as index into `factor_names`; the first of several.
    mutual_information : ndarray of float64, shape (n_latents, n_factors)
        I(z_j; v_k) in nats.
    factor_entropy : ndarray of float64, shape (n_factors,)
        H(v_k) in nats.
    ceiling : float
        A bound on the score of any code with this estimator and these factors.
    ceiling_per_factor : ndarray of float64, shape (n_factors,)
        Likewise for each factor.
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
    gap_per_latent: FloatArray
    best_factors: IntArray
    mutual_information: FloatArray
    factor_entropy: FloatArray
    ceiling: float
    ceiling_per_factor: FloatArray
    overlap: FloatArray | None
    saturated_share: FloatArray | None
    settings: dict[str, Any]


def dcimig(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    factor_subset: Sequence[str | int] | None = None,
    preset: str | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
    **information: Unpack[InformationOptions],
) -> DCIMIGResult:
    """DCIMIG: how much of all factors is told by latents that tell little of any other factor.

    Each latent j has a gap g_j = I(z_j; v_a) - I(z_j; v_b), with a and b the two factors of which it tells most, and
    belongs to factor a. Each factor has the largest gap of the latents that belong to it, 0 where there is none. The
    score is sum_k gap_k / sum_k H(v_k) (Sepliarskaia et al. 2019). 0 to 1, higher is better.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors q(z|x).
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors. A single factor is allowed: the runner-up is then 0 by definition.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    preset : {"ubisoft"}, optional
        Settings that reproduce another implementation (`estimators.PRESETS`); settings given beside it go first.
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
    DCIMIGResult
        Score, gaps, latents, factors, matrix, entropies, ceiling and settings.

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
    mig_sup : The mean over latents of the same gap, of shares of the factors' entropies.

    Examples
    --------
    A perfect code, a perfect code written twice, and a rotated one:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.indices((5, 5)).reshape(2, -1).T
    >>> dm.dcimig(factors, factors).score
    1.0
    >>> dm.dcimig(np.hstack([factors, factors]), factors).score
    1.0
    >>> round(dm.dcimig(factors @ np.array([[1, 1], [-1, 1]]), factors).score, 4)
    0.0
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset)
    settings = resolve_preset("dcimig", preset, information, INFORMATION_SETTINGS)
    normalised = normalised_information(data, settings, rng)
    matrix, varying = normalised.information, np.flatnonzero(normalised.varying)
    # What is above the ceiling is an estimate without a bound of its own.
    told = np.minimum(matrix.mutual_information, matrix.ceiling)[:, varying]
    gap = top_two_gap(told.T)

    n_factors = data.factors.n_factors
    per_factor, best_latents = np.full(n_factors, np.nan), np.full(n_factors, -1)
    for i, k in enumerate(varying):
        gaps = np.where(gap.best == i, gap.gap, 0.0)
        per_factor[k] = gaps.max() / matrix.factor_entropy[k]
        best_latents[k] = gaps.argmax() if gaps.max() > 0 else -1
    entropy = matrix.factor_entropy[varying]
    settings_used = {name: value for name, value in normalised.settings.items() if name != "normaliser"}
    return DCIMIGResult(
        score=float(per_factor[varying] @ entropy / entropy.sum()),
        per_factor=per_factor,
        factor_names=data.factors.names,
        best_latents=best_latents,
        gap_per_latent=gap.gap,
        best_factors=varying[gap.best],
        mutual_information=matrix.mutual_information,
        factor_entropy=matrix.factor_entropy,
        ceiling=float(normalised.ceiling[varying] @ entropy / entropy.sum()),
        ceiling_per_factor=normalised.ceiling,
        overlap=matrix.overlap,
        saturated_share=examined_saturation(
            data, normalised, np.broadcast_to(normalised.varying, matrix.mutual_information.shape)
        ),
        settings={**settings_used, "preset": preset},
    )
