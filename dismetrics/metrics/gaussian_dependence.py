"""Dependence between latents as that of a normal distribution with their covariance (Locatello et al. 2019)."""

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.covariance import CovarianceRoot, covariance_root
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, BoolArray, FloatArray
from dismetrics.warnings import DegenerateDataWarning

__all__ = [
    "GaussianTotalCorrelation",
    "GaussianWassersteinCorrelation",
    "gaussian_total_correlation",
    "gaussian_wasserstein_correlation",
]


@dataclass(frozen=True, slots=True, eq=False)
class GaussianTotalCorrelation(Result):
    """The total correlation of a normal distribution with the covariance of the latents.

    Attributes
    ----------
    score : float
        In nats; 0 for uncorrelated latents, lower is better; infinite where the covariance is singular.
    correlation : ndarray of float64, shape (n_latents, n_latents)
        Correlations; 0 beside the diagonal for a constant latent.
    standard_deviation : ndarray of float64, shape (n_latents,)
        Of each latent.
    active : ndarray of bool, shape (n_latents,)
        Latents that are not constant; the others have no part.
    rank : int
        Rank of the correlation matrix of the active latents; below their number the score is infinite.
    settings : dict
        What the covariance was taken of.
    """

    score: float
    correlation: FloatArray
    standard_deviation: FloatArray
    active: BoolArray
    rank: int
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class GaussianWassersteinCorrelation(Result):
    """How far a normal distribution with the covariance of the latents is from that of independent ones.

    Attributes
    ----------
    score : float
        Squared 2-Wasserstein distance, in squared units of the latents; 0 for uncorrelated latents, lower is better.
    normalised : float
        The score over the sum of the variances; at least 0 and below 2.
    distance : float
        The distance itself, the root of the score.
    correlation : ndarray of float64, shape (n_latents, n_latents)
        Correlations; 0 beside the diagonal for a constant latent.
    standard_deviation : ndarray of float64, shape (n_latents,)
        Of each latent.
    active : ndarray of bool, shape (n_latents,)
        Latents that are not constant; the others have no part.
    settings : dict
        What the covariance was taken of.
    """

    score: float
    normalised: float
    distance: float
    correlation: FloatArray
    standard_deviation: FloatArray
    active: BoolArray
    settings: dict[str, Any]


def gaussian_total_correlation(
    latents: ArrayLike | FactorisedPosterior, *, weights: ArrayLike | None = None
) -> GaussianTotalCorrelation:
    """Total correlation of latents that were jointly normal: (sum_j log Var(z_j) - log det Cov(z)) / 2, in nats.

    The divergence of a normal distribution with the covariance of the latents from the product of its marginals
    (Locatello et al. 2019, on the latents of unsupervised models). 0 or above, lower is better; 0 if and only if the
    latents are uncorrelated. It does not depend on the units of the latents, nor see any dependence beyond correlation.
    N independent samples of D independent latents score about D (D - 1) / (4 N).

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Points; or Gaussian, Laplace or Bernoulli posteriors, for which the covariance is exactly that of the aggregate
        posterior, the mean variance of q(z|x) included; or a `SampledPosterior`, whose draws are points.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.

    Returns
    -------
    GaussianTotalCorrelation
        Score, correlations, deviations, active latents and rank.

    Raises
    ------
    TypeError, ValueError
        For latents that have no covariance, or data that cannot be scored.

    Warns
    -----
    DegenerateDataWarning
        If there are no more samples than latents: the covariance of points is then singular, whatever they are.

    See Also
    --------
    gaussian_wasserstein_correlation : A distance in place of a divergence, finite where this is infinite.
    elbo_decomposition : The total correlation of the aggregate posterior itself.

    Notes
    -----
    A singular covariance has an infinite score: a latent that is a linear function of others shares infinitely many
    nats with them. It counts as singular where the smallest singular value of the standardised latents is below what
    rounding in float64 makes of it, 2e-16 times the largest of N, D and abs(z_j) / sd(z_j). Constant latents are left
    out; fewer than two others score 0.

    Examples
    --------
    >>> import numpy as np
    >>> import dismetrics as dm
    >>> grid = np.indices((5, 5)).reshape(2, -1).T
    >>> dm.gaussian_total_correlation(grid).score
    0.0
    >>> correlated = grid @ np.array([[1.0, 1.0], [0.0, 1.0]])  # a correlation of the root of 1/2
    >>> round(dm.gaussian_total_correlation(correlated).score, 4)  # log(2) / 2
    0.3466
    >>> dm.gaussian_total_correlation(grid[:, [0, 1, 1]]).score
    inf
    """
    found = covariance_root(latents, weights)
    singular = _singular_values(found.standardised)
    rank = int((singular > found.rounding).sum())
    if rank < len(singular):
        score = math.inf
        _warn_if_too_few(found)
    else:
        # Of columns of length one the product of the singular values is at most 1, but for rounding.
        score = max(float(-np.log(singular).sum()), 0.0)
    return GaussianTotalCorrelation(
        score=score,
        correlation=found.correlation(),
        standard_deviation=found.standard_deviation(),
        active=found.active,
        rank=rank,
        settings={"latents": _what(latents)},
    )


