"""InfoMEC (Hsu et al. 2023, "Disentanglement via Latent Quantization", section 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from dismetrics.estimators.activity import active_latents
from dismetrics.estimators.aggregation import largest_share
from dismetrics.estimators.presets import INFORMATION_SETTINGS, resolve_preset
from dismetrics.estimators.relevance.normalised import examined_saturation, normalised_information
from dismetrics.estimators.relevance.settings import InformationOptions
from dismetrics.estimators.standardise import standardised_columns
from dismetrics.estimators.usable_information import NULLS, usable_share
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, BoolArray, FloatArray, RandomState
from dismetrics.validation import as_choice, as_flag

__all__ = ["InfoMECResult", "infomec"]

_ACTIVE = ("varying", "range")
_LEAST_RANGE = 1 / 20
"""Share of the widest latent's range above which another counts as active, by the authors' rule."""


@dataclass(frozen=True, slots=True, eq=False)
class InfoMECResult(Result):
    """The three parts of InfoMEC and what explains them.

    Attributes
    ----------
    score : float
        `infom`; 0 to 1, higher is better.
    infom : float
        InfoModularity: mean of `infom_per_latent` over the active latents that tell anything; 0 if none does.
    infoe : float
        InfoExplicitness: mean of `infoe_per_factor` over the factors with more than one value.
    infoc : float
        InfoCompactness: mean of `infoc_per_factor` over the factors of which anything is told; 0 if there is none.
    infom_per_latent : ndarray of float64, shape (n_latents,)
        How much of what the latent tells is of one factor; nan for a latent that is not active, or tells
        nothing.
    infoe_per_factor : ndarray of float64, shape (n_factors,)
        Share of the factor's uncertainty that all latents take away; nan for a factor with a single value.
    infoc_per_factor : ndarray of float64, shape (n_factors,)
        How much of what is told of the factor is by one latent; nan for a factor with a single value, or of which
        nothing is told.
    factor_names : tuple of str
        Names of the factors scored.
    active : ndarray of bool, shape (n_latents,)
        Latents that count: the D of `infoc`.
    normalised_information : ndarray of float64, shape (n_latents, n_factors)
        I(z_j; v_k) / H(v_k); nan for a factor with a single value.
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
    infom: float
    infoe: float
    infoc: float
    infom_per_latent: FloatArray
    infoe_per_factor: FloatArray
    infoc_per_factor: FloatArray
    factor_names: tuple[str, ...]
    active: BoolArray
    normalised_information: FloatArray
    mutual_information: FloatArray
    factor_entropy: FloatArray
    overlap: FloatArray | None
    saturated_share: FloatArray | None
    settings: dict[str, Any]


