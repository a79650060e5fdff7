"""The mutual information of two latents from draws, with the marginals exact."""

import numpy as np

from dismetrics.estimators.aggregate_posterior.joint_entropy import Controls, joint_entropy
from dismetrics.estimators.aggregate_posterior.marginals import Marginal
from dismetrics.estimators.aggregate_posterior.priors import expected_log_prior, prior_of
from dismetrics.estimators.pairwise.information import PairEstimate
from dismetrics.posteriors import DensityPosterior, GaussianPosterior, LaplacePosterior
from dismetrics.posteriors.checked import density_of, matrix_of, support_of
from dismetrics.typing import BoolArray, FloatArray, IntArray

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
    both = _two_latents(posterior, pair)
    of_both = [of_latents[j] for j in pair]
    entropies = np.array([marginal.entropy for marginal in of_both])
    prior = prior_of(None, both)
    own = float(weights @ np.log(weights)) - float((weights @ matrix_of(both, "entropy")).sum())
    joint = joint_entropy(
        both,
        weights,
        of_both,
        prior,
        Controls(own, -entropies, expected_log_prior(prior, both, weights, of_both)),
        n_draws=n_draws,
        target_se=None,
        method="auto",
        tolerance=_TOLERANCE,
        rng=rng,
    )
    information = float(entropies.sum()) - joint.value
    return PairEstimate(information, joint.numerical_bound, joint.standard_error, joint.half_width, sampled=True)


def _two_latents(posterior: DensityPosterior, pair: tuple[int, int]) -> DensityPosterior:
    """The posterior of two of the latents; of its own family where it is one of ours, which have fast kernels."""
    columns = list(pair)
    if isinstance(posterior, GaussianPosterior):
        return GaussianPosterior.from_scale(posterior.mean[:, columns], posterior.scale[:, columns])
    if isinstance(posterior, LaplacePosterior):
        return LaplacePosterior(posterior.location[:, columns], posterior.scale[:, columns])
    return _TwoLatents(posterior, pair)


class _TwoLatents:
    """Two latents of a posterior of one's own."""

    def __init__(self, whole: DensityPosterior, pair: tuple[int, int]) -> None:
        self._whole, self._pair = whole, pair
        self.n_samples, self.n_latents = whole.n_samples, len(pair)

    def entropy(self) -> FloatArray:
        return matrix_of(self._whole, "entropy")[:, self._pair]

    def kl_to_prior(self) -> FloatArray:
        return matrix_of(self._whole, "kl_to_prior")[:, self._pair]

    def sample(self, rng: np.random.Generator) -> FloatArray:
        return matrix_of(self._whole, "sample", rng)[:, self._pair]

    def point_codes(self) -> FloatArray:
        return matrix_of(self._whole, "point_codes")[:, self._pair]

    def log_density(self, z: FloatArray, latent: int) -> FloatArray:
        return density_of(self._whole, z, self._pair[latent])

    def support(self, latent: int) -> tuple[FloatArray, FloatArray]:
        return support_of(self._whole, self._pair[latent])

    def take(self, rows: IntArray | BoolArray) -> "_TwoLatents":
        return _TwoLatents(self._whole.take(rows), self._pair)
