"""The mean correlation coefficient of the literature on nonlinear ICA.

Hyvärinen & Morioka 2016, "Unsupervised Feature Extraction by Time-Contrastive Learning and Nonlinear ICA"; Khemakhem et
al. 2020, "Variational Autoencoders and Nonlinear ICA: A Unifying Framework".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.aggregation import optimal_matching
from dismetrics.estimators.held_out import held_out
from dismetrics.estimators.relevance.correlation import CORRELATIONS, CorrelationSettings, correlation_matrix
from dismetrics.estimators.varying import check_varying, varying_factors
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, FloatArray, IntArray, RandomState
from dismetrics.validation import as_choice, as_flag

__all__ = ["MCCResult", "mcc"]

_HALF = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class MCCResult(Result):
    """The mean correlation coefficient and what explains it.

    Attributes
    ----------
    score : float
        Mean of `per_factor` over the factors with more than one value; 0 to 1, higher is better.
    per_factor : ndarray of float64, shape (n_factors,)
        Correlation of each factor with the latent matched to it; 0 where there are fewer latents than factors and none
        is left, nan for a factor with a single value.
    factor_names : tuple of str
        Names of the factors scored.
    matched_latents : ndarray of int, shape (n_factors,)
        The latent matched to each factor; -1 where there is none.
    correlation : ndarray of float64, shape (n_latents, n_factors)
        Absolute correlation of every latent with every factor, of the samples that the matching is found on.
    settings : dict
        The correlation, whether it is out of sample, and the seed where one is used.
    """

    score: float
    per_factor: FloatArray
    factor_names: tuple[str, ...]
    matched_latents: IntArray
    correlation: FloatArray
    settings: dict[str, Any]


def mcc(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    correlation: str = "pearson",
    out_of_sample: bool = False,
    factor_subset: Sequence[str | int] | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
) -> MCCResult:
    """Mean correlation coefficient: how well latents, one for each factor, are correlated with the factors.

    The mean of the absolute correlation of each factor with its latent, for the assignment of latents to factors, each
    to one at most, that makes it largest (Hyvärinen & Morioka 2016; Khemakhem et al. 2020). 0 to 1, higher is better.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes; posteriors stand for theirs. There may be more latents than factors, or fewer: a factor that is
        left without a latent counts 0.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors. Integers and strings are categorical labels, whose correlation is that of the best numbering
        (the correlation ratio); say `kinds="ordinal"` to take their order, `"continuous"` to take their values.
    correlation : {"pearson", "spearman", "rdc"}, default "pearson"
        Of values, of ranks, or the randomised dependence coefficient; see `estimators.correlation`.
    out_of_sample : bool, default False
        Find the matching on one half of the samples and score it on the other. In one sample, the matching also picks
        what is correlated by accident, which raises the score of few samples and many latents.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.
    rng : None, int or numpy.random.Generator
        Used by `out_of_sample` and `"rdc"` only.

    Returns
    -------
    MCCResult
        Score, correlations, matching, matrix and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored.

    Warns
    -----
    DegenerateDataWarning
        If a factor has a single value: it is left out, and its entry is nan.

    See Also
    --------
    r2 : How well each factor is predicted by all latents together.
    estimators.mean_of_maximum : The best latent for each factor, whether or not another factor has it too.

    Notes
    -----
    Independent latents score above 0, since the correlation is absolute: about sqrt(2 / (pi N)) for an average entry,
    more for the largest ones, and about sqrt((values - 1) / N) for a categorical factor. A rotation of a perfect code
    scores high: of two factors turned by 45 degrees 0.71, with either latent.

    Examples
    --------
    A perfect code, a rotated one, and an independent one:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.indices((5, 5)).reshape(2, -1).T
    >>> round(dm.mcc(-factors[:, ::-1], factors, kinds="ordinal").score, 4)
    1.0
    >>> round(dm.mcc(factors @ np.array([[1, 1], [-1, 1]]), factors, kinds="ordinal").score, 4)
    0.7071
    >>> noise = np.random.default_rng(0).normal(size=(10_000, 2))
    >>> dm.mcc(noise, np.tile(factors, (400, 1)), kinds="ordinal").score < 0.03
    True
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset)
    settings = CorrelationSettings(as_choice(correlation, "correlation", CORRELATIONS))
    varying = varying_factors(data.factors)
    check_varying(varying, data.factors.names, stacklevel=2)
    if as_flag(out_of_sample, "out_of_sample"):
        split = held_out(data, rng, _HALF)
        found = correlation_matrix(data, settings, rng, split.train)
        scored = correlation_matrix(data, settings, rng, split.test).correlation
    else:
        found = correlation_matrix(data, settings, rng)
        scored = found.correlation
    matching = optimal_matching(found.correlation[:, varying])
    matched = np.full(len(varying), -1)
    matched[varying] = matching.candidates
    per_factor = np.where(varying, 0.0, np.nan)
    with_latent = np.flatnonzero(matched >= 0)
    per_factor[with_latent] = scored[matched[with_latent], with_latent]
    used: dict[str, Any] = {**found.settings, "out_of_sample": out_of_sample}
    if out_of_sample:
        used["seed"] = rng if isinstance(rng, int) else None
    return MCCResult(
        score=float(per_factor[varying].mean()),
        per_factor=per_factor,
        factor_names=data.factors.names,
        matched_latents=matched,
        correlation=found.correlation,
        settings=used,
    )
