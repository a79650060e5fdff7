"""How a metric is called, and whether it can be."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dismetrics.scoring.sample import Sample
from dismetrics.scoring.selection import Chosen

__all__ = ["Call", "Failure", "Omitted", "score_of", "why_not"]


@dataclass(frozen=True, slots=True)
class Failure:
    """What could not be computed, and why."""

    error: str


@dataclass(frozen=True, slots=True)
class Omitted(Failure):
    """What was left out because it is not defined for these data, and why; no error of anyone's."""


@dataclass(frozen=True, slots=True)
class Call:
    """A metric with its settings."""

    metric: Chosen
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the metric."""
        return self.metric.name

    def __call__(self, sample: Sample, seed: int) -> Any:
        """The metric's result.

        A metric of the registry that needs factors gets the validated pair with its memo; one that needs none gets
        latents and weights. A function of the user's own gets latents, and factors (which hold the weights) where
        there are some. `rng` and `weights` are given to functions that take them by name.
        """
        function, given = self.metric.function, dict(self.options)
        if _takes(function, "rng"):
            given["rng"] = seed
        held = sample.labelled
        if self.metric.is_supervised:
            if held is None:
                raise ValueError(f"{self.name} needs factors, and there are none")
            return function(held, held.factors, **given)
        if self.metric.spec is None and held is not None:
            return _with_a_number(
                function(held.points if held.posterior is None else held.posterior, held.factors, **given)
            )
        if sample.weights is not None:
            if not _takes(function, "weights"):
                raise ValueError(f"weights are given, but {self.name} takes none: leave them out, or the metric")
            given["weights"] = sample.weights
        result = function(sample.latents, **given)
        return result if self.metric.spec is not None else _with_a_number(result)


def why_not(metric: Chosen, sample: Sample) -> str | None:
    """Why the registry says that a metric is not defined for these data; None where it is."""
    spec = metric.spec
    if spec is None:
        return None
    if spec.needs == "posteriors" and not sample.is_posterior:
        return "not defined: it needs posteriors q(z|x), and latents are points"
    if sample.n_latents < spec.fewest_latents:
        return f"not defined: it needs at least {spec.fewest_latents} latents, not {sample.n_latents}"
    if spec.supervised and sample.n_varying_factors < spec.fewest_factors:
        return (
            f"not defined: it needs at least {spec.fewest_factors} factors with more than one value, not "
            f"{sample.n_varying_factors}"
        )
    if not spec.supervised and sample.weights is not None and not _takes(spec.function, "weights"):
        return "not defined: it takes no weights, and weights are given"
    return None


def _takes(function: Callable[..., Any], name: str) -> bool:
    """Whether a function has a parameter of this name; what Python cannot tell of built-in ones counts as no."""
    try:
        return name in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def _with_a_number(result: Any) -> Any:
    """The result, or the number itself where it is none of ours."""
    # Looked at here, where a function that returns no number still counts as one that fails.
    score = score_of(result)
    return result if hasattr(result, "score") else score


def score_of(result: Any) -> float:
    """The number that a result stands for: its `score`, or itself; raises where there is none."""
    score = getattr(result, "score", result)
    # float() would also read a string, or take the only entry of an array.
    if not isinstance(score, (str, bytes)) and getattr(score, "ndim", 0) == 0:
        try:
            return float(score)
        except (TypeError, ValueError):
            pass
    seen = f"an array of shape {score.shape}" if isinstance(score, np.ndarray) else f"{type(score).__name__}"
    raise TypeError(f"{seen} was returned; a number, or a result with `score`, is wanted")
