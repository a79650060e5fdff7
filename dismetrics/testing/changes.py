"""What can be done to data without changing what a metric is to say of them."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from dismetrics.testing.report import FAILED
from dismetrics.testing.trial import Change, MetricTrial, Outcome, held, not_applicable

__all__ = [
    "append_constant",
    "double_rows",
    "flip_signs",
    "label_names",
    "monotone",
    "permute_factors",
    "permute_latents",
    "rescale",
    "shuffle_rows",
    "unchanged",
    "unchanged_points",
]


def unchanged(change: Change) -> Callable[[MetricTrial], Outcome]:
    """A check that this change changes no score."""
    return lambda trial: trial.unchanged_by(change)


def unchanged_points(change: Change) -> Callable[[MetricTrial], Outcome]:
    """Likewise, for metrics that take points as they are."""

    def check(trial: MetricTrial) -> Outcome:
        if not trial.plain_points:
            return not_applicable("the latents are encoded, which moves with their values")
        return trial.unchanged_by(change)

    return check


def permute_latents(latents: Any, factors: Any, rng: np.random.Generator) -> Any:
    """Reorder the latents."""
    order = rng.permutation(latents.shape[1])
    return latents[:, order], factors, f"latents in the order {order.tolist()}"


def permute_factors(latents: Any, factors: Any, rng: np.random.Generator) -> Any:
    """Reorder the factors."""
    order = rng.permutation(factors.shape[1])
    return latents, factors[:, order], f"factors in the order {order.tolist()}"


def shuffle_rows(latents: Any, factors: Any, rng: np.random.Generator) -> Any:
    """Reorder the rows."""
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


def label_names(trial: MetricTrial) -> Outcome:
    """Rename labels in every way there is: a rename that is wrong for some labels is found with few examples."""
    few = dataclasses.replace(trial.search, max_examples=max(trial.search.max_examples // 3, 4))
    outcome = held("")
    for name, rename in _RENAMES.items():
        outcome = dataclasses.replace(trial, search=few).unchanged_by(_relabelled(name, rename))
        if outcome.status == FAILED:
            return outcome
    return dataclasses.replace(outcome, message=f"{outcome.message}, each of {len(_RENAMES)} renamings")


def flip_signs(latents: Any, factors: Any, rng: np.random.Generator) -> Any:
    """Change the sign of some latents, at least one."""
    signs = rng.choice([-1.0, 1.0], latents.shape[1])
    signs[rng.integers(len(signs))] = -1.0
    return latents * signs, factors, f"signs {signs.astype(int).tolist()}"


def rescale(latents: Any, factors: Any, rng: np.random.Generator) -> Any:
    """Give every latent a scale and offset of its own."""
    slopes, offsets = np.array([(3.7, 0.0), (0.013, 5.0), (1e-4, 0.0), (1.0, 1e4), (1e5, -1e5)]).T
    chosen = rng.integers(len(slopes), size=latents.shape[1])
    note = f"latents times {slopes[chosen].tolist()} plus {offsets[chosen].tolist()}"
    return slopes[chosen] * latents + offsets[chosen], factors, note


_INCREASING: dict[str, Callable[[Any], Any]] = {
    "exp": np.exp,
    "arctan": np.arctan,
    "cubed": lambda x: x**3,
}


def monotone(latents: Any, factors: Any, rng: np.random.Generator) -> Any:
    """Map all latents by an increasing function."""
    name = list(_INCREASING)[rng.integers(len(_INCREASING))]
    return _INCREASING[name](latents), factors, f"{name} of the latents"


def double_rows(latents: Any, factors: Any, _: np.random.Generator) -> Any:
    """Give every row twice."""
    return np.repeat(latents, 2, axis=0), np.repeat(factors, 2, axis=0), "every row was given twice"


def append_constant(latents: Any, factors: Any, rng: np.random.Generator) -> Any:
    """Put a constant latent somewhere."""
    place = int(rng.integers(latents.shape[1] + 1))
    return np.insert(latents, place, 0.25, axis=1), factors, f"a constant latent at place {place}"
