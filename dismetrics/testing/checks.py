"""`check_metric` and `check_estimator`."""

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from dismetrics.posteriors import BernoulliPosterior, CategoricalPosterior, GaussianPosterior, LaplacePosterior
from dismetrics.registry import METRICS
from dismetrics.testing.estimator_properties import ESTIMATES, MINIBATCH_ESTIMATES
from dismetrics.testing.estimator_trial import EstimatorTrial
from dismetrics.testing.posterior_cases import TERMS
from dismetrics.testing.properties import PROPERTIES
from dismetrics.testing.report import CheckReport
from dismetrics.testing.run import run
from dismetrics.testing.search import Search
from dismetrics.testing.statistics import Margin
from dismetrics.testing.strategies import FAMILIES
from dismetrics.testing.subject import Subject
from dismetrics.testing.trial import MetricTrial, seeded_code

__all__ = ["LATENTS", "check_estimator", "check_metric"]

_N_TESTS = 64
"""More than the statistical tests of any run, each of which gets this part of the false-alarm rate."""


def _sigmoid(x: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-x))


def _categorical(x: Any) -> Any:
    table = np.exp(-((np.asarray(x)[:, :, None] - np.arange(-1, 3)) ** 2))
    return CategoricalPosterior(table / table.sum(axis=2, keepdims=True))


# Every entry of a posterior comes from the same entry of the points alone, so that permutations carry over.
LATENTS: dict[str, Callable[[Any], Any]] = {
    "points": lambda x: x,
    "gaussian": lambda x: GaussianPosterior.from_scale(x, 0.1 + 0.2 * _sigmoid(x)),
    "laplace": lambda x: LaplacePosterior(x, 0.1 + 0.2 * _sigmoid(x)),
    "bernoulli": lambda x: BernoulliPosterior(_sigmoid(4 * np.asarray(x) - 2)),
    "categorical": _categorical,
}
"""What a metric's latents may be, and how drawn points become it."""


