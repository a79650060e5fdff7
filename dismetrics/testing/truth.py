"""Terms of few posteriors by brute force: tensor quadrature in one or two latents, sums over all values of tables."""

import math

import numpy as np

from dismetrics.posteriors import (
    BernoulliPosterior,
    CategoricalPosterior,
    FactorisedPosterior,
    GaussianPosterior,
    LaplacePosterior,
)
from dismetrics.typing import FloatArray

__all__ = ["aggregate_log_density", "entropy_of", "information_of", "posterior_terms"]

# Ends of panels, in scales to either side of each centre; the kink of a Laplace density is an end.
_GAUSSIAN_ENDS = np.array([0.0, 0.7, 1.5, 2.5, 3.5, 5.0, 7.0, 9.5])
_LAPLACE_ENDS = np.array([0.0, 0.7, 1.5, 2.5, 4.0, 6.0, 9.0, 14.0, 22.0, 34.0])


def entropy_of(probabilities: FloatArray) -> float:
    """H(p) in nats of probabilities of any shape."""
    p = probabilities[probabilities > 0]
    return -math.fsum(p * np.log(p))


def information_of(joint: FloatArray) -> float:
    """I(x; y) in nats of a joint distribution (X, Y)."""
    return entropy_of(joint.sum(axis=0)) + entropy_of(joint.sum(axis=1)) - entropy_of(joint)


def _log_densities(posterior: FactorisedPosterior, z: FloatArray) -> FloatArray:
    """log q(z_ij | x_n), shape (len(z), n_samples, n_latents), by the family's formula."""
    x = z[:, None, :]
    if isinstance(posterior, GaussianPosterior):
        standardised = (x - posterior.mean) / posterior.scale
        return -0.5 * standardised**2 - np.log(posterior.scale) - 0.5 * math.log(2 * math.pi)
    if isinstance(posterior, LaplacePosterior):
        return -np.abs(x - posterior.location) / posterior.scale - np.log(2 * posterior.scale)
    table = _table(posterior)
    rows, columns = np.indices(table.shape[:2])
    with np.errstate(divide="ignore"):
        return np.log(table[rows, columns, x.astype(int)])


def _table(posterior: FactorisedPosterior) -> FloatArray:
    if isinstance(posterior, BernoulliPosterior):
        return np.stack([1.0 - posterior.probability, posterior.probability], axis=2)
    if isinstance(posterior, CategoricalPosterior):
        return np.asarray(posterior.probability)
    raise TypeError(f"the terms of {type(posterior).__name__} are not known by brute force")


