"""Look for an example that fails, and for a smaller one."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import hypothesis
import numpy as np
from hypothesis import strategies as st
from hypothesis.errors import Flaky, Unsatisfiable

__all__ = ["Found", "Search", "fewer_columns", "fewer_rows"]


class _FailsError(Exception):
    """Raised where an example fails, for hypothesis to shrink it."""


class _EnoughError(BaseException):
    """Raised to leave hypothesis at once, which would take an Exception for a failure of the example."""


@dataclass(frozen=True, eq=False)
class Found:
    """An example that fails, and how."""

    example: Any
    message: str


@dataclass(frozen=True)
class Search:
    """How long to look, and from which seed.

    Attributes
    ----------
    seed : int
        Seed of what is drawn.
    max_examples : int
        Examples to draw at most.
    deadline : float
        When to stop, by `time.perf_counter`; a few examples are drawn in any case.
    """

    seed: int
    max_examples: int
    deadline: float

    def over(self) -> bool:
        """Whether the time is up."""
        return time.perf_counter() > self.deadline

    def smallest_failure(
        self,
        strategy: st.SearchStrategy[Any],
        verdict: Callable[[Any], str | None],
        shrink: Callable[[Found, Callable[[Any], str | None], float], Found] | None = None,
    ) -> tuple[Found | None, int]:
        """The smallest example found for which `verdict` has a complaint, and how many had none.

        Hypothesis shrinks what it finds, number by number. That takes seconds for tables of a hundred numbers, which
        `shrink` makes smaller by leaving out rows.
        """
        best: list[tuple[tuple[int, ...], Found]] = []
        n_tried = 0

        @hypothesis.seed(self.seed)
        @hypothesis.settings(
            max_examples=self.max_examples,
            database=None,
            deadline=None,
            derandomize=False,
            print_blob=False,
            report_multiple_bugs=False,
            suppress_health_check=list(hypothesis.HealthCheck),
            phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
            verbosity=hypothesis.Verbosity.quiet,
        )
        @hypothesis.given(strategy)
        def look(example: Any) -> None:
            nonlocal n_tried
            if self.over() and (best or n_tried >= 3):
                raise _EnoughError
            message = verdict(example)
            if message is None:
                n_tried += 1
                return
            size = _size(example)
            if not best or size <= best[0][0]:
                best[:] = [(size, Found(example, message))]
            if shrink is not None:
                raise _EnoughError
            raise _FailsError

        try:
            look()
        except (_FailsError, _EnoughError, Flaky):
            pass  # what was found is in `best`
        except Unsatisfiable:
            return None, 0
        if not best:
            return None, n_tried
        found = best[0][1]
        return (found if shrink is None else shrink(found, verdict, self.deadline)), n_tried


def _size(example: Any) -> tuple[int, ...]:
    """Fewer rows are smaller, and of as many those with fewer numbers."""
    parts = example if isinstance(example, tuple) else (example,)
    arrays = [part for part in parts if isinstance(part, np.ndarray)]
    rows = len(arrays[0]) if arrays else getattr(parts[0], "n_samples", 0)
    return rows, sum(array.size for array in arrays) or rows * getattr(parts[0], "n_latents", 0)


def fewer_rows(
    arrays: tuple[Any, ...], fails: Callable[..., str | None], message: str, deadline: float
) -> tuple[tuple[Any, ...], str]:
    """The same arrays with as many rows taken away as go while they still fail: halves first, then quarters, ..."""
    n = len(arrays[0])
    part = max(n // 2, 1)
    while part >= 1:
        start = 0
        while start < n and n - part >= 2 and time.perf_counter() < deadline:
            kept = np.r_[0:start, min(start + part, n) : n]
            smaller = tuple(array[kept] for array in arrays)
            found = fails(*smaller)
            if found is None:
                start += part
            else:
                arrays, n, message = smaller, len(kept), found
        part //= 2
    return arrays, message


def fewer_columns(
    arrays: tuple[Any, ...], fails: Callable[..., str | None], message: str, fewest: tuple[int, ...]
) -> tuple[tuple[Any, ...], str]:
    """The same arrays with as many columns taken away as go while they still fail, down to the fewest of each."""
    for which, least in enumerate(fewest):
        column = arrays[which].shape[1] - 1
        while column >= 0:
            if arrays[which].shape[1] > least:
                smaller = (*arrays[:which], np.delete(arrays[which], column, axis=1), *arrays[which + 1 :])
                found = fails(*smaller)
                if found is not None:
                    arrays, message = smaller, found
            column -= 1
    return arrays, message
