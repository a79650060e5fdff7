"""Tests on means of repeated measurements, at a false-alarm rate that is shared out over a run."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["FALSE_ALARM_RATE", "Margin"]

FALSE_ALARM_RATE = 5e-4
"""Probability, at most, that a run on a right function has any statistical failure."""

ROUNDING = 1e-9


@dataclass(frozen=True)
class Margin:
    """How far a mean may be off by chance.

    The bound is Student's, for means that are about normal: the rate of the run is divided evenly over its
    statistical tests (Bonferroni), so it holds however they depend on each other.

    Attributes
    ----------
    n_tests : int
        Statistical tests in the run.
    rate : float
        False-alarm rate of all of them together.
    """

    n_tests: int
    rate: float = FALSE_ALARM_RATE

    def of(self, values: Sequence[float]) -> float:
        """The most that the mean of these values is off, on either side."""
        from scipy import special

        n = len(values)
        if n < 2:
            return math.inf
        spread = float(np.std(values, ddof=1)) / math.sqrt(n)
        quantile = -float(special.stdtrit(n - 1, self.rate / self.n_tests / 2))
        return quantile * spread + ROUNDING
