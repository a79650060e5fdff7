"""What can be asked of a metric, as data: a name, a sentence, whether it is asked of every metric, and the check.

With a declared kind, what does not hold of our metric of that kind with the declared settings is not asked of another
one either.
"""

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from dismetrics.testing.agreement import agrees_in_the_mean, agrees_on_cases, agrees_on_large, agrees_on_small
from dismetrics.testing.cases import independent, perfect, rotated
from dismetrics.testing.misuse import bad_input_raises, constant_latent, single_valued_factor
from dismetrics.testing.report import FAILED
from dismetrics.testing.subject import named_number
from dismetrics.testing.trial import Change, MetricTrial, Outcome, failed, held, not_applicable, raised, seeded_code

__all__ = ["PROPERTIES", "Property"]


@dataclass(frozen=True)
class Property:
    """Something that can hold of a metric.

    Attributes
    ----------
    name : str
        How `holds` and `fails` name it.
    what : str
        The whole sentence.
    check : callable
        What became of it in a trial.
    of_every_metric : bool
        Whether it is asked of every metric; otherwise of those of a declared kind, and of those declared to hold it.
    statistical : bool
        Whether chance can make it fail of a right metric.
    """

    name: str
    what: str
    check: Callable[[MetricTrial], Outcome]
    of_every_metric: bool = True
    statistical: bool = False


def _unchanged(change: Change) -> Callable[[MetricTrial], Outcome]:
    return lambda trial: trial.unchanged_by(change)


def _for_points(change: Change) -> Callable[[MetricTrial], Outcome]:
    def check(trial: MetricTrial) -> Outcome:
        if not trial.plain_points:
            return not_applicable("the latents are encoded, which moves with their values")
        return trial.unchanged_by(change)

    return check


# ------------------------------------------------------------------------------------------------------ what is sound


def _ordinary(trial: MetricTrial) -> Outcome:
    rng = np.random.default_rng(trial.search.seed)
    few_latents, few_factors = trial.fewest_latents, trial.fewest_factors
    shapes = [(60, max(3, few_latents), max(2, few_factors)), (200, max(5, few_latents), max(3, few_factors))]
    shapes.append((60, max(1, few_latents), max(1, few_factors)))
    for n, d, k in shapes:
        latents, factors = seeded_code(rng, n, d, k)
        try:
            score = trial.subject(latents, factors)
        except Exception as error:
            return failed(f"{raised(error)} on {n} rows, {d} latents, {k} factors", latents=latents, factors=factors)
        if not math.isfinite(score):
            return failed(f"{score} on {n} rows, {d} latents, {k} factors", latents=latents, factors=factors)
    return held(f"on {len(shapes)} tables")


def _bounds(trial: MetricTrial) -> Outcome:
    if trial.bounds is None:
        return not_applicable("pass bounds=(lowest, highest)")
    lowest, highest = trial.bounds

    def verdict(latents: Any, factors: Any) -> str | None:
        try:
            score = trial.subject(latents, factors)
        except Exception:
            return None
        inside = not math.isfinite(score) or lowest - 1e-9 <= score <= highest + 1e-9
        return None if inside else f"{score:.6g} is not from {lowest:g} to {highest:g}"

    found, n_tried = trial.failure(trial.examples(), verdict)
    if found is None:
        return held(f"on {n_tried} examples")
    return failed(found.message, latents=found.example[0], factors=found.example[1])


def _same_call(trial: MetricTrial) -> Outcome:
    rng = np.random.default_rng(trial.search.seed)
    latents, factors = seeded_code(rng, 60, max(3, trial.fewest_latents), max(2, trial.fewest_factors))
    scores = {trial.subject(latents, factors, seed=5) for _ in range(4)}
    if len(scores) > 1:
        argument = trial.subject.seed_argument
        remedy = f"{argument}=5 each time" if argument else "it takes no rng, random_state or seed"
        return failed(f"{min(scores):.6g} and {max(scores):.6g} from the same call; {remedy}")
    return held("on four calls")


