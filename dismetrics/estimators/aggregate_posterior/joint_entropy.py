"""The entropy of the aggregate posterior in all latents together: by enumeration where it is small, else by sampling.

Draws z ~ q(z); H(z) is the mean of -log q(z). Three families of quantities that go with log q(z) have means known from
quadrature, and serve as controls: log w_n q(z|n), in the mean over the components by their shares of q(z); log q(z_j);
and log p(z_j). The first in its mean over components, not for the one a draw came from: the difference to log q(z) is
then the entropy of those shares, which is bounded where the single value has a long tail.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.aggregate_posterior.draws import DrawSource, draw_source
from dismetrics.estimators.aggregate_posterior.joint_density import JointLogDensity, joint_log_density
from dismetrics.estimators.aggregate_posterior.marginals import Marginal
from dismetrics.estimators.aggregate_posterior.priors import Prior
from dismetrics.estimators.control_variates import controlled_mean
from dismetrics.posteriors import FactorisedPosterior, TablePosterior
from dismetrics.posteriors.checked import table_of
from dismetrics.progress import report
from dismetrics.typing import FloatArray, IntArray

__all__ = ["Controls", "Further", "JointEntropy", "SampledTerm", "joint_entropy"]

_MOST_CELLS = 2**18
_MOST_CELL_ENTRIES = 2**30
"""Cells of a joint table, and cells times samples, up to which the table is summed in full."""

_DRAWS_PER_CONTROL = 16
"""Draws that each control must be worth: more controls than that would fit noise."""

_DRAWS = 4096
_FEWEST_DRAWS = 512
_MOST_DRAWS = 2**22


@dataclass(frozen=True, slots=True, eq=False)
class Controls:
    """Exact means of the controls: of log w_n q(z|n), and of log q(z_j) and log p(z_j) for every known latent.

    The first is None where some latent is not known.
    """

    own: float | None
    marginal: FloatArray
    prior: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Further:
    """Terms wanted beside H(z): sums of log q(z) and of other quantities of a draw.

    Attributes
    ----------
    quantities : callable
        From draws (n, n_latents), and the samples that they come from, to the quantities (n, n_quantities). The samples
        are None where the points are all that there are, with no draw.
    coefficients : ndarray of float64, shape (n_terms, 1 + n_quantities)
        Of log q(z) and of each quantity, in every term.
    """

    quantities: Callable[[FloatArray, IntArray | None], FloatArray]
    coefficients: FloatArray


@dataclass(frozen=True, slots=True)
class SampledTerm:
    """A mean in nats, its standard error, and half of its 95 % interval."""

    value: float
    standard_error: float
    half_width: float


@dataclass(frozen=True, slots=True)
class JointEntropy:
    """H(z) in nats, with the errors of its estimate.

    Attributes
    ----------
    value, standard_error : float
        The entropy, and the standard error of its estimate; 0 where it is exact.
    half_width : float
        Half of its 95 % interval, the numerical bound included.
    numerical_bound : float
        The most that components left out of log q(z) can have changed it.
    n_draws, n_controls : int
        Draws and controls used; 0 where it is exact.
    evaluated : float
        Share of the pairs of draw and component that were evaluated.
    terms : tuple of SampledTerm
        The further terms.
    """

    value: float
    standard_error: float
    half_width: float
    numerical_bound: float
    n_draws: int
    n_controls: int
    evaluated: float
    terms: tuple[SampledTerm, ...] = ()

    @property
    def largest_error(self) -> float:
        """The largest standard error of all terms."""
        return max(self.standard_error, *(term.standard_error for term in self.terms), 0.0)


def joint_entropy(
    posterior: FactorisedPosterior,
    weights: FloatArray,
    of_latents: Sequence[Marginal | None],
    prior: Prior,
    means: Controls,
    *,
    further: Further | None = None,
    n_draws: int | None,
    target_se: float | None,
    method: str,
    tolerance: float,
    rng: np.random.Generator,
) -> JointEntropy:
    """H(z) of the aggregate posterior, with as many draws as asked for, or as the standard error asked for takes.

    With neither it takes 4,096, or all that a `SampledPosterior` holds where these are fewer. Latents whose marginal is
    None have no part in the controls.
    """
    if len(of_latents) == 1 and of_latents[0] is not None:
        return _exact(-of_latents[0].entropy, np.empty(0), further)
    if isinstance(posterior, TablePosterior):
        sizes = [table_of(posterior, j).shape[1] for j in range(posterior.n_latents)]
        cells = math.prod(sizes)
        if cells <= _MOST_CELLS and cells * posterior.n_samples <= _MOST_CELL_ENTRIES:
            joint = _joint_table(posterior, weights)
            occupied = np.flatnonzero(joint > 0)
            joint, z = joint[occupied], np.column_stack(np.unravel_index(occupied, sizes)).astype(np.float64)
            others = np.empty(0) if further is None else joint @ further.quantities(z, None)
            return _exact(float(joint @ np.log(joint)), others, further)

    source = draw_source(posterior, weights, rng)
    most = _MOST_DRAWS if source.most is None else source.most
    wanted = n_draws if n_draws is not None else min(_DRAWS if target_se is None else _FEWEST_DRAWS, most)
    if wanted > most:
        raise ValueError(
            f"n_draws={wanted}, but the posterior holds {most} draws that can be used, and none is used twice: pass "
            f"n_draws={most} or fewer, or a posterior with more draws of each sample"
        )
    log_density = joint_log_density(posterior, weights, method=method, tolerance=tolerance, n_points=max(wanted, 4096))
    draws = _Draws(source, of_latents, prior, means, log_density, further)
    while True:
        draws.extend_to(wanted)
        entropy = draws.entropy()
        if n_draws is not None or target_se is None or entropy.largest_error <= target_se or wanted >= most:
            return entropy
        # By the square of the error, a little more for good measure, and never more than four times at once.
        needed = wanted * (entropy.largest_error / target_se) ** 2
        wanted = int(min(most, max(1.2 * wanted, min(1.05 * needed, 4.0 * wanted))))
        report("draws", len(draws.log_q), max(wanted, int(needed)))


def _exact(log_q: float, others: FloatArray, further: Further | None) -> JointEntropy:
    """H(z), and what goes with it, from exact means of log q(z) and of the other quantities."""
    terms = [] if further is None else (further.coefficients @ np.concatenate([[log_q], others])).tolist()
    return JointEntropy(-log_q, 0.0, 0.0, 0.0, 0, 0, 1.0, tuple(SampledTerm(term, 0.0, 0.0) for term in terms))


class _Draws:
    """Draws from the aggregate posterior, and what is known of each."""

    def __init__(
        self,
        source: DrawSource,
        of_latents: Sequence[Marginal | None],
        prior: Prior,
        means: Controls,
        log_density: Callable[[FloatArray], JointLogDensity],
        further: Further | None,
    ) -> None:
        self.source, self.prior, self.means, self.log_density = source, prior, means, log_density
        self.further = further
        self.known = [(j, each) for j, each in enumerate(of_latents) if each is not None]
        n_known = len(self.known)
        self.log_q, self.bound, self.own = np.empty(0), np.empty(0), np.empty(0)
        self.marginal, self.log_prior = np.empty((0, n_known)), np.empty((0, n_known))
        self.others = np.empty((0, 0 if further is None else further.coefficients.shape[1] - 1))
        self.evaluated: list[tuple[int, float]] = []

    def extend_to(self, count: int) -> None:
        """Draw until there are so many."""
        missing = count - len(self.log_q)
        rows, z = self.source.take(missing)
        found = self.log_density(z)
        self.log_q = np.concatenate([self.log_q, found.log_density])
        self.bound = np.concatenate([self.bound, found.bound])
        self.own = np.concatenate([self.own, found.mean_component])
        latents = [j for j, _ in self.known]
        marginal = [each.log_density_at(z[:, j]) for j, each in self.known]
        self.marginal = np.concatenate([self.marginal, np.reshape(marginal, (len(latents), missing)).T])
        self.log_prior = np.concatenate([self.log_prior, self.prior.log_density(z)[:, latents]])
        if self.further is not None:
            self.others = np.concatenate([self.others, self.further.quantities(z, rows)])
        self.evaluated.append((missing, found.evaluated))

    def entropy(self) -> JointEntropy:
        """The entropy from the draws so far."""
        n = len(self.log_q)
        controls, means = self._controls(n // _DRAWS_PER_CONTROL)
        estimate = controlled_mean(self.log_q, controls, means)
        # A share of b left out changes log q by b at most, and the mean over components by b log(N / b) and a little.
        n_components = len(self.source.weights)
        bound = float((self.bound * (3.0 + np.log(n_components / np.maximum(self.bound, 1e-300)))).mean())
        evaluated = sum(count * share for count, share in self.evaluated) / n
        terms = []
        for coefficients in () if self.further is None else self.further.coefficients:
            sample = coefficients[0] * self.log_q + self.others @ coefficients[1:]
            term = controlled_mean(sample, controls, means)
            half_width = term.quantile * term.standard_error + abs(float(coefficients[0])) * bound
            terms.append(SampledTerm(term.mean, term.standard_error, half_width))
        return JointEntropy(
            -estimate.mean,
            estimate.standard_error,
            estimate.quantile * estimate.standard_error + bound,
            bound,
            n,
            estimate.n_controls,
            evaluated,
            tuple(terms),
        )

    def _controls(self, most: int) -> tuple[FloatArray, FloatArray]:
        """As many controls as the draws can bear; the choice looks at their number alone, never at their values."""
        n_known = len(self.known)
        means = self.means
        own, marginal, prior = self.own[:, None], self.marginal, self.log_prior
        of_own = np.array([0.0 if means.own is None else means.own])
        if means.own is None:
            own, of_own = own[:, :0], of_own[:0]
        if most >= 1 + 2 * n_known:
            columns, known = [own, marginal, prior], [of_own, means.marginal, means.prior]
        elif most >= 1 + n_known:
            columns, known = [own, marginal], [of_own, means.marginal]
        else:
            columns = [own, marginal.sum(axis=1, keepdims=True), prior.sum(axis=1, keepdims=True)][: max(most, 1)]
            known = [of_own, np.array([means.marginal.sum()]), np.array([means.prior.sum()])][: len(columns)]
        return np.concatenate(columns, axis=1), np.concatenate(known)


def _joint_table(posterior: TablePosterior, weights: FloatArray) -> FloatArray:
    """The joint distribution of all latents, its cells in one row; a block of samples at a time."""
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
    return joint
