"""Whether a metric ranks codes as it should: perfect ones, turned ones, redundant ones, and noise."""

import math
from typing import Any

import numpy as np

from dismetrics.testing.code_cases import independent, perfect, rotated
from dismetrics.testing.trial import MetricTrial, Outcome, failed, held, not_applicable, seeded_code

__all__ = [
    "beats_chance",
    "noise_latent",
    "nothing_is_worst",
    "perfect_is_best",
    "redundancy",
    "rotation",
    "rotation_lowers",
    "settles",
]


def _sign(trial: MetricTrial) -> float:
    return 1.0 if trial.higher_is_better else -1.0


def _mean_of(trial: MetricTrial, latents: Any, factors: Any, subject: Any = None) -> tuple[float, float]:
    """Mean score and margin over seeds: one call where there is no randomness."""
    subject = subject or trial.subject
    seeds = range(trial.n_repeats) if trial.randomised else [0]
    scores = [subject(latents, factors, seed=seed) for seed in seeds]
    return float(np.mean(scores)), trial.margin.of(scores) if trial.randomised else trial.tolerance


def _is_better(trial: MetricTrial, one: float, other: float, margin: float, what: str, data: Any) -> Outcome:
    """Whether the one score is better than the other; where chance can explain either answer, neither is given.

    So a right metric fails at the rate of the margin, however much it scatters.
    """
    difference = _sign(trial) * (one - other)
    if difference > margin:
        return held(f"{one:.3g} and {other:.3g}")
    if margin > 2 * trial.tolerance and difference >= -margin:
        return not_applicable(f"{one:.3g} and {other:.3g}, to {margin:.2g}: more repeats would tell")
    return failed(f"{one:.4g} {what}", latents=data[0], factors=data[1])


def _noisy_grid(trial: MetricTrial, angle: float, n_values: int = 4) -> tuple[Any, Any]:
    rng = np.random.default_rng(trial.search.seed)
    case = rotated(angle, n_values)
    factors = np.tile(case.factors, (12, 1))  # type: ignore[arg-type]
    latents = np.tile(case.latents, (12, 1))  # type: ignore[arg-type]
    return latents + 0.05 * rng.normal(size=latents.shape), factors


def rotation(trial: MetricTrial) -> Outcome:
    """A code turned by some degrees does not score better than straight."""
    straight, margin = _mean_of(trial, *_noisy_grid(trial, 0.0))
    for degrees in (15, 30, 45):
        turned, other = _mean_of(trial, *_noisy_grid(trial, math.radians(degrees)))
        if _sign(trial) * (turned - straight) > margin + other:
            latents, factors = _noisy_grid(trial, math.radians(degrees))
            return failed(
                f"{straight:.6g} straight, {turned:.6g} turned by {degrees} degrees", latents=latents, factors=factors
            )
    return held("at 15, 30 and 45 degrees")


def rotation_lowers(trial: MetricTrial) -> Outcome:
    """A code turned by 45 degrees scores worse than straight."""
    straight, margin = _mean_of(trial, *_noisy_grid(trial, 0.0))
    turned, other = _mean_of(trial, *_noisy_grid(trial, math.pi / 4))
    what = f"straight, {turned:.4g} turned by 45 degrees"
    return _is_better(trial, straight, turned, margin + other, what, _noisy_grid(trial, math.pi / 4))


def perfect_is_best(trial: MetricTrial) -> Outcome:
    """A perfect code has the best score of all."""
    if trial.bounds is None:
        return not_applicable("pass bounds=(lowest, highest)")
    best = trial.bounds[1 if trial.higher_is_better else 0]
    case = perfect((3, 4))
    latents, factors = np.tile(case.latents, (4, 1)), np.tile(case.factors, (4, 1))  # type: ignore[arg-type]
    score, margin = _mean_of(trial, latents, factors)
    if abs(score - best) > margin + 1e-6:
        return failed(f"{score:.6g} where {best:g} is best", latents=latents[:12], factors=factors[:12])
    return held(f"{score:.6g}")


def beats_chance(trial: MetricTrial) -> Outcome:
    """A perfect code scores better than noise does in the mean."""
    straight, margin = _mean_of(trial, *_noisy_grid(trial, 0.0))
    scores = _independent_scores(trial, 192)
    chance, other = float(np.mean(scores)), trial.margin.of(scores)
    what = f"of a perfect code, {chance:.4g} of noise"
    return _is_better(trial, straight, chance, margin + other, what, _noisy_grid(trial, 0.0))


def _independent_scores(trial: MetricTrial, n: int) -> list[float]:
    scores = []
    for repeat in range(trial.n_repeats):
        if trial.search.over() and repeat >= 6:
            break
        rng = np.random.default_rng([trial.search.seed, n, repeat])
        factors = np.column_stack([np.arange(n) % 3, np.arange(n) // 3 % 4])
        scores.append(trial.subject(rng.normal(size=(n, 3)), factors, seed=repeat))
    return scores


def settles(trial: MetricTrial) -> Outcome:
    """From 48, 192 and 768 independent rows, the second step is smaller than the first."""
    few, more, many = (_independent_scores(trial, n) for n in (48, 192, 768))
    first, second = np.mean(few) - np.mean(more), np.mean(more) - np.mean(many)
    margin = trial.margin.of(few) + 2 * trial.margin.of(more) + trial.margin.of(many)
    # A bias falls by 4 from step to step, a mean absolute deviation by 2.
    if abs(second) > 0.75 * abs(first) + margin:
        return failed(
            f"{np.mean(few):.4g}, {np.mean(more):.4g} and {np.mean(many):.4g} from 48, 192 and 768 independent rows"
        )
    return held(f"{np.mean(few):.3g}, {np.mean(more):.3g}, {np.mean(many):.3g} from 48, 192, 768 rows")


def noise_latent(trial: MetricTrial) -> Outcome:
    """A latent of noise, beside two that tell, does not raise the score in the mean."""
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


def redundancy(trial: MetricTrial) -> Outcome:
    """Every latent twice scores worse than once."""
    latents, factors = _noisy_grid(trial, 0.0)
    before, margin = _mean_of(trial, latents, factors)
    after, other = _mean_of(trial, np.column_stack([latents, latents]), factors)
    what = f"once, and {after:.4g} with every latent twice"
    return _is_better(trial, before, after, margin + other, what, (latents, factors))


def nothing_is_worst(trial: MetricTrial) -> Outcome:
    """Latents that tell exactly nothing have the worst score of all."""
    if trial.bounds is None:
        return not_applicable("pass bounds=(lowest, highest)")
    worst = trial.bounds[0 if trial.higher_is_better else 1]
    case = independent((3, 4), max(2, trial.fewest_latents))
    score, margin = _mean_of(trial, case.latents, case.factors)
    if abs(score - worst) > margin + 1e-6:
        return failed(f"{score:.6g} where {worst:g} is worst", latents=case.latents, factors=case.factors)
    return held(f"{score:.3g}")
