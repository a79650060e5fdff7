"""One run of a check: what is tested, against what, for how long; and what a property can say of it."""

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dismetrics.testing.report import FAILED, HELD, NOT_APPLICABLE, Counterexample
from dismetrics.testing.search import Found, Search, fewer_columns, fewer_rows
from dismetrics.testing.statistics import Margin
from dismetrics.testing.strategies import codes
from dismetrics.testing.subject import Subject
from dismetrics.typing import FloatArray, IntArray

__all__ = ["Change", "MetricTrial", "Outcome", "failed", "held", "not_applicable", "raised", "seeded_code"]

Change = Callable[[FloatArray, IntArray, np.random.Generator], tuple[Any, Any, str]]
"""Latents and factors that should score as before, and what was done, in words."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a property found: `Row` without its name."""

    status: str
    message: str
    counterexample: Counterexample | None = None


def held(message: str) -> Outcome:
    """The property held, on what."""
    return Outcome(HELD, message)


def not_applicable(why: str) -> Outcome:
    """It does not apply."""
    return Outcome(NOT_APPLICABLE, why)


def failed(message: str, note: str = "", **arrays: Any) -> Outcome:
    """It failed, on this."""
    return Outcome(FAILED, message, Counterexample(arrays, note) if arrays else None)


def raised(error: Exception) -> str:
    """What was raised, in a line."""
    text = str(error).strip().splitlines()
    return f"raised {type(error).__name__}" + (f": {text[0][:120]}" if text else "")


def seeded_code(rng: np.random.Generator, n: int, n_latents: int = 3, n_factors: int = 2, noise: float = 0.5) -> Any:
    """A noisy code of labels: latents (n, n_latents), factors (n, n_factors) with 3, 4, 5, ... labels."""
    n_values = 3 + np.arange(n_factors)
    factors = rng.integers(0, n_values, (n, n_factors))
    factors[:2] = [[0], [1]] * np.ones(n_factors, int)
    latents = factors[:, np.arange(n_latents) % n_factors] + noise * rng.normal(size=(n, n_latents))
    return latents, factors


