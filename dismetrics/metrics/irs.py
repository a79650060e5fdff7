"""The interventional robustness score (Suter et al. 2019, "Robustly Disentangled Causal Mechanisms", section 4)."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.discretize import discretise_factors
from dismetrics.estimators.interventions.deviations import Deviations, deviations
from dismetrics.estimators.presets import intervention_settings
from dismetrics.estimators.units import Units
from dismetrics.estimators.varying import check_varying, varying_factors
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray
from dismetrics.validation import as_flag, as_positive_integer, as_positive_number
from dismetrics.warnings import DegenerateDataWarning

__all__ = ["IRSResult", "irs"]


@dataclass(frozen=True, slots=True, eq=False)
class IRSResult(Result):
    """The interventional robustness score and what explains it.

    Attributes
    ----------
    score : float
        Mean of `per_latent`, weighted by `max_deviation`; at most 1, higher is better.
    per_latent : ndarray of float64, shape (n_latents,)
        The largest entry of each row of `robustness`; 0 for a constant latent.
    best_factors : ndarray of int, shape (n_latents,)
        The factor of that entry, as an index into `factor_names`; -1 for a constant latent.
    robustness : ndarray of float64, shape (n_latents, n_factors)
        1 - E[max deviation of z_j | v_k] / max deviation of z_j: 1 where factor k decides latent j, 0 where holding it
        changes nothing. Below 0 where a latent deviates further from its mean given the value than from its overall
        mean. 0 for a constant latent; nan for a factor with a single value.
    max_deviation : ndarray of float64, shape (n_latents,)
        The largest abs(z_j - E[z_j]).
    factor_names : tuple of str
        Names of the factors.
    active : ndarray of bool, shape (n_latents,)
        Latents that are not constant.
    left_out : ndarray of float64, shape (n_factors,)
        Share of the samples whose value no other shares, and which therefore take no part.
    settings : dict
        Every setting used.
    """

    score: float
    per_latent: FloatArray
    best_factors: IntArray
    robustness: FloatArray
    max_deviation: FloatArray
    factor_names: tuple[str, ...]
    active: BoolArray
    left_out: FloatArray
    settings: dict[str, Any]


def irs(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    quantile: float | None = None,
    interpolate: bool | None = None,
    balanced_values: bool | None = None,
    n_factor_bins: int | None = None,
    bin_labels: bool | None = None,
    factor_subset: Sequence[str | int] | None = None,
    preset: str | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
) -> IRSResult:
    """Interventional robustness score: how little a latent moves while its factor is held and all others change.

    For latent j and factor k: 1 - E_v[max abs(z_j - E[z_j | v_k = v])] / max abs(z_j - E[z_j]); the largest over k
    counts for latent j, and the score is the mean over latents, weighted by the denominator (Suter et al. 2019,
    section 4: EMPIDA and the disentanglement score). At most 1, higher is better. Latents of pure noise score well
    above 0, more so the fewer samples a value has: 0.25 for ten latents, 10,000 samples and five factors of 3 to 40
    values, and 0.34 for 1,000 samples.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors, of which the point codes are taken (of a `SampledPosterior` all draws).
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors. Labels are taken as they are; continuous and circular factors are binned.
    quantile : float, optional
        Quantile of the deviations given a value, in (0, 1]; by default 1, the largest, as in the paper. Locatello et
        al. 2019 take 0.99. The deviation from the overall mean is the largest in any case.
    interpolate : bool, optional
        Interpolate the quantile between samples, for presets; by default it is the least deviation with that share of
        the weight at or below it.
    balanced_values : bool, optional
        Let all values of a factor count alike; by default by the weight of their samples.
    n_factor_bins : int, optional
        Bins of a continuous or circular factor; by default 20.
    bin_labels : bool, optional
        Bin labels as well, for presets; by default not.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    preset : {"disentanglement_lib", "ubisoft"}, optional
        Settings of another implementation (`estimators.PRESETS`); settings given beside it go first.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.

    Returns
    -------
    IRSResult
        Score, latents, matrix, factors, deviations and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored; the message names the argument and the remedy.

    Warns
    -----
    DegenerateDataWarning
        If a factor has a single value, or samples are left out since no other shares their value.

    See Also
    --------
    factor_vae_score : Variances in place of largest deviations, and a vote.

    Notes
    -----
    The largest deviation rests on single samples: one outlier changes the score, and with it the weight of its latent.
    Rescaling one latent changes the weights, by definition. Factors that depend on each other are not told apart from
    their causes: E[z | v] stands for the expectation under an intervention.

    Examples
    --------
    A perfect code, a rotated one, and an independent one:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.indices((5, 5)).reshape(2, -1).T
    >>> dm.irs(factors, factors).score
    1.0
    >>> dm.irs(factors @ np.array([[1, 1], [-1, 1]]), factors).score
    0.5
    >>> noise = np.random.default_rng(0).normal(size=(10_000, 2))
    >>> dm.irs(noise, np.tile(factors, (400, 1))).score < 0.2
    True
    """
    settings = intervention_settings(
        "irs",
        preset,
        {
            "quantile": quantile,
            "interpolate": interpolate,
            "balanced_values": balanced_values,
            "n_factor_bins": n_factor_bins,
            "bin_labels": bin_labels,
        },
    )
    chosen = as_positive_number(settings["quantile"], "quantile")
    if chosen > 1.0:
        raise ValueError(f"quantile={quantile!r}; a share of the samples, above 0 and at most 1, is wanted")
    interpolates = as_flag(settings["interpolate"], "interpolate")
    balanced = as_flag(settings["balanced_values"], "balanced_values")
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset).as_points()
    binned = discretise_factors(
        data.factors,
        as_positive_integer(settings["n_factor_bins"], "n_factor_bins"),
        labels_too=as_flag(settings["bin_labels"], "bin_labels"),
    )
    if interpolates and chosen < 1.0 and binned.weights is not None:
        raise ValueError("interpolate=True counts samples and knows no weights; drop one of them")
    varying = varying_factors(binned)
    check_varying(varying, binned.names, stacklevel=2)
    units = Units.by(data.points)
    points = units.of(data.points)
    found = deviations(points, binned, quantile=chosen, interpolate=interpolates, balanced_values=balanced)
    _look_at_single_samples(found, binned, varying)

    robustness = np.zeros_like(found.within)
    np.divide(found.within, found.overall, out=robustness, where=found.overall > 0)
    robustness = np.where(found.overall > 0, 1.0 - robustness, 0.0)
    robustness[:, ~varying] = np.nan
    active = units.varies
    candidates = np.flatnonzero(varying)
    best = candidates[robustness[:, candidates].argmax(axis=1)]
    per_latent = np.where(active, robustness[np.arange(len(best)), best], 0.0)
    size = _largest_deviations(points, binned.normalised_weights)
    # Divided by the largest first: deviations may be as large or as small as float64 holds.
    shares = (
        np.ldexp(size, np.frexp(units.scale)[1] - int(np.frexp(units.scale[active].max())[1])) if active.any() else size
    )
    return IRSResult(
        score=float((shares @ per_latent) / shares.sum()) if active.any() else 0.0,
        per_latent=per_latent,
        best_factors=np.where(active, best, -1),
        robustness=robustness,
        max_deviation=size * units.scale,
        factor_names=binned.names,
        active=active,
        left_out=np.where(varying, found.left_out, np.nan),
        settings={**settings, "preset": preset},
    )


def _largest_deviations(points: FloatArray, weights: FloatArray) -> FloatArray:
    return np.asarray(np.abs(points - np.einsum("n,nj->j", weights, points)).max(axis=0))


def _look_at_single_samples(found: Deviations, factors: Factors, varying: BoolArray) -> None:
    """A sample alone has no deviation from its own mean, which says nothing of the latents."""
    shares = np.where(varying, found.left_out, 0.0)
    worst = int(np.argmax(shares))
    if np.isnan(found.within[:, varying]).any():
        raise ValueError(
            f"no two samples share a value of {factors.names[worst]!r}, so nothing deviates where it is held: give "
            "more samples, pass quantities as such with kinds=, or leave the factor out (factor_subset)"
        )
    if shares[worst] > 0:
        warnings.warn(
            f"{shares[worst]:.2%} of the samples share their value of {factors.names[worst]!r} with no other, and are "
            "left out where it is held; if it is a quantity, pass kinds=, or use fewer bins (n_factor_bins)",
            DegenerateDataWarning,
            stacklevel=3,
        )
