"""The mutual information of two latents of a mixture of any densities, by quadrature on a product of panels.

Each latent has panels on which every sample's density is smooth, with Gauss-Legendre nodes. On the product of the nodes
of two latents, the mixture is the matrix product sum_n f_n(x_a) w_n g_n(y_b). Two rules of different order on the same
panels say how far the quadrature is from settled; panels are halved until it is.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.aggregate_posterior.panels import GAUSSIAN_PANELS, LAPLACE_PANELS, mixture_panels
from dismetrics.estimators.aggregate_posterior.quadrature import density_panels
from dismetrics.estimators.groups import Groups
from dismetrics.estimators.pairwise.information import CellSums
from dismetrics.posteriors import DensityPosterior
from dismetrics.posteriors.checked import density_of
from dismetrics.typing import FloatArray

__all__ = [
    "LatentOnPanels",
    "density_latent",
    "gaussian_latent",
    "laplace_latent",
    "product_information",
    "product_seconds",
]

_ORDER = 12
_LOWER_ORDER = 10
"""Gauss-Legendre nodes of a panel, and of the rule that is held against it."""

_SETTLED = 1e-8
"""Difference between the two rules, in nats, at which panels are not halved any more."""

_MOST_HALVINGS = 3
_CELLS_AT_ONCE = 2**20

# Measured costs in seconds: of a multiplication in a matrix product, and of a cell, whose logarithm is taken.
_MULTIPLICATION = 1e-10
_CELL = 4e-9


@dataclass(frozen=True, slots=True, eq=False)
class LatentOnPanels:
    """One latent: its panels, and the density of every sample at points, shape (n_points, n_samples)."""

    start: FloatArray
    width: FloatArray
    density: Callable[[FloatArray], FloatArray]

    def nodes(self, order: int) -> tuple[FloatArray, FloatArray]:
        """Points and their quadrature weights."""
        x, weight = np.polynomial.legendre.leggauss(order)
        points = self.start[:, None] + 0.5 * (x + 1.0) * self.width[:, None]
        return points.reshape(-1), (0.5 * weight * self.width[:, None]).reshape(-1)

    def halved(self) -> "LatentOnPanels":
        """With every panel cut in two."""
        half = 0.5 * self.width
        start = np.stack([self.start, self.start + half], axis=1).reshape(-1)
        return LatentOnPanels(start, np.repeat(half, 2), self.density)


def gaussian_latent(mean: FloatArray, scale: FloatArray, weights: FloatArray) -> LatentOnPanels:
    """A latent with Gaussian posteriors."""
    start, width = mixture_panels(mean, scale, weights, GAUSSIAN_PANELS)

    def density(z: FloatArray) -> FloatArray:
        t = (z[:, None] - mean) / scale
        return np.exp(-0.5 * t * t) / (scale * np.sqrt(2 * np.pi))

    return LatentOnPanels(start, width, density)


def laplace_latent(location: FloatArray, scale: FloatArray) -> LatentOnPanels:
    """A latent with Laplace posteriors, whose panels end where a density has its kink."""
    edges = _kinked_edges(location, scale)
    kept = ~np.isnan(edges[:-1] + edges[1:])

    def density(z: FloatArray) -> FloatArray:
        return np.exp(-np.abs(z[:, None] - location) / scale) / (2.0 * scale)

    return LatentOnPanels(edges[:-1][kept], np.diff(edges)[kept], density)


def density_latent(posterior: DensityPosterior, latent: int, weights: FloatArray) -> LatentOnPanels:
    """A latent with posteriors of one's own."""
    panels = density_panels(posterior, latent, Groups.single(weights))
    return LatentOnPanels(panels[:, 0], panels[:, 1] - panels[:, 0], lambda z: np.exp(density_of(posterior, z, latent)))


def _kinked_edges(location: FloatArray, scale: FloatArray) -> FloatArray:
    """Edges from left to right, at every location and no further apart than the narrowest density felt there asks for.

    nan stands where there is a gap.
    """
    low, high = location - LAPLACE_PANELS.cut * scale, location + LAPLACE_PANELS.cut * scale
    kinks, begins = np.unique(location), np.sort(low)
    edges = [float(begins[0])]
    while True:
        at = edges[-1]
        felt = (low <= at) & (at < high)
        if not felt.any():
            later = begins[np.searchsorted(begins, at, side="right") :]
            if later.size == 0:
                return np.array(edges)
            edges += [np.nan, float(later[0])]
            continue
        narrowest = scale[felt].min()
        end = at + LAPLACE_PANELS.widest * narrowest
        narrower = low[(low > at) & (low < end) & (scale < narrowest)]
        next_kink = kinks[np.searchsorted(kinks, at, side="right") :][:1]
        edges.append(float(min([end, *narrower, *next_kink])))


def product_seconds(n_first: int, n_second: int, n_samples: int) -> float:
    """About how long the information of two latents with so many panels takes."""
    cells = float(n_first) * n_second * (_ORDER**2 + _LOWER_ORDER**2)
    return cells * (_CELL + _MULTIPLICATION * n_samples)


def product_information(
    first: LatentOnPanels, second: LatentOnPanels, weights: FloatArray, most_seconds: float
) -> tuple[float, float]:
    """I(z_1; z_2) of the mixture in nats, and a bound on its error, after as many halvings as there is time for."""
    for halvings in range(_MOST_HALVINGS + 1):
        information = _with_order(first, second, weights, _ORDER)
        difference = abs(information - _with_order(first, second, weights, _LOWER_ORDER))
        next_seconds = product_seconds(2 * len(first.start), 2 * len(second.start), len(weights))
        if difference <= _SETTLED or halvings == _MOST_HALVINGS or next_seconds > most_seconds:
            break
        first, second = first.halved(), second.halved()
    return information, max(difference, _SETTLED)


def _with_order(first: LatentOnPanels, second: LatentOnPanels, weights: FloatArray, order: int) -> float:
    """The information by the rule of this order; masses of cells are quadrature weights times densities."""
    x, x_weight = first.nodes(order)
    y, y_weight = second.nodes(order)
    of_second = (second.density(y) * y_weight[:, None]).T
    sums = CellSums(len(y))
    at_once = max(1, _CELLS_AT_ONCE // max(len(y), len(weights)))
    for start in range(0, len(x), at_once):
        rows = slice(start, start + at_once)
        of_first = first.density(x[rows]) * (weights * x_weight[rows, None])
        sums.add(of_first @ of_second)
    return sums.information()
