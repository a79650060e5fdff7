"""The terms of the aggregate posterior of all samples: by quadrature what can be, by sampling the rest."""

import math
from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.aggregate_posterior.drawn_marginals import drawn_marginals
from dismetrics.estimators.aggregate_posterior.joint_entropy import Controls, Further, joint_entropy
from dismetrics.estimators.aggregate_posterior.marginals import Marginal, marginals
from dismetrics.estimators.aggregate_posterior.monte_carlo import log_mixture
from dismetrics.estimators.aggregate_posterior.priors import Prior, expected_log_prior
from dismetrics.estimators.decomposition.terms import DecompositionTerms, parts_of
from dismetrics.posteriors import DensityPosterior, FactorisedPosterior, HasLogDensity, TablePosterior
from dismetrics.posteriors.checked import density_of, matrix_of
from dismetrics.typing import FloatArray, IntArray

__all__ = ["OfLatents", "of_latents", "whole_decomposition"]

_ENTRIES_AT_ONCE = 2**22


@dataclass(frozen=True, slots=True, eq=False)
class OfLatents:
    """The marginal of every latent, and the mean of log q(z_j|n), (n_latents,); None and 0 where neither is known."""

    marginals: list[Marginal | None]
    own: FloatArray

    @property
    def sampled(self) -> list[int]:
        """The latents of which nothing is known but by sampling."""
        return [j for j, marginal in enumerate(self.marginals) if marginal is None]


def of_latents(posterior: FactorisedPosterior, weights: FloatArray, rng: np.random.Generator) -> OfLatents:
    """Marginals by the posterior's tables or support; where it has neither, by where its draws lie."""
    if isinstance(posterior, (TablePosterior, DensityPosterior)) or not isinstance(posterior, HasLogDensity):
        of_each = marginals(posterior, weights)
        return OfLatents(list(of_each), -(weights @ matrix_of(posterior, "entropy")))
    drawn = drawn_marginals(posterior, weights, rng)
    own = [0.0 if each is None else -each.posterior_entropy for each in drawn]
    return OfLatents([None if each is None else each.marginal for each in drawn], np.array(own))


def whole_decomposition(
    posterior: FactorisedPosterior,
    weights: FloatArray,
    prior: Prior,
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
    n_draws, target_se, log_density, tolerance
        See `joint_entropy`.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    DecompositionTerms
        With standard errors of those in which something is sampled.
    """
    latents = of_latents(posterior, weights, rng)
    sampled, known = latents.sampled, [j for j, each in enumerate(latents.marginals) if each is not None]
    marginal = np.array([0.0 if each is None else -each.entropy for each in latents.marginals])
    log_prior = expected_log_prior(prior, posterior, weights, latents.marginals)
    own_control = None if sampled else float(weights @ np.log(weights) + latents.own.sum())

    factorised = prior.joint is None
    terms = parts_of(factorised)
    of_terms = [_coefficients(parts, len(sampled), factorised) for parts in terms.values()]
    # And each sampled latent by itself: log q(z_j|n), log q(z_j), log p(z_j).
    single = np.eye(len(of_terms[0]))[1 : 1 + (3 if factorised else 2) * len(sampled)]
    found = joint_entropy(
        posterior,
        weights,
        latents.marginals,
        prior,
        Controls(own_control, marginal[known], log_prior[known]),
        further=Further(
            lambda z, rows: _quantities(posterior, weights, prior, sampled, z, rows), np.array([*of_terms, *single])
        ),
        n_draws=n_draws,
        target_se=target_se,
        method=log_density,
        tolerance=tolerance,
        rng=rng,
    )

    constants = (0.0, math.fsum(latents.own), math.fsum(marginal), math.fsum(log_prior) if factorised else 0.0)
    totals, standard_error, interval = {}, {}, {}
    for (name, parts), coefficients, term in zip(terms.items(), of_terms, found.terms, strict=False):
        value = math.fsum([term.value, *(part * constant for part, constant in zip(parts, constants, strict=True))])
        totals[name] = value
        if np.any(coefficients):
            standard_error[name] = term.standard_error
            interval[name] = (value - term.half_width, value + term.half_width)
    own = latents.own.copy()
    of_single = np.array([term.value for term in found.terms[len(terms) :]]).reshape(3 if factorised else 2, -1)
    for values, of_sampled in zip((own, marginal, log_prior), of_single, strict=False):
        values[sampled] = of_sampled
    return DecompositionTerms(
        totals=totals,
        own=own,
        marginal=marginal,
        log_prior=log_prior if factorised else None,
        standard_error=standard_error,
        interval=interval,
        numerical_bound=found.numerical_bound,
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
    z: FloatArray,
    rows: IntArray | None,
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
