"""RMIG, the robust gap (Do & Tran 2020, "Theory and Evaluation Metrics for Learning Disentangled Representations")."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from dismetrics.estimators.aggregation import top_two_gap
from dismetrics.estimators.presets import INFORMATION_SETTINGS, resolve_preset
from dismetrics.estimators.relevance.binned import binned_information
from dismetrics.estimators.relevance.settings import InformationOptions
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, FloatArray, IntArray, RandomState

__all__ = ["RMIGResult", "rmig"]


@dataclass(frozen=True, slots=True, eq=False)
class RMIGResult(Result):
    """The robust mutual information gap and what explains it.

    Attributes
    ----------
    score : float
        Mean of `per_factor` over the factors with more than one value; 0 to 1, higher is better.
    per_factor : ndarray of float64, shape (n_factors,)
        The gap as a share of H(v_k); nan for a factor with a single value.
    gap_per_factor : ndarray of float64, shape (n_factors,)
        The gap itself in nats, which is the paper's RMIG before it is normalised.
    factor_names : tuple of str
        Names of the factors scored.
    best_latents, runner_up_latents : ndarray of int, shape (n_factors,)
        The two latents that make each gap; -1 for a factor with a single value, and for the runner-up where there is
        a single latent.
    mutual_information : ndarray of float64, shape (n_latents, n_factors)
        I(bin of z_j; v_k) in nats.
    factor_entropy : ndarray of float64, shape (n_factors,)
        H(v_k) in nats.
    latent_entropy : ndarray of float64, shape (n_latents, n_factors)
        H(bin of z_j) in nats, over the samples whose label of factor k is known.
    ceiling : float
        A bound on the score of any code with these bins and factors.
    ceiling_per_factor : ndarray of float64, shape (n_factors,)
        Likewise for each factor.
    settings : dict
        The estimator and every setting used.
    """

    score: float
    per_factor: FloatArray
    gap_per_factor: FloatArray
    factor_names: tuple[str, ...]
    best_latents: IntArray
    runner_up_latents: IntArray
    mutual_information: FloatArray
    factor_entropy: FloatArray
    latent_entropy: FloatArray
    ceiling: float
    ceiling_per_factor: FloatArray
    settings: dict[str, Any]


def rmig(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    factor_subset: Sequence[str | int] | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
    **information: Unpack[InformationOptions],
) -> RMIGResult:
    """Robust mutual information gap: that of the latents' bins.

    RMIG = mean over factors k of (I(z_a; v_k) - I(z_b; v_k)) / H(v_k), with a and b the two latents that tell most of
    factor k, and I that of the bin a latent falls into: p(bin, v_k) is the mean over samples of q(bin|x) [v_k(x) = v]
    (Do & Tran 2020, section 4.3). 0 to 1, higher is better. It is `mig` of binned latents.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors q(z|x) with a distribution function (`cumulative`) or tables. A single latent is
        allowed: the runner-up is then 0 by definition.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors. Labels of any kind; continuous and circular ones are binned.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.
    rng : None, int or numpy.random.Generator
        Used by `correction="shuffle"` only.
    **information : optional
        `estimator`: `"bin_masses"`, by default for posteriors, takes the exact mass of every posterior in every bin;
        `"histogram"`, by default for arrays, counts points. `n_bins` and `bin_range`: by default 100 bins over
        (-4, 4) for posteriors with densities, as the paper has it for a standard normal prior, the bins at the ends
        reaching to infinity; 20 bins over each latent's own range (`"own"`) for points, as in Locatello et al. 2019; a
        probability table has its values. The others as for `mutual_information`.

    Returns
    -------
    RMIGResult
        Score, gaps in nats and as shares, latents, matrix, entropies, ceiling and settings.

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
    mig : The same gap of the latents themselves.
    jemmig : Takes away what the best latent tells besides the factor.

    Notes
    -----
    The authors' code takes the density at the middle of a bin times its width for its mass, divides by the sum within
    [-4, 4], and floors probabilities at 1e-8 before it takes logarithms. Here masses are exact.

    Examples
    --------
    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.tile(np.indices((5, 5)).reshape(2, -1).T, (4, 1))
    >>> dm.rmig(factors, factors).score
    1.0
    >>> noisy = dm.GaussianPosterior.from_scale(factors - 2.0, np.full(factors.shape, 0.5))
    >>> round(dm.rmig(noisy, factors).score, 4), round(dm.mig(noisy, factors).score, 4)
    (0.6403, 0.6409)
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset)
    normalised = binned_information(data, resolve_preset("rmig", None, information, INFORMATION_SETTINGS), rng)
    matrix, varying = normalised.information, normalised.varying
    gap = top_two_gap(normalised.share)
    assert matrix.latent_entropy is not None
    return RMIGResult(
        score=float(gap.gap[varying].mean()),
        per_factor=gap.gap,
        gap_per_factor=gap.gap * matrix.factor_entropy,
        factor_names=data.factors.names,
        best_latents=np.where(varying, gap.best, -1),
        runner_up_latents=np.where(varying, gap.runner_up, -1),
        mutual_information=matrix.mutual_information,
        factor_entropy=matrix.factor_entropy,
        latent_entropy=matrix.latent_entropy,
        ceiling=float(normalised.ceiling[varying].mean()),
        ceiling_per_factor=normalised.ceiling,
        settings={name: value for name, value in normalised.settings.items() if name != "normaliser"},
    )
