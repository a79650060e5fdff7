"""Entropies of location-scale mixtures of any range of scales, one mixture at a time, on adaptive dyadic panels.

The uniform grid needs points in proportion to the range over the smallest scale. Panels need them only where there
are densities, so scales from 1e-6 to 10 in one latent cost no more than equal ones, and memory follows the rows of
one mixture, never the number of factor values.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.groups import Groups
from dismetrics.kernels.panels import GAUSSIAN, LAPLACE, mixture_on_panels
from dismetrics.typing import FloatArray, IntArray

__all__ = [
    "GAUSSIAN_PANELS",
    "LAPLACE_PANELS",
    "PanelRule",
    "mixture_panels",
    "panel_density",
    "panel_mean",
    "panel_mixture_integrals",
]

_N_NODES = 16

_MEAN_TOLERANCE = 1e-11
"""Change of a panel's share of a mean on halving below which it is kept."""

_MOST_HALVINGS = 40


@dataclass(frozen=True, slots=True)
class PanelRule:
    """How one family is laid on panels: widest panel in scales, truncation in scales, halvings around a kink."""

    family: int
    widest: float
    cut: float
    refinements: int

    @property
    def positions(self) -> FloatArray:
        """Nodes of as many panels in a row as one density can meet (the narrowest is half as wide), and a spare."""
        panels = int(np.ceil(2 * self.cut / (self.widest / 2))) + 3
        return (np.arange(panels + panels % 2)[:, None] + _NODES).reshape(-1)


GAUSSIAN_PANELS = PanelRule(GAUSSIAN, widest=2.5, cut=7.5, refinements=0)
LAPLACE_PANELS = PanelRule(LAPLACE, widest=4.0, cut=30.0, refinements=12)


def _nodes() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Gauss-Legendre nodes and weights on [0, 1], and the matrix from a panel's values to those of both halves."""
    x, weights = np.polynomial.legendre.leggauss(_N_NODES)
    differences = x[:, None] - x[None, :]
    np.fill_diagonal(differences, 1.0)
    barycentric = 1.0 / differences.prod(axis=1)
    to_halves = []
    for centre in (-0.5, 0.5):
        terms = barycentric / ((0.5 * x + centre)[:, None] - x[None, :])
        to_halves.append(terms / terms.sum(axis=1, keepdims=True))
    return 0.5 * (x + 1.0), 0.5 * weights, np.ascontiguousarray(np.concatenate(to_halves).T)


_NODES, _NODE_WEIGHTS, _TO_HALVES = _nodes()


def _sorted_by_level(location: FloatArray, scale: FloatArray, rule: PanelRule) -> tuple[IntArray, IntArray]:
    """The level of every member, and their order by level, then location."""
    level = np.ceil(-np.log2(rule.widest * scale)).astype(np.int64)
    by_location = np.argsort(location)
    return level, by_location[np.argsort(level[by_location], kind="stable")]


def _on_panels(
    location: FloatArray, scale: FloatArray, weight: FloatArray, level: IntArray, rule: PanelRule, *, keep: bool
) -> tuple[float, FloatArray, FloatArray, FloatArray]:
    """The integral of r log r for members sorted by level, then location; and the panels with r, on request."""
    first = int(level[0])
    levels = np.arange(first, int(level[-1]) + rule.refinements + 2)
    integral, start, width, values = mixture_on_panels(
        location,
        scale,
        weight,
        np.searchsorted(level, levels),
        first,
        rule.cut,
        rule.refinements,
        rule.family,
        rule.positions,
        _NODE_WEIGHTS,
        _TO_HALVES,
        keep,
    )
    return float(integral), start, width, values


def panel_density(
    location: FloatArray, scale: FloatArray, weight: FloatArray, rule: PanelRule
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Points in increasing order, their quadrature weights, and the mixture's density there."""
    level, order = _sorted_by_level(location, scale, rule)
    _, start, width, values = _on_panels(location[order], scale[order], weight[order], level[order], rule, keep=True)
    from_left = np.argsort(start)
    start, width, values = start[from_left, None], width[from_left, None], values[from_left]
    return (start + width * _NODES).reshape(-1), (width * _NODE_WEIGHTS).reshape(-1), values.reshape(-1)


def mixture_panels(
    location: FloatArray, scale: FloatArray, weight: FloatArray, rule: PanelRule
) -> tuple[FloatArray, FloatArray]:
    """Start and width of the panels on which a mixture, and every part of it, is smooth; in increasing order."""
    level, order = _sorted_by_level(location, scale, rule)
    _, start, width, _ = _on_panels(location[order], scale[order], weight[order], level[order], rule, keep=True)
    from_left = np.argsort(start)
    return start[from_left], width[from_left]


def panel_mean(z: FloatArray, mass: FloatArray, function: Callable[[FloatArray], FloatArray]) -> float:
    """The mean of a function under a density on panels of 16 nodes, which are halved where the function is rough.

    The density is smooth on its panels. A function may have kinks anywhere, which no fixed nodes know of.
    """
    z, mass = z.reshape(-1, _N_NODES), mass.reshape(-1, _N_NODES)
    width = ((z[:, -1] - z[:, 0]) / (_NODES[-1] - _NODES[0]))[:, None]
    start, values = z[:, :1] - width * _NODES[0], mass / (width * _NODE_WEIGHTS)
    coarse = (mass * function(z.reshape(-1)).reshape(z.shape)).sum(axis=1)
    total = 0.0
    for _ in range(_MOST_HALVINGS):
        width = 0.5 * width
        start = (start + width * [0.0, 1.0]).reshape(-1, 1)
        width, values = np.repeat(width, 2, axis=0), (values @ _TO_HALVES).reshape(-1, _N_NODES)
        of_function = function((start + width * _NODES).reshape(-1)).reshape(values.shape)
        fine = (width * _NODE_WEIGHTS * values * of_function).sum(axis=1)
        rough = np.abs(fine.reshape(-1, 2).sum(axis=1) - coarse) > _MEAN_TOLERANCE
        both = np.repeat(rough, 2)
        total += float(fine[~both].sum())
        start, width, values, coarse = start[both], width[both], values[both], fine[both]
        if not rough.any():
            break
    return total + float(coarse.sum())


def panel_mixture_integrals(
    location: FloatArray, scale: FloatArray, groups: Groups, rule: PanelRule
) -> tuple[FloatArray, FloatArray]:
    """Integrals of r log r, for the unnormalised density r of every group and of every factor's known rows."""
    level, order = _sorted_by_level(location, scale, rule)

    def integral(rows: IntArray) -> float:
        if rows.size == 0:
            return 0.0
        return _on_panels(location[rows], scale[rows], groups.weights[rows], level[rows], rule, keep=False)[0]

    of_group = np.zeros(groups.n_groups)
    known = np.empty(groups.n_factors)
    everything = integral(order)
    for factor in range(groups.n_factors):
        values = groups.values_of(factor)
        codes = groups.codes[order, factor]
        by_group = order[np.argsort(codes, kind="stable")]
        ends = np.cumsum(np.bincount(codes, minlength=values.stop)[values.start : values.stop])
        for group, (start, end) in enumerate(zip(np.r_[0, ends[:-1]], ends, strict=True), values.start):
            of_group[group] = integral(by_group[start:end])
        known[factor] = integral(order[codes < values.stop]) if groups.has_missing[factor] else everything
    return of_group, known
