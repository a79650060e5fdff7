"""The terms of the aggregate posterior of all samples: by quadrature what can be, by sampling the rest."""

import math
from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.aggregate_posterior.drawn_marginals import drawn_marginals
from dismetrics.estimators.aggregate_posterior.joint_means import joint_means
from dismetrics.estimators.aggregate_posterior.marginals import Marginal, marginals
from dismetrics.estimators.aggregate_posterior.monte_carlo import log_mixture
from dismetrics.estimators.aggregate_posterior.priors import Prior, expected_log_prior
from dismetrics.estimators.aggregate_posterior.sampling import Place
from dismetrics.estimators.decomposition.terms import DecompositionTerms, Parts
from dismetrics.posteriors import DensityPosterior, FactorisedPosterior, HasLogDensity, TablePosterior
from dismetrics.posteriors.checked import density_of, matrix_of
from dismetrics.typing import FloatArray, IntArray

__all__ = ["whole_decomposition"]

_ENTRIES_AT_ONCE = 2**22


@dataclass(frozen=True, slots=True, eq=False)
class _OfLatents:
    """The marginal of every latent, and the mean of log q(z_j|n), (n_latents,); None and 0 where neither is known."""

    marginals: list[Marginal | None]
    own: FloatArray

    @property
    def sampled(self) -> list[int]:
        """The latents of which nothing is known but by sampling."""
        return [j for j, marginal in enumerate(self.marginals) if marginal is None]


def whole_decomposition(
    posterior: FactorisedPosterior,
    weights: FloatArray,
    prior: Prior,
    terms: Parts,
    *,
    n_draws: int | None,
    target_se: float | None,
    log_density: str,
    tolerance: float,
    rng: np.random.Generator,
) -> DecompositionTerms:
    """All terms, of q(z) over all samples; weights add up to 1.

    Parameters
    ----------
    posterior : FactorisedPosterior
        Posteriors with densities or tables.
    weights : ndarray of float64, shape (n_samples,)
        Weights that add up to 1.
    prior : Prior
        Factorised or joint.
    terms : Parts
        The terms wanted.
    n_draws, target_se : optional
        See `sampled_means`.
    log_density : {"auto", "brute", "tree"}
        See `joint_log_density`.
    tolerance : float
        See `joint_log_density`.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    DecompositionTerms
        With standard errors of those in which something is sampled.
    """
    latents = _of_latents(posterior, weights, rng)
    own, sampled = latents.own.copy(), latents.sampled
    marginal = np.array([0.0 if each is None else -each.entropy for each in latents.marginals])
    log_prior = expected_log_prior(prior, posterior, weights, latents.marginals)
    exact = (0.0, math.fsum(own), math.fsum(marginal), math.fsum(log_prior) if prior.factorises else 0.0)

    each_of = {name: _coefficients(parts, len(sampled), prior.factorises) for name, parts in terms.items()}
    of_terms = {name: coefficients for name, coefficients in each_of.items() if coefficients.any()}
    # And each sampled latent by itself: log q(z_j|n), log q(z_j), log p(z_j).
    of_each = np.eye(len(each_of["joint_entropy"]))[1 : 1 + (3 if prior.factorises else 2) * len(sampled)]
    found = joint_means(
        posterior,
        weights,
        latents.marginals,
        prior,
        log_prior,
        None if sampled else float(weights @ np.log(weights)) + exact[1],
        np.array([*of_terms.values(), *of_each]),
        lambda rows, z: _quantities(posterior, weights, prior, sampled, rows, z),
        n_draws=n_draws,
        target_se=target_se,
        method=log_density,
        tolerance=tolerance,
        rng=rng,
    )

    totals = {name: math.fsum(np.multiply(parts, exact)) for name, parts in terms.items()}
    places = {name: Place(totals[name] + float(found.mean[i]), i) for i, name in enumerate(of_terms)}
    totals |= {name: place.value for name, place in places.items()}
    of_sampled = found.mean[len(of_terms) :].reshape(-1, len(sampled)) if sampled else np.empty((0, 0))
    for values, means in zip((own, marginal, log_prior), of_sampled, strict=False):
        values[sampled] = means
    return DecompositionTerms(
        totals=totals,
        own=own,
        marginal=marginal,
        log_prior=log_prior if prior.factorises else None,
        standard_error=found.standard_errors(places),
        interval=found.intervals(places),
        numerical_bound=float(found.numerical_bound.max()),
        carrying=float(found.carrying[np.argmax(found.standard_error)]),
        n_draws=found.n_draws,
        n_controls=found.n_controls,
        settings={
            "log_density": log_density,
            "tolerance": tolerance,
            "target_se": target_se,
            "evaluated": found.evaluated,
            "sampled_latents": sampled,
        },
    )


def _of_latents(posterior: FactorisedPosterior, weights: FloatArray, rng: np.random.Generator) -> _OfLatents:
    """Marginals by the posterior's tables or support; where it has neither, by where its draws lie."""
    if isinstance(posterior, (TablePosterior, DensityPosterior)) or not isinstance(posterior, HasLogDensity):
        of_each = marginals(posterior, weights)
        return _OfLatents(list(of_each), -(weights @ matrix_of(posterior, "entropy")))
    drawn = drawn_marginals(posterior, weights, rng)
    own = [0.0 if each is None else -each.posterior_entropy for each in drawn]
    return _OfLatents([None if each is None else each.marginal for each in drawn], np.array(own))


def _coefficients(parts: tuple[int, int, int, int], n_sampled: int, factorised: bool) -> FloatArray:
    """Of log q(z), and of the quantities of `_quantities`, in a term."""
    log_q, own, marginal, prior = parts
    each = [own] * n_sampled + [marginal] * n_sampled + ([prior] * n_sampled if factorised else [prior])
    return np.array([log_q, *each], np.float64)


def _quantities(
    posterior: FactorisedPosterior,
    weights: FloatArray,
    prior: Prior,
    sampled: list[int],
    rows: IntArray | None,
    z: FloatArray,
) -> FloatArray:
    """Of the latents without a marginal log q(z_j|n), log q(z_j) and log p(z_j); or log p(z) of a joint prior."""
    own, marginal = np.empty((len(z), len(sampled))), np.empty((len(z), len(sampled)))
    for i, latent in enumerate(sampled):
        assert isinstance(posterior, HasLogDensity)
        assert rows is not None
        own[:, i] = _own_density(posterior, z[:, latent], latent, rows)
        marginal[:, i] = log_mixture(posterior, z[:, latent], latent, weights)
    of_prior = prior.log_density(z)[:, sampled] if prior.joint is None else prior.joint(z)[:, None]
    return np.concatenate([own, marginal, of_prior], axis=1)


def _own_density(posterior: HasLogDensity, z: FloatArray, latent: int, rows: IntArray) -> FloatArray:
    """Log density of each draw under the posterior of the sample that it comes from."""
    at_once = max(1, _ENTRIES_AT_ONCE // posterior.n_samples)
    parts = []
    for start in range(0, len(z), at_once):
        some = slice(start, start + at_once)
        log_q = density_of(posterior, z[some], latent)
        parts.append(log_q[np.arange(len(log_q)), rows[some]])
    own = np.concatenate(parts)
    if (own == -np.inf).any():
        raise ValueError(
            f"{type(posterior).__name__}.log_density(z, {latent}) is minus infinity at a sample's own draw"
        )
    return own
