"""What every latent tells of every single label, in the four ways of Moinfar & Theis (2024), "DRVI"."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.discretize import discretise, discretise_factors
from dismetrics.estimators.entropy import discrete_entropy
from dismetrics.estimators.standardise import standardised_columns
from dismetrics.estimators.targets import ranks
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.kernels.counts import pair_information
from dismetrics.kernels.sorted_labels import best_cuts, same_label_neighbours
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.typing import ArrayLike, FloatArray, IntArray
from dismetrics.validation import as_choice, as_positive_integer
from dismetrics.warnings import DegenerateDataWarning

__all__ = ["LABEL_MEASURES", "LabelRelevance", "label_relevance", "label_relevance_matrix"]


@dataclass(frozen=True, slots=True, eq=False)
class LabelRelevance:
    """What every latent tells of every label.

    A factor of two labels is one target, the second label in their order, since the first is the absence of it. A
    factor of more has a target for each label that occurs. One of a single label has none.

    Attributes
    ----------
    relevance : ndarray of float64, shape (n_latents, n_targets)
        0 to 1, over the samples where the target's factor is known; 0 for a constant latent.
    target_factors : ndarray of int, shape (n_targets,)
        The factor that each target is a label of.
    target_labels : tuple of str
        The label.
    settings : dict
        The measure and every setting that it used.
    """

    relevance: FloatArray
    target_factors: IntArray
    target_labels: tuple[str, ...]
    settings: dict[str, Any]


def label_relevance(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    measure: str = "smi",
    n_bins: int = 20,
    n_factor_bins: int = 20,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
) -> LabelRelevance:
    """What every latent tells of every label, present or absent.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes; posteriors stand for theirs (all draws of a SampledPosterior).
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        Labels, such as cell types, or columns of 0 and 1. Continuous and circular factors are binned.
    measure : {"smi", "spn", "asc", "bmmi"}, default "smi"
        With y = 1 for samples of the label, else 0. `"smi"`, scaled mutual information: I(z; y) / H(y), z in bins.
        `"spn"`, same-process neighbours: of the samples of the label but one, the share whose next sample along z has
        it too, less what chance gives. `"asc"`, absolute Spearman correlation of z and y. `"bmmi"`, binary maximum
        mutual information: I(1[z > t]; y) / H(y) at the best threshold t.
    n_bins : int, default 20
        Bins of equal width of each latent, for `"smi"`.
    n_factor_bins : int, default 20
        Bins of equal width of continuous and circular factors.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0; not for `"spn"`.

    Returns
    -------
    LabelRelevance
        The matrix, shape (n_latents, n_targets), with targets and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that are not understood, or weights with `"spn"`.

    Warns
    -----
    DegenerateDataWarning
        If a label occurs once.

    Examples
    --------
    >>> import numpy as np
    >>> z = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> for measure in ("smi", "spn", "asc", "bmmi"):
    ...     print(measure, label_relevance(z, [0, 0, 1, 1], measure=measure).relevance.round(4))
    smi [[1.]]
    spn [[1.]]
    asc [[0.8944]]
    bmmi [[1.]]
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights)
    as_choice(measure, "measure", LABEL_MEASURES)
    as_positive_integer(n_bins, "n_bins", at_least=2)
    as_positive_integer(n_factor_bins, "n_factor_bins")
    return label_relevance_matrix(data, measure, n_bins, n_factor_bins)


def label_relevance_matrix(data: LabelledLatents, measure: str, n_bins: int, n_factor_bins: int) -> LabelRelevance:
    """The matrix for these settings, computed once for all metrics that ask for it."""
    key = ("label_relevance", measure, n_bins if measure == "smi" else None, n_factor_bins)
    return data.once(key, lambda: _matrix(data, measure, n_bins, n_factor_bins))


def _matrix(data: LabelledLatents, measure: str, n_bins: int, n_factor_bins: int) -> LabelRelevance:
    points = data.as_points()
    factors = discretise_factors(points.factors, n_factor_bins)
    if measure == "spn" and factors.weights is not None:
        raise ValueError("'spn' counts neighbours and knows no weights; drop one of them, or take 'smi' or 'bmmi'")
    columns: Any = discretise(points.points, n_bins=n_bins)[0] if measure == "smi" else points.points.T
    of_label = _MEASURES[measure]
    weights = np.ones(factors.n_samples) if factors.weights is None else factors.normalised_weights
    targets = [_targets(factors, k) for k in range(factors.n_factors)]
    _warn_of_single_samples(factors, targets)

    blocks = [np.zeros((len(columns), len(labels))) for labels in targets]
    # Factors that are known for the same samples share the sorting of the latents.
    alike: dict[bytes, list[int]] = {}
    for k, labels in enumerate(targets):
        if labels.size:
            alike.setdefault(factors.missing[:, k].tobytes(), []).append(k)
    for chosen in alike.values():
        known = np.flatnonzero(~factors.missing[:, chosen[0]])
        for j, column in enumerate(columns):
            order = known[np.argsort(column[known], kind="stable")]
            ordered, shares = column[order], weights[order]
            for k in chosen:
                codes = np.ascontiguousarray(factors.codes[order, k])
                found = of_label(ordered, codes, shares, int(factors.n_values[k]))
                blocks[k][j] = found[targets[k]]
    used: dict[str, Any] = {"relevance": measure, "n_factor_bins": n_factor_bins}
    if measure == "smi":
        used["n_bins"] = n_bins
    return LabelRelevance(
        # What is above 1 is rounding.
        relevance=np.minimum(np.hstack(blocks), 1.0),
        target_factors=np.repeat(np.arange(factors.n_factors), [len(labels) for labels in targets]),
        target_labels=tuple(str(factors.categories[k][code]) for k, labels in enumerate(targets) for code in labels),
        settings=used,
    )