def gaussian_wasserstein_correlation(
    latents: ArrayLike | FactorisedPosterior, *, weights: ArrayLike | None = None
) -> GaussianWassersteinCorrelation:
    """Squared 2-Wasserstein distance of normal distributions with the covariance C of the latents and its diagonal D.

    2 tr C - 2 tr (D^1/2 C D^1/2)^1/2 (Locatello et al. 2019; the distance is that of Gelbrich 1990). 0 or above, lower
    is better; 0 if and only if the latents are uncorrelated. It is in squared units of the latents, and a latent of
    large variance counts for more; `normalised` divides by tr C.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Points; or Gaussian, Laplace or Bernoulli posteriors, for which the covariance is exactly that of the aggregate
        posterior, the mean variance of q(z|x) included; or a `SampledPosterior`, whose draws are points.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.

    Returns
    -------
    GaussianWassersteinCorrelation
        Score, its share of the variance, distance, correlations, deviations and active latents.

    Raises
    ------
    TypeError, ValueError
        For latents that have no covariance, whose variance is more than float64 can hold, or data that cannot be
        scored.

    See Also
    --------
    gaussian_total_correlation : A divergence in nats, without units.

    Notes
    -----
    The trace of the root is a sum of singular values, of centred latents times their deviations; it is real for any
    latents, and needs no root of a matrix. The covariance divides by N; other libraries divide by N - 1.

    Examples
    --------
    >>> import numpy as np
    >>> import dismetrics as dm
    >>> grid = np.indices((5, 5)).reshape(2, -1).T
    >>> round(dm.gaussian_wasserstein_correlation(grid).score, 4)
    0.0
    >>> twice = dm.gaussian_wasserstein_correlation(grid[:, [0, 0]])  # 4 Var less 2 sqrt(2) Var, of a variance of 2
    >>> round(twice.score, 4), round(twice.normalised, 4)
    (2.3431, 0.5858)
    """
    found = covariance_root(latents, weights)
    if not found.active.any():
        share = total = largest = 0.0
    else:
        # In units of the largest deviation; a smaller latent may vanish beside it, as it does in the trace.
        deviation = found.standard_deviation()[found.active]
        largest = float(deviation.max())
        relative = deviation / largest
        root = found.standardised * relative
        total = float((relative**2).sum())
        nuclear = float(_singular_values(root * relative).sum())
        share = max(2.0 - 2.0 * nuclear / total, 0.0)
    with np.errstate(over="ignore"):
        score = float(np.float64(share) * total * np.float64(largest) ** 2)
    if not math.isfinite(score):
        raise ValueError(
            f"latents have a standard deviation of {largest:g}, and its square is beyond float64: rescale them"
        )
    return GaussianWassersteinCorrelation(
        score=score,
        normalised=share,
        distance=math.sqrt(share * total) * largest,
        correlation=found.correlation(),
        standard_deviation=found.standard_deviation(),
        active=found.active,
        settings={"latents": _what(latents)},
    )


def _singular_values(matrix: FloatArray) -> FloatArray:
    """In decreasing order; none of a matrix without columns."""
    return np.asarray(np.linalg.svd(matrix, compute_uv=False), np.float64) if matrix.size else np.empty(0)


def _what(latents: object) -> str:
    return type(latents).__name__ if isinstance(latents, FactorisedPosterior) else "points"


def _warn_if_too_few(found: CovarianceRoot) -> None:
    n_active = int(found.active.sum())
    if found.n_samples <= n_active:
        warnings.warn(
            f"{found.n_samples} samples cannot have a covariance of full rank in {n_active} latents: the score is "
            "infinite whatever the latents are",
            DegenerateDataWarning,
            stacklevel=3,
        )
