"""Mutual information between the aggregate posterior's latents and the factors (Chen et al. 2018, section 4.1)."""

import numpy as np

from dismetrics.estimators.aggregate_posterior.entropies import AggregateEntropies, aggregate_entropies
from dismetrics.estimators.aggregate_posterior.monte_carlo import sampled_entropies
from dismetrics.estimators.aggregate_posterior.saturation import overlapping_samples
from dismetrics.estimators.discretize import discretise_factors
from dismetrics.estimators.relevance.information import InformationMatrix, information_ceiling
from dismetrics.estimators.relevance.settings import InformationSettings
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents
from dismetrics.posteriors import FactorisedPosterior, TablePosterior
from dismetrics.posteriors.checked import table_of
from dismetrics.typing import FloatArray

__all__ = ["posterior_information"]


def posterior_information(
    data: LabelledLatents, settings: InformationSettings, rng: np.random.Generator
) -> InformationMatrix:
    """I(z_j; v_k) = H(z_j) - H(z_j | v_k): by quadrature or exact sums, or by sampling where `n_draws` asks for it."""
    posterior = data.posterior
    if posterior is None:
        raise ValueError(
            "estimator='posterior' needs posteriors q(z|x), but latents is an array of points: pass e.g. "
            "GaussianPosterior(mean, log_var), or choose estimator='histogram' or 'knn'"
        )
    factors = discretise_factors(data.factors, settings.factor_bins)
    n_draws = settings.n_draws
    standard_error: FloatArray | None = None
    if n_draws is None:
        entropies = aggregate_entropies(posterior, factors)
    else:
        sampled = sampled_entropies(posterior, factors, n_draws, rng)
        entropies, standard_error = sampled.entropies, sampled.standard_error
    entropy = entropies.groups.factor_entropies()
    return InformationMatrix(
        mutual_information=_information(entropies),
        factor_entropy=entropy,
        latent_entropy=entropies.marginal,
        conditional_entropy=entropies.conditional,
        ceiling=_ceiling(posterior, entropy, factors),
        overlap=overlapping_samples(entropies),
        standard_error=standard_error,
        settings=settings.used(),
    )


def _information(entropies: AggregateEntropies) -> FloatArray:
    """H(z_j) - H(z_j | v_k), at least 0; 0 for a factor without a single known label, of which nothing is told."""
    groups = entropies.groups
    unknown = np.array([groups.known_mass(k) == 0 for k in range(groups.n_factors)])
    information = np.maximum(entropies.marginal - entropies.conditional, 0.0)
    information[:, unknown] = 0.0
    if np.isnan(information).any():
        latent = int(np.argwhere(np.isnan(information))[0, 0])
        raise ValueError(f"the entropies of latent {latent} are no numbers: its posteriors cannot be computed with")
    return information


def _ceiling(posterior: FactorisedPosterior, factor_entropy: FloatArray, factors: Factors) -> FloatArray:
    """Densities can tell any factor in full; a latent with few values cannot."""
    if not isinstance(posterior, TablePosterior):
        return factor_entropy
    n_codes = max(table_of(posterior, j).shape[1] for j in range(posterior.n_latents))
    return information_ceiling(factor_entropy, factors.n_values, n_codes)
