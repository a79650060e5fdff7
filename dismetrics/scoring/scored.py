"""What the results of a metric say, as plain numbers that can be followed through resamples."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.factors import Factors
from dismetrics.scoring.call import Call, score_of
from dismetrics.scoring.sample import Sample
from dismetrics.scoring.selection import Chosen
from dismetrics.typing import FloatArray

__all__ = ["Scored", "Scores"]


@dataclass(frozen=True, slots=True)
class Scores:
    """Which numbers of a metric's results are followed through resamples: the headline, further ones, and the factors'.

    Attributes
    ----------
    numbers : tuple of str
        Attributes of the result beside `score`.
    factor_names : tuple of str
        Names behind the entries of `per_factor`; empty where the result has none.
    """

    numbers: tuple[str, ...]
    factor_names: tuple[str, ...]

    @classmethod
    def of(cls, metric: Chosen, result: Any, factors: Factors | None) -> "Scores":
        """The numbers of this result."""
        per_factor = np.shape(getattr(result, "per_factor", 0.0))
        names = tuple(getattr(result, "factor_names", () if factors is None else factors.names))
        return cls(
            metric.spec.numbers if metric.spec is not None else (),
            names if len(per_factor) == 1 and per_factor[0] == len(names) else (),
        )

    def read(self, result: Any) -> FloatArray:
        """Score, numbers and entries of the factors, one after another."""
        numbers = [score_of(result), *(float(getattr(result, name)) for name in self.numbers)]
        per_factor = np.asarray(result.per_factor, np.float64) if self.factor_names else np.empty(0)
        if len(per_factor) != len(self.factor_names):
            raise ValueError(f"per_factor has {len(per_factor)} entries for {len(self.factor_names)} factors")
        return np.concatenate([numbers, per_factor])

    def split(self, values: FloatArray) -> tuple[Any, dict[str, Any], Any]:
        """What `read` put together (in the last axis), taken apart: score, numbers by name, entries of the factors."""
        n = 1 + len(self.numbers)
        numbers = {name: values[..., 1 + i] for i, name in enumerate(self.numbers)}
        return values[..., 0], numbers, values[..., n:] if self.factor_names else None


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A metric with its result for all rows.

    Attributes
    ----------
    call : Call
        The metric and its settings.
    result : object
        What it returned.
    scores : Scores
        Which of the result's numbers are followed.
    warned : frozenset of type
        Kinds of warnings that it gave, which need not be repeated for parts of the rows.
    """

    call: Call
    result: Any
    scores: Scores
    warned: frozenset[type[Warning]]

    @classmethod
    def of(cls, call: Call, sample: Sample, seed: int) -> "Scored":
        """The metric called with all rows; its warnings go to the caller."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = call(sample, seed)
        for each in caught:
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
        scores = Scores.of(call.metric, result, sample.factors)
        return cls(call, result, scores, frozenset(each.category for each in caught))

    @property
    def name(self) -> str:
        """Name of the metric."""
        return self.call.name

    @property
    def values(self) -> FloatArray:
        """Score, numbers and entries of the factors for all rows."""
        return self.scores.read(self.result)