def _targets(factors: Factors, factor: int) -> IntArray:
    """The labels of one factor that are targets."""
    codes = factors.codes[~factors.missing[:, factor], factor]
    present = np.unique(codes)
    return present[1:] if len(present) <= 2 else present


def _warn_of_single_samples(factors: Factors, targets: list[IntArray]) -> None:
    """What latents tell of a label that occurs once is an accident."""
    for k, labels in enumerate(targets):
        known = factors.codes[~factors.missing[:, k], k]
        n_single = int((np.bincount(known, minlength=int(factors.n_values[k]))[labels] == 1).sum())
        if n_single:
            warnings.warn(
                f"factor {factors.names[k]!r} has {n_single} labels that occur once: what latents tell of these is an "
                "accident; leave out their samples, or pass kinds={...: 'continuous'} if it is a quantity",
                DegenerateDataWarning,
                stacklevel=4,
            )


def _scaled_information(bins: IntArray, codes: IntArray, weights: FloatArray, n_labels: int) -> FloatArray:
    """I(bin; label present) / H(label present)."""
    n_bins = int(bins.max()) + 1
    table = np.bincount(codes * n_bins + bins, weights, n_labels * n_bins).reshape(n_labels, n_bins)
    # Sums of the other rows, not differences to the total: nothing is left of a bin that the label has to itself.
    before = np.vstack([np.zeros(n_bins), np.cumsum(table[:-1], axis=0)])
    after = np.vstack([np.cumsum(table[:0:-1], axis=0)[::-1], np.zeros(n_bins)])
    information = [
        pair_information(np.vstack([present, absent]), 0, 2)[0]
        for present, absent in zip(table, before + after, strict=True)
    ]
    return _share(np.array(information), codes, weights, n_labels)


def _same_neighbours(ordered: FloatArray, codes: IntArray, weights: FloatArray, n_labels: int) -> FloatArray:  # noqa: ARG001
    """(pairs / (count - 1) - share of the label) / (1 - that share), at least 0."""
    if ordered[0] == ordered[-1]:
        return np.zeros(n_labels)
    count = np.bincount(codes, minlength=n_labels)
    share = count / len(codes)
    pairs = same_label_neighbours(ordered, codes, n_labels)
    agreement = np.divide(pairs, count - 1, out=np.zeros(n_labels), where=count > 1)
    return np.divide(np.maximum(agreement - share, 0.0), 1.0 - share, out=np.zeros(n_labels), where=share < 1)


def _rank_correlation(ordered: FloatArray, codes: IntArray, weights: FloatArray, n_labels: int) -> FloatArray:
    """|correlation| of ranks with the presence of the label: covariance with it over its standard deviation."""
    shares = weights / weights.sum()
    standardised = standardised_columns(ranks(ordered, shares)[:, None], shares)[:, 0]
    mass = np.bincount(codes, shares, n_labels)
    covariance = np.abs(np.bincount(codes, shares * standardised, n_labels))
    deviation = np.sqrt(mass * np.maximum(1.0 - mass, 0.0))
    return np.divide(covariance, deviation, out=np.zeros(n_labels), where=deviation > 0)


def _best_threshold(ordered: FloatArray, codes: IntArray, weights: FloatArray, n_labels: int) -> FloatArray:
    """max_t I(1[z > t]; label present) / H(label present)."""
    return _share(best_cuts(ordered, codes, weights, n_labels), codes, weights, n_labels)


def _share(information: FloatArray, codes: IntArray, weights: FloatArray, n_labels: int) -> FloatArray:
    """Of the entropy of each label's presence; 0 for a label that no sample or every one has."""
    mass = np.bincount(codes, weights, n_labels)
    entropy = np.array([discrete_entropy(np.array([present, mass.sum() - present])) for present in mass])
    return np.divide(information, entropy, out=np.zeros(n_labels), where=entropy > 0)


_MEASURES: dict[str, Callable[[Any, IntArray, FloatArray, int], FloatArray]] = {
    "smi": _scaled_information,
    "spn": _same_neighbours,
    "asc": _rank_correlation,
    "bmmi": _best_threshold,
}

LABEL_MEASURES = tuple(_MEASURES)
