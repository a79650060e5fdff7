"""Single-neuron classification (Mahon, Sha & Lukasiewicz 2024).

"Correcting Flaws in Common Disentanglement Metrics".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.aggregation import optimal_matching
from dismetrics.estimators.discretize import bin_edges, discretise_factors
from dismetrics.estimators.entropy import discrete_entropy
from dismetrics.estimators.varying import check_varying, varying_factors
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.kernels.bins import search_bins
from dismetrics.kernels.counts import pair_information
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, FloatArray, IntArray
from dismetrics.validation import as_positive_integer

__all__ = ["SNCResult", "snc"]

_MOST_LABELS = 2**13
"""Labels that are matched with as many bins: a table of 512 MiB."""


@dataclass(frozen=True, slots=True, eq=False)
class SNCResult(Result):
    """Single-neuron classification and what explains it.

    Attributes
    ----------
    score : float
        Mean of `per_factor` over the factors with more than one value; 0 to 1, higher is better.
    chance_scaled : float
        Mean over the same factors of (accuracy - chance) / (1 - chance): 0 for guesses, 1 for all right.
    per_factor : ndarray of float64, shape (n_factors,)
        Share of the samples of which the factor's latent alone gives the right label; nan for a factor with a single
        value. Where no latent is left for a factor, that of always naming the most frequent label.
    chance_per_factor : ndarray of float64, shape (n_factors,)
        Share of the most frequent label.
    factor_names : tuple of str
        Names of the factors scored.
    matched_latents : ndarray of int, shape (n_factors,)
        The latent of each factor; -1 where there is none.
    mutual_information : ndarray of float64, shape (n_latents, n_factors)
        I(z_j; v_k) in nats, of as many bins of equal frequency as the factor has labels; latents are matched by it.
    factor_entropy : ndarray of float64, shape (n_factors,)
        H(v_k) in nats.
    settings : dict
        Every setting used.
    """

    score: float
    chance_scaled: float
    per_factor: FloatArray
    chance_per_factor: FloatArray
    factor_names: tuple[str, ...]
    matched_latents: IntArray
    mutual_information: FloatArray
    factor_entropy: FloatArray
    settings: dict[str, Any]


def snc(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    n_factor_bins: int = 20,
    factor_subset: Sequence[str | int] | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
) -> SNCResult:
    """Single-neuron classification: how many samples a single latent of each factor classifies right.

    Each factor gets a latent of its own, so that the conditional entropies H(v_k | z_j) add up to the least. Its values
    are split into as many bins of equal frequency as the factor has labels, each label gets a bin of its own, and the
    share of the samples that are then right is the accuracy. The score is its mean over the factors (Mahon et al.
    2024). 0 to 1, higher is better.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes; posteriors stand for theirs. A constant latent is one bin.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors. Labels of any kind; continuous and circular ones are binned.
    n_factor_bins : int, default 20
        Bins of equal width of continuous and circular factors.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0. A sample counts once for the bins, whatever its weight.

    Returns
    -------
    SNCResult
        Score, accuracies, chance, matching, matrix and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored, or a factor of more than 8,192 labels.

    Warns
    -----
    DegenerateDataWarning
        If a factor has a single value: it is left out, and its entry is nan.

    See Also
    --------
    sap : The gap of accuracies, held out.
    mcc : The same matching, of correlation.

    Notes
    -----
    Bins and their labels are those of the samples that are scored: with few samples of each label the accuracy of noise
    is above chance, which is the share of the most frequent label. Where labels are not equally frequent, bins of equal
    frequency cut across them, and a code that tells all of a factor is not all right; one whose values are no more than
    there are labels has a bin for each, and is. The accuracy can then be below chance.

    The paper's second score, neuron knockout, trains networks with and without the matched latent, and is not computed.

    Examples
    --------
    A perfect code, a rotated one, and an independent one:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.tile(np.indices((4, 4)).reshape(2, -1).T, (250, 1))
    >>> dm.snc(-factors[:, ::-1], factors).score
    1.0
    >>> round(dm.snc(factors @ np.array([[1, 1], [-1, 1]]), factors).score, 2)
    0.44
    >>> noise = np.random.default_rng(0).normal(size=(4000, 2))
    >>> abs(dm.snc(noise, factors).chance_scaled) < 0.03
    True
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset)
    as_positive_integer(n_factor_bins, "n_factor_bins", at_least=2)
    varying = varying_factors(data.factors)
    check_varying(varying, data.factors.names, stacklevel=2)
    points = data.as_points()
    labelled = discretise_factors(points.factors, n_factor_bins)

    scored = np.flatnonzero(varying).tolist()
    shape = (points.points.shape[1], labelled.n_factors)
    information, entropy = np.zeros(shape), np.zeros(shape[1])
    accuracy, chance = np.full(shape[1], np.nan), np.full(shape[1], np.nan)
    for k in scored:
        rows, numbers, shares = _labels(labelled, k)
        mass = np.asarray(np.bincount(numbers, shares), np.float64)
        entropy[k] = discrete_entropy(mass)
        chance[k] = accuracy[k] = mass.max() / mass.sum()
        for j in range(shape[0]):
            table = _by_label_and_bin(points.points[rows, j], numbers, shares)
            information[j, k] = pair_information(table, 0, len(table))[0]

    matched = np.full(shape[1], -1)
    matched[varying] = optimal_matching(information[:, varying]).candidates
    for k in scored:
        if matched[k] >= 0:
            rows, numbers, shares = _labels(labelled, k)
            table = _by_label_and_bin(points.points[rows, matched[k]], numbers, shares)
            accuracy[k] = optimal_matching(table.T).relevance.sum() / table.sum()
    above = (accuracy - chance)[varying] / (1.0 - chance[varying])
    return SNCResult(
        score=float(accuracy[varying].mean()),
        chance_scaled=float(above.mean()),
        per_factor=accuracy,
        chance_per_factor=chance,
        factor_names=data.factors.names,
        matched_latents=matched,
        mutual_information=information,
        factor_entropy=entropy,
        settings={"n_factor_bins": n_factor_bins},
    )


def _labels(factors: Factors, factor: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Rows where a factor is known, their labels, numbered from 0 without gaps, and their weights."""
    rows = np.flatnonzero(~factors.missing[:, factor])
    present, numbers = np.unique(factors.codes[rows, factor], return_inverse=True)
    if len(present) > _MOST_LABELS:
        raise ValueError(
            f"factor {factors.names[factor]!r} has {len(present)} labels, too many to match with as many bins: if it "
            "is a quantity, pass kinds={...: 'continuous'}"
        )
    # Of unweighted samples counts, so that all right is exactly 1.
    return rows, numbers, np.ones(len(rows)) if factors.weights is None else factors.normalised_weights[rows]


def _by_label_and_bin(column: FloatArray, numbers: IntArray, shares: FloatArray) -> FloatArray:
    """The weight of every label in every bin of a latent, shape (n_labels, n_bins)."""
    n_labels = int(numbers.max()) + 1
    edges = bin_edges(column, n_labels, "quantile")
    n_bins = len(edges) - 1
    bins = search_bins(np.ascontiguousarray(column), edges)
    mass = np.bincount(numbers * n_bins + bins, shares, n_labels * n_bins)
    return np.asarray(mass, np.float64).reshape(n_labels, n_bins)