def infomec(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    active: str | None = None,
    null: str | None = None,
    discrete_latents: bool = False,
    factor_subset: Sequence[str | int] | None = None,
    preset: str | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
    **information: Unpack[InformationOptions],
) -> InfoMECResult:
    """InfoMEC: modularity, explicitness and compactness from mutual and predictive information.

    With m_jk = I(z_j; v_k) / H(v_k), K factors and D active latents (Hsu et al. 2023, section 4): InfoM is the mean
    over active latents of (max_k m_jk / sum_k m_jk - 1/K) / (1 - 1/K), InfoC the mean over factors of
    (max_j m_jk / sum_j m_jk - 1/D) / (1 - 1/D), and InfoE the mean over factors of (H(v_k) - H_V(v_k | z)) / H(v_k),
    with H_V the cross-entropy of a linear predictor of the factor from all latents. 0 to 1 each, higher is better.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors q(z|x), whose point codes serve InfoE. At least two.
    factors : array-like of shape (n_samples, n_factors), or Factors
        The true factors, two or more with more than one value.
    active : {"varying", "range"}, optional
        Latents that count: all that are not constant (posteriors: more than 0.01 nats from the prior), the default, or
        by the authors' rule those whose range is above 1/20 of the widest, which depends on the units of the latents.
        One that tells nothing at all has no shares, and no part in InfoM.
    null : {"entropy", "uniform"}, optional
        For InfoE of labels: the uncertainty without latents is H(v), the default and the definition, or the logarithm
        of the number of labels, with regressions of balanced classes, as in the authors' code. The same where all
        labels are equally frequent.
    discrete_latents : bool, default False
        Take every distinct value of a latent for a code: a bin of its own for mutual information, an indicator of its
        own for InfoE.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    preset : {"latent_quantization"}, optional
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
    InfoMECResult
        The three parts, what they are means of, matrices and settings; `score` is InfoM.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored, a single factor, or fewer than two active latents.

    Warns
    -----
    DegenerateDataWarning
        If a factor has a single value: it is left out.
    SaturationWarning
        If there are too few samples for the posterior estimator.

    See Also
    --------
    modularity : An older measure of the first part.

    Notes
    -----
    Chance is far above 0 for InfoM and InfoC: the shares of a latent of noise are those of the bias, larger for factors
    with more values. InfoE is of the samples that it is fitted to, so chance is about the number of parameters over
    N H(v). For quantities it is the coefficient of determination of a linear regression. Intervals by
    `confidence_interval` are rather too wide: in simulations 98 to 100 % of them held the expected score, of 95 % that
    were asked for.

    Examples
    --------
    A perfect code, and a rotated one:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.tile(np.indices((3, 3)).reshape(2, -1).T, (20, 1))
    >>> result = dm.infomec(factors, factors, discrete_latents=True)
    >>> result.infom, result.infoc, round(result.infoe, 2)
    (1.0, 1.0, 1.0)
    >>> result = dm.infomec(factors @ np.array([[1, 1], [-1, 1]]), factors)
    >>> round(result.infom, 4), round(result.infoc, 4)
    (0.0, 0.0)
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset)
    given: dict[str, Any] = {**information, "active": active, "null": null}
    if as_flag(discrete_latents, "discrete_latents"):
        given["discretisation"] = "unique"
    known_settings = (*INFORMATION_SETTINGS, "active", "null")
    settings = {"active": "varying", "null": "entropy", **resolve_preset("infomec", preset, given, known_settings)}
    rule = as_choice(settings.pop("active"), "active", _ACTIVE)
    chosen_null = as_choice(settings.pop("null"), "null", NULLS)
    normalised = normalised_information(data, settings, rng)
    varying = np.flatnonzero(normalised.varying)
    if len(varying) < 2:
        raise ValueError(
            f"InfoM is not defined for one factor ({data.factors.names[varying[0]]}): every latent then tells of a "
            "single factor at most; give two or more that vary"
        )
    share = normalised.share[:, varying]
    counted = _active(data, rule, of_posterior=normalised.settings["estimator"] == "posterior")
    if counted.sum() < 2:
        raise ValueError(
            f"InfoC is not defined with {counted.sum()} of {data.n_latents} latents active: every factor is then told "
            "by a single latent at most; two or more are needed that vary"
        )
    infom_per_latent = np.full(data.n_latents, np.nan)
    infom_per_latent[counted] = largest_share(share[counted])
    infoc_per_factor, infoe_per_factor = np.full((2, data.factors.n_factors), np.nan)
    infoc_per_factor[varying] = largest_share(share[counted].T)
    predictors = _predictors(data, discrete_latents)
    points = data.as_points()
    for k in varying:
        infoe_per_factor[k] = usable_share(predictors, points.factors, int(k), chosen_null)

    infom = _mean_of_told(infom_per_latent)
    settings_used = {name: value for name, value in normalised.settings.items() if name != "normaliser"}
    return InfoMECResult(
        score=infom,
        infom=infom,
        infoe=float(infoe_per_factor[varying].mean()),
        infoc=_mean_of_told(infoc_per_factor),
        infom_per_latent=infom_per_latent,
        infoe_per_factor=infoe_per_factor,
        infoc_per_factor=infoc_per_factor,
        factor_names=data.factors.names,
        active=counted,
        normalised_information=normalised.share,
        mutual_information=normalised.information.mutual_information,
        factor_entropy=normalised.information.factor_entropy,
        overlap=normalised.information.overlap,
        saturated_share=examined_saturation(data, normalised, counted[:, None] & normalised.varying),
        settings={
            **settings_used,
            "active": rule,
            "null": chosen_null,
            "discrete_latents": discrete_latents,
            "preset": preset,
        },
    )


def _mean_of_told(each: FloatArray) -> float:
    """The mean over the latents that tell, or the factors that are told of; 0 if there is none."""
    told = each[~np.isnan(each)]
    return float(told.mean()) if told.size else 0.0


def _active(data: LabelledLatents, rule: str, *, of_posterior: bool) -> BoolArray:
    """The latents that count, by one of the two rules."""
    if rule == "varying":
        return active_latents(data, of_posterior=of_posterior)
    points = data.as_points().points
    span = points.max(axis=0) - points.min(axis=0)
    return span > _LEAST_RANGE * span.max()


def _predictors(data: LabelledLatents, discrete: bool) -> FloatArray:
    """What factors are predicted from: standardised latents, or an indicator of every value of each."""
    points = data.as_points()
    if not discrete:
        return standardised_columns(points.points, points.factors.normalised_weights)
    return np.column_stack([_indicators(column) for column in points.points.T])


def _indicators(column: FloatArray) -> FloatArray:
    values, number = np.unique(column, return_inverse=True)
    return (number[:, None] == np.arange(len(values))).astype(np.float64)
