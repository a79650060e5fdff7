"""The mutual information of every two latents of the aggregate posterior q(z_i, z_j) = sum_n w_n q(z_i|n) q(z_j|n).

Tables: exact sums. Densities: each pair by quadrature where that costs little, by sampling where it does not.
"""

import itertools

import numpy as np

from dismetrics.estimators.aggregate_posterior.marginals import marginals
from dismetrics.estimators.pairwise.information import PairEstimate, PairInformation, assemble, information_of_cells
from dismetrics.estimators.pairwise.quadrature import MOST_POINTS, SETTLED, Plan, Quadratures
from dismetrics.estimators.pairwise.sampled import sampled_information
from dismetrics.estimators.parallel import map_tasks
from dismetrics.posteriors import DensityPosterior, FactorisedPosterior, TablePosterior
from dismetrics.posteriors.checked import table_of
from dismetrics.typing import FloatArray

__all__ = ["posterior_pairs"]

_SECONDS_IN_ALL = 120.0
_TIMES_SAMPLING = 4.0
"""Quadrature is chosen for a pair if it takes no more than its share of the first, or than so many times what sampling
takes: it has no error worth speaking of, which sampling would need some 1e10 draws for."""

_MOST_SECONDS = 600.0
"""What a pair may take at most where quadrature is asked for."""

_FEW_POINTS = 2**22
"""Pairs with at most so many points are integrated side by side; larger ones one by one, for the sake of memory."""

# Measured costs of sampling in seconds: of a pair, and of a draw, component and pair by brute force.
_SAMPLED_PAIR = 0.02
_SAMPLED_DRAW = 5e-10

Pair = tuple[int, int]


def posterior_pairs(
    posterior: FactorisedPosterior, weights: FloatArray, estimator: str, n_draws: int, rng: np.random.Generator
) -> PairInformation:
    """I(z_i; z_j) of all pairs, for sample weights that add up to 1; `estimator` is auto, quadrature or sampled."""
    pairs = list(itertools.combinations(range(posterior.n_latents), 2))
    of_latents = marginals(posterior, weights)
    entropy = np.array([marginal.entropy for marginal in of_latents])
    if isinstance(posterior, TablePosterior):
        if estimator == "sampled":
            raise ValueError(
                f"estimator='sampled', but a {type(posterior).__name__} has no density and its sums are exact: leave "
                "it out"
            )
        exact = _of_tables([table_of(posterior, j) for j in range(posterior.n_latents)], weights, pairs)
        return assemble(exact, posterior.n_latents, entropy, discrete=True)
    assert isinstance(posterior, DensityPosterior)  # or there would be no marginals
    found: dict[Pair, PairEstimate] = {}
    if estimator != "sampled":
        seconds = _MOST_SECONDS
        if estimator == "auto":
            sampling = _SAMPLED_PAIR + _SAMPLED_DRAW * n_draws * posterior.n_samples
            seconds = max(_SECONDS_IN_ALL / len(pairs), _TIMES_SAMPLING * sampling)
        found = _by_quadrature(Quadratures(posterior, weights), pairs, seconds)
        if estimator == "quadrature":
            _refuse_failures(found, pairs)
    for pair in pairs:
        if pair not in found or found[pair].numerical_bound > SETTLED:
            found[pair] = sampled_information(posterior, pair, weights, of_latents, n_draws, rng)
    return assemble(found, posterior.n_latents, entropy, discrete=False)


def _of_tables(tables: list[FloatArray], weights: FloatArray, pairs: list[Pair]) -> dict[Pair, PairEstimate]:
    weighted = [(table * weights[:, None]).T for table in tables]
    return {(i, j): PairEstimate(information_of_cells(weighted[i] @ tables[j])) for i, j in pairs}


def _by_quadrature(quadratures: Quadratures, pairs: list[Pair], most_seconds: float) -> dict[Pair, PairEstimate]:
    """The pairs that take no longer than this."""
    plans: dict[Pair, Plan] = {}
    for pair in pairs:
        plan = quadratures.plan(pair)
        if plan is not None and plan.seconds <= most_seconds:
            plans[pair] = plan
    small = [pair for pair, plan in plans.items() if plan.points <= _FEW_POINTS]
    found: dict[Pair, PairEstimate] = {}
    if small:
        estimates = map_tasks(lambda i: plans[small[i]].integrate(most_seconds), len(small), "pairs of latents")
        found = dict(zip(small, estimates, strict=True))
    for pair, plan in plans.items():
        if pair not in found:
            found[pair] = plan.integrate(most_seconds)
    return found


def _refuse_failures(found: dict[Pair, PairEstimate], pairs: list[Pair]) -> None:
    """Where quadrature is asked for, say what stands against it."""
    for pair in pairs:
        latents = f"latents {pair[0]} and {pair[1]}"
        if pair not in found:
            raise ValueError(
                f"estimator='quadrature', but for {latents} it would take a grid of more than {MOST_POINTS} points, or "
                f"more than {_MOST_SECONDS:g} seconds: use 'auto', which samples such pairs, or 'sampled'"
            )
        if found[pair].numerical_bound > SETTLED:
            raise ValueError(
                f"estimator='quadrature', but for {latents} it did not settle (rules of two orders differ by "
                f"{found[pair].numerical_bound:.1e} nats): the densities are not smooth enough; use 'auto' or 'sampled'"
            )
