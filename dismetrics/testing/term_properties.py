"""What can be asked of an estimator of terms of the aggregate posterior, or of its log density."""

import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dismetrics.posteriors import (
    BernoulliPosterior,
    CategoricalPosterior,
    FactorisedPosterior,
    GaussianPosterior,
    LaplacePosterior,
)
from dismetrics.testing.case import Case
from dismetrics.testing.estimator_trial import EstimatorProperty, EstimatorTrial, same_call
from dismetrics.testing.posterior_cases import posterior_cases
from dismetrics.testing.strategies import posteriors, weights
from dismetrics.testing.subject import accepts
from dismetrics.testing.trial import Outcome, failed, held, not_applicable
from dismetrics.testing.truth import aggregate_log_density, posterior_terms
from dismetrics.typing import FloatArray

__all__ = ["OF_LOG_DENSITY", "OF_TERMS"]


def _arrays(posterior: FactorisedPosterior, **more: Any) -> dict[str, Any]:
    """The parameters of a posterior, for people."""
    names = ("mean", "location", "scale", "probability")
    found = {name: getattr(posterior, name) for name in names if hasattr(posterior, name)}
    return {"posterior": posterior, **found, **{name: value for name, value in more.items() if value is not None}}


def _with_weights(trial: EstimatorTrial, given: Any) -> dict[str, Any] | None:
    """The keyword for these weights; None where the estimator takes none."""
    if given is None:
        return {}
    return {"weights": given} if accepts(trial.subject.function, "weights") else None


def _term_cases(trial: EstimatorTrial) -> Outcome:
    cases: list[Case] = [case for case in posterior_cases() if "gaussian" in trial.families]
    n_checked = 0
    for case in cases:
        more = _with_weights(trial, case.weights)
        if more is None:
            continue
        truth = case.truth[trial.estimates]
        message = trial.complaint(truth.value, case.posterior, **more)
        if message is not None:
            return failed(message, f"case {case.name!r}, {truth.how}", **_arrays(case.posterior, weights=case.weights))  # type: ignore[arg-type]
        n_checked += 1
    return held(f"on {n_checked} cases") if cases else not_applicable("the cases are of Gaussian posteriors")


def _random_posteriors(trial: EstimatorTrial, with_weights: bool) -> st.SearchStrategy[Any]:
    family = st.sampled_from(trial.families)
    drawn = family.flatmap(lambda name: posteriors(family=name))
    if not with_weights:
        return drawn.map(lambda posterior: (posterior, None))

    def of(posterior: FactorisedPosterior) -> st.SearchStrategy[Any]:
        # Two samples that count, since one alone is refused by some.
        given = weights(posterior.n_samples).filter(lambda found: np.count_nonzero(found) > 1)
        return st.tuples(st.just(posterior), given)

    return drawn.flatmap(of)


def _term_quadrature(trial: EstimatorTrial, with_weights: bool = False) -> Outcome:
    def verdict(example: tuple[Any, Any]) -> str | None:
        posterior, given = example
        wanted = posterior_terms(posterior, given)[trial.estimates]
        more = {} if given is None else {"weights": given}
        return trial.complaint(wanted, posterior, **more)

    search = dataclasses.replace(trial.search, max_examples=4) if trial.randomised else trial.search
    found, n_tried = search.smallest_failure(_random_posteriors(trial, with_weights), verdict)
    if found is None:
        return held(f"on {n_tried} examples of {', '.join(trial.families)}")
    posterior, given = found.example
    return failed(found.message, **_arrays(posterior, weights=given))


def _term_weights(trial: EstimatorTrial) -> Outcome:
    if not accepts(trial.subject.function, "weights"):
        return not_applicable("it takes no weights")
    return _term_quadrature(trial, with_weights=True)


def _posterior(trial: EstimatorTrial, n: int = 5) -> FactorisedPosterior:
    """A posterior of the first family, by the seed."""
    rng = np.random.default_rng(trial.search.seed)
    centre, scale = rng.normal(size=(n, 2)), np.exp(rng.normal(size=(n, 2)) - 0.5)
    family = trial.families[0]
    if family == "gaussian":
        return GaussianPosterior.from_scale(centre, scale)
    if family == "laplace":
        return LaplacePosterior(centre, scale)
    if family == "bernoulli":
        return BernoulliPosterior(rng.random((n, 2)))
    return CategoricalPosterior(rng.dirichlet(np.ones(3), (n, 2)))


def _term_order(trial: EstimatorTrial) -> Outcome:
    posterior = _posterior(trial)
    wanted = posterior_terms(posterior)[trial.estimates]
    for what, rows in {
        "in reverse order": np.arange(5)[::-1],
        "each given twice": np.repeat(np.arange(5), 2),
    }.items():
        message = trial.complaint(wanted, posterior.take(rows))
        if message is not None:
            return failed(message, f"samples {what}", **_arrays(posterior.take(rows)))
    return held("in reverse order, and each given twice")


def _points(posterior: FactorisedPosterior) -> FloatArray:
    """Where the density is looked at: where its mass is, between, and far out."""
    if hasattr(posterior, "probabilities"):
        n_values = posterior.probabilities(0).shape[1]
        return np.array(list(itertools.product(range(n_values), repeat=posterior.n_latents)), float)
    centre = posterior.point_codes()
    return np.concatenate([centre, centre[:1] + 0.3, centre[:1] + 7.0, centre[:1] - 40.0])


def _log_density(trial: EstimatorTrial, with_weights: bool = False) -> Outcome:
    def verdict(example: tuple[Any, Any]) -> str | None:
        posterior, given = example
        z = _points(posterior)
        more = {} if given is None else {"weights": given}
        return trial.complaint(aggregate_log_density(posterior, z, given), posterior, z, **more)

    found, n_tried = trial.search.smallest_failure(_random_posteriors(trial, with_weights), verdict)
    if found is None:
        return held(f"on {n_tried} examples of {', '.join(trial.families)}")
    posterior, given = found.example
    return failed(found.message, **_arrays(posterior, weights=given, points=_points(posterior)))


def _log_density_weights(trial: EstimatorTrial) -> Outcome:
    if not accepts(trial.subject.function, "weights"):
        return not_applicable("it takes no weights")
    return _log_density(trial, with_weights=True)


def _of_posterior(check: Callable[..., Outcome]) -> Callable[[EstimatorTrial], Outcome]:
    return lambda trial: check(trial, _posterior(trial))


_SAME = "The same call gives the same result."
OF_TERMS = (
    EstimatorProperty("same call", _SAME, _of_posterior(same_call), False),
    EstimatorProperty("known cases", "Cases with a closed form.", _term_cases),
    EstimatorProperty("quadrature", "Random posteriors, by quadrature or sums over all values.", _term_quadrature),
    EstimatorProperty("weights", "Random posteriors with weights.", _term_weights),
    EstimatorProperty("sample order and copies", "The order of samples, or each given twice.", _term_order),
)
OF_LOG_DENSITY = (
    EstimatorProperty(
        "same call", _SAME, lambda trial: same_call(trial, _posterior(trial), _points(_posterior(trial))), False
    ),
    EstimatorProperty("random posteriors", "By the formula, far out too.", _log_density),
    EstimatorProperty("weights", "Likewise with weights.", _log_density_weights),
)