def _input_left_alone(trial: MetricTrial) -> Outcome:
    rng = np.random.default_rng(trial.search.seed)
    latents, factors = seeded_code(rng, 60, max(3, trial.fewest_latents), max(2, trial.fewest_factors))
    given = trial.subject.encode(latents.copy())
    labels = factors.copy()
    trial.subject.raw(given, labels)
    changed = [name for name, a, b in (("factors", labels, factors), ("latents", given, latents)) if not _same(a, b)]
    return failed(f"{' and '.join(changed)} were written to") if changed else held("")


def _same(given: Any, kept: Any) -> bool:
    return not isinstance(given, np.ndarray) or np.array_equal(given, kept)


_STORAGE: dict[str, Callable[[Any], Any]] = {
    "float32": lambda x: x.astype(np.float32),
    "Fortran order": np.asfortranarray,
    "strides": lambda x: np.repeat(np.repeat(x, 2, axis=0), 2, axis=1)[::2, ::2],
    "a read-only array": lambda x: np.frombuffer(x.tobytes(), x.dtype).reshape(x.shape),
}


def _storage(trial: MetricTrial) -> Outcome:
    if not trial.plain_points:
        return not_applicable("the latents are encoded")
    rng = np.random.default_rng(trial.search.seed)
    latents, factors = seeded_code(rng, 80, max(3, trial.fewest_latents), max(2, trial.fewest_factors))
    latents = latents.astype(np.float32).astype(float)
    before = trial.subject(latents, factors)
    for name, store in _STORAGE.items():
        stored = store(latents)
        try:
            after = named_number(trial.subject.raw(stored, factors), trial.subject.number)
        except Exception as error:
            return failed(f"{raised(error)} on the same numbers as {name}", latents=latents, factors=factors)
        if not abs(float(after) - before) <= trial.tolerance:
            return failed(
                f"{before:.6g}, and {float(after):.6g} on the same numbers as {name}", latents=latents, factors=factors
            )
    return held(", ".join(_STORAGE))


def _threads(trial: MetricTrial) -> Outcome:
    rng = np.random.default_rng(trial.search.seed)
    data = seeded_code(rng, 80, max(5, trial.fewest_latents), max(2, trial.fewest_factors))
    most = numba.config.NUMBA_NUM_THREADS
    scores = {}
    for n_threads in sorted({1, most}):
        try:
            numba.set_num_threads(n_threads)
            numba.config.NUMBA_NUM_THREADS = n_threads
            scores[n_threads] = trial.subject(*data)
        finally:
            numba.config.NUMBA_NUM_THREADS = most
            numba.set_num_threads(most)
    if len(set(scores.values())) > 1:
        return failed(f"scores by threads: {scores}")
    return held(f"with {' and '.join(map(str, scores))} of numba's threads")


# ----------------------------------------------------------------------------------------------- what changes nothing


def _permute_latents(latents: Any, factors: Any, rng: np.random.Generator) -> Any:
    order = rng.permutation(latents.shape[1])
    return latents[:, order], factors, f"latents in the order {order.tolist()}"


def _permute_factors(latents: Any, factors: Any, rng: np.random.Generator) -> Any:
    order = rng.permutation(factors.shape[1])
    return latents, factors[:, order], f"factors in the order {order.tolist()}"


def _shuffle_rows(latents: Any, factors: Any, rng: np.random.Generator) -> Any:
    order = rng.permutation(len(latents))
    return latents[order], factors[order], "rows in another order"


_RENAMES: dict[str, Callable[[Any], Any]] = {
    "counted from -1": lambda codes: codes - 1,
    "reversed": lambda codes: 7 - codes,
    "spread": lambda codes: np.array([7, -40, 10**9, 0, 3, 11, 2, -1])[codes],
    "strings": lambda codes: np.array(["b", "a", "zz", "B", "", "c", "ab", "d"])[codes],
}


