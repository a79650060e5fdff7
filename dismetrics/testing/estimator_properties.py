"""What can be asked of an estimator, by what it estimates.

What each takes and returns is in `check_estimator`.
"""

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dismetrics.estimators import mutual_information
from dismetrics.posteriors import (
    BernoulliPosterior,
    CategoricalPosterior,
    FactorisedPosterior,
    GaussianPosterior,
    LaplacePosterior,
)
from dismetrics.testing.cases import Case, code_cases, posterior_cases
from dismetrics.testing.search import Search
from dismetrics.testing.statistics import Margin
from dismetrics.testing.strategies import codes, joint_distributions, posteriors, weights
from dismetrics.testing.subject import Subject, accepts, named_number
from dismetrics.testing.trial import Outcome, failed, held, not_applicable, raised, seeded_code
from dismetrics.testing.truth import aggregate_log_density, entropy_of, information_of, posterior_terms
from dismetrics.typing import FloatArray

__all__ = ["ESTIMATES", "EstimatorProperty", "EstimatorTrial"]

TERMS = ("index_code_mi", "total_correlation", "dimension_wise_kl", "mean_kl", "joint_entropy")


@dataclass(frozen=True, eq=False)
class EstimatorTrial:
    """An estimator under test.

    Attributes
    ----------
    subject : Subject
        The estimator; its `number` is what is estimated.
    families : tuple of str
        Families of posteriors that it takes.
    tolerance : float
        How closely it agrees with the truth, beside what chance explains.
    settings : dict
        What it is declared to compute, where that is a choice.
    randomised : bool
        Whether it takes a seed that matters, or differs from call to call.
    n_repeats : int
        Repeats of a statistical test.
    search : Search
        For how long, and from which seed.
    margin : Margin
        Of statistical tests.
    """

    subject: Subject
    families: tuple[str, ...]
    tolerance: float
    settings: dict[str, Any]
    randomised: bool
    n_repeats: int
    search: Search
    margin: Margin

    @property
    def estimates(self) -> str:
        """What is estimated."""
        return self.subject.number

    def until(self, deadline: float) -> "EstimatorTrial":
        """The same trial with another deadline."""
        return dataclasses.replace(self, search=dataclasses.replace(self.search, deadline=deadline))

    def value(self, *data: Any, seed: int | None = 0, **more: Any) -> FloatArray:
        """What is estimated, as an array."""
        return np.asarray(named_number(self.subject.raw(*data, seed=seed, **more), self.estimates), float)

    def complaint(self, wanted: Any, *data: Any, **more: Any) -> str | None:
        """How the estimate of this data differs from what is wanted, if it does."""
        repeats = range(self.n_repeats) if self.randomised else [0]
        try:
            found = [self.value(*data, seed=seed, **more) for seed in repeats]
        except Exception as error:
            return f"{raised(error)} where {_short(wanted)} is right"
        if found[0].shape != np.shape(wanted):
            return f"an array of shape {found[0].shape} where {np.shape(wanted)} is wanted"
        off = np.abs(np.mean(found, axis=0) - wanted)
        bound = self.tolerance * np.maximum(1.0, np.abs(wanted))
        if self.randomised:
            margins = [self.margin.of(list(values)) for values in np.reshape(found, (len(found), -1)).T]
            bound = bound + np.reshape(margins, off.shape)
        same = np.isneginf(wanted) & np.isneginf(np.mean(found, axis=0))
        if (same | (off <= bound)).all():
            return None
        mean = "in the mean " if self.randomised else ""
        return f"{mean}{_short(np.mean(found, axis=0))} where {_short(wanted)} is right"


def _short(value: Any) -> str:
    return np.array2string(np.asarray(value, float), precision=6, threshold=12, separator=", ").replace("\n", "")


@dataclass(frozen=True)
class EstimatorProperty:
    """Something that can hold of an estimator.

    Attributes
    ----------
    name : str
        How `holds` and `fails` name it.
    what : str
        The whole sentence.
    check : callable
        What became of it in a trial.
    statistical : bool
        Whether chance can make it fail of a right estimator.
    """

    name: str
    what: str
    check: Callable[[EstimatorTrial], Outcome]
    statistical: bool = True
    of_every_metric: bool = True


def _arrays(posterior: FactorisedPosterior, **more: Any) -> dict[str, Any]:
    """The parameters of a posterior, for people."""
    names = ("mean", "location", "scale", "probability")
    found = {name: getattr(posterior, name) for name in names if hasattr(posterior, name)}
    return {"posterior": posterior, **found, **{name: value for name, value in more.items() if value is not None}}


# --------------------------------------------------------------------------------------------- terms of posteriors


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


