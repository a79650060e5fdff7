"""Latents matched to labels: DRVI (Moinfar & Theis 2024).

"Unsupervised Deep Disentangled Representation of Single-Cell Omics": four ways to say what a latent tells of a label,
three ways to make a score of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.aggregation import mean_of_maximum, optimal_matching, top_two_gap
from dismetrics.estimators.presets import resolve_preset
from dismetrics.estimators.relevance.labels import LABEL_MEASURES, label_relevance_matrix
from dismetrics.estimators.varying import check_varying, varying_factors
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, FloatArray, IntArray
from dismetrics.validation import as_choice, as_positive_integer

__all__ = ["LatentMatchingResult", "latent_matching"]

_AGGREGATIONS = ("lms", "msas", "msgs")
_SETTINGS = ("n_bins", "n_factor_bins")


@dataclass(frozen=True, slots=True, eq=False)
class LatentMatchingResult(Result):
    """The score of the latents matched to labels, and what explains it.

    Attributes
    ----------
    score : float
        Mean of `per_target`; 0 to 1, higher is better.
    per_target : ndarray of float64, shape (n_targets,)
        What each target's latent tells of it, or its gap to the next one; 0 for one that is left without a latent.
    target_factors : ndarray of int, shape (n_targets,)
        The factor that each target is a label of, as index into `factor_names`.
    target_labels : tuple of str
        The label.
    target_latents : ndarray of int, shape (n_targets,)
        The latent of each target; -1 where there is none.
    per_factor : ndarray of float64, shape (n_factors,)
        Mean over the targets of each factor; nan for a factor with a single value.
    factor_names : tuple of str
        Names of the factors scored.
    relevance : ndarray of float64, shape (n_latents, n_targets)
        What every latent tells of every target.
    ceiling : float
        A bound on the score: for `"lms"` the share of the targets for which there is a latent that is not constant,
        otherwise 1.
    settings : dict
        Relevance, aggregation and every setting used.
    """

    score: float
    per_target: FloatArray
    target_factors: IntArray
    target_labels: tuple[str, ...]
    target_latents: IntArray
    per_factor: FloatArray
    factor_names: tuple[str, ...]
    relevance: FloatArray
    ceiling: float
    settings: dict[str, Any]


def latent_matching(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    relevance: str = "smi",
    aggregation: str = "lms",
    n_bins: int | None = None,
    n_factor_bins: int | None = None,
    factor_subset: Sequence[str | int] | None = None,
    preset: str | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
) -> LatentMatchingResult:
    """Latents matched to labels: whether every label (a cell type, a process) has a latent of its own.

    A matrix of what every latent tells of the presence of every label (SMI, SPN, ASC or BMMI), and a score of it: LMS,
    MSAS or MSGS (Moinfar & Theis 2024, "DRVI"). 0 to 1, higher is better. Labels are what latents are matched to, not
    factors: a latent that numbers all cell types is the latent of one of them at most.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes; posteriors stand for theirs. A constant latent tells nothing.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        Labels, such as cell types, or a column of 0 and 1 for each process. A factor of two labels is one target, its
        second label; one of more has a target for each. Continuous and circular factors are binned.
    relevance : {"smi", "spn", "asc", "bmmi"}, default "smi"
        `"smi"`: scaled mutual information, in bins. `"spn"`: same-process neighbours, how often the next sample along
        the latent has the label too, beyond chance. `"asc"`: absolute Spearman correlation. `"bmmi"`: binary maximum
        mutual information, by the best threshold. See `estimators.label_relevance`.
    aggregation : {"lms", "msas", "msgs"}, default "lms"
        `"lms"`, latent matching score: each latent is matched to one target at most, so that the sum is largest.
        `"msas"`, most similar averaging score: each target has its best latent. `"msgs"`, most similar gap score: the
        gap of this latent to the next best, which is 0 by definition where there is a single latent.
    n_bins : int, optional
        Bins of equal width of each latent for `"smi"`, 20 by default; two at least.
    n_factor_bins : int, optional
        Bins of equal width of continuous and circular factors, 20 by default.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    preset : {"drvi"}, optional
        Settings that reproduce the authors' code (`estimators.PRESETS`); settings given beside it go first.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0; not for `"spn"`.

    Returns
    -------
    LatentMatchingResult
        Score, targets, latents, matrix, ceiling and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored; the message names the argument and the remedy.

    Warns
    -----
    DegenerateDataWarning
        If a factor has a single value: it is left out, and its entry is nan. If a label occurs once.

    See Also
    --------
    mig : The gap of mutual information with whole factors.
    mcc : The matching of correlation with whole factors.

    Notes
    -----
    The paper estimates mutual information by neighbours, the authors' code now in 10 bins; 20 here, as for every other
    metric of bins. For SPN the code takes tied samples in the order in which it finds them, and returns nan for a label
    that occurs once; here it is the mean over all orders of the ties, and 0. It makes two targets of a factor of two
    labels, so that the LMS of a single latent that is this factor is 1/2; pass `numpy.eye(2)[codes]` for that.

    Intervals by `confidence_interval` are a little too wide for noise: in simulations all of 200 held the expected
    score, of 95 % that should.

    Examples
    --------
    A latent for each of three cell types, one that numbers them, and an independent one:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> cell_types = np.arange(3000) % 3
    >>> dm.latent_matching(np.eye(3)[cell_types], cell_types).score
    1.0
    >>> round(dm.latent_matching(cell_types[:, None], cell_types).score, 4)
    0.3333
    >>> noise = np.random.default_rng(0).normal(size=(3000, 3))
    >>> dm.latent_matching(noise, cell_types).score < 0.02
    True
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset)
    as_choice(relevance, "relevance", LABEL_MEASURES)
    as_choice(aggregation, "aggregation", _AGGREGATIONS)
    if n_bins is not None and relevance != "smi":
        raise ValueError(f"n_bins={n_bins!r} has no part in relevance={relevance!r}: leave it out")
    given = {"n_bins": n_bins, "n_factor_bins": n_factor_bins}
    settings = {"n_bins": 20, "n_factor_bins": 20, **resolve_preset("latent_matching", preset, given, _SETTINGS)}
    as_positive_integer(settings["n_bins"], "n_bins", at_least=2)
    as_positive_integer(settings["n_factor_bins"], "n_factor_bins", at_least=2)
    varying = varying_factors(data.factors)
    check_varying(varying, data.factors.names, stacklevel=2)
    told = label_relevance_matrix(data, relevance, **settings)

    n_targets, ceiling = len(told.target_factors), 1.0
    if aggregation == "msgs":
        gap = top_two_gap(told.relevance)
        per_target, best = gap.gap, gap.best
    else:
        matching = (optimal_matching if aggregation == "lms" else mean_of_maximum)(told.relevance)
        per_target, best = matching.relevance, matching.candidates
    if aggregation == "lms":
        points = data.as_points().points
        ceiling = min(1.0, int((points.min(axis=0) < points.max(axis=0)).sum()) / n_targets)
    per_factor = np.full(len(varying), np.nan)
    for k in np.unique(told.target_factors):
        per_factor[k] = per_target[told.target_factors == k].mean()
    return LatentMatchingResult(
        score=float(per_target.mean()),
        per_target=per_target,
        target_factors=told.target_factors,
        target_labels=told.target_labels,
        target_latents=best,
        per_factor=per_factor,
        factor_names=data.factors.names,
        relevance=told.relevance,
        ceiling=ceiling,
        settings={**told.settings, "aggregation": aggregation, "preset": preset},
    )
