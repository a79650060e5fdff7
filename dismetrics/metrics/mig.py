"""The mutual information gap (Chen et al. 2018, "Isolating Sources of Disentanglement in VAEs", section 4.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from dismetrics.estimators.aggregation import top_two_gap
from dismetrics.estimators.presets import resolve_preset
from dismetrics.estimators.relevance.normalised import examined_saturation, normalised_information
from dismetrics.estimators.relevance.settings import InformationOptions
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, FloatArray, IntArray, RandomState

__all__ = ["MIGResult", "mig"]


@dataclass(frozen=True, slots=True, eq=False)
class MIGResult(Result):
    """The mutual information gap and what explains it.

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
    mutual_information : ndarray of float64, shape (n_latents, n_factors)
        I(z_j; v_k) in nats.
    factor_entropy : ndarray of float64, shape (n_factors,)
        H(v_k) in nats.
    latent_entropy, conditional_entropy : ndarray of float64, shape (n_latents, n_factors), or None
        H(z_j) and H(z_j | v_k) in nats, over the samples whose label of factor k is known; differential for densities.
    ceiling : float
        A bound on the score of any code with this estimator and these factors, min(H(v), log n_bins) / H(v) in the
        mean; below 1 where latents have fewer bins (or values) than a factor.
    ceiling_per_factor : ndarray of float64, shape (n_factors,)
        Likewise for each factor.
    overlap : ndarray of float64, shape (n_latents, n_factors), or None
        For the posterior estimator: samples of one factor value that share their place on a latent, in the geometric
        mean. Near 1 the estimator is saturated.
    saturated_share : ndarray of float64, shape (n_factors,), or None
        For the posterior estimator: of the samples looked at, the share that overlaps with fewer than two others of its
        value, on the latents that make the gap. Above 0.2 a SaturationWarning is given.
    standard_error : ndarray of float64, shape (n_latents, n_factors), or None
        Of the mutual information in nats, where it was sampled.
    settings : dict
        The estimator and every setting used.
    """

    score: float
    per_factor: FloatArray
    factor_names: tuple[str, ...]
    best_latents: IntArray
    runner_up_latents: IntArray
    mutual_information: FloatArray
    factor_entropy: FloatArray
    latent_entropy: FloatArray | None
    conditional_entropy: FloatArray | None
    ceiling: float
    ceiling_per_factor: FloatArray
    overlap: FloatArray | None
    saturated_share: FloatArray | None
    standard_error: FloatArray | None
    settings: dict[str, Any]


def mig(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    normaliser: str | None = None,
    factor_subset: Sequence[str | int] | None = None,
    preset: str | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
    **information: Unpack[InformationOptions],
) -> MIGResult:
    """Mutual information gap: how far each factor is told by one latent alone.

    MIG = mean over factors k of (I(z_a; v_k) - I(z_b; v_k)) / H(v_k), with a and b the two latents that tell most of
    factor k (Chen et al. 2018, section 4.1). 0 to 1, higher is better. Independent latents score 0 up to the bias of
    the estimator, which the gap cancels where it is that of both latents: not for a single one.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors q(z|x), for which the score is the paper's own. A single latent is allowed: the
        runner-up is then 0 by definition.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors. Labels of any kind; continuous and circular ones are binned.
    normaliser : {"factor", "latent"}, optional
        Divide by H(v_k), the default and the paper's, or by H(z_j) before the two largest are taken.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    preset : {"chen2018", "disentanglement_lib", "ubisoft", "dent"}, optional
        Settings that reproduce another implementation (`estimators.PRESETS`); settings given beside it go first.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.
    rng : None, int or numpy.random.Generator
        Used by `n_draws` and `correction="shuffle"` only.
    **information : optional
        How mutual information is estimated: `estimator` (by default `"posterior"` for posteriors, exact for any grid
        of factors, with p(v_k) from the samples; `"histogram"` for arrays), `n_bins` (20, as in Locatello et al.
        2019), `discretisation`, `n_factor_bins`, `bin_labels`, `correction`, `n_shuffles`, `n_neighbours` and
        `n_draws`; see `mutual_information`.

    Returns
    -------
    MIGResult
        Score, gaps, latents, matrix, entropies, ceiling, overlap and settings.

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
    mig_sup : The gap of each latent over the factors.

    Notes
    -----
    With 20 bins a code cannot carry more than log 20 nats, so a perfect code for 40 values scores at most 0.81; the
    result's `ceiling` says so. The reference implementation samples entropies, needs a full grid of factors and takes
    all values of a factor as equally likely; here entropies are exact and p(v_k) comes from the samples and weights.

    Examples
    --------
    A perfect code, a rotated one, and an independent one:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.indices((5, 5)).reshape(2, -1).T
    >>> dm.mig(factors, factors).score
    1.0
    >>> round(dm.mig(factors @ np.array([[1, 1], [-1, 1]]), factors).score, 4)
    0.0
    >>> noise = np.random.default_rng(0).normal(size=(10_000, 2))
    >>> dm.mig(noise, np.tile(factors, (400, 1))).score < 0.01
    True
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights)
    settings = resolve_preset("mig", preset, {**information, "normaliser": normaliser})
    data = data.select(_scored_factors(data.factors, factor_subset, settings.pop("exclude", ()), preset))
    normalised = normalised_information(data, settings, rng)
    gap = top_two_gap(normalised.share)

    matrix, varying = normalised.information, normalised.varying
    return MIGResult(
        score=float(gap.gap[varying].mean()),
        per_factor=gap.gap,
        factor_names=data.factors.names,
        best_latents=np.where(varying, gap.best, -1),
        runner_up_latents=np.where(varying, gap.runner_up, -1),
        mutual_information=matrix.mutual_information,
        factor_entropy=matrix.factor_entropy,
        latent_entropy=matrix.latent_entropy,
        conditional_entropy=matrix.conditional_entropy,
        ceiling=float(normalised.ceiling[varying].mean()),
        ceiling_per_factor=normalised.ceiling,
        overlap=matrix.overlap,
        saturated_share=examined_saturation(data, normalised, gap.mask(data.n_latents)),
        standard_error=matrix.standard_error,
        settings={**normalised.settings, "preset": preset},
    )


def _scored_factors(
    factors: Factors, subset: Sequence[str | int] | None, exclude: tuple[str, ...], preset: str | None
) -> Sequence[str | int] | None:
    """The factors to score: those asked for, or all but the ones the preset leaves out."""
    if subset is not None or not exclude:
        return subset
    kept = [name for name in factors.names if name.lower() not in exclude]
    if not kept:
        raise ValueError(f"preset={preset!r} leaves out the factor {exclude[0]!r}, and there is no other")
    if len(kept) == len(factors.names):
        raise ValueError(
            f"preset={preset!r} leaves out the factor {exclude[0]!r}, but the factors are named "
            f"{', '.join(factors.names)}: name them with Factors(..., names=...), or say which to score with "
            "factor_subset"
        )
    return kept