def _same_call(trial: EstimatorTrial, *data: Any) -> Outcome:
    values = [trial.value(*data, seed=5) for _ in range(3)]
    if any(not np.array_equal(values[0], other, equal_nan=True) for other in values[1:]):
        argument = trial.subject.seed_argument
        remedy = f"{argument}=5 each time" if argument else "it takes no rng, random_state or seed"
        return failed(f"{_short(values[0])} and {_short(values[1])} from the same call; {remedy}")
    return held("on three calls")


# ---------------------------------------------------------------------------------------------------- log density


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


# --------------------------------------------------------------------------------------- information and entropy


def _information_cases(trial: EstimatorTrial) -> Outcome:
    if trial.settings.get("estimator", "histogram") != "histogram":
        return not_applicable("the truth of these cases is that of the plug-in estimate")
    cases = code_cases()
    for case in cases:
        truth = case.truth["mutual_information"]
        message = trial.complaint(truth.value, case.latents, case.factors)
        if message is not None:
            return failed(message, f"case {case.name!r}, {truth.how}", latents=case.latents, factors=case.factors)
    return held(f"on {len(cases)} cases")


def _information_tables(trial: EstimatorTrial) -> Outcome:
    if trial.settings.get("estimator", "histogram") != "histogram":
        return not_applicable("the truth of these cases is that of the plug-in estimate")

    def verdict(joint: FloatArray) -> str | None:
        latents, factors = _rows_of(joint)
        return trial.complaint([[information_of(joint)]], latents, factors)

    found, n_tried = trial.search.smallest_failure(
        joint_distributions((2, 4)).filter(lambda joint: len(_rows_of(joint)[0]) > 1), verdict
    )
    if found is None:
        return held(f"on {n_tried} joint distributions")
    latents, factors = _rows_of(found.example)
    return failed(found.message, joint=found.example, latents=latents, factors=factors)


def _rows_of(joint: FloatArray) -> tuple[Any, Any]:
    """Rows as frequent as a joint distribution of small rational probabilities says."""
    smallest = joint[joint > 0].min()
    counts = next(
        counts.round().astype(int)
        for factor in range(1, 13)
        if np.allclose(counts := joint / smallest * factor, (joint / smallest * factor).round(), atol=1e-9)
    )
    cells = np.repeat(np.argwhere(counts >= 0), counts.ravel(), axis=0)
    return cells[:, :1].astype(float), cells[:, 1:]


def _information_reference(trial: EstimatorTrial) -> Outcome:
    if not trial.settings:
        return not_applicable("declare settings, such as n_bins=20")
    knn = trial.settings.get("estimator") == "knn"
    n_bins = trial.settings.get("n_bins", 20)

    def verdict(example: tuple[Any, Any]) -> str | None:
        latents, factors = example
        place = (latents - latents.min(axis=0)) / np.maximum(np.ptp(latents, axis=0), 1e-300) * n_bins
        if not knn and ((np.abs(place - np.round(place)) < 1e-9) & (place > 0.5) & (place < n_bins - 0.5)).any():
            return None
        try:
            wanted = mutual_information(latents, factors, **trial.settings).mutual_information
        except ValueError:
            return None
        return trial.complaint(wanted, latents, factors)

    rng = np.random.default_rng(trial.search.seed)
    large = seeded_code(rng, 300)
    message = verdict(large)
    if message is not None:
        return failed(message, latents=large[0], factors=large[1])
    found, n_tried = trial.search.smallest_failure(codes(n_samples=(12, 24)), verdict)
    if found is None:
        return held(f"on {n_tried + 1} examples")
    return failed(found.message, latents=found.example[0], factors=found.example[1])


def _entropy(trial: EstimatorTrial) -> Outcome:
    def verdict(labels: Any) -> str | None:
        counts = np.unique(labels, return_counts=True)[1]
        return trial.complaint(entropy_of(counts / len(labels)), labels)

    drawn = st.lists(st.integers(-3, 6), min_size=1, max_size=20).map(np.array)
    found, n_tried = trial.search.smallest_failure(drawn, verdict)
    if found is None:
        return held(f"on {n_tried} examples")
    return failed(found.message, labels=found.example)


# ----------------------------------------------------------------------------------------------------- minibatches


def _pairs(trial: EstimatorTrial, n: int = 5) -> tuple[FloatArray, FloatArray]:
    """log q(z_ij | x_n) of one draw a sample, (n, n, 2), and log q(z_i) of all samples."""
    rng = np.random.default_rng(trial.search.seed)
    centre, scale = rng.normal(size=(n, 2)), np.exp(0.5 * rng.normal(size=(n, 2)))
    z = centre + scale * rng.normal(size=centre.shape)
    standardised = (z[:, None] - centre) / scale
    pairs = -0.5 * standardised**2 - np.log(scale) - 0.5 * math.log(2 * math.pi)
    return pairs, np.log(np.exp(pairs.sum(axis=2)).mean(axis=1))


