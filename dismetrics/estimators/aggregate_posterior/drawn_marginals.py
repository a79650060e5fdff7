"""Marginals of posteriors that have a density but no support: by quadrature where draws show where the mass is.

Draws of the aggregate posterior lie where its mass is, so panels between their quantiles, and wider and wider ones
beyond the outermost, are where a quadrature starts. Whether it has found everything it shows itself: a normalised
density has the mass 1, and a component that fell between the nodes, or a tail that was cut off, is missing from it.
"""

from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.aggregate_posterior.marginals import Marginal
from dismetrics.estimators.parallel import map_tasks
from dismetrics.posteriors import HasLogDensity, SampledPosterior
from dismetrics.posteriors.checked import density_of, matrix_of
from dismetrics.typing import FloatArray

__all__ = ["DrawnMarginal", "drawn_marginals"]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_ATTEMPTS = ((64, 4), (64, 28), (512, 28), (2048, 28))
"""Panels between quantiles of the draws, and doublings of their range to go beyond it on either side."""

_FINENESS = 20
"""Halvings of the range down to the panels next to the outermost draws: what they belong to may be narrow."""

_MOST_NODES = 2**19
"""Evaluations of the mixture in one attempt beyond which it is given up."""

_TOLERANCE = 1e-10
"""Change of a panel's integrals on halving below which it is kept."""

_MASS_SOUGHT = 1e-7
_MASS_ACCEPTED = 1e-6
"""Mass that may be missing for the next attempt to be spared, and for the last one to be taken."""

_MASS_OF_ERROR = 0.01
"""Mass too much or missing that is no matter of quadrature any more: the density is not normalised."""

_FRESH_DRAWS = 1024
_SOME_DRAWS = 32
_ENTRIES_AT_ONCE = 2**22
_TINY = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class DrawnMarginal:
    """A marginal on a quadrature, and the mean entropy H(z_j|n) of the posteriors there, in nats."""

    marginal: Marginal
    posterior_entropy: float


def drawn_marginals(
    posterior: HasLogDensity, weights: FloatArray, rng: np.random.Generator
) -> list[DrawnMarginal | None]:
    """The marginals of all latents, for sample weights that add up to 1.

    Parameters
    ----------
    posterior : HasLogDensity
        Posteriors with a density.
    weights : ndarray of float64, shape (n_samples,)
        Weights that add up to 1.
    rng : numpy.random.Generator
        Source of the draws, where the posterior does not hold its own.

    Returns
    -------
    list of DrawnMarginal or None
        None for a latent whose mass no quadrature could find in full.

    Raises
    ------
    ValueError
        If a density is not normalised, or cannot be evaluated.
    """
    if isinstance(posterior, SampledPosterior):
        pool = posterior.draws.reshape(-1, posterior.n_latents)
    else:
        rows = rng.choice(posterior.n_samples, _FRESH_DRAWS, p=weights)
        pool = matrix_of(posterior.take(rows), "sample", rng)
    return map_tasks(
        lambda latent: _of_latent(posterior, latent, weights, pool[:, latent]), posterior.n_latents, "marginals"
    )


def _of_latent(posterior: HasLogDensity, latent: int, weights: FloatArray, pool: FloatArray) -> DrawnMarginal | None:
    for last, (n_panels, n_doublings) in enumerate(_ATTEMPTS, 1 - len(_ATTEMPTS)):
        panels = _first_panels(posterior, latent, weights, pool, n_panels, n_doublings)
        total, panels, settled = _adapted(posterior, latent, weights, panels)
        missing = abs(1.0 - total[0])
        if settled and missing <= (_MASS_SOUGHT if last < 0 else _MASS_ACCEPTED):
            return DrawnMarginal(_on_panels(posterior, latent, weights, panels), -float(total[2]))
        if not settled and missing <= _MASS_OF_ERROR:
            return None  # it is all there, but too rough: to start with finer panels is no help
    if missing > _MASS_OF_ERROR:
        raise ValueError(
            f"{type(posterior).__name__}: the densities of latent {latent} hold a mass of {total[0]:.4g} where the "
            "draws are, and 1 is wanted: log_density must be that of the distribution the draws come from, and "
            "normalised; if it is, write a class with log_density and support"
        )
    return None


