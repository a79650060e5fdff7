"""Whether a metric is sound: a number for ordinary data, the same for the same, however it is stored."""

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from dismetrics.testing.subject import named_number
from dismetrics.testing.trial import MetricTrial, Outcome, failed, held, not_applicable, raised, seeded_code

__all__ = ["bounds", "input_left_alone", "ordinary", "same_call", "storage", "threads"]


def ordinary(trial: MetricTrial) -> Outcome:
    """Noisy codes of some shapes give a finite number."""
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


def bounds(trial: MetricTrial) -> Outcome:
    """Random examples score within the bounds."""
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


def same_call(trial: MetricTrial) -> Outcome:
    """The same call with the same seed, four times."""
    rng = np.random.default_rng(trial.search.seed)
    latents, factors = seeded_code(rng, 60, max(3, trial.fewest_latents), max(2, trial.fewest_factors))
    scores = {trial.subject(latents, factors, seed=5) for _ in range(4)}
    if len(scores) > 1:
        argument = trial.subject.seed_argument
        remedy = f"{argument}=5 each time" if argument else "it takes no rng, random_state or seed"
        return failed(f"{min(scores):.6g} and {max(scores):.6g} from the same call; {remedy}")
    return held("on four calls")


def input_left_alone(trial: MetricTrial) -> Outcome:
    """Arrays that are given are as before afterwards."""
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


def storage(trial: MetricTrial) -> Outcome:
    """The same numbers in other precision, order and layout."""
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


def threads(trial: MetricTrial) -> Outcome:
    """One of numba's threads, and all."""
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