def check_metric(
    function: Callable[..., Any],
    *,
    kind: str | None = None,
    holds: Iterable[str] = (),
    fails: Iterable[str] = (),
    number: str = "score",
    latents: str = "points",
    bounds: tuple[float, float] | None = None,
    higher_is_better: bool = True,
    fewest_latents: int = 1,
    fewest_factors: int = 1,
    tolerance: float = 1e-6,
    budget: float | None = 15.0,
    max_examples: int = 40,
    n_repeats: int = 16,
    seed: int = 0,
    **settings: Any,
) -> CheckReport:
    """Test a metric.

    Parameters
    ----------
    function : callable
        `function(latents, factors)`: samples on the first axis, labels in an integer array (n_samples, n_factors). It
        returns a number, an object with `score`, or a mapping. A seed is passed where it names `rng`, `random_state` or
        `seed`. See `transposed` for other orientations, and `functools.partial` for options.
    kind : str, optional
        The metric of `dismetrics` that it is: then it is compared with ours, and all is asked of it that
        holds of ours.
    holds : sequence of str, optional
        Properties that it is to have, of those not asked of every metric.
    fails : sequence of str, optional
        Properties that it is known not to have: they are tried, and do not count.
    number : str, default "score"
        Attribute or key of the result that is looked at.
    latents : {"points", "gaussian", "laplace", "bernoulli", "categorical"}, default "points"
        What it takes: points, or posteriors of `dismetrics`.
    bounds : pair of float, optional
        Lowest and highest score; with a kind, those of the kind.
    higher_is_better : bool, default True
        Direction; with a kind, that of the kind.
    fewest_latents, fewest_factors : int, default 1
        Below these it is not defined; with a kind, those of the kind.
    tolerance : float, default 1e-6
        How closely scores that should be equal agree.
    budget : float, optional
        Seconds that the run may take, about; fewer examples are drawn on a slow machine. With None all are.
    max_examples : int, default 40
        Random examples of a property.
    n_repeats : int, default 16
        Repeats of a statistical test, at least 6.
    seed : int, default 0
        Of all that is drawn.
    **settings : optional
        With a kind: the options of our metric that this one is declared to have. They are not passed to `function`.

    Returns
    -------
    CheckReport
        `passed`, a row for every property, the table as text, `raise_if_failed()`.

    Raises
    ------
    TypeError, ValueError
        For settings that make no sense.

    Notes
    -----
    The statistical properties use Student's bound on means of `n_repeats` seeded repeats. Together they fail a right
    metric with a probability below 1e-3, as far as means are about normal.

    Examples
    --------
    >>> import dismetrics as dm
    >>> from dismetrics.testing import check_metric
    >>> check_metric(dm.mig, kind="mig", n_bins=20, max_examples=5).passed
    True
    >>> report = check_metric(dm.mig, kind="mig", n_bins=10, max_examples=5)
    >>> report["agrees on large data"].status
    'failed'
    """
    spec = _spec_of(kind, settings)
    if latents not in LATENTS:
        raise ValueError(f"latents={latents!r}; one of {', '.join(map(repr, LATENTS))} is wanted")
    holds, fails = tuple(holds), tuple(fails)
    _check_names(holds + fails, [each.name for each in PROPERTIES])
    encode = LATENTS[latents]
    reference = None
    if spec is not None:
        reference = Subject(_with_options(spec.function, settings), number, encode)
        lowest, highest = spec.lowest, spec.highest
        bounds = (lowest, highest) if bounds is None and number == "score" and math.isfinite(highest) else bounds
        higher_is_better = spec.higher_is_better
        fewest_latents, fewest_factors = spec.fewest_latents, spec.fewest_factors
    subject = Subject(function, number, encode)
    trial = MetricTrial(
        subject=subject,
        reference=reference,
        kind=kind,
        bounds=bounds,
        higher_is_better=higher_is_better,
        fewest_latents=fewest_latents,
        fewest_factors=fewest_factors,
        n_bins=_width_bins(latents, settings) if spec is not None else None,
        tolerance=tolerance,
        randomised=_is_randomised(subject, fewest_latents, fewest_factors)
        or (reference is not None and _is_randomised(reference, fewest_latents, fewest_factors)),
        n_repeats=max(n_repeats, 6),
        search=Search(seed, max_examples, math.inf),
        margin=Margin(_N_TESTS),
        plain_points=latents == "points",
    )
    asked = {each.name for each in PROPERTIES if each.of_every_metric or spec is not None} | set(holds) | set(fails)
    return run(_name_of(function, kind, settings), PROPERTIES, trial, asked, fails, budget)


