"""Mutual information by nearest neighbours, one latent at a time.

Labels: Ross (2014), "Mutual information between discrete and continuous data sets", PLoS ONE 9(2).
Quantities: Kraskov, Stögbauer & Grassberger (2004), "Estimating mutual information", PRE 69, algorithm 1.
Ties: all points at the radius count. Where the radius itself is zero, the neighbour count is that of the coinciding
points (Gao et al. 2017, "Estimating mutual information for discrete-continuous mixtures", algorithm 1).
"""

import warnings

import numpy as np

from dismetrics.estimators.groups import Groups
from dismetrics.estimators.relevance.information import InformationMatrix
from dismetrics.estimators.relevance.settings import InformationSettings
from dismetrics.inputs import LabelledLatents
from dismetrics.kernels.neighbours import count_within, counts_below, kth_distance
from dismetrics.typing import FloatArray, IntArray
from dismetrics.warnings import DegenerateDataWarning

__all__ = ["knn_information"]

_REPEATED = 0.1
"""Share of coinciding samples, and of distinct values, above which rows seem to be repeated."""

_FEW_VALUES = 20
"""Distinct values up to which a latent is discrete, so that samples must coincide."""


def knn_information(data: LabelledLatents, settings: InformationSettings) -> InformationMatrix:
    """The nearest-neighbour estimate of every latent with every factor."""
    points = data.as_points()
    factors = points.factors
    if factors.weights is not None:
        raise ValueError("estimator='knn' counts neighbours and knows no weights; use 'histogram', or drop the weights")
    if "circular" in factors.kinds:
        name = factors.names[factors.kinds.index("circular")]
        raise ValueError(f"estimator='knn' has no distance for the circular factor {name!r}; use estimator='histogram'")
    latents = points.points
    information = np.empty((latents.shape[1], factors.n_factors))
    for k in range(factors.n_factors):
        known = np.flatnonzero(~factors.missing[:, k])
        for j in range(latents.shape[1]):
            column = latents[known, j]
            if factors.is_label(k):
                information[j, k] = label_information(column, factors.codes[known, k], settings.n_neighbours)
            else:
                information[j, k] = quantity_information(column, factors.values[known, k], settings.n_neighbours)
    labels = [factors.is_label(k) for k in range(factors.n_factors)]
    entropies = np.full(factors.n_factors, np.inf)  # a quantity can be told without limit
    if any(labels):
        entropies[labels] = Groups.of(factors.select(list(np.flatnonzero(labels)))).factor_entropies()
    return InformationMatrix(
        mutual_information=information,
        factor_entropy=entropies,
        latent_entropy=None,
        conditional_entropy=None,
        ceiling=entropies,
        overlap=None,
        standard_error=None,
        settings=settings.used(),
    )


def label_information(column: FloatArray, codes: IntArray, n_neighbours: int) -> float:
    """I(z; label) = psi(N) - <psi(N_label)> + <psi(k)> - <psi(m)> in nats, at least 0 (Ross 2014, eq. 2).

    k and m count the other points with the same label, and with any label, within the distance of the
    n_neighbours-th nearest other point of the same label. Labels that occur once are left out; a constant column
    carries nothing.
    """
    from scipy.special import digamma

    counts = np.bincount(codes)
    kept = counts[codes] > 1
    column, codes = column[kept], codes[kept]
    if column.size == 0 or column.min() == column.max():
        return 0.0
    order = np.argsort(column, kind="stable")
    ordered, codes = column[order], codes[order]
    by_label = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes))
    same = np.empty(len(ordered), np.int64)
    radius = np.empty(len(ordered))
    for start, end in zip(np.r_[0, ends[:-1]], ends, strict=True):
        if end > start:
            rows = by_label[start:end]
            mine = ordered[rows]
            radius[rows] = kth_distance(mine, min(n_neighbours, len(mine) - 1))
            same[rows] = count_within(mine, mine, radius[rows]) - 1
    _warn_if_repeated(ordered, radius)
    anyone = count_within(ordered, ordered, radius) - 1
    estimate = (
        digamma(len(ordered))
        - digamma(np.bincount(codes)[codes]).mean()
        + digamma(same).mean()
        - digamma(anyone).mean()
    )
    return max(0.0, float(estimate))


def _warn_if_repeated(ordered: FloatArray, radius: FloatArray) -> None:
    """Rows that stand in the data several times are each other's neighbours, whatever the latent says."""
    counts = np.unique(ordered[radius == 0], return_counts=True)[1]
    # A value of its own, such as the zeros of a rectified code, is no repetition; nor are codes with few values.
    repeated = counts.sum() - counts.max(initial=0)
    few_values = max(_FEW_VALUES, _REPEATED * len(ordered))
    if repeated > _REPEATED * len(ordered) and len(np.unique(ordered)) > few_values:
        warnings.warn(
            f"{repeated / len(ordered):.0%} of the samples coincide with more neighbours of their label than "
            "n_neighbours: if rows are repeated, nearest neighbours take any latent for a perfect one; drop the "
            "repetitions, or raise n_neighbours",
            DegenerateDataWarning,
            stacklevel=2,
        )


def _standardised(column: FloatArray) -> FloatArray:
    """The column divided by its standard deviation, brought near 1 by a power of two first: squares could overflow."""
    near_one = np.ldexp(column, -int(np.frexp(np.abs(column).max())[1]))
    return near_one / near_one.std()


def quantity_information(column: FloatArray, quantity: FloatArray, n_neighbours: int) -> float:
    """I(z; v) = psi(N) + <psi(k) - psi(n_z + 1) - psi(n_v + 1)> in nats, at least 0 (Kraskov et al. 2004, eq. 8).

    Both columns are divided by their standard deviation, and distances are the larger of the two differences. A
    constant column carries nothing.
    """
    from scipy.spatial import cKDTree
    from scipy.special import digamma

    if column.min() == column.max() or quantity.min() == quantity.max():
        return 0.0
    x, y = _standardised(column), _standardised(quantity)
    k = min(n_neighbours, len(x) - 1)
    pairs = np.column_stack([x, y])
    tree = cKDTree(pairs)
    radius = tree.query(pairs, k=[k + 1], p=np.inf)[0][:, 0]
    near_x = counts_below(np.sort(x), x, radius) - 1
    near_y = counts_below(np.sort(y), y, radius) - 1
    neighbours = np.full(len(x), k)
    tied = np.flatnonzero(radius == 0)
    if tied.size:
        neighbours[tied] = tree.query_ball_point(pairs[tied], 0.0, p=np.inf, return_length=True)
        near_x[tied] = count_within(np.sort(x), x[tied], radius[tied]) - 1
        near_y[tied] = count_within(np.sort(y), y[tied], radius[tied]) - 1
    estimate = digamma(len(x)) + (digamma(neighbours) - digamma(near_x + 1) - digamma(near_y + 1)).mean()
    return max(0.0, float(estimate))