def _batches(n: int, sizes: tuple[int, ...]) -> Iterator[tuple[int, Any]]:
    for size in sizes:
        yield size, list(itertools.permutations(range(n), size))


def _unbiased(trial: EstimatorTrial) -> Outcome:
    """The mean of exp(log q(z_i)) over every ordered minibatch is q(z_i)."""
    pairs, wanted = _pairs(trial)
    n = len(pairs)
    for size, batches in _batches(n, (2, 3, 4)):
        sums, counts = np.zeros(n), np.zeros(n)
        for batch in batches:
            rows = list(batch)
            sums[rows] += np.exp(trial.value(pairs[np.ix_(rows, rows)], n))
            counts[rows] += 1
        found = np.log(sums / counts)
        if not np.abs(found - wanted).max() <= max(trial.tolerance, 1e-9):
            return failed(
                f"log of the mean of q(z) over all {len(batches)} minibatches of {size} of {n} samples: "
                f"{_short(found)} where {_short(wanted)} is right",
                "log_density[:, :, j] of all samples",
                **{f"latent_{j}": pairs[:, :, j] for j in range(2)},
            )
    return held("over all minibatches of 2, 3 and 4 of 5 samples")


def _minibatch_sum(weight: Callable[[int, int], float]) -> Callable[[EstimatorTrial], Outcome]:
    def check(trial: EstimatorTrial) -> Outcome:
        pairs, _ = _pairs(trial)
        for size, n in ((3, 50), (5, 5)):
            batch = pairs[:size, :size]
            message = trial.complaint(np.log(np.exp(batch.sum(axis=2)).sum(axis=1) * weight(size, n)), batch, n)
            if message is not None:
                return failed(message, f"n_samples={n}", **{f"latent_{j}": batch[:, :, j] for j in range(2)})
        return held("on minibatches of 3 of 50 and 5 of 5")

    return check


def _far(trial: EstimatorTrial) -> Outcome:
    pairs, _ = _pairs(trial)
    before, after = trial.value(pairs[:4, :4], 9), trial.value(pairs[:4, :4] - 600.0, 9)
    if not np.allclose(after, before - 1200.0, rtol=1e-9, atol=0):
        return failed(f"{_short(after)} where {_short(before - 1200.0)} is right: e^-1200 is below what a float holds")
    return held("where e^log q is below what a float holds")


def _of_posterior(check: Callable[..., Outcome]) -> Callable[[EstimatorTrial], Outcome]:
    return lambda trial: check(trial, _posterior(trial))


_SAME = "The same call gives the same result."
_OF_TERMS = (
    EstimatorProperty("same call", _SAME, _of_posterior(_same_call), False),
    EstimatorProperty("known cases", "Cases with a closed form.", _term_cases),
    EstimatorProperty("quadrature", "Random posteriors, by quadrature or sums over all values.", _term_quadrature),
    EstimatorProperty("weights", "Random posteriors with weights.", _term_weights),
    EstimatorProperty("sample order and copies", "The order of samples, or each given twice.", _term_order),
)
_OF_INFORMATION = (
    EstimatorProperty(
        "same call", _SAME, lambda trial: _same_call(trial, *seeded_code(np.random.default_rng(0), 60)), False
    ),
    EstimatorProperty("known cases", "Cases known by counting.", _information_cases),
    EstimatorProperty("joint distributions", "Random joint distributions.", _information_tables),
    EstimatorProperty("agrees with ours", "It is our estimate, with the settings declared.", _information_reference),
)
_FAR = EstimatorProperty("far out", "Densities that underflow.", _far, False)

ESTIMATES: dict[str, tuple[EstimatorProperty, ...]] = {
    **dict.fromkeys(TERMS, _OF_TERMS),
    "log_density": (
        EstimatorProperty(
            "same call", _SAME, lambda trial: _same_call(trial, _posterior(trial), _points(_posterior(trial))), False
        ),
        EstimatorProperty("random posteriors", "By the formula, far out too.", _log_density),
        EstimatorProperty("weights", "Likewise with weights.", _log_density_weights),
    ),
    "mutual_information": _OF_INFORMATION,
    "entropy": (EstimatorProperty("random labels", "By counting.", _entropy),),
    "mss": (
        EstimatorProperty("unbiased", "q(z), not its log, is right in the mean over minibatches.", _unbiased, False),
        _FAR,
    ),
    "mws": (EstimatorProperty("formula", "The sum over N B.", _minibatch_sum(lambda b, n: 1 / (n * b)), False), _FAR),
    "minibatch": (EstimatorProperty("formula", "The plain average.", _minibatch_sum(lambda b, _: 1 / b), False), _FAR),
}
"""What can be estimated, and what is asked of it."""
