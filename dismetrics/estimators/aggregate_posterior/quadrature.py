"""Entropies of mixtures of any densities, by adaptive quadrature of their log densities.

The general way, for posteriors of one's own: cost is samples times nodes, where the Gaussian and Laplace schemes pay
a few dozen nodes a sample.
"""

import numpy as np

from dismetrics.estimators.groups import Groups
from dismetrics.posteriors import DensityPosterior
from dismetrics.posteriors.checked import density_of, support_of
from dismetrics.typing import BoolArray, FloatArray

__all__ = ["density_integrals", "density_nodes", "density_panels", "mixture_density"]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_FIRST_PANELS = 64
_MOST_ROUNDS = 40
_TOLERANCE = 1e-10
"""Change of a panel's integral on halving, relative to the mass of the group, below which it is kept."""

_MASS_TOLERANCE = 1e-6
"""Largest share of a group's mass that the quadrature may miss: more says that something is wrong with the input."""

_MOST_ENDS = 512
"""Ends of supports up to which panels start there: a density may jump where its support ends."""

_ENTRIES_AT_ONCE = 2**22


def density_integrals(posterior: DensityPosterior, latent: int, groups: Groups) -> tuple[FloatArray, FloatArray]:
    """Integrals of r log r, for the unnormalised density r of every group and of every factor's known rows.

    Raises ValueError if the integrals do not settle, or the densities do not hold the mass that they should.
    """
    total, _ = _settled(posterior, latent, groups)
    return total[0, : groups.n_groups], total[0, groups.n_groups :]


def density_nodes(
    posterior: DensityPosterior, latent: int, groups: Groups
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Points in increasing order, their quadrature weights, and the density of the first group there."""
    panels = density_panels(posterior, latent, groups)
    half = 0.5 * (panels[:, 1] - panels[:, 0])
    z = (panels.mean(axis=1)[:, None] + half[:, None] * _NODES).reshape(-1)
    density = mixture_density(posterior, latent, z, groups.weights[:, None])[:, 0]
    return z, (half[:, None] * _WEIGHTS).reshape(-1), density


def density_panels(posterior: DensityPosterior, latent: int, groups: Groups) -> FloatArray:
    """Left and right ends of the panels on which all mixtures settled, in increasing order: shape (n_panels, 2)."""
    _, panels = _settled(posterior, latent, groups)
    return panels[np.argsort(panels[:, 0])]


def _settled(posterior: DensityPosterior, latent: int, groups: Groups) -> tuple[FloatArray, FloatArray]:
    """Integrals of r log r and of r for all mixtures, and the panels on which they settled."""
    lower, upper = support_of(posterior, latent)
    membership = np.zeros((posterior.n_samples, groups.n_groups))
    for factor in range(groups.n_factors):
        membership[np.arange(posterior.n_samples), groups.codes[:, factor]] = groups.weights
    mass = np.concatenate([groups.mass, [groups.known_mass(k) for k in range(groups.n_factors)]])
    tolerance = _TOLERANCE * np.maximum(mass, np.finfo(float).tiny)

    def integrate(panels: FloatArray) -> FloatArray:
        """Integrals of r log r and of r over every panel: shape (n_panels, 2, n_groups + n_factors)."""
        half = 0.5 * (panels[:, 1] - panels[:, 0])
        z = (0.5 * panels.sum(axis=1)[:, None] + half[:, None] * _NODES).reshape(-1)
        mixture = mixture_density(posterior, latent, z, membership)
        known = [mixture[:, groups.values_of(k)].sum(axis=1) for k in range(groups.n_factors)]
        density = np.column_stack([mixture, *known]).reshape(len(panels), len(_NODES), -1)
        terms = density * np.log(density, where=density > 0, out=np.zeros_like(density))
        return half[:, None, None] * np.stack(
            [np.einsum("i,pig->pg", _WEIGHTS, terms), np.einsum("i,pig->pg", _WEIGHTS, density)], axis=1
        )

    cuts = np.linspace(lower.min(), upper.max(), _FIRST_PANELS + 1)
    if 2 * len(lower) <= _MOST_ENDS:
        cuts = np.unique(np.concatenate([cuts, lower, upper]))
    open_panels = np.column_stack([cuts[:-1], cuts[1:]])
    coarse = integrate(open_panels)
    total = np.zeros((2, len(mass)))
    settled = []
    for _ in range(_MOST_ROUNDS):
        middle = open_panels.mean(axis=1)
        halves = np.stack([open_panels[:, 0], middle, middle, open_panels[:, 1]], axis=1).reshape(-1, 2, 2)
        pairs = integrate(halves.reshape(-1, 2)).reshape(len(open_panels), 2, 2, -1)
        # A panel that holds a narrow density between its nodes looks empty: keep none wider than the supports.
        wide = _holds_narrow(open_panels, lower, upper)
        done = (np.abs(pairs.sum(axis=1) - coarse) <= tolerance).all(axis=(1, 2)) & ~wide
        total += pairs[done].sum(axis=(0, 1))
        settled.append(halves[done].reshape(-1, 2))
        if done.all():
            _check_mass(posterior, latent, total[1], mass)
            return total, np.concatenate(settled)
        open_panels = halves[~done].reshape(-1, 2)
        coarse = pairs[~done].reshape(-1, 2, len(mass))
    raise ValueError(
        f"the quadrature of latent {latent} did not settle: its log_density is not smooth enough, or its support is "
        "far wider than its mass"
    )


def _check_mass(posterior: DensityPosterior, latent: int, found: FloatArray, right: FloatArray) -> None:
    missed = np.abs(found - right) - _MASS_TOLERANCE * right
    worst = int(np.argmax(missed))
    if missed[worst] > 0:
        raise ValueError(
            f"{type(posterior).__name__}: densities of latent {latent} miss {1 - found[worst] / right[worst]:.1e} of "
            "the mass they should hold: log_density must be normalised, and support must hold its mass without being "
            "far wider"
        )


def mixture_density(posterior: DensityPosterior, latent: int, z: FloatArray, membership: FloatArray) -> FloatArray:
    """Unnormalised density of every group at the points z, shape (n_points, n_groups)."""
    at_once = max(1, _ENTRIES_AT_ONCE // posterior.n_samples)
    parts = [
        np.exp(density_of(posterior, z[start : start + at_once], latent)) @ membership
        for start in range(0, len(z), at_once)
    ]
    return np.concatenate(parts)


def _holds_narrow(panels: FloatArray, lower: FloatArray, upper: FloatArray) -> BoolArray:
    """Whether a panel meets the support of a density that is narrower than the panel."""
    order = np.argsort(lower)
    width = upper - lower
    narrow = np.zeros(len(panels), bool)
    for i, (left, right) in enumerate(panels):
        stop = np.searchsorted(lower[order], right)
        meets = order[:stop][upper[order[:stop]] > left]
        narrow[i] = meets.size > 0 and width[meets].min() < right - left
    return narrow
