"""Modularity (Ridgeway & Mozer 2018, "Learning Deep Disentangled Embeddings With the F-Statistic Loss", section 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from dismetrics.estimators.activity import active_latents
from dismetrics.estimators.aggregation import best_template
from dismetrics.estimators.presets import INFORMATION_SETTINGS, resolve_preset
from dismetrics.estimators.relevance.normalised import examined_saturation, normalised_information
from dismetrics.estimators.relevance.settings import InformationOptions
from dismetrics.estimators.relevance.significance import significant_entries
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray, RandomState
from dismetrics.validation import as_choice

__all__ = ["ModularityResult", "modularity"]

_INACTIVE = ("include", "exclude")


@dataclass(frozen=True, slots=True, eq=False)
class ModularityResult(Result):
    """Modularity and what explains it.

    Attributes
    ----------
    score : float
        Mean of `per_latent` over the latents that count; 0 to 1, higher is better.
    per_latent : ndarray of float64, shape (n_latents,)
        Closeness of each latent to one that tells of a single factor; 0 for one that tells nothing, nan for one that
        is excluded.
    best_factors : ndarray of int, shape (n_latents,)
        The factor that each latent tells most of, as index into `factor_names`; -1 for one that tells nothing.
    factor_names : tuple of str
        Names of the factors scored.
    mutual_information : ndarray of float64, shape (n_latents, n_factors)
        I(z_j; v_k) in nats.
    factor_entropy : ndarray of float64, shape (n_factors,)
        H(v_k) in nats.
    significant : ndarray of bool, shape (n_latents, n_factors), or None
        Entries that count, where `significance` is given.
    active : ndarray of bool, shape (n_latents,)
        Latents that vary, and whose mutual information with some factor counts.
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
    mutual_information: FloatArray
    factor_entropy: FloatArray
    significant: BoolArray | None
    active: BoolArray
    overlap: FloatArray | None
    saturated_share: FloatArray | None
    settings: dict[str, Any]


def modularity(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    inactive: str = "include",
    significance: float | None = None,
    factor_subset: Sequence[str | int] | None = None,
    preset: str | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
    **information: Unpack[InformationOptions],
) -> ModularityResult:
    """Modularity: how near each latent is to one that tells of a single factor.

    The mean over latents j of 1 - sum_{k != b} m_jk^2 / (m_jb^2 (K - 1)), with m_jk = I(z_j; v_k), b the factor of
    which latent j tells most, and K the number of factors (Ridgeway & Mozer 2018, section 3). 0 to 1, higher is
    better. A latent that tells nothing scores 0 and counts, unless `inactive="exclude"`.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors q(z|x).
    factors : array-like of shape (n_samples, n_factors), or Factors
        The true factors, two or more with more than one value.
    inactive : {"include", "exclude"}, default "include"
        Whether latents count, with a score of 0, that are constant (posteriors: within 0.01 nats of the prior) or whose
        mutual information with every factor is zero or not significant.
    significance : float, optional
        Take entries of the mutual information for zero that are as large in more than this share of permutations of
        the samples, each entry by itself; 1 / significance permutations are made, less one.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    preset : {"disentanglement_lib", "ubisoft"}, optional
        Settings that reproduce another implementation (`estimators.PRESETS`); settings given beside it go first.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0; not with `significance`.
    rng : None, int or numpy.random.Generator
        Used by `significance`, `n_draws` and `correction="shuffle"` only.
    **information : optional
        How mutual information is estimated; as for `mig`, see `mutual_information`.

    Returns
    -------
    ModularityResult
        Score, latents, factors, matrix, entropies, activity and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored, a single factor, or if every latent is excluded.

    Warns
    -----
    DegenerateDataWarning
        If a factor has a single value: it is left out.
    SaturationWarning
        If there are too few samples for the posterior estimator.

    See Also
    --------
    mig_sup : The gap between the two factors that each latent tells most of.
    explicitness : How well all latents together tell of each factor, from the same paper.

    Notes
    -----
    Chance is far above 0: the estimates of a latent of noise are alike for no two factors, so that with labels of 3 to
    40 values it scores about two thirds, with any number of samples. Use `significance` to tell noise from modularity.
    A factor with more values can be told of more, since the mutual information is not divided by the entropy.

    Examples
    --------
    A perfect code, a rotated one, and one with a constant latent:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.indices((5, 5)).reshape(2, -1).T
    >>> dm.modularity(factors, factors).score
    1.0
    >>> round(dm.modularity(factors @ np.array([[1, 1], [-1, 1]]), factors).score, 4)
    0.0
    >>> with_dead = np.column_stack([factors, np.zeros(25)])
    >>> round(dm.modularity(with_dead, factors).score, 4), dm.modularity(with_dead, factors, inactive="exclude").score
    (0.6667, 1.0)
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset)
    as_choice(inactive, "inactive", _INACTIVE)
    settings = resolve_preset("modularity", preset, information, INFORMATION_SETTINGS)
    normalised = normalised_information(data, settings, rng)
    matrix = normalised.information
    varying = np.flatnonzero(normalised.varying)
    if len(varying) < 2:
        raise ValueError(
            f"modularity is not defined for one factor ({data.factors.names[varying[0]]}): every latent then tells of "
            "a single factor at most; give two or more that vary"
        )
    significant = None if significance is None else significant_entries(data, matrix, significance, rng)
    counting = matrix.mutual_information if significant is None else matrix.mutual_information * significant
    template = best_template(counting[:, varying])

    used = np.broadcast_to(normalised.varying, counting.shape)
    active = active_latents(data, of_posterior=normalised.settings["estimator"] == "posterior") & (template.best >= 0)
    counted = active if inactive == "exclude" else np.ones_like(active)
    if not counted.any():
        raise ValueError("inactive='exclude' leaves no latent: none of them says anything about the factors")
    per_latent = np.where(counted, template.closeness, np.nan)
    settings_used = {name: value for name, value in normalised.settings.items() if name != "normaliser"}
    if significance is not None:
        settings_used["seed"] = rng if isinstance(rng, int) else None
    return ModularityResult(
        score=float(per_latent[counted].mean()),
        per_latent=per_latent,
        best_factors=np.where(template.best < 0, -1, varying[template.best]),
        factor_names=data.factors.names,
        mutual_information=matrix.mutual_information,
        factor_entropy=matrix.factor_entropy,
        significant=significant,
        active=active,
        overlap=matrix.overlap,
        saturated_share=examined_saturation(data, normalised, used),
        settings={**settings_used, "inactive": inactive, "significance": significance, "preset": preset},
    )
