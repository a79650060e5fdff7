"""A median with an interval that asks nothing of the distribution."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dismetrics.typing import FloatArray
from dismetrics.validation import as_fraction

__all__ = ["MedianInterval", "median_interval"]


@dataclass(frozen=True, slots=True)
class MedianInterval:
    """A median and two of the values around it.

    Attributes
    ----------
    median : float
        Of the values.
    low, high : float
        Ends of the interval for the median of the distribution; nan for a single value.
    n : int
        Number of values.
    coverage : float
        What the interval covers, exactly, for any continuous distribution; less than what was asked for where there
        are too few values for it, and nan for a single one.
    """

    median: float
    low: float
    high: float
    n: int
    coverage: float


def median_interval(values: Sequence[float] | FloatArray, *, level: float = 0.95) -> MedianInterval:
    """The median of independent values, with the interval between two of them.

    The k-th smallest and the k-th largest of n values have the median of their distribution between them with
    probability 1 - 2 P(B < k), B binomial(n, 1/2), whatever that distribution is (Thompson 1936). k is the largest for
    which this is at least `level`; from six values on there is one for 0.95, and five values, whose ends cover 0.9375,
    come with these.

    Parameters
    ----------
    values : array-like of shape (n,)
        Finite numbers, at least one; from one setting, such as the scores of several seeds.
    level : float, default 0.95
        Wanted coverage.

    Returns
    -------
    MedianInterval
        Median, ends and coverage.

    Raises
    ------
    ValueError
        For no values, or values that are not finite.

    Examples
    --------
    >>> import dismetrics as dm
    >>> dm.median_interval([0.31, 0.47, 0.35, 0.38, 0.41])
    MedianInterval(median=0.38, low=0.31, high=0.47, n=5, coverage=0.9375)
    """
    as_fraction(level, "level")
    ordered = np.sort(np.asarray(values, np.float64).reshape(-1))
    n = len(ordered)
    if n == 0 or not np.isfinite(ordered).all():
        seen = "none" if n == 0 else "some that are not finite"
        raise ValueError(f"values has {seen}; at least one finite number is wanted")
    median = float(np.median(ordered))
    if n == 1:
        return MedianInterval(median, math.nan, math.nan, 1, math.nan)
    # below[k - 1] = P(B < k)
    below = np.cumsum([math.comb(n, k) / 2**n for k in range(n // 2)])
    k = max(1, int((1 - 2 * below >= level).sum()))
    return MedianInterval(median, float(ordered[k - 1]), float(ordered[n - k]), n, float(1 - 2 * below[k - 1]))
