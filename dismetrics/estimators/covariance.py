"""The covariance of the aggregate posterior, as a root of it: squares of small differences are never subtracted."""

from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.units import Units
from dismetrics.inputs import as_weighted_points, as_weighted_posterior
from dismetrics.posteriors import (
    BernoulliPosterior,
    FactorisedPosterior,
    GaussianPosterior,
    LaplacePosterior,
    SampledPosterior,
)
from dismetrics.typing import ArrayLike, BoolArray, FloatArray

__all__ = ["CovarianceRoot", "covariance_root"]

_ROWS_AT_ONCE = 2**16


@dataclass(frozen=True, slots=True, eq=False)
class CovarianceRoot:
    """A matrix R with R' R = Cov(z) over the latents that vary, each in units of its own.

    Attributes
    ----------
    root : ndarray of float64, shape (n_active, n_active)
        R, upper triangular.
    scale : ndarray of float64, shape (n_latents,)
        The unit of each latent.
    active : ndarray of bool, shape (n_latents,)
        Latents that vary.
    n_samples : int
        Samples (or draws) that it comes from.
    largest : ndarray of float64, shape (n_active,)
        The largest absolute value of each active latent, in its unit.
    """

    root: FloatArray
    scale: FloatArray
    active: BoolArray
    n_samples: int
    largest: FloatArray

    @property
    def deviation(self) -> FloatArray:
        """Standard deviations of the active latents, in their units."""
        return np.sqrt(np.einsum("ij,ij->j", self.root, self.root))

    @property
    def standardised(self) -> FloatArray:
        """A root of the correlation matrix of the active latents."""
        return self.root / self.deviation

    @property
    def rounding(self) -> float:
        """What singular values of the standardised root may be from rounding alone: of sums, and of the input."""
        steps = max(self.n_samples, len(self.root), float((self.largest / self.deviation).max(initial=0.0)))
        return float(np.finfo(float).eps) * steps

    def standard_deviation(self) -> FloatArray:
        """Standard deviations of all latents, shape (n_latents,)."""
        deviation = np.zeros(len(self.active))
        deviation[self.active] = self.deviation
        return deviation * self.scale

    def correlation(self) -> FloatArray:
        """The correlation matrix, shape (n_latents, n_latents); 0 beside the diagonal for a constant latent."""
        matrix = np.eye(len(self.active))
        found = self.standardised.T @ self.standardised
        np.fill_diagonal(found, 1.0)
        matrix[np.ix_(self.active, self.active)] = np.clip(found, -1.0, 1.0)
        return matrix


def covariance_root(latents: ArrayLike | FactorisedPosterior, weights: ArrayLike | None) -> CovarianceRoot:
    """A root of Cov(z), z a weighted sample of points, or a draw from q(z) = sum_n w_n q(z|x_n).

    Of posteriors by the law of total covariance: Cov of the means, and the mean of the variances on the diagonal.
    """
    if isinstance(latents, SampledPosterior):
        posterior, shares = as_weighted_posterior(latents, weights)
        assert isinstance(posterior, SampledPosterior)
        points = posterior.draws.reshape(-1, posterior.n_latents)
        return _root_of(points, np.tile(shares, posterior.n_draws) / posterior.n_draws, None)
    if isinstance(latents, FactorisedPosterior):
        posterior, shares = as_weighted_posterior(latents, weights)
        mean, deviation = _mean_and_deviation(posterior)
        return _root_of(mean, shares, deviation)
    points, shares = as_weighted_points(latents, weights)
    return _root_of(points, shares, None)


def _root_of(mean: FloatArray, shares: FloatArray, deviation: FloatArray | None) -> CovarianceRoot:
    units = Units.by(mean)
    scale = units.scale
    noise = np.zeros(mean.shape[1])
    if deviation is not None:
        # A unit for the larger of the two, so that no square overflows.
        _, exponent = np.frexp(deviation.max(axis=0))
        scale = np.maximum(np.where(units.varies, scale, 0.0), np.ldexp(1.0, np.clip(exponent, -1021, 1023)))
        noise = np.sqrt(np.einsum("n,nj->j", shares, (deviation / scale) ** 2))
    points = (mean - units.origin) / scale
    centre = np.einsum("n,nj->j", shares, points)
    active = units.varies | (noise > 0)
    root = np.diag(noise[active])
    for start in range(0, len(points), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        block = np.sqrt(shares[rows, None]) * (points[rows] - centre)[:, active]
        root = np.asarray(np.linalg.qr(np.vstack([root, block]), mode="r"), np.float64)
    return CovarianceRoot(root, scale, active, len(mean), (np.abs(mean).max(axis=0) / scale)[active])


def _mean_and_deviation(posterior: FactorisedPosterior) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of every q(z_j|x_n)."""
    if isinstance(posterior, GaussianPosterior):
        return posterior.mean, posterior.scale
    if isinstance(posterior, LaplacePosterior):
        return posterior.location, np.sqrt(2.0) * posterior.scale
    if isinstance(posterior, BernoulliPosterior):
        return posterior.probability, np.sqrt(posterior.probability * (1.0 - posterior.probability))
    raise TypeError(
        f"the covariance of a {type(posterior).__name__} is not known: pass draws of it as SampledPosterior(draws), or "
        "its means as points"
    )
