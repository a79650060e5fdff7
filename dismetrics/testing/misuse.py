"""What a metric does with input that has no answer, or less of one."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dismetrics.testing.trial import MetricTrial, Outcome, failed, held, raised, seeded_code

__all__ = ["bad_input_raises", "constant_latent", "single_valued_factor"]


def _data(trial: MetricTrial, n: int = 40) -> tuple[Any, Any]:
    rng = np.random.default_rng(trial.search.seed)
    return seeded_code(rng, n, max(3, trial.fewest_latents), max(2, trial.fewest_factors))


def _with(latents: Any, value: float) -> Any:
    changed = latents.copy()
    changed[3, 1] = value
    return changed


_BAD: dict[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "NaN in a latent": lambda latents, factors: (_with(latents, np.nan), factors),
    "infinity in a latent": lambda latents, factors: (_with(latents, np.inf), factors),
    "fewer factors than latents in rows": lambda latents, factors: (latents, factors[:-5]),
    "more factors than latents in rows": lambda latents, factors: (latents[:-5], factors),
    "no rows": lambda latents, factors: (latents[:0], factors[:0]),
}


def bad_input_raises(trial: MetricTrial) -> Outcome:
    """NaN, infinity, lengths that differ and no rows raise; a number would be wrong, and NaN goes unseen."""
    latents, factors = _data(trial, 10)
    for what, spoil in _BAD.items():
        if what.startswith("infinity") and not trial.plain_points:
            continue  # a posterior can be made of it, such as one that is certain
        bad = spoil(latents, factors)
        try:
            score = trial.subject(*bad)
        except Exception:
            continue
        return failed(f"{what} gives {score:.6g}; an error is wanted", latents=bad[0], factors=bad[1])
    return held(f"{len(_BAD)} sorts of it")


def _number_or_error(trial: MetricTrial, latents: Any, factors: Any, may_raise: bool) -> Outcome | None:
    """What is wrong, if something is."""

    def fails(latents: Any, factors: Any) -> str | None:
        if any(len(np.unique(column)) < 2 for column in factors.T[1:]):
            return None
        try:
            score = trial.subject(latents, factors)
        except Exception as error:
            return None if may_raise else raised(error)
        return None if math.isfinite(score) else f"the score is {score}"

    message = fails(latents, factors)
    return None if message is None else trial.smaller(latents, factors, fails, message)


def constant_latent(trial: MetricTrial) -> Outcome:
    """A latent that never changes carries no information; it makes no NaN, and does not raise."""
    latents, factors = _data(trial)
    for place in (0, latents.shape[1] - 1):
        changed = latents.copy()
        changed[:, place] = 0.25
        wrong = _number_or_error(trial, changed, factors, may_raise=False)
        if wrong is not None:
            return wrong
    return held("at the first place and the last")


def single_valued_factor(trial: MetricTrial) -> Outcome:
    """A factor of one value has no entropy to divide by: a number from the others, or an error."""
    latents, factors = _data(trial)
    factors = np.column_stack([np.zeros(len(factors), int), factors])
    wrong = _number_or_error(trial, latents, factors, may_raise=True)
    return held("a number or an error") if wrong is None else wrong
