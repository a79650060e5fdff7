"""Posteriors whose terms are known, in nats."""

import itertools
import math

import numpy as np

from dismetrics.posteriors import (
    GaussianPosterior,
)
from dismetrics.testing.case import Case, Truth
from dismetrics.testing.truth import posterior_terms
from dismetrics.typing import FloatArray

__all__ = ["TERMS", "collapsed", "linear_gaussian", "mixture", "posterior_cases", "repeated", "separated"]

TERMS = ("index_code_mi", "total_correlation", "dimension_wise_kl", "mean_kl", "joint_entropy")
"""What is known of every one of them."""


def _normal_terms(mean: FloatArray, scale: float, n_places: int, n_joint: int) -> dict[str, Truth]:
    """Terms of Gaussian posteriors that do not overlap: `n_places` on every latent, `n_joint` in all."""
    n_latents = mean.shape[1]
    own = 0.5 * math.log(2 * math.pi * math.e * scale**2)
    marginal = n_latents * (math.log(n_places) + own)
    joint = math.log(n_joint) + n_latents * own
    cross = n_latents * 0.5 * math.log(2 * math.pi) + 0.5 * float((mean**2 + scale**2).sum(axis=1).mean())
    return _terms(joint, marginal, cross, n_latents * own, 1e-6, "closed form: no two posteriors overlap")


def _terms(joint: float, marginal: float, cross: float, own: float, tolerance: float, how: str) -> dict[str, Truth]:
    values = {
        "index_code_mi": joint - own,
        "total_correlation": marginal - joint,
        "dimension_wise_kl": cross - marginal,
        "mean_kl": cross - own,
        "joint_entropy": joint,
    }
    return {name: Truth(value, tolerance, how) for name, value in values.items()}


def separated(n_places: int = 4, scale: float = 0.02) -> Case:
    """Posteriors on a lattice, far apart.

    Parameters
    ----------
    n_places : int, default 4
        Places on each of two latents.
    scale : float, default 0.02
        Scale of every posterior; places are 1 apart.

    Returns
    -------
    Case
        Independent latents that tell the samples apart.
    """
    mean = np.asarray(np.indices((n_places, n_places)).reshape(2, -1).T - (n_places - 1) / 2, np.float64)
    posterior = GaussianPosterior.from_scale(mean, np.full(mean.shape, scale))
    return Case("separated lattice", posterior=posterior, truth=_normal_terms(mean, scale, n_places, n_places**2))


def repeated(n_places: int = 5, scale: float = 0.02) -> Case:
    """Two latents that say the same, far apart.

    Parameters
    ----------
    n_places : int, default 5
        Samples.
    scale : float, default 0.02
        Scale of every posterior; places are 1 apart.

    Returns
    -------
    Case
        Total correlation log n_places.
    """
    mean = np.repeat(np.arange(n_places)[:, None] - (n_places - 1) / 2, 2, axis=1)
    posterior = GaussianPosterior.from_scale(mean, np.full(mean.shape, scale))
    return Case("repeated latent", posterior=posterior, truth=_normal_terms(mean, scale, n_places, n_places))


def collapsed(n_samples: int = 6, n_latents: int = 3) -> Case:
    """Every posterior is the prior.

    Parameters
    ----------
    n_samples, n_latents : int, optional
        Size.

    Returns
    -------
    Case
        Every divergence is 0.
    """
    posterior = GaussianPosterior.from_scale(np.zeros((n_samples, n_latents)), np.ones((n_samples, n_latents)))
    entropy = n_latents * 0.5 * math.log(2 * math.pi * math.e)
    truth = _terms(entropy, entropy, entropy, entropy, 1e-6, "closed form: q(z|x) = p(z) for every x")
    return Case("collapsed posterior", posterior=posterior, truth=truth)


def linear_gaussian(n_places: int = 12) -> Case:
    """q(z|x) = N(A x, s^2) with x ~ N(0, I), on Gauss-Hermite places with their weights.

    Parameters
    ----------
    n_places : int, default 12
        Places for each of two coordinates of x.

    Returns
    -------
    Case
        With weights; q(z) = N(0, A A^T + diag(s^2)) to within the tolerance.
    """
    a, s = np.array([[0.8, 0.0], [0.5, 0.6]]), np.array([0.9, 0.8])
    places, mass = np.polynomial.hermite_e.hermegauss(n_places)
    x = np.array(list(itertools.product(places, places)))
    shares = np.array([u * v for u, v in itertools.product(mass, mass)])
    posterior = GaussianPosterior.from_scale(x @ a.T, np.tile(s, (len(x), 1)))
    sigma = a @ a.T + np.diag(s**2)
    two_pi_e = math.log(2 * math.pi * math.e)
    joint = two_pi_e + 0.5 * float(np.linalg.slogdet(sigma)[1])
    marginal = two_pi_e + 0.5 * math.fsum(np.log(np.diag(sigma)))
    own = two_pi_e + math.fsum(np.log(s))
    cross = math.log(2 * math.pi) + 0.5 * float(np.trace(sigma))
    truth = _terms(joint, marginal, cross, own, 1e-5, "closed form: log determinants of a normal model's covariances")
    return Case("linear-Gaussian model", posterior=posterior, weights=shares / shares.sum(), truth=truth)


def mixture(distance: float = 2.0) -> Case:
    """Two posteriors that overlap, along a diagonal.

    Parameters
    ----------
    distance : float, default 2.0
        Between their means, on each latent.

    Returns
    -------
    Case
        Known by quadrature.
    """
    mean = np.array([[-0.5, -0.5], [0.5, 0.5]]) * distance
    posterior = GaussianPosterior.from_scale(mean, np.array([[0.6, 1.0], [1.1, 0.8]]))
    how = "by quadrature over the plane"
    truth = {name: Truth(value, 1e-6, how) for name, value in posterior_terms(posterior).items()}
    return Case("mixture of two", posterior=posterior, truth=truth)


def posterior_cases() -> tuple[Case, ...]:
    """All cases of posteriors.

    Returns
    -------
    tuple of Case
        One of each.
    """
    return separated(), repeated(), collapsed(), linear_gaussian(), mixture()
