"""JEMMIG (Do & Tran 2020, "Theory and Evaluation Metrics for Learning Disentangled Representations", section 4.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from dismetrics.estimators.aggregation import top_two_gap
from dismetrics.estimators.presets import INFORMATION_SETTINGS, resolve_preset
from dismetrics.estimators.relevance.binned import binned_information, number_of_bins
from dismetrics.estimators.relevance.settings import InformationOptions
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, FloatArray, IntArray, RandomState
from dismetrics.validation import as_choice

__all__ = ["JEMMIGResult", "jemmig"]

_ORIENTATIONS = ("higher", "lower")

_EQUAL = 1e-12
"""Information in nats that is rounding: sums taken in another order must not choose another latent."""


@dataclass(frozen=True, slots=True, eq=False)
class JEMMIGResult(Result):
    """JEMMIG and what explains it.

    Attributes
    ----------
    score : float
        Mean of `per_factor` over the factors with more than one value; 0 to 1.
    per_factor : ndarray of float64, shape (n_factors,)
        1 - JEMMIG / (H(v_k) + log n_bins), higher is better; or without the 1 -, lower is better, as `orientation`
        asks for. nan for a factor with a single value.
    jemmig_per_factor : ndarray of float64, shape (n_factors,)
        JEMMIG itself in nats, H(z_a, v_k) - I(z_a; v_k) + I(z_b; v_k); lower is better.
    gap_per_factor : ndarray of float64, shape (n_factors,)
        I(z_a; v_k) - I(z_b; v_k) in nats.
    joint_entropy_per_factor : ndarray of float64, shape (n_factors,)
        H(z_a, v_k) in nats, of the bins of the latent that tells most of the factor.
    factor_names : tuple of str
        Names of the factors scored.
    best_latents, runner_up_latents : ndarray of int, shape (n_factors,)
        Latents a and b; -1 for a factor with a single value, and for the runner-up where there is a single latent.
    mutual_information : ndarray of float64, shape (n_latents, n_factors)
        I(bin of z_j; v_k) in nats.
    factor_entropy : ndarray of float64, shape (n_factors,)
        H(v_k) in nats.
    latent_entropy : ndarray of float64, shape (n_latents, n_factors)
        H(bin of z_j) in nats, over the samples whose label of factor k is known.
    n_bins : int
        Bins of a latent.
    ceiling : float
        The best score that any code could have with these bins and factors: below 1 (above 0 for lower is better)
        where there are fewer bins than labels.
    ceiling_per_factor : ndarray of float64, shape (n_factors,)
        Likewise for each factor.
    settings : dict
        The estimator and every setting used.
    """

    score: float
    per_factor: FloatArray
    jemmig_per_factor: FloatArray
    gap_per_factor: FloatArray
    joint_entropy_per_factor: FloatArray
    factor_names: tuple[str, ...]
    best_latents: IntArray
    runner_up_latents: IntArray
    mutual_information: FloatArray
    factor_entropy: FloatArray
    latent_entropy: FloatArray
    n_bins: int
    ceiling: float
    ceiling_per_factor: FloatArray
    settings: dict[str, Any]


def jemmig(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    orientation: str = "higher",
    factor_subset: Sequence[str | int] | None = None,
    preset: str | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
    **information: Unpack[InformationOptions],
) -> JEMMIGResult:
    """JEMMIG: how far each factor is told by one latent alone, and that latent tells nothing else.

    JEMMIG_k = H(z_a, v_k) - I(z_a; v_k) + I(z_b; v_k), with a and b the two latents that tell most of factor k and all
    terms those of binned latents (Do & Tran 2020, section 4.3, "joint entropy minus mutual information gap"). Of those
    that tell equally much, a is the one with the least entropy. JEMMIG lies between 0 and H(v_k) + log n_bins; the
    score is the mean of 1 - JEMMIG_k / (H(v_k) + log n_bins): 0 to 1, higher is better; 1 for a latent that takes one
    bin a value and nothing else.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors q(z|x) with a distribution function (`cumulative`) or tables. A single latent is
        allowed: I(z_b; v_k) is then 0 by definition.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors. Labels of any kind; continuous and circular ones are binned.
    orientation : {"higher", "lower"}, default "higher"
        Whether higher is better, or lower, as in the paper: the mean of JEMMIG_k / (H(v_k) + log n_bins).
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    preset : {"ubisoft"}, optional
        Settings that reproduce another implementation (`estimators.PRESETS`); settings given beside it go first.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.
    rng : None, int or numpy.random.Generator
        Not used: nothing here is random.
    **information : optional
        `estimator`: `"bin_masses"`, by default for posteriors, takes the exact mass of every posterior in every bin;
        `"histogram"`, by default for arrays, counts points. `n_bins` and `bin_range`: by default 100 bins over
        (-4, 4) for posteriors with densities, as the paper has it for a standard normal prior, the bins at the ends
        reaching to infinity; 20 bins over each latent's own range (`"own"`) for points, as in Locatello et al. 2019; a
        probability table has its values. The others as for `mutual_information`, but `correction`: corrected entropies
        have no bound.

    Returns
    -------
    JEMMIGResult
        Score, terms, latents, matrix, entropies, ceiling and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored, and for posteriors without a distribution function.

    Warns
    -----
    DegenerateDataWarning
        If a factor has a single value: it is left out, and its entry is nan.
    SaturationWarning
        If bins hold hardly more than one sample each.

    See Also
    --------
    rmig : The gap alone.

    Notes
    -----
    Latents that tell nothing do not score 0: then JEMMIG_k = H(z_a) + H(v_k), and the score is the mean of
    (log n_bins - H(z_a)) / (log n_bins + H(v_k)), the more the fewer bins the latent uses. A constant latent scores
    log n_bins / (log n_bins + H(v_k)), some 0.5 to 0.8. So look at the gap too.

    Examples
    --------
    A code with one bin a value, the same with a nuisance beside the factor, and a constant one:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factor = np.repeat(np.arange(5), 20)
    >>> nuisance = np.tile(np.arange(4), 25)
    >>> round(dm.jemmig(factor[:, None], factor, n_bins=5).score, 4)
    1.0
    >>> round(dm.jemmig((4 * factor + nuisance)[:, None], factor, n_bins=20).score, 4)
    0.699
    >>> round(dm.jemmig(np.zeros((100, 1)), factor, n_bins=20).score, 4)
    0.6505
    """
    as_choice(orientation, "orientation", _ORIENTATIONS)
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset)
    normalised = binned_information(data, resolve_preset("jemmig", preset, information, INFORMATION_SETTINGS), rng)
    if normalised.settings.get("correction", "none") != "none":
        raise ValueError(
            f"correction={normalised.settings['correction']!r} has no part in jemmig: corrected entropies have no "
            "bound to divide by; leave it out"
        )
    matrix, varying = normalised.information, normalised.varying
    entropy, of_latent = matrix.factor_entropy, matrix.latent_entropy
    assert of_latent is not None
    n_bins = number_of_bins(data, normalised)
    gap = top_two_gap(matrix.mutual_information)
    told = matrix.mutual_information.max(axis=0)
    best = _simplest_of_equals(matrix.mutual_information, of_latent)
    joint = of_latent[best, np.arange(len(entropy))] + entropy - told
    costs = _of_varying(joint - gap.gap, varying)
    largest = entropy + np.log(n_bins)
    # H(z, v) - I >= H(v) - I, and no code tells more than the ceiling.
    least = _of_varying(entropy - matrix.ceiling, varying)

    def oriented(cost: FloatArray) -> FloatArray:
        share = np.clip(cost / largest, 0.0, 1.0)  # what is outside is rounding
        return 1.0 - share if orientation == "higher" else share

    per_factor, ceiling = oriented(costs), oriented(least)
    settings = {name: value for name, value in normalised.settings.items() if name != "normaliser"}
    return JEMMIGResult(
        score=float(per_factor[varying].mean()),
        per_factor=per_factor,
        jemmig_per_factor=costs,
        gap_per_factor=_of_varying(gap.gap, varying),
        joint_entropy_per_factor=_of_varying(joint, varying),
        factor_names=data.factors.names,
        best_latents=np.where(varying, best, -1),
        runner_up_latents=np.where(varying, np.where(best == gap.best, gap.runner_up, gap.best), -1),
        mutual_information=matrix.mutual_information,
        factor_entropy=entropy,
        latent_entropy=of_latent,
        n_bins=n_bins,
        ceiling=float(ceiling[varying].mean()),
        ceiling_per_factor=ceiling,
        settings={**settings, "orientation": orientation, "preset": preset},
    )


def _simplest_of_equals(mutual_information: FloatArray, latent_entropy: FloatArray) -> IntArray:
    """The latent that tells most of each factor; of equals that with the least entropy, wherever it stands."""
    most = mutual_information.max(axis=0)
    equals = mutual_information >= most - _EQUAL * np.maximum(most, 1.0)
    return np.where(equals, latent_entropy, np.inf).argmin(axis=0)


def _of_varying(values: FloatArray, varying: np.ndarray) -> FloatArray:
    """nan for factors with a single value."""
    return np.where(varying, values, np.nan)