def _log_sum(values: FloatArray, weights: FloatArray) -> FloatArray:
    """log sum_n w_n exp(values) along axis 1."""
    top = values.max(axis=1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        return np.squeeze(top, 1) + np.log(np.tensordot(np.exp(values - top), weights, axes=(1, 0)))


def aggregate_log_density(
    posterior: FactorisedPosterior, z: FloatArray, weights: FloatArray | None = None
) -> FloatArray:
    """log q(z) of the aggregate posterior.

    Parameters
    ----------
    posterior : GaussianPosterior, LaplacePosterior, BernoulliPosterior or CategoricalPosterior
        The posteriors.
    z : ndarray of float64, shape (n_points, n_latents)
        Where; values from 0 for tables.
    weights : ndarray of float64, shape (n_samples,), optional
        Weights of the samples.

    Returns
    -------
    ndarray of float64, shape (n_points,)
        The log density, or log probability.
    """
    return _log_sum(_log_densities(posterior, np.asarray(z, float)).sum(axis=2), _shares(posterior, weights))


def _shares(posterior: FactorisedPosterior, weights: FloatArray | None) -> FloatArray:
    w = np.ones(posterior.n_samples) if weights is None else np.asarray(weights, float)
    return w / w.sum()


def _axis(centres: FloatArray, scales: FloatArray, ends: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre nodes and weights over panels around every centre."""
    offsets = np.concatenate([-ends[:0:-1], ends])
    edges = np.unique(np.round((centres[:, None] + scales[:, None] * offsets).ravel(), 12))
    x, w = np.polynomial.legendre.leggauss(8)
    half = 0.5 * np.diff(edges)
    return (edges[:-1, None] + half[:, None] * (x + 1)).ravel(), (half[:, None] * w).ravel()


def _nodes(posterior: FactorisedPosterior) -> list[tuple[FloatArray, FloatArray]]:
    """For each latent, places and their weights."""
    if isinstance(posterior, (GaussianPosterior, LaplacePosterior)):
        ends = _GAUSSIAN_ENDS if isinstance(posterior, GaussianPosterior) else _LAPLACE_ENDS
        centre = posterior.point_codes()
        return [_axis(centre[:, j], posterior.scale[:, j], ends) for j in range(posterior.n_latents)]
    n_values = _table(posterior).shape[2]
    return [(np.arange(float(n_values)), np.ones(n_values))] * posterior.n_latents


def posterior_terms(posterior: FactorisedPosterior, weights: FloatArray | None = None) -> dict[str, float]:
    """The terms of the decomposition by brute force, to about 1e-8 nats.

    Parameters
    ----------
    posterior : GaussianPosterior, LaplacePosterior, BernoulliPosterior or CategoricalPosterior
        Few samples; densities of at most two latents.
    weights : ndarray of float64, shape (n_samples,), optional
        Weights of the samples.

    Returns
    -------
    dict of str to float
        `index_code_mi`, `total_correlation`, `dimension_wise_kl`, `mean_kl` and `joint_entropy`, in nats. The prior is
        standard normal for densities, uniform for tables.
    """
    nodes, shares = _nodes(posterior), _shares(posterior, weights)
    density = isinstance(posterior, (GaussianPosterior, LaplacePosterior))
    if density and len(nodes) > 2:
        raise ValueError(f"{len(nodes)} latents; quadrature takes two at most")
    marginal_entropies, cross, own = [], [], []
    for j, (places, widths) in enumerate(nodes):
        grid = np.zeros((len(places), posterior.n_latents))
        grid[:, j] = places
        logs = _log_densities(posterior, grid)[:, :, j]
        mixed = _log_sum(logs, shares)
        log_prior = (
            -0.5 * places**2 - 0.5 * math.log(2 * math.pi) if density else np.full(len(places), -math.log(len(places)))
        )
        q = widths * np.exp(mixed)
        marginal_entropies.append(-_mean_log(q, mixed))
        cross.append(-float(q @ log_prior))
        each = widths[:, None] * np.exp(logs)
        own.append(-float(shares @ np.array([_mean_log(each[:, n], logs[:, n]) for n in range(len(shares))])))
    # The joint density at all nodes, from products of one-dimensional densities.
    log_joint: FloatArray = np.array(-np.inf)
    for n, share in enumerate(shares.tolist()):
        if share == 0.0:
            continue
        parts: FloatArray = np.array(math.log(share))
        for j, (places, _) in enumerate(nodes):
            grid = np.zeros((len(places), posterior.n_latents))
            grid[:, j] = places
            parts = parts[..., None] + _log_densities(posterior.take(np.array([n])), grid)[:, 0, j]
        log_joint = np.logaddexp(log_joint, parts)
    mass: FloatArray = np.ones(())
    for _, widths in nodes:
        mass = mass[..., None] * widths
    joint_entropy = -_mean_log((mass * np.exp(log_joint)).ravel(), log_joint.ravel())
    posterior_entropy = math.fsum(own)
    return {
        "index_code_mi": joint_entropy - posterior_entropy,
        "total_correlation": math.fsum(marginal_entropies) - joint_entropy,
        "dimension_wise_kl": math.fsum(cross) - math.fsum(marginal_entropies),
        "mean_kl": math.fsum(cross) - posterior_entropy,
        "joint_entropy": joint_entropy,
    }


def _mean_log(mass: FloatArray, log_density: FloatArray) -> float:
    inside = mass > 0
    return math.fsum(mass[inside] * log_density[inside])