@dataclass(frozen=True, eq=False)
class MetricTrial:
    """A metric under test.

    Attributes
    ----------
    subject : Subject
        The metric.
    reference : Subject or None
        Our metric of the declared kind, with the declared settings.
    kind : str or None
        Its name.
    bounds : pair of float or None
        Lowest and highest score.
    higher_is_better : bool
        Direction.
    fewest_latents, fewest_factors : int
        Below these the metric is not defined.
    n_bins : int or None
        Where latents are binned by width: on the edge of a bin, right implementations round apart.
    tolerance : float
        How closely scores that should be equal agree.
    randomised : bool
        Whether the score depends on a seed, or differs from call to call.
    n_repeats : int
        Repeats of a statistical test.
    search : Search
        For how long, and from which seed.
    margin : Margin
        Of statistical tests.
    plain_points : bool
        Whether the metric takes points, as they are.
    """

    subject: Subject
    reference: Subject | None
    kind: str | None
    bounds: tuple[float, float] | None
    higher_is_better: bool
    fewest_latents: int
    fewest_factors: int
    n_bins: int | None
    tolerance: float
    randomised: bool
    n_repeats: int
    search: Search
    margin: Margin
    plain_points: bool

    def until(self, deadline: float) -> "MetricTrial":
        """The same trial with another deadline."""
        return dataclasses.replace(self, search=dataclasses.replace(self.search, deadline=deadline))

    def examples(self, **sizes: Any) -> st.SearchStrategy[Any]:
        """Codes of a size that the metric is defined for."""
        sizes = {"n_samples": (6, 24), **sizes}
        fewest = {"n_latents": self.fewest_latents, "n_factors": self.fewest_factors}
        for name, (default, most) in {"n_latents": (1, 3), "n_factors": (1, 2)}.items():
            sizes.setdefault(name, (max(fewest[name], default), max(fewest[name], most)))
        return codes(**sizes)

    def on_an_edge(self, latents: FloatArray) -> bool:
        """Whether a latent is next to the inner edge of a bin."""
        if self.n_bins is None:
            return False
        spread = np.ptp(latents, axis=0)
        place = (latents - latents.min(axis=0)) / np.where(spread > 0, spread, 1.0) * self.n_bins
        nearest = np.round(place)
        return bool(((np.abs(place - nearest) < 1e-9) & (nearest > 0) & (nearest < self.n_bins)).any())

    def reference_scores(self, latents: Any, factors: Any) -> float | None:
        """What our metric says; None where there is none, or it raises or has no number."""
        if self.reference is None:
            return None
        try:
            score = self.reference(latents, factors)
        except Exception:
            return None
        return score if math.isfinite(score) else None

    def unchanged_by(self, change: Change, strategy: st.SearchStrategy[Any] | None = None, **sizes: int) -> Outcome:
        """Whether the score stays as it is: exactly, or in the mean where there is randomness."""
        if self.randomised:
            return self._unchanged_in_the_mean(change, **sizes)

        nor_of_ours = []

        def verdict(example: tuple[Any, int]) -> str | None:
            (latents, factors), seed = example
            if self.on_an_edge(latents):
                return None
            message = self._difference(self.subject, latents, factors, change, seed)
            ours = self.reference and message and self._difference(self.reference, latents, factors, change, seed)
            if ours:
                nor_of_ours.append(ours)
                return None
            return message

        examples = st.tuples(self.examples() if strategy is None else strategy, st.integers(0, 100))
        found, n_tried = self.search.smallest_failure(
            examples,
            verdict,
            lambda found, _, deadline: self._smaller(
                found.example[0],
                lambda *data: verdict((data, found.example[1])),
                found.message,
                deadline,
            ),
        )
        if nor_of_ours:
            return not_applicable(f"it does not hold of our {self.kind} with these settings")
        if found is None:
            return held(f"on {n_tried} examples")
        latents, factors = found.example
        return failed(found.message, latents=latents, factors=factors)

    def _difference(self, metric: Subject, latents: Any, factors: Any, change: Change, seed: int) -> str | None:
        try:
            before = metric(latents, factors)
        except Exception:
            return None  # "ordinary data" and the agreement with a reference see to that
        if not math.isfinite(before):
            return None
        other_latents, other_factors, note = change(latents, factors, np.random.default_rng(seed))
        try:
            after = metric(other_latents, other_factors)
        except Exception as error:
            return f"{before:.6g}, and {raised(error)} after {note}"
        return None if abs(after - before) <= self.tolerance else f"{before:.6g}, and {after:.6g} after {note}"

    def _unchanged_in_the_mean(self, change: Change, n: int = 90) -> Outcome:
        differences: list[float] = []
        ours: list[float] = []
        for repeat in range(self.n_repeats):
            if self.search.over() and repeat >= 6:
                break
            rng = np.random.default_rng([self.search.seed, repeat])
            latents, factors = seeded_code(rng, n, max(3, self.fewest_latents), max(2, self.fewest_factors))
            other_latents, other_factors, note = change(latents, factors, rng)
            old, new = (latents, factors), (other_latents, other_factors)
            differences.append(self.subject(*new, repeat) - self.subject(*old, repeat))
            if self.reference is not None:
                ours.append(self.reference(*new, repeat) - self.reference(*old, repeat))
        difference, margin = float(np.mean(differences)), self.margin.of(differences)
        if abs(difference) <= margin + self.tolerance:
            return held(f"in the mean of {len(differences)} repeats, to {margin:.2g}")
        if ours and abs(float(np.mean(ours))) > self.margin.of(ours) + self.tolerance:
            return not_applicable(f"it does not hold of our {self.kind} with these settings")
        return failed(
            f"{difference:+.4g} in the mean of {len(differences)} repeats after {note}; chance explains {margin:.2g}",
            latents=latents,
            factors=factors,
        )

    def failure(self, strategy: st.SearchStrategy[Any], verdict: Callable[..., str | None]) -> tuple[Found | None, int]:
        """A small example of latents and factors for which `verdict` has a complaint, and how many had none."""
        return self.search.smallest_failure(
            strategy,
            lambda data: verdict(*data),
            lambda found, _, deadline: self._smaller(found.example, verdict, found.message, deadline),
        )

    def smaller(self, latents: Any, factors: Any, fails: Callable[..., str | None], message: str) -> Outcome:
        """A failure on larger data, with the rows that can go taken away."""
        found = self._smaller((latents, factors), fails, message, self.search.deadline)
        return failed(found.message, latents=found.example[0], factors=found.example[1])

    def _smaller(self, data: Any, fails: Callable[..., str | None], message: str, deadline: float) -> Found:
        fewest = (self.fewest_latents, self.fewest_factors)
        data, message = fewer_columns(data, fails, message, fewest)
        return Found(*fewer_rows(data, fails, message, deadline))
