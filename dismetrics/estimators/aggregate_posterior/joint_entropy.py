"""The entropy of the aggregate posterior in all latents together: by enumeration where it is small, else by sampling.

Draws z ~ q(z); H(z) is the mean of -log q(z). Three families of quantities that go with log q(z) have means known from
quadrature, and serve as controls: log w_n q(z|n), in the mean over the components by their shares of q(z); log q(z_j);
and log p(z_j). The first in its mean over components, not for the one a draw came from: the difference to log q(z) is
then the entropy of those shares, which is bounded where the single value has a long tail.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.aggregate_posterior.joint_density import JointLogDensity, joint_log_density
from dismetrics.estimators.aggregate_posterior.marginals import Marginal
from dismetrics.estimators.aggregate_posterior.priors import Prior
from dismetrics.estimators.control_variates import controlled_mean
from dismetrics.posteriors import FactorisedPosterior, TablePosterior
from dismetrics.posteriors.checked import matrix_of, table_of
from dismetrics.progress import report
from dismetrics.typing import FloatArray

__all__ = ["Controls", "JointEntropy", "joint_entropy"]

_MOST_CELLS = 2**18
_MOST_CELL_ENTRIES = 2**30
"""Cells of a joint table, and cells times samples, up to which the table is summed in full."""

_DRAWS_PER_CONTROL = 16
"""Draws that each control must be worth: more controls than that would fit noise."""

_QUADRATURE_ERROR = 2e-8
"""Of the exact mean of a control, in nats and for each latent: what quadrature was seen to keep, see `quadrature`."""

_FEWEST_DRAWS = 512
_MOST_DRAWS = 2**22


@dataclass(frozen=True, slots=True, eq=False)
class Controls:
    """Exact means of the controls: of log w_n q(z|n), and of log q(z_j) and log p(z_j) for every latent."""

    own: float
    marginal: FloatArray
    prior: FloatArray


@dataclass(frozen=True, slots=True)
class JointEntropy:
    """H(z) in nats, with the errors of its estimate.

    Attributes
    ----------
    value, standard_error : float
        The entropy, and the standard error of its estimate; 0 where it is exact.
    interval : tuple of float
        95 % interval, the numerical bound included.
    numerical_bound : float
        The most that components left out of log q(z), and the quadrature of the controls' means, can have changed it.
    n_draws, n_controls : int
        Draws and controls used; 0 where it is exact.
    evaluated : float
        Share of the pairs of draw and component that were evaluated.
    carrying : float
        How many draws, at equal shares, carry the variance of the estimate.
    """

    value: float
    standard_error: float
    interval: tuple[float, float]
    numerical_bound: float
    n_draws: int
    n_controls: int
    evaluated: float
    carrying: float


def joint_entropy(
    posterior: FactorisedPosterior,
    weights: FloatArray,
    of_latents: list[Marginal],
    prior: Prior,
    means: Controls,
    *,
    n_draws: int | None,
    target_se: float | None,
    method: str,
    tolerance: float,
    rng: np.random.Generator,
) -> JointEntropy:
    """H(z) of the aggregate posterior, with as many draws as asked for, or as the standard error asked for takes."""
    if len(of_latents) == 1:
        return _exact(of_latents[0].entropy)
    if isinstance(posterior, TablePosterior):
        cells = math.prod(len(marginal.z) for marginal in of_latents)
        if cells <= _MOST_CELLS and cells * posterior.n_samples <= _MOST_CELL_ENTRIES:
            return _exact(_table_entropy(posterior, weights))

    wanted = n_draws if n_draws is not None else _FEWEST_DRAWS
    log_density = joint_log_density(posterior, weights, method=method, tolerance=tolerance, n_points=max(wanted, 4096))
    draws = _Draws(posterior, weights, of_latents, prior, means, log_density, rng)
    while True:
        draws.extend_to(wanted)
        entropy = draws.entropy()
        if n_draws is not None or target_se is None or entropy.standard_error <= target_se or wanted >= _MOST_DRAWS:
            return entropy
        # By the square of the error, a little more for good measure, and never more than four times at once.
        needed = wanted * (entropy.standard_error / target_se) ** 2
        wanted = int(min(_MOST_DRAWS, max(1.2 * wanted, min(1.05 * needed, 4.0 * wanted))))
        report("draws", len(draws.log_q), max(wanted, int(needed)))


def _exact(entropy: float) -> JointEntropy:
    return JointEntropy(entropy, 0.0, (entropy, entropy), 0.0, 0, 0, 1.0, math.inf)


class _Draws:
    """Draws from the aggregate posterior, and what is known of each."""

    def __init__(
        self,
        posterior: FactorisedPosterior,
        weights: FloatArray,
        of_latents: list[Marginal],
        prior: Prior,
        means: Controls,
        log_density: Callable[[FloatArray], JointLogDensity],
        rng: np.random.Generator,
    ) -> None:
        self.posterior, self.weights, self.of_latents = posterior, weights, of_latents
        self.prior, self.means, self.log_density, self.rng = prior, means, log_density, rng
        n_latents = posterior.n_latents
        self.log_q, self.bound, self.own = np.empty(0), np.empty(0), np.empty(0)
        self.marginal, self.log_prior = np.empty((0, n_latents)), np.empty((0, n_latents))
        self.evaluated: list[tuple[int, float]] = []

    def extend_to(self, count: int) -> None:
        """Draw until there are so many."""
        missing = count - len(self.log_q)
        rows = self.rng.choice(len(self.weights), missing, p=self.weights)
        z = matrix_of(self.posterior.take(rows), "sample", self.rng)
        found = self.log_density(z)
        self.log_q = np.concatenate([self.log_q, found.log_density])
        self.bound = np.concatenate([self.bound, found.bound])
        self.own = np.concatenate([self.own, found.mean_component])
        marginal = [each.log_density_at(z[:, j]) for j, each in enumerate(self.of_latents)]
        self.marginal = np.concatenate([self.marginal, np.column_stack(marginal)])
        self.log_prior = np.concatenate([self.log_prior, self.prior.log_density(z)])
        self.evaluated.append((missing, found.evaluated))

    def entropy(self) -> JointEntropy:
        """The entropy from the draws so far."""
        n = len(self.log_q)
        controls, means = self._controls(n // _DRAWS_PER_CONTROL)
        estimate = controlled_mean(self.log_q, controls, means)
        # A share of b left out changes log q by b at most, and the mean over components by b log(N / b) and a little.
        n_components = len(self.weights)
        left_out = float((self.bound * (3.0 + np.log(n_components / np.maximum(self.bound, 1e-300)))).mean())
        bound = left_out + _QUADRATURE_ERROR * len(self.of_latents)
        evaluated = sum(count * share for count, share in self.evaluated) / n
        return JointEntropy(
            -estimate.mean,
            estimate.standard_error,
            (-estimate.interval[1] - bound, -estimate.interval[0] + bound),
            bound,
            n,
            estimate.n_controls,
            evaluated,
            estimate.carrying,
        )

    def _controls(self, most: int) -> tuple[FloatArray, FloatArray]:
        """As many controls as the draws can bear; the choice looks at their number alone, never at their values."""
        n_latents = len(self.of_latents)
        own, marginal, prior = self.own[:, None], self.marginal, self.log_prior
        means = self.means
        if most >= 1 + 2 * n_latents:
            columns = [own, marginal, prior]
            known = [np.array([means.own]), means.marginal, means.prior]
        elif most >= 1 + n_latents:
            columns, known = [own, marginal], [np.array([means.own]), means.marginal]
        else:
            columns = [own, marginal.sum(axis=1, keepdims=True), prior.sum(axis=1, keepdims=True)][: max(most, 1)]
            known = [np.array([value]) for value in (means.own, means.marginal.sum(), means.prior.sum())][
                : len(columns)
            ]
        return np.concatenate(columns, axis=1), np.concatenate(known)


def _table_entropy(posterior: TablePosterior, weights: FloatArray) -> float:
    """-sum q log q over all cells of the joint table, a block of samples at a time."""
    tables = [table_of(posterior, j) for j in range(posterior.n_latents)]
    cells = math.prod(table.shape[1] for table in tables)
    joint = np.zeros(cells)
    at_once = max(1, 2**22 // cells)
    for start in range(0, len(weights), at_once):
        rows = slice(start, start + at_once)
        product = weights[rows, None]
        for table in tables:
            product = (product[:, :, None] * table[rows, None, :]).reshape(len(product), -1)
        joint += product.sum(axis=0)
    return -float(joint @ np.log(joint, where=joint > 0, out=np.zeros_like(joint)))
