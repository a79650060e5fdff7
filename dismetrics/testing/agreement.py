"""Whether a metric of a declared kind is ours of that kind, with the settings declared."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from dismetrics.testing.code_cases import code_cases
from dismetrics.testing.trial import MetricTrial, Outcome, failed, held, not_applicable, raised, seeded_code

__all__ = ["agrees_in_the_mean", "agrees_on_cases", "agrees_on_large", "agrees_on_small"]

_IN_THE_MEAN = "there is randomness: it is compared in the mean"


def _complaint(trial: MetricTrial, latents: Any, factors: Any) -> str | None:
    if trial.on_an_edge(latents):
        return None
    wanted = trial.reference_scores(latents, factors)
    if wanted is None:
        return None
    try:
        score = trial.subject(latents, factors)
    except Exception as error:
        return f"{raised(error)} where {wanted:.6g} is right"
    return None if abs(score - wanted) <= trial.tolerance else f"{score:.6g} where {wanted:.6g} is right"


def agrees_on_small(trial: MetricTrial) -> Outcome:
    """On random examples of few rows."""
    if trial.reference is None:
        return not_applicable("declare kind=...")
    if trial.randomised:
        return not_applicable(_IN_THE_MEAN)
    found, n_tried = trial.failure(trial.examples(), lambda *data: _complaint(trial, *data))
    if found is None:
        return held(f"on {n_tried} examples")
    return failed(found.message, latents=found.example[0], factors=found.example[1])


def agrees_on_cases(trial: MetricTrial) -> Outcome:
    """On cases of known truth; labels are on no edge there, since all bins have the same width or hold one value."""
    if trial.reference is None:
        return not_applicable("declare kind=...")
    if trial.randomised:
        return not_applicable(_IN_THE_MEAN)
    cases = code_cases()
    for case in cases:
        message = _complaint(trial, case.latents, case.factors)
        if message is not None:
            known = case.truth.get(trial.kind or "")
            note = f"case {case.name!r}" + (f", {known.how}" if known else "")
            return failed(message, note, latents=case.latents, factors=case.factors)
    return held(f"on {len(cases)} cases")


def _tables(rng: np.random.Generator, n_latents: int, n_factors: int) -> Iterator[tuple[str, Any, Any]]:
    """Larger tables on which right code and wrong code part."""
    d, k = max(4, n_latents), max(3, n_factors)
    latents, factors = seeded_code(rng, 400, d, k)
    yield "a noisy code", latents, factors
    yield "latents far from zero", latents + 1e6, factors
    yield "latents of different scales", latents * 10.0 ** -np.arange(d), factors
    yield "small latents", 1e-5 * latents, factors
    yield "skewed latents", np.exp(1.5 * latents), factors
    frequent = (factors.shape[1] + 3) * rng.random(factors.shape) ** 3
    yield "values of unequal frequency", frequent + 0.2 * rng.normal(size=frequent.shape), frequent.astype(int)
    wide = rng.integers(0, 32, (600, k))
    yield "factors of 32 values", wide[:, np.arange(d) % k] + 0.3 * rng.normal(size=(600, d)), wide
    dead = latents.copy()
    dead[:, 0] = 0.5
    yield "a constant first latent", dead, factors
    yield "many latents of noise", rng.normal(size=(60, 20)), factors[:60]


def agrees_on_large(trial: MetricTrial) -> Outcome:
    """On larger tables; a failure is reduced to as few rows as still fail."""
    if trial.reference is None:
        return not_applicable("declare kind=...")
    if trial.randomised:
        return not_applicable(_IN_THE_MEAN)
    rng = np.random.default_rng(trial.search.seed)
    names = []
    for name, latents, factors in _tables(rng, trial.fewest_latents, trial.fewest_factors):
        message = _complaint(trial, latents, factors)
        if message is not None:
            return trial.smaller(latents, factors, lambda *data: _complaint(trial, *data), f"{message}, on {name}")
        names.append(name)
    return held(f"on {len(names)} tables")


def agrees_in_the_mean(trial: MetricTrial) -> Outcome:
    """In the mean over data and seeds, table by table."""
    if trial.reference is None:
        return not_applicable("declare kind=...")
    if not trial.randomised:
        return not_applicable("there is no randomness")
    chosen = ("a noisy code", "latents of different scales", "small latents", "many latents of noise")
    differences: dict[str, list[float]] = {name: [] for name in chosen}
    examples: dict[str, tuple[Any, Any]] = {}
    for repeat in range(trial.n_repeats):
        if trial.search.over() and repeat >= 6:
            break
        rng = np.random.default_rng([trial.search.seed, repeat])
        for name, latents, factors in _tables(rng, trial.fewest_latents, trial.fewest_factors):
            if name not in chosen:
                continue
            wanted = trial.reference(latents, factors, seed=1000 + repeat)
            try:
                score = trial.subject(latents, factors, seed=repeat)
            except Exception as error:
                return failed(f"{raised(error)} where {wanted:.6g} is right", latents=latents, factors=factors)
            if not math.isfinite(score):
                return failed(f"{score} where {wanted:.6g} is right, on {name}", latents=latents, factors=factors)
            differences[name].append(score - wanted)
            examples[name] = latents, factors
    for name, values in differences.items():
        off, margin = float(np.mean(values)), trial.margin.of(values)
        if abs(off) > margin + trial.tolerance:
            latents, factors = examples[name]
            return failed(
                f"{off:+.4g} in the mean of {len(values)} repeats on {name}; chance explains {margin:.2g}",
                latents=latents,
                factors=factors,
            )
    return held(f"on {len(differences)} sorts of tables, {len(values)} repeats each")
