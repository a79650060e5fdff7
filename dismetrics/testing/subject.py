"""The function under test: called on copies, with a seed where it takes one, its result read as a number."""

import contextlib
import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Subject", "accepts", "named_number", "quiet", "seed_argument_of"]

_SEED_ARGUMENTS = ("rng", "random_state", "seed")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Nothing that is warned about is shown, or turned into an error: what to warn of is everyone's own choice."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def accepts(function: Callable[..., Any], argument: str) -> bool:
    """Whether the function names this argument."""
    try:
        return argument in inspect.signature(function).parameters
    except (TypeError, ValueError):  # a callable written in C
        return False


def seed_argument_of(function: Callable[..., Any]) -> str | None:
    """By what name the function takes a seed, if it does."""
    return next((name for name in _SEED_ARGUMENTS if accepts(function, name)), None)


def named_number(result: Any, name: str) -> Any:
    """What a result holds under this name: an attribute, an entry of a mapping, or itself where it is a number."""
    if isinstance(result, Mapping):
        if name in result:
            return result[name]
        if len(result) == 1:
            return next(iter(result.values()))
        raise TypeError(f"the result is a mapping with {sorted(map(str, result))}: say which is meant, number=...")
    if hasattr(result, name):
        return getattr(result, name)
    if np.ndim(result) == 0 and hasattr(result, "score"):
        return result.score
    return result


@dataclass(frozen=True)
class Subject:
    """A function under test.

    Attributes
    ----------
    function : callable
        What is tested.
    number : str
        Attribute or key of its result that is looked at.
    encode : callable
        Turns points into the latents that the function takes.
    """

    function: Callable[..., Any]
    number: str = "score"
    encode: Callable[[Any], Any] = lambda points: points

    @property
    def seed_argument(self) -> str | None:
        """By what name a seed is taken."""
        return seed_argument_of(self.function)

    def raw(self, *data: Any, seed: int | None = 0, **more: Any) -> Any:
        """What the function returns for this very data."""
        if self.seed_argument is not None and seed is not None:
            more = {self.seed_argument: seed, **more}
        with quiet():
            return self.function(*data, **more)

    def __call__(self, points: Any, factors: Any, seed: int | None = 0) -> float:
        """The number for copies of this data."""
        points = points.copy() if isinstance(points, np.ndarray) else points
        factors = factors.copy() if isinstance(factors, np.ndarray) else factors
        found = named_number(self.raw(self.encode(points), factors, seed=seed), self.number)
        if np.ndim(found) != 0 or isinstance(found, str) or found is None:
            raise TypeError(
                f"the result is of type {type(found).__name__} where a number is wanted: return a float, an object "
                "with .score or a mapping, and name what is meant with number=..."
            )
        return float(found)