def _first_panels(
    posterior: HasLogDensity, latent: int, weights: FloatArray, pool: FloatArray, n_panels: int, n_doublings: int
) -> FloatArray:
    """Panels between quantiles of the draws, and beyond them, each as wide as all others out there before it."""
    cuts = np.unique(np.quantile(pool, np.linspace(0.0, 1.0, n_panels + 1)))
    # A few draws may lie in one place by chance, and then say nothing of the width; the density there does.
    some = pool[:: max(1, len(pool) // _SOME_DRAWS)]
    highest = _log_mixture(posterior, latent, some, weights)[0].max()
    reach = max(float(cuts[-1] - cuts[0]), 4.0 * float(np.exp(np.clip(-highest, -200.0, 200.0))))
    beyond = reach * 2.0 ** np.arange(-_FINENESS, n_doublings)
    cuts = np.concatenate([cuts[0] - beyond[::-1], cuts, cuts[-1] + beyond])
    return np.column_stack([cuts[:-1], cuts[1:]])


def _adapted(
    posterior: HasLogDensity, latent: int, weights: FloatArray, panels: FloatArray
) -> tuple[FloatArray, FloatArray, bool]:
    """Integrals of q, q log q and the mean of q_n log q_n; the panels; and whether the integrals have settled."""

    def integrate(panels: FloatArray) -> FloatArray:
        half = 0.5 * (panels[:, 1] - panels[:, 0])
        z = (0.5 * panels.sum(axis=1)[:, None] + half[:, None] * _NODES).reshape(-1)
        log_q, own = _log_mixture(posterior, latent, z, weights)
        q = np.exp(log_q)
        terms = np.stack([q, q * np.maximum(log_q, np.log(_TINY)), own], axis=1).reshape(len(panels), len(_NODES), 3)
        return np.asarray(half[:, None] * np.einsum("i,pic->pc", _WEIGHTS, terms))

    coarse, total, kept = integrate(panels), np.zeros(3), []
    n_nodes = len(panels) * len(_NODES)
    while len(panels) and n_nodes <= _MOST_NODES:
        n_nodes += 2 * len(panels) * len(_NODES)
        middle = panels.mean(axis=1)
        halves = np.stack([panels[:, 0], middle, middle, panels[:, 1]], axis=1).reshape(-1, 2)
        fine = integrate(halves).reshape(-1, 2, 3)
        done = (np.abs(fine.sum(axis=1) - coarse) <= _TOLERANCE).all(axis=1)
        total = total + fine[done].sum(axis=(0, 1))
        kept.append(halves.reshape(-1, 2, 2)[done].reshape(-1, 2))
        panels = halves.reshape(-1, 2, 2)[~done].reshape(-1, 2)
        coarse = fine[~done].reshape(-1, 3)
    everything = np.concatenate([*kept, panels])
    return total + coarse.sum(axis=0), everything[np.argsort(everything[:, 0])], len(panels) == 0


def _on_panels(posterior: HasLogDensity, latent: int, weights: FloatArray, panels: FloatArray) -> Marginal:
    half = 0.5 * (panels[:, 1] - panels[:, 0])
    z = (panels.mean(axis=1)[:, None] + half[:, None] * _NODES).reshape(-1)
    log_q = np.maximum(_log_mixture(posterior, latent, z, weights)[0], np.log(_TINY))
    return Marginal(z, (half[:, None] * _WEIGHTS).reshape(-1) * np.exp(log_q), log_q, discrete=False)


def _log_mixture(
    posterior: HasLogDensity, latent: int, z: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """log q(z_j) at points, and the mean of q(z_j|n) log q(z_j|n) over the samples."""
    at_once = max(1, _ENTRIES_AT_ONCE // posterior.n_samples)
    log_mixture, own = [], []
    for start in range(0, len(z), at_once):
        log_q = density_of(posterior, z[start : start + at_once], latent)
        q = np.exp(log_q)
        mixture = q @ weights
        log_mixture.append(np.log(mixture, where=mixture > 0, out=np.full(len(mixture), -np.inf)))
        own.append((q * np.maximum(log_q, np.log(_TINY))) @ weights)
    return np.concatenate(log_mixture), np.concatenate(own)