def check_estimator(
    function: Callable[..., Any],
    *,
    estimates: str,
    posterior_families: Sequence[str] = ("gaussian",),
    fails: Iterable[str] = (),
    tolerance: float = 1e-4,
    budget: float | None = 15.0,
    max_examples: int = 40,
    n_repeats: int = 16,
    seed: int = 0,
    **settings: Any,
) -> CheckReport:
    """Test an estimator.

    Parameters
    ----------
    function : callable
        Of `"index_code_mi"`, `"total_correlation"`, `"dimension_wise_kl"`, `"mean_kl"` and `"joint_entropy"` (of the
        aggregate posterior): `function(posterior)`. Of `"log_density"`: `function(posterior, points)`, log q(z) at
        points (n, n_latents). Of `"mutual_information"`: `function(latents, factors)`, nats (n_latents, n_factors). Of
        `"entropy"`: `function(labels)`, nats. Of `"mss"`, `"mws"` and `"minibatch"`: `function(log_density, n_samples)`
        with log_density (B, B, n_latents), log q(z_i) as (B,). What it returns may be an object or mapping that
        holds the estimate under its name. A seed is passed where it names `rng`, `random_state` or `seed`, weights of
        samples where it names `weights`.
    estimates : str
        Which of these.
    posterior_families : sequence of str, default ("gaussian",)
        The families it takes: `"gaussian"`, `"laplace"`, `"bernoulli"`, `"categorical"`. See `from_parameters` for
        estimators that take means and variances.
    fails : sequence of str, optional
        Properties that it is known not to have: they are tried, and do not count.
    tolerance : float, default 1e-4
        How closely it agrees with the truth, in nats and relative to the truth where that is above 1; beside what
        chance explains, where it depends on a seed.
    budget : float, optional
        Seconds that the run may take, about. With None all examples are drawn.
    max_examples : int, default 40
        Random examples of a property.
    n_repeats : int, default 16
        Seeds that a randomised estimate is averaged over, at least 6.
    seed : int, default 0
        Of all that is drawn.
    **settings : optional
        Of `"mutual_information"`: the options of `dismetrics.estimators.mutual_information` that it is declared to
        have.

    Returns
    -------
    CheckReport
        `passed`, a row for every property, the table as text, `raise_if_failed()`.

    Raises
    ------
    TypeError, ValueError
        For settings that make no sense.

    Examples
    --------
    >>> import dismetrics as dm
    >>> from dismetrics.testing import check_estimator
    >>> check_estimator(dm.estimators.discrete_entropy, estimates="entropy", max_examples=1).name
    'discrete_entropy estimates entropy'
    """
    if estimates not in ESTIMATES:
        raise ValueError(f"estimates={estimates!r}; one of {', '.join(map(repr, ESTIMATES))} is wanted")
    families = (posterior_families,) if isinstance(posterior_families, str) else tuple(posterior_families)
    if not families or set(families) - set(FAMILIES):
        raise ValueError(f"posterior_families={families!r}; some of {', '.join(map(repr, FAMILIES))} are wanted")
    if settings and estimates != "mutual_information":
        raise TypeError(f"estimates={estimates!r} takes no settings; {', '.join(settings)} given")
    fails, properties = tuple(fails), ESTIMATES[estimates]
    _check_names(fails, [each.name for each in properties])
    subject = Subject(function, "log_joint" if estimates in MINIBATCH_ESTIMATES else estimates)
    trial = EstimatorTrial(
        subject=subject,
        families=families,
        tolerance=tolerance,
        settings=settings,
        randomised=subject.seed_argument is not None and estimates in (*TERMS, "log_density"),
        n_repeats=max(n_repeats, 6),
        search=Search(seed, max_examples, math.inf),
        # A test for every example that is drawn.
        margin=Margin(_N_TESTS * 4),
    )
    name = f"{_name_of(function, None, {})} estimates {estimates}"
    return run(name, properties, trial, {each.name for each in properties}, fails, budget)


def _spec_of(kind: str | None, settings: dict[str, Any]) -> Any:
    if kind is None:
        if settings:
            raise TypeError(f"{', '.join(settings)} declare what a metric of a kind computes: pass kind=... too")
        return None
    specs = {spec.name: spec for spec in METRICS}
    if kind not in specs:
        raise ValueError(f"kind={kind!r}; one of {', '.join(map(repr, specs))} is wanted")
    return specs[kind]


def _with_options(function: Callable[..., Any], options: dict[str, Any]) -> Callable[..., Any]:
    return functools.partial(function, **options) if options else function


def _width_bins(latents: str, settings: dict[str, Any]) -> int | None:
    binned = latents == "points" and settings.get("estimator", "histogram") == "histogram"
    return int(settings.get("n_bins", 20)) if binned and settings.get("discretisation", "width") == "width" else None


def _is_randomised(subject: Subject, fewest_latents: int, fewest_factors: int) -> bool:
    """Whether the score depends on the seed, or on the call."""
    rng = np.random.default_rng(0)
    latents, factors = seeded_code(rng, 60, max(5, fewest_latents), max(2, fewest_factors), noise=2.0)
    try:
        return len({subject(latents, factors, seed=seed) for seed in (0, 1, 2)}) > 1
    except Exception:
        return False  # "ordinary data" says what is wrong


def _check_names(given: Sequence[str], names: Sequence[str]) -> None:
    unknown = [name for name in given if name not in names]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no property; they are {', '.join(map(repr, names))}")


def _name_of(function: Callable[..., Any], kind: str | None, settings: dict[str, Any]) -> str:
    inner = getattr(function, "func", function)
    name = getattr(inner, "__name__", type(inner).__name__)
    if kind is None:
        return name
    declared = "".join(f", {key}={value!r}" for key, value in settings.items())
    return f"{name} as {kind}{declared}"
