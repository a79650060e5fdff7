"""A sampler that draws from a table of rows that are encoded already."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.discretize import discretise_factors
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.kernels.interventions import (
    draw_by_weight,
    draw_evenly,
    draw_in_passes,
    mark_varying,
    number_by_appearance,
    sort_by_group,
    sums_within_groups,
)
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.typing import ArrayLike, FloatArray, IntArray
from dismetrics.validation import as_flag, as_positive_integer

__all__ = ["TableSampler"]

_MOST_COMBINATIONS = 2**62


@dataclass(frozen=True, slots=True, eq=False)
class _Sharing:
    """The rows that share the values of some factors, group by group.

    Attributes
    ----------
    order, start : ndarray of int
        Rows in the order of their groups, and where each group starts.
    cumulative : ndarray of float64, or None
        Weights in that order, summed up within each group; None for equal weights.
    usable : ndarray of int
        Groups in which something varies.
    leaders, leader_groups : ndarray of int
        The rows of these groups in their own order, and the group of each.
    leader_mass : ndarray of float64, or None
        Weights of the leaders, summed up.
    left_out : float
        Share of the weight of the rows with known values that is in no usable group.
    """

    order: IntArray
    start: IntArray
    cumulative: FloatArray | None
    usable: IntArray
    leader_groups: IntArray
    leader_mass: FloatArray | None
    left_out: float


class TableSampler:
    """Draws from rows that are given with their factors: a `FactorSampler` over a table.

    A group is made of rows that share the values of the fixed factors. Which values they are is decided by a row
    drawn from the table by weight, so that a value counts as often as it occurs. The rows of a group are then drawn
    by weight with replacement, and are independent given the values; a pair alone is always of two different rows,
    since a row has no distance from itself. Values that a single row has, and values whose rows agree in all
    other factors as well, are left out of the draw: nothing varies there. `left_out` says how much that is. Rows whose
    label is unknown take no part where that factor is fixed.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors, of which the point codes are taken (of a `SampledPosterior` all draws, each a row).
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors.
    balanced_values : bool, default False
        Draw each usable value (or combination of values) equally often.
    replace : bool, default True
        Draw rows with replacement. Without, they are dealt like cards: none comes again before all others that share
        its values have come, be it in this group or in the next. Not for weights.
    n_factor_bins : int, default 20
        Bins of equal width for a continuous or circular factor: rows that share a bin share a value.
    bin_labels : bool, default False
        Bin labels as well; some libraries do.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.

    Attributes
    ----------
    points : ndarray of float64, shape (n_samples, n_latents)
        The rows.
    factors : Factors
        Their factors, all of them labels.

    Raises
    ------
    TypeError, ValueError
        For data that cannot be used; the message names the argument and the remedy.

    Examples
    --------
    >>> import numpy as np
    >>> table = TableSampler(np.arange(6.0)[:, None], np.arange(6) // 2)
    >>> table.sample((0,), 3, 2, np.random.default_rng(0))[:, :, 0]
    array([[4., 5.],
           [3., 2.],
           [3., 2.]])
    """

    __slots__ = ("_balanced", "_replace", "_sharings", "factors", "points")

    points: FloatArray
    factors: Factors

    def __init__(
        self,
        latents: ArrayLike | FactorisedPosterior | LabelledLatents,
        factors: ArrayLike | Factors,
        *,
        balanced_values: bool = False,
        replace: bool = True,
        n_factor_bins: int = 20,
        bin_labels: bool = False,
        kinds: str | Mapping[Any, str] | None = None,
        weights: ArrayLike | None = None,
    ) -> None:
        data = as_labelled(latents, factors, kinds=kinds, weights=weights).as_points()
        as_positive_integer(n_factor_bins, "n_factor_bins")
        self.factors = discretise_factors(data.factors, n_factor_bins, labels_too=as_flag(bin_labels, "bin_labels"))
        # One row contiguous in memory: rows are what is gathered.
        self.points = np.ascontiguousarray(data.points)
        self._balanced = as_flag(balanced_values, "balanced_values")
        self._replace = as_flag(replace, "replace")
        if not self._replace and self.factors.weights is not None:
            raise ValueError("replace=False counts rows and knows no weights; drop one of them")
        self._sharings: dict[tuple[int, ...], _Sharing] = {}

    @property
    def n_factors(self) -> int:
        """Number of factors."""
        return self.factors.n_factors

    @property
    def factor_names(self) -> tuple[str, ...]:
        """Their names."""
        return self.factors.names

    def left_out(self, fixed: tuple[int, ...]) -> float:
        """Share of the weight of rows that no group has, as too few rows share their values of the fixed factors."""
        return self._sharing(fixed).left_out

    def rows(self, fixed: tuple[int, ...], n_groups: int, group_size: int, rng: np.random.Generator) -> IntArray:
        """Numbers of rows that share the values of the fixed factors, shape (n_groups, group_size)."""
        sharing = self._sharing(fixed)
        if len(sharing.usable) == 0:
            raise ValueError(self._nothing_varies(fixed))
        if self._balanced:
            chosen = sharing.usable[rng.integers(len(sharing.usable), size=n_groups)]
        elif sharing.leader_mass is None:
            chosen = sharing.leader_groups[rng.integers(len(sharing.leader_groups), size=n_groups)]
        else:
            places = np.searchsorted(sharing.leader_mass, rng.random(n_groups) * sharing.leader_mass[-1], side="right")
            chosen = sharing.leader_groups[np.minimum(places, len(sharing.leader_groups) - 1)]
        uniforms = rng.random((n_groups, group_size))
        if not self._replace:
            return draw_in_passes(sharing.order, sharing.start, chosen, uniforms)
        if sharing.cumulative is None:
            return draw_evenly(sharing.order, sharing.start, chosen, uniforms)
        return draw_by_weight(sharing.order, sharing.start, sharing.cumulative, chosen, uniforms)

    def sample(self, fixed: tuple[int, ...], n_groups: int, group_size: int, rng: np.random.Generator) -> FloatArray:
        """Latents of rows that share the values of the fixed factors, shape (n_groups, group_size, n_latents).

        Parameters
        ----------
        fixed : tuple of int
            Factors whose values the rows of one group share.
        n_groups, group_size : int
            How many groups, and how many rows in each.
        rng : numpy.random.Generator
            Where all randomness comes from.

        Returns
        -------
        ndarray of float64, shape (n_groups, group_size, n_latents)
            The latents.
        """
        # Several times as fast as points[rows].
        return np.take(self.points, self.rows(fixed, n_groups, group_size, rng), axis=0)

    def with_points(self, points: FloatArray) -> "TableSampler":
        """The same rows with other latents; which rows share what is worked out once for both."""
        other = object.__new__(TableSampler)
        for slot in self.__slots__:
            setattr(other, slot, getattr(self, slot))
        other.points = points
        return other

    def _sharing(self, fixed: tuple[int, ...]) -> _Sharing:
        if fixed not in self._sharings:
            self._sharings[fixed] = self._shared_rows(fixed)
        return self._sharings[fixed]

    def _shared_rows(self, fixed: tuple[int, ...]) -> _Sharing:
        groups, n_groups = _number_combinations(self.factors, fixed)
        order, start = sort_by_group(groups, n_groups)
        free = [k for k in range(self.n_factors) if k not in fixed]
        usable = np.diff(start) > 1
        if free and fixed:
            usable &= mark_varying(order, start, np.ascontiguousarray(self.factors.codes[:, free]))
        leaders = np.sort(order[np.repeat(usable, np.diff(start))])
        weights = self.factors.normalised_weights
        known = weights[groups >= 0].sum()
        even = weights.min() == weights.max()
        return _Sharing(
            order=order,
            start=start,
            cumulative=None if even else sums_within_groups(weights[order], start),
            usable=np.flatnonzero(usable),
            leader_groups=groups[leaders],
            leader_mass=None if even else np.cumsum(weights[leaders]),
            left_out=float(max(1.0 - weights[leaders].sum() / known, 0.0)) if len(leaders) < len(order) else 0.0,
        )

    def _nothing_varies(self, fixed: tuple[int, ...]) -> str:
        names = ", ".join(repr(self.factors.names[k]) for k in fixed)
        return (
            f"no two rows share a value of {names} and differ in another factor, so there is nothing to compare: "
            "give more rows, pass quantities as such with kinds=, use fewer bins (n_factor_bins), or encode on demand "
            "with a FactorSampler"
        )


def _number_combinations(factors: Factors, fixed: tuple[int, ...]) -> tuple[IntArray, int]:
    """Numbers of the combinations of the fixed factors' values, by first appearance; -1 where one is unknown."""
    codes = np.zeros(factors.n_samples, np.int64)
    unknown = np.zeros(factors.n_samples, bool)
    bound = 1
    for k in fixed:
        n_values = int(factors.n_values[k])
        if bound * n_values > _MOST_COMBINATIONS:
            present, codes = np.unique(codes, return_inverse=True)
            bound = len(present)
        codes = codes * n_values + np.maximum(factors.codes[:, k], 0)
        unknown |= factors.missing[:, k]
        bound *= n_values
    if bound > factors.n_samples:
        present, codes = np.unique(codes, return_inverse=True)
        bound = len(present)
    codes[unknown] = -1
    return number_by_appearance(codes, bound)
