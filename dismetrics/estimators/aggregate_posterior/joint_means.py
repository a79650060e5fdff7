"""Means under the aggregate posterior of log q(z), and of sums of it and other quantities of a draw.

By enumeration where the table of all values is small, else from draws z ~ q(z). Three families of quantities that go
with log q(z) have means known from quadrature, and serve as controls: log w_n q(z|n), in the mean over the components
by their shares of q(z); log q(z_j); and log p(z_j). The first in its mean over components, not for the one a draw came
from: the difference to log q(z) is then the entropy of those shares, which is bounded where the single value has a long
tail.
"""

from collections.abc import Callable, Sequence

import numpy as np

from dismetrics.estimators.aggregate_posterior.draws import draw_source
from dismetrics.estimators.aggregate_posterior.joint_density import joint_log_density
from dismetrics.estimators.aggregate_posterior.marginals import Marginal
from dismetrics.estimators.aggregate_posterior.priors import Prior
from dismetrics.estimators.aggregate_posterior.sampling import AtDraws, SampledMeans, sampled_means
from dismetrics.estimators.aggregate_posterior.tables import joint_table, table_entropy
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.typing import FloatArray, IntArray

__all__ = ["joint_means", "nothing_else"]

_QUADRATURE_ERROR = 2e-8
"""Of the exact mean of a control by quadrature, in nats: what quadrature was seen to keep, see `quadrature`."""


def joint_means(
    posterior: FactorisedPosterior,
    weights: FloatArray,
    of_latents: Sequence[Marginal | None],
    prior: Prior,
    expected_log_prior: FloatArray,
    mean_own: float | None,
    coefficients: FloatArray,
    quantities: Callable[[IntArray | None, FloatArray], FloatArray],
    *,
    n_draws: int | None,
    target_se: float | None,
    method: str,
    tolerance: float,
    rng: np.random.Generator,
) -> SampledMeans:
    """Means of sums of log q(z) and other quantities.

    Parameters
    ----------
    posterior : FactorisedPosterior
        Posteriors with densities or tables.
    weights : ndarray of float64, shape (n_samples,)
        Weights that add up to 1.
    of_latents : sequence of Marginal or None
        The marginals q(z_j). Latents whose marginal is None have no part in the controls.
    prior : Prior
        A prior whose log p(z_j) serve as controls.
    expected_log_prior : ndarray of float64, shape (n_latents,)
        Their exact means, where the marginal is known.
    mean_own : float or None
        The exact mean of log w_n q(z|n); None where it is not known, and no control.
    coefficients : ndarray of float64, shape (n_sums, 1 + n_quantities)
        Of log q(z) and of each quantity, in every sum.
    quantities : callable
        From the samples that draws come from, and the draws (n, n_latents), to the quantities (n, n_quantities). The
        samples are None where the points are all that there are.
    n_draws, target_se : optional
        See `sampled_means`.
    method : {"auto", "brute", "tree"}
        See `joint_log_density`.
    tolerance : float
        See `joint_log_density`.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    SampledMeans
        One entry a sum; exact for a single latent with a known marginal, and for tables small enough to be summed in
        full.
    """
    if len(of_latents) == 1 and of_latents[0] is not None:
        return SampledMeans.exact(coefficients @ [-of_latents[0].entropy])
    table = joint_table(posterior, weights)
    if table is not None:
        joint, n_values = table
        occupied = np.flatnonzero(joint > 0)
        z = np.column_stack(np.unravel_index(occupied, n_values)).astype(np.float64)
        others = joint[occupied] @ quantities(None, z)
        return SampledMeans.exact(coefficients @ np.concatenate([[-table_entropy(joint)], others]))

    known = {j: marginal for j, marginal in enumerate(of_latents) if marginal is not None}
    latents, n_own = list(known), 0 if mean_own is None else 1
    log_density = joint_log_density(posterior, weights, method=method, tolerance=tolerance)

    def evaluate(rows: IntArray, z: FloatArray) -> AtDraws:
        found = log_density(z)
        marginal = np.reshape([each.log_density_at(z[:, j]) for j, each in known.items()], (len(known), len(z))).T
        own = found.mean_component[:, None][:, :n_own]
        # A share of b left out changes log q by b at most, and the mean over components by b log(N / b) and a little.
        own_bound = found.bound * (2.0 + np.log(posterior.n_samples / np.maximum(found.bound, 1e-300)))
        return AtDraws(
            np.column_stack([found.log_density, quantities(rows, z)]) @ coefficients.T,
            found.bound[:, None] * np.abs(coefficients[:, 0]),
            np.concatenate([own, marginal, prior.log_density(z)[:, latents]], axis=1),
            np.concatenate(
                [own_bound[:, None][:, :n_own], np.full((len(z), 2 * len(known)), _QUADRATURE_ERROR)], axis=1
            ),
            np.full(len(z), found.evaluated),
        )

    each = np.eye(n_own + 2 * len(known))
    # Sums over the latents, where there are too few draws for every latent's own.
    in_sum = np.zeros((len(each), n_own + 2))
    in_sum[:n_own, :n_own] = 1.0
    in_sum[n_own : n_own + len(known), n_own] = 1.0
    in_sum[n_own + len(known) :, n_own + 1] = 1.0
    return sampled_means(
        draw_source(posterior, weights, rng),
        evaluate,
        np.concatenate(
            [
                [] if mean_own is None else [mean_own],
                [-each.entropy for each in known.values()],
                expected_log_prior[latents],
            ]
        ),
        [each, each[:, : n_own + len(known)], in_sum, in_sum[:, :2]],
        n_draws=n_draws,
        target_se=target_se,
    )


def nothing_else(_: IntArray | None, z: FloatArray) -> FloatArray:
    """No quantities beside log q(z)."""
    return np.empty((len(z), 0))
