"""Entropies of the aggregate posterior, for all latents and all factor values."""

from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.aggregate_posterior.location_scale import gaussian_integrals, laplace_integrals
from dismetrics.estimators.aggregate_posterior.quadrature import density_integrals
from dismetrics.estimators.aggregate_posterior.tables import table_sums
from dismetrics.estimators.groups import Groups
from dismetrics.estimators.parallel import map_tasks
from dismetrics.factors import Factors
from dismetrics.inputs import check_labelled
from dismetrics.posteriors import (
    DensityPosterior,
    FactorisedPosterior,
    GaussianPosterior,
    LaplacePosterior,
    TablePosterior,
)
from dismetrics.posteriors.checked import matrix_of, table_of
from dismetrics.typing import FloatArray

__all__ = ["AggregateEntropies", "aggregate_entropies", "mean_over_known"]


@dataclass(frozen=True, slots=True, eq=False)
class AggregateEntropies:
    """Entropies in nats of q(z_j) and q(z_j | v_k = a), mixtures of the posteriors of the samples.

    Attributes
    ----------
    marginal : ndarray of float64, shape (n_latents, n_factors)
        H(z_j) over the samples whose label of factor k is known; nan if there are none.
    conditional : ndarray of float64, shape (n_latents, n_factors)
        H(z_j | v_k) = sum_a p(v_k = a) H(z_j | v_k = a), with p from the sample weights.
    of_value : tuple of ndarray of float64, shape (n_latents, n_values of factor k)
        H(z_j | v_k = a); nan for a value that no sample has.
    mean_posterior : ndarray of float64, shape (n_latents, n_factors)
        Mean entropy of the samples' own posteriors, so that `marginal - mean_posterior` is I(z_j; n) over the samples
        whose label of factor k is known, and `conditional - mean_posterior` is I(z_j; n | v_k).
    groups : Groups
        The samples by factor value, with their weights.
    """

    marginal: FloatArray
    conditional: FloatArray
    of_value: tuple[FloatArray, ...]
    mean_posterior: FloatArray
    groups: Groups


def aggregate_entropies(posterior: FactorisedPosterior, factors: Factors) -> AggregateEntropies:
    """Entropies of the aggregate posterior and of its parts by factor value, without sampling.

    Gaussian: uniform grids or adaptive panels, whichever costs less, to 1e-7 nats; Laplace: panels; any other density:
    adaptive Gauss-Legendre quadrature of `log_density` over `support`; probability tables: exact sums.

    Parameters
    ----------
    posterior : FactorisedPosterior
        Posteriors of the samples.
    factors : Factors
        Factors that all have labels, sample for sample.

    Returns
    -------
    AggregateEntropies
        In nats.

    Raises
    ------
    TypeError, ValueError
        If lengths differ or a factor has no labels, if the posterior has neither a density nor a table, or if a scale
        is too small to tell from a point.
    """
    check_labelled(posterior, factors)
    groups = Groups.of(factors)

    def integrals(latent: int) -> tuple[FloatArray, FloatArray]:
        if isinstance(posterior, GaussianPosterior):
            return gaussian_integrals(posterior.mean[:, latent], posterior.scale[:, latent], groups)
        if isinstance(posterior, LaplacePosterior):
            return laplace_integrals(posterior.location[:, latent], posterior.scale[:, latent], groups)
        if isinstance(posterior, TablePosterior):
            return table_sums(table_of(posterior, latent), groups)
        if isinstance(posterior, DensityPosterior):
            return density_integrals(posterior, latent, groups)
        raise TypeError(
            f"{type(posterior).__name__} has neither log_density and support nor probabilities; one is needed here"
        )

    by_latent = map_tasks(integrals, posterior.n_latents, "entropies of the aggregate posterior")
    return _assembled(by_latent, posterior, groups)


def _assembled(
    by_latent: list[tuple[FloatArray, FloatArray]], posterior: FactorisedPosterior, groups: Groups
) -> AggregateEntropies:
    """Entropies from the integrals of r log r of unnormalised densities: H = log mass - integral / mass."""
    integral_of_group = np.array([of_group for of_group, _ in by_latent])
    integral_of_known = np.array([known for _, known in by_latent])
    known_mass = np.array([groups.known_mass(k) for k in range(groups.n_factors)])
    with np.errstate(divide="ignore", invalid="ignore"):  # a factor that no sample with weight has a label of
        marginal = np.where(known_mass > 0, np.log(known_mass) - integral_of_known / known_mass, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_group = np.where(groups.mass > 0, np.log(groups.mass) - integral_of_group / groups.mass, np.nan)
    conditional = np.empty_like(marginal)
    of_value = []
    for k in range(groups.n_factors):
        values = groups.values_of(k)
        present = groups.mass[values] > 0
        of_value.append(of_group[:, values])
        if known_mass[k] == 0:
            conditional[:, k] = np.nan
            continue
        share = groups.mass[values][present] / known_mass[k]
        conditional[:, k] = of_group[:, values][:, present] @ share
    return AggregateEntropies(
        marginal, conditional, tuple(of_value), mean_over_known(matrix_of(posterior, "entropy"), groups), groups
    )


def mean_over_known(quantity: FloatArray, groups: Groups) -> FloatArray:
    """Weighted mean of (n_samples, n_latents) over the rows whose label is known: shape (n_latents, n_factors)."""
    if not groups.has_missing.any():
        return np.repeat((groups.weights @ quantity)[:, None], groups.n_factors, axis=1)
    weight_if_known = np.where(groups.is_known, groups.weights[:, None], 0.0)
    with np.errstate(invalid="ignore"):
        return quantity.T @ (weight_if_known / weight_if_known.sum(axis=0))
