"""The mutual information of two latents from draws, with the marginals exact."""

import numpy as np

from dismetrics.estimators.aggregate_posterior.joint_means import joint_means, nothing_else
from dismetrics.estimators.aggregate_posterior.marginals import Marginal
from dismetrics.estimators.aggregate_posterior.priors import expected_log_prior, prior_of
from dismetrics.estimators.pairwise.information import PairEstimate
from dismetrics.posteriors import DensityPosterior, select_latents
from dismetrics.posteriors.checked import matrix_of
from dismetrics.typing import FloatArray

__all__ = ["sampled_information"]

_TOLERANCE = 1e-6
"""Share of q(z_i, z_j) that may be left out at a draw."""


def sampled_information(
    posterior: DensityPosterior,
    pair: tuple[int, int],
    weights: FloatArray,
    of_latents: list[Marginal],
    n_draws: int,
    rng: np.random.Generator,
) -> PairEstimate:
    """I(z_i; z_j) = H(z_i) + H(z_j) - H(z_i, z_j), the last from draws with controls; it may come out below zero."""
    both = select_latents(posterior, pair)
    of_both = [of_latents[j] for j in pair]
    entropies = np.array([marginal.entropy for marginal in of_both])
    prior = prior_of(None, both)
    own = float(weights @ np.log(weights)) - float((weights @ matrix_of(both, "entropy")).sum())
    log_q = joint_means(
        both,
        weights,
        of_both,
        prior,
        expected_log_prior(prior, both, weights, of_both),
        own,
        np.ones((1, 1)),
        nothing_else,
        n_draws=n_draws,
        target_se=None,
        method="auto",
        tolerance=_TOLERANCE,
        rng=rng,
    )
    return PairEstimate(
        float(entropies.sum() + log_q.mean[0]),
        float(log_q.numerical_bound[0]),
        float(log_q.standard_error[0]),
        below=float(log_q.below[0]),
        above=float(log_q.above[0]),
        sampled=True,
    )
