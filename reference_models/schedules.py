"""Weights that change while training: numbers as functions of the iteration."""

from dataclasses import dataclass

__all__ = ["Cycles", "Ramp", "at"]


@dataclass(frozen=True, slots=True)
class Ramp:
    """From `first` to `last` in a straight line over `n_iterations`, and `last` from there on.

    beta warm-up is a ramp of beta, KL annealing one of alpha, beta and gamma alike, and Burgess et al. 2018 raise their
    capacity by one.
    """

    first: float
    last: float
    n_iterations: int

    def __call__(self, iteration: int) -> float:
        """The value at an iteration, counted from 0."""
        done = min(1.0, iteration / self.n_iterations) if self.n_iterations > 0 else 1.0
        return self.first + (self.last - self.first) * done


@dataclass(frozen=True, slots=True)
class Cycles:
    """A ramp over the first `share` of every `period`, again and again (Fu et al. 2019)."""

    first: float
    last: float
    period: int
    share: float = 0.5

    def __call__(self, iteration: int) -> float:
        """The value at an iteration, counted from 0."""
        done = min(1.0, (iteration % self.period) / (self.share * self.period))
        return self.first + (self.last - self.first) * done


def at(value: float | Ramp | Cycles, iteration: int) -> float:
    """A number, or what a schedule has for an iteration."""
    return value(iteration) if callable(value) else value
