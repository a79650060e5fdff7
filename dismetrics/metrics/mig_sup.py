"""MIG-sup, the gap seen from the latents (Li et al. 2020, "Progressive Learning and Disentanglement", section 5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from dismetrics.estimators.activity import active_latents
from dismetrics.estimators.aggregation import top_two_gap
from dismetrics.estimators.presets import resolve_preset
from dismetrics.estimators.relevance.normalised import examined_saturation, normalised_information
from dismetrics.estimators.relevance.settings import InformationOptions
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray, RandomState
from dismetrics.validation import as_choice

__all__ = ["MIGSupResult", "mig_sup"]

_INACTIVE = ("include", "exclude")


@dataclass(frozen=True, slots=True, eq=False)
class MIGSupResult(Result):
    """MIG-sup and what explains it.

    Attributes
    ----------
    score : float
        Mean of `per_latent` over the latents that count; 0 to 1, higher is better.
    per_latent : ndarray of float64, shape (n_latents,)
        Gap of each latent; nan for one that is excluded as inactive.
    best_factors, runner_up_factors : ndarray of int, shape (n_latents,)
        The two factors that make each gap, as indices into `factor_names`; the runner-up is -1 where there is one
        factor.
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
        value, on the latents whose gaps count. Above 0.2 a SaturationWarning is given.
    active : ndarray of bool, shape (n_latents,)
        Latents that say anything about the samples.
    ceiling : float
        A bound on the score of any code with this estimator and these factors.
    settings : dict
        The estimator and every setting used.
    """

    score: float
    per_latent: FloatArray
    best_factors: IntArray
    runner_up_factors: IntArray
    factor_names: tuple[str, ...]
    mutual_information: FloatArray
    factor_entropy: FloatArray
    overlap: FloatArray | None
    saturated_share: FloatArray | None
    active: BoolArray
    ceiling: float
    settings: dict[str, Any]


def mig_sup(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    normaliser: str | None = None,
    inactive: str = "include",
    factor_subset: Sequence[str | int] | None = None,
    preset: str | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
    **information: Unpack[InformationOptions],
) -> MIGSupResult:
    """MIG-sup: how far each latent tells of one factor alone.

    The mean over latents j of J(j, a) - J(j, b), with J(j, k) = I(z_j; v_k) / H(v_k) and a and b the two factors of
    which latent j tells most (Li et al. 2020). 0 to 1, higher is better. A latent that tells nothing has gap 0 and
    counts, unless `inactive="exclude"`: with more latents than factors the score is then below 1 even for a perfect
    code.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors q(z|x).
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors. A single factor is allowed: the runner-up is then 0 by definition.
    normaliser : {"factor", "latent"}, optional
        Divide by H(v_k), the default, or by H(z_j).
    inactive : {"include", "exclude"}, default "include"
        Whether latents that say nothing about the samples (constant points, or posteriors within 0.01 nats of the
        prior) count, with their gap of 0.
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
    MIGSupResult
        Score, gaps, factors, matrix, entropies, activity, ceiling and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored, or if every latent is excluded.

    Warns
    -----
    DegenerateDataWarning
        If a factor has a single value: it is left out.
    SaturationWarning
        If there are too few samples for the posterior estimator.

    See Also
    --------
    mig : The gap of each factor over the latents.

    Notes
    -----
    Intervals by `confidence_interval` are a little too wide for noise: in simulations 99 % of them held the expected
    score, of 95 % that were asked for.

    Examples
    --------
    A perfect code, a rotated one, and an independent one:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.indices((5, 5)).reshape(2, -1).T
    >>> dm.mig_sup(factors, factors).score
    1.0
    >>> round(dm.mig_sup(factors @ np.array([[1, 1], [-1, 1]]), factors).score, 4)
    0.0
    >>> noise = np.random.default_rng(0).normal(size=(10_000, 2))
    >>> dm.mig_sup(noise, np.tile(factors, (400, 1))).score < 0.01
    True
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights)
    as_choice(inactive, "inactive", _INACTIVE)
    settings = resolve_preset("mig_sup", preset, {**information, "normaliser": normaliser})
    data = data.select(factor_subset)
    normalised = normalised_information(data, settings, rng)
    # Factors are the candidates here; those with a single value take no part.
    varying = np.flatnonzero(normalised.varying)
    gap = top_two_gap(normalised.share[:, varying].T)

    used = np.zeros(normalised.share.shape, bool)
    used[:, varying] = gap.mask(len(varying)).T
    active = active_latents(data, of_posterior=normalised.settings["estimator"] == "posterior")
    counted = active if inactive == "exclude" else np.ones_like(active)
    if not counted.any():
        raise ValueError("inactive='exclude' leaves no latent: none of them says anything about the samples")
    per_latent = np.where(counted, gap.gap, np.nan)
    return MIGSupResult(
        score=float(per_latent[counted].mean()),
        per_latent=per_latent,
        best_factors=varying[gap.best],
        runner_up_factors=np.where(gap.runner_up < 0, -1, varying[gap.runner_up]),
        factor_names=data.factors.names,
        mutual_information=normalised.information.mutual_information,
        factor_entropy=normalised.information.factor_entropy,
        overlap=normalised.information.overlap,
        saturated_share=examined_saturation(data, normalised, used),
        active=active,
        # Several latents may tell of one factor, so the bound is that of the factor that leaves most room.
        ceiling=float(normalised.ceiling[varying].max()),
        settings={**normalised.settings, "inactive": inactive, "preset": preset},
    )
