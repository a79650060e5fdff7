"""What the code tells of the sample, I(z; n), and what one latent adds to the others, I(z_j; n | z_-j).

With the shares r_n(z) = w_n q(z|n) / q(z) of the samples in the density at z, and those r_n(z_-j) without latent j,

    I(z; n) = H(w) - E H(r(z)),     I(z_j; n | z_-j) = E KL(r(z) || r(z_-j)),     z ~ q(z).

Both are means over draws. Where nothing is known of the sample, r = w, and where latent j says nothing that the others
do not, r(z) = r(z_-j): such draws have no error. As latents are independent given the sample, H(z_j | z_-j, n) =
H(z_j | n), so entropies follow: H(z_j | z_-j) = I(z_j; n | z_-j) + H(z_j | n).

Controls are the means of log q(z_i|n) and log w_n over components by r(z), of log w_n q(z_-i|n) by r(z_-i), and
log q(z_i).
"""

import numpy as np

from dismetrics.estimators.aggregate_posterior.draws import draw_source
from dismetrics.estimators.aggregate_posterior.leave_one_out import leave_one_out_density
from dismetrics.estimators.aggregate_posterior.marginals import Marginal
from dismetrics.estimators.aggregate_posterior.sampling import AtDraws, SampledMeans, sampled_means
from dismetrics.estimators.aggregate_posterior.tables import joint_table, table_entropy
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.posteriors.checked import matrix_of
from dismetrics.typing import FloatArray, IntArray

__all__ = ["conditional_information"]


def conditional_information(
    posterior: FactorisedPosterior,
    weights: FloatArray,
    of_latents: list[Marginal],
    combination: FloatArray,
    *,
    n_draws: int | None,
    target_se: float | None,
    method: str,
    tolerance: float,
    rng: np.random.Generator,
) -> SampledMeans:
    """I(z_j; n | z_-j) for every latent j, then I(z; n), then a combination of them, in nats.

    Parameters
    ----------
    posterior : FactorisedPosterior
        Posteriors with a density and support, or tables.
    weights : ndarray of float64, shape (n_samples,)
        Weights that add up to 1.
    of_latents : list of Marginal
        The marginals q(z_j).
    combination : ndarray of float64, shape (n_latents + 1,)
        Coefficients of a sum of these quantities, whose error is wanted too.
    n_draws : int or None
        See `sampled_means`.
    target_se : float or None
        See `sampled_means`.
    method : {"auto", "brute", "tree"}
        See `leave_one_out_density`.
    tolerance : float
        See `leave_one_out_density`.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    SampledMeans
        With n_latents + 2 entries; exact for a single latent, and for tables small enough to be summed in full.
    """
    posterior_entropy = weights @ matrix_of(posterior, "entropy")
    exact = _without_sampling(posterior, weights, of_latents, posterior_entropy)
    if exact is not None:
        return SampledMeans.exact(np.append(exact, combination @ exact))

    n_latents = posterior.n_latents
    mean_log_weight = float(weights @ np.log(weights))
    densities = leave_one_out_density(
        posterior, weights, method=method, tolerance=tolerance, n_points=4096 if n_draws is None else n_draws
    )

    def evaluate(_: IntArray, z: FloatArray) -> AtDraws:
        found = densities(z)
        log_q, bound = found.log_density, found.bound
        # log q - mean of log w q is the entropy H(r). Shares of b left out change it by b (1 + log(N / b)) at most.
        entropy = log_q - found.mean_component
        entropy_bound = bound * (1.0 + np.log(posterior.n_samples / np.maximum(bound, 1e-300)))
        divergence = found.mean_latent[:, :-1] - log_q[:, -1:] + log_q[:, :-1]
        divergence_bound = found.mean_latent_bound[:, :-1] + bound[:, -1:] + bound[:, :-1]
        quantities = np.column_stack([divergence, -mean_log_weight - entropy[:, -1]])
        quantity_bounds = np.column_stack([divergence_bound, entropy_bound[:, -1]])
        marginal = np.column_stack([each.log_density_at(z[:, j]) for j, each in enumerate(of_latents)])
        return AtDraws(
            np.column_stack([quantities, quantities @ combination]),
            np.column_stack([quantity_bounds, quantity_bounds @ np.abs(combination)]),
            np.column_stack([found.mean_latent, marginal, found.mean_component[:, :-1]]),
            np.column_stack([found.mean_latent_bound, np.zeros_like(marginal), (bound + entropy_bound)[:, :-1]]),
            found.evaluated,
        )

    everything = np.eye(3 * n_latents + 1)
    in_sum = np.zeros((3 * n_latents + 1, 2))
    in_sum[: n_latents + 1, 0] = 1.0
    in_sum[n_latents + 1 : 2 * n_latents + 1, 1] = 1.0
    control_means = np.concatenate(
        [
            -posterior_entropy,
            [mean_log_weight],
            [-each.entropy for each in of_latents],
            mean_log_weight - (posterior_entropy.sum() - posterior_entropy),
        ]
    )
    return sampled_means(
        draw_source(posterior, weights, rng),
        evaluate,
        control_means,
        [everything, everything[:, : 2 * n_latents + 1], in_sum],
        n_draws=n_draws,
        target_se=target_se,
    )


def _without_sampling(
    posterior: FactorisedPosterior, weights: FloatArray, of_latents: list[Marginal], posterior_entropy: FloatArray
) -> FloatArray | None:
    """The quantities where they can be had exactly, (n_latents + 1,)."""
    if len(of_latents) == 1:
        # Nothing is left without the only latent, so what it adds is all there is.
        return np.full(2, of_latents[0].entropy - posterior_entropy[0])
    table = joint_table(posterior, weights)
    if table is None:
        return None
    joint, n_values = table
    found = np.full(posterior.n_latents + 1, table_entropy(joint))
    following = len(joint)
    for j, n in enumerate(n_values):
        following //= n
        found[j] -= table_entropy(joint.reshape(-1, n, following).sum(axis=1).reshape(-1)) + posterior_entropy[j]
    found[-1] -= posterior_entropy.sum()
    return found