def _relabelled(name: str, rename: Callable[[Any], Any]) -> Change:
    return lambda latents, factors, _: (latents, rename(factors), f"labels {name}")


def _label_names(trial: MetricTrial) -> Outcome:
    few = dataclasses.replace(trial.search, max_examples=max(trial.search.max_examples // 3, 4))
    outcome = held("")
    for name, rename in _RENAMES.items():
        outcome = dataclasses.replace(trial, search=few).unchanged_by(_relabelled(name, rename))
        if outcome.status == FAILED:
            return outcome
    return dataclasses.replace(outcome, message=f"{outcome.message}, each of {len(_RENAMES)} renamings")


def _flip_signs(latents: Any, factors: Any, rng: np.random.Generator) -> Any:
    signs = rng.choice([-1.0, 1.0], latents.shape[1])
    signs[rng.integers(len(signs))] = -1.0
    return latents * signs, factors, f"signs {signs.astype(int).tolist()}"


def _rescale(latents: Any, factors: Any, rng: np.random.Generator) -> Any:
    slopes, offsets = np.array([(3.7, 0.0), (0.013, 5.0), (1e-4, 0.0), (1.0, 1e4), (1e5, -1e5)]).T
    chosen = rng.integers(len(slopes), size=latents.shape[1])
    note = f"latents times {slopes[chosen].tolist()} plus {offsets[chosen].tolist()}"
    return slopes[chosen] * latents + offsets[chosen], factors, note


_INCREASING: dict[str, Callable[[Any], Any]] = {
    "exp": np.exp,
    "arctan": np.arctan,
    "cubed": lambda x: x**3,
}


def _monotone(latents: Any, factors: Any, rng: np.random.Generator) -> Any:
    name = list(_INCREASING)[rng.integers(len(_INCREASING))]
    return _INCREASING[name](latents), factors, f"{name} of the latents"


def _double_rows(latents: Any, factors: Any, _: np.random.Generator) -> Any:
    return np.repeat(latents, 2, axis=0), np.repeat(factors, 2, axis=0), "every row was given twice"


def _append_constant(latents: Any, factors: Any, rng: np.random.Generator) -> Any:
    place = int(rng.integers(latents.shape[1] + 1))
    return np.insert(latents, place, 0.25, axis=1), factors, f"a constant latent at place {place}"


# ------------------------------------------------------------------------------------------------------ what is better


def _sign(trial: MetricTrial) -> float:
    return 1.0 if trial.higher_is_better else -1.0


def _mean_of(trial: MetricTrial, latents: Any, factors: Any, subject: Any = None) -> tuple[float, float]:
    """Mean score and margin over seeds: one call where there is no randomness."""
    subject = subject or trial.subject
    seeds = range(trial.n_repeats) if trial.randomised else [0]
    scores = [subject(latents, factors, seed=seed) for seed in seeds]
    return float(np.mean(scores)), trial.margin.of(scores) if trial.randomised else trial.tolerance


def _noisy_grid(trial: MetricTrial, angle: float, n_values: int = 4) -> tuple[Any, Any]:
    rng = np.random.default_rng(trial.search.seed)
    case = rotated(angle, n_values)
    factors = np.tile(case.factors, (12, 1))  # type: ignore[arg-type]
    latents = np.tile(case.latents, (12, 1))  # type: ignore[arg-type]
    return latents + 0.05 * rng.normal(size=latents.shape), factors


def _rotation(trial: MetricTrial) -> Outcome:
    straight, margin = _mean_of(trial, *_noisy_grid(trial, 0.0))
    for degrees in (15, 30, 45):
        turned, other = _mean_of(trial, *_noisy_grid(trial, math.radians(degrees)))
        if _sign(trial) * (turned - straight) > margin + other:
            latents, factors = _noisy_grid(trial, math.radians(degrees))
            return failed(
                f"{straight:.6g} straight, {turned:.6g} turned by {degrees} degrees", latents=latents, factors=factors
            )
    return held("at 15, 30 and 45 degrees")


def _rotation_lowers(trial: MetricTrial) -> Outcome:
    straight, margin = _mean_of(trial, *_noisy_grid(trial, 0.0))
    turned, other = _mean_of(trial, *_noisy_grid(trial, math.pi / 4))
    if _sign(trial) * (straight - turned) <= margin + other:
        latents, factors = _noisy_grid(trial, math.pi / 4)
        return failed(f"{straight:.6g} straight, {turned:.6g} turned by 45 degrees", latents=latents, factors=factors)
    return held(f"{straight:.3g} to {turned:.3g}")


def _maximum(trial: MetricTrial) -> Outcome:
    if trial.bounds is None:
        return not_applicable("pass bounds=(lowest, highest)")
    best = trial.bounds[1 if trial.higher_is_better else 0]
    case = perfect((3, 4))
    latents, factors = np.tile(case.latents, (4, 1)), np.tile(case.factors, (4, 1))  # type: ignore[arg-type]
    score, margin = _mean_of(trial, latents, factors)
    if abs(score - best) > margin + 1e-6:
        return failed(f"{score:.6g} where {best:g} is best", latents=latents[:12], factors=factors[:12])
    return held(f"{score:.6g}")


def _beats_chance(trial: MetricTrial) -> Outcome:
    straight, margin = _mean_of(trial, *_noisy_grid(trial, 0.0))
    scores = _independent_scores(trial, 192)
    chance, other = float(np.mean(scores)), trial.margin.of(scores)
    if _sign(trial) * (straight - chance) <= margin + other:
        latents, factors = _noisy_grid(trial, 0.0)
        return failed(f"{straight:.4g} of a perfect code, {chance:.4g} of noise", latents=latents, factors=factors)
    return held(f"{straight:.3g} against {chance:.3g}")


def _independent_scores(trial: MetricTrial, n: int) -> list[float]:
    scores = []
    for repeat in range(trial.n_repeats):
        if trial.search.over() and repeat >= 6:
            break
        rng = np.random.default_rng([trial.search.seed, n, repeat])
        factors = np.column_stack([np.arange(n) % 3, np.arange(n) // 3 % 4])
        scores.append(trial.subject(rng.normal(size=(n, 3)), factors, seed=repeat))
    return scores


def _settles(trial: MetricTrial) -> Outcome:
    few, more, many = (_independent_scores(trial, n) for n in (48, 192, 768))
    first, second = np.mean(few) - np.mean(more), np.mean(more) - np.mean(many)
    margin = trial.margin.of(few) + 2 * trial.margin.of(more) + trial.margin.of(many)
    # A bias falls by 4 from step to step, a mean absolute deviation by 2.
    if abs(second) > 0.75 * abs(first) + margin:
        return failed(
            f"{np.mean(few):.4g}, {np.mean(more):.4g} and {np.mean(many):.4g} from 48, 192 and 768 independent rows"
        )
    return held(f"{np.mean(few):.3g}, {np.mean(more):.3g}, {np.mean(many):.3g} from 48, 192, 768 rows")


def _noise_latent(trial: MetricTrial) -> Outcome:
    differences = []
    for repeat in range(trial.n_repeats):
        if trial.search.over() and repeat >= 6:
            break
        rng = np.random.default_rng([trial.search.seed, repeat])
        latents, factors = seeded_code(rng, 300, 2, 2, noise=0.2)
        wider = np.column_stack([latents, rng.normal(size=len(latents))])
        differences.append(trial.subject(wider, factors, seed=repeat) - trial.subject(latents, factors, seed=repeat))
    difference, margin = float(np.mean(differences)), trial.margin.of(differences)
    if _sign(trial) * difference > margin + trial.tolerance:
        return failed(f"{difference:+.4g} in the mean by a latent of noise; chance explains {margin:.2g}")
    return held(f"{difference:+.2g}")


def _redundancy(trial: MetricTrial) -> Outcome:
    latents, factors = _noisy_grid(trial, 0.0)
    before, margin = _mean_of(trial, latents, factors)
    after, other = _mean_of(trial, np.column_stack([latents, latents]), factors)
    if _sign(trial) * (before - after) <= margin + other:
        return failed(f"{before:.4g}, and {after:.4g} with every latent twice", latents=latents, factors=factors)
    return held(f"{before:.3g} to {after:.3g}")


def _nothing(trial: MetricTrial) -> Outcome:
    if trial.bounds is None:
        return not_applicable("pass bounds=(lowest, highest)")
    worst = trial.bounds[0 if trial.higher_is_better else 1]
    case = independent((3, 4), max(2, trial.fewest_latents))
    score, margin = _mean_of(trial, case.latents, case.factors)
    if abs(score - worst) > margin + 1e-6:
        return failed(f"{score:.6g} where {worst:g} is worst", latents=case.latents, factors=case.factors)
    return held(f"{score:.3g}")


PROPERTIES: tuple[Property, ...] = (
    Property("ordinary data", "Ordinary data give a finite number.", _ordinary),
    Property("bounds", "The score is within its bounds.", _bounds),
    Property("same call", "The same call gives the same result.", _same_call),
    Property("input left alone", "The arrays given are not written to.", _input_left_alone),
    Property("bad input raises", "NaN, infinity, lengths that differ and no rows raise.", bad_input_raises),
    Property("constant latent gives a number", "A latent that never changes makes no NaN.", constant_latent),
    Property(
        "single-valued factor", "A factor of one value is left out or raises; it makes no NaN.", single_valued_factor
    ),
    Property("latent order", "The order of the latents changes nothing.", _unchanged(_permute_latents), True, True),
    Property("factor order", "The order of the factors changes nothing.", _unchanged(_permute_factors), True, True),
    Property("row order", "The order of the rows changes nothing.", _unchanged(_shuffle_rows), True, True),
    Property("label names", "What labels are called changes nothing.", _label_names, True, True),
    Property("signs", "The sign of a latent changes nothing.", _for_points(_flip_signs), True, True),
    Property("scale and offset", "Scale and offset of latents change nothing.", _for_points(_rescale), True, True),
    Property("storage", "Precision, order and layout of the same numbers change nothing.", _storage),
    Property("threads", "The number of threads changes nothing.", _threads),
    Property("rotation", "Turning a perfect code does not raise the score.", _rotation, True, True),
    Property("beats chance", "A perfect code scores better than noise.", _beats_chance, True, True),
    Property(
        "independence settles", "The score of independent latents tends to a limit as rows grow.", _settles, True, True
    ),
    Property("monotone maps", "Increasing maps of latents change nothing.", _for_points(_monotone), False, True),
    Property("doubled rows", "Every row given twice changes nothing.", _unchanged(_double_rows), False, True),
    Property("constant latent", "A constant latent changes nothing.", _unchanged(_append_constant), False, True),
    Property("noise latent", "A latent of noise does not raise the score.", _noise_latent, False, True),
    Property("perfect is best", "A perfect code attains the best score.", _maximum, False, True),
    Property("nothing is worst", "Latents that tell exactly nothing get the worst score.", _nothing, False, True),
    Property("rotation lowers", "Turning a perfect code lowers the score.", _rotation_lowers, False, True),
    Property("redundancy lowers", "Every latent twice lowers the score.", _redundancy, False, True),
    Property("agrees on small data", "It is our metric of the kind, on random examples.", agrees_on_small, False),
    Property("agrees on cases", "It is our metric of the kind, on cases of known truth.", agrees_on_cases, False),
    Property("agrees on large data", "It is our metric of the kind, on larger tables.", agrees_on_large, False),
    Property("agrees in the mean", "It is our metric of the kind, in the mean.", agrees_in_the_mean, False, True),
)
"""Everything that can be asked of a metric, in the order of the table."""
