"""The uncertainty of a mean over runs, and of the difference of two: from rows, from runs, or from both."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.typing import FloatArray
from dismetrics.uncertainty import Parts, error_of

__all__ = ["Estimate", "Measured", "difference", "estimate"]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What one metric says of one model.

    Attributes
    ----------
    values : ndarray of float64, shape (n_runs, n_numbers)
        Scores of every run on all rows.
    parts : Parts or None
        Scores of the parts of the rows, in the mean over runs; None where the rows are no sample.
    """

    values: FloatArray
    parts: Parts | None

    @property
    def n_runs(self) -> int:
        """Number of runs."""
        return len(self.values)


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Numbers with intervals, and what the intervals are over.

    Attributes
    ----------
    value, low, high : ndarray of float64, shape (n_numbers,)
        Estimates and ends of the intervals; nan where nothing is known to be random.
    row_error, run_error : ndarray of float64, shape (n_numbers,), or None
        Standard errors from the rows and from the runs; None where one has no part.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    row_error: FloatArray | None
    run_error: FloatArray | None

    @property
    def over(self) -> str:
        """What the interval is over: `"rows"`, `"runs"`, `"rows and runs"`, or nothing."""
        parts = {"rows": self.row_error, "runs": self.run_error}
        return " and ".join(name for name, error in parts.items() if error is not None)

    def of(self, number: int) -> dict[str, Any]:
        """One of the numbers, as a row of a table."""
        return {
            "low": float(self.low[number]),
            "high": float(self.high[number]),
            "row_error": None if self.row_error is None else float(self.row_error[number]),
            "run_error": None if self.run_error is None else float(self.run_error[number]),
            "over": self.over,
        }


def estimate(measured: Measured, level: float) -> Estimate:
    """The mean over runs of one model."""
    runs = [measured.values] if measured.n_runs > 1 else []
    return _combined(measured.values.mean(axis=0), measured.parts, runs, level)


def difference(first: Measured, second: Measured, level: float) -> Estimate:
    """The difference of two models, on the same rows; runs count where both models have several."""
    parts = None if first.parts is None or second.parts is None else first.parts - second.parts
    runs = [first.values, second.values] if min(first.n_runs, second.n_runs) > 1 else []
    return _combined(first.values.mean(axis=0) - second.values.mean(axis=0), parts, runs, level)


def _combined(value: FloatArray, parts: Parts | None, runs: list[FloatArray], level: float) -> Estimate:
    """Variances added up, with the degrees of freedom of their sum by Welch and Satterthwaite."""
    from scipy.special import stdtrit

    terms: list[tuple[FloatArray, float]] = []
    row_error = run_error = None
    if parts is not None:
        of_rows = error_of(parts)
        row_error = of_rows.standard_error
        terms.append((row_error**2, of_rows.degrees_of_freedom))
    if runs:
        of_runs = [values.var(axis=0, ddof=1) / len(values) for values in runs]
        run_error = np.sqrt(np.sum(of_runs, axis=0))
        terms += [(variance, len(values) - 1) for variance, values in zip(of_runs, runs, strict=True)]
    if not terms:
        unknown = np.full_like(value, np.nan)
        return Estimate(value, unknown, unknown, None, None)
    total = np.sum([variance for variance, _ in terms], axis=0)
    squares = np.sum([variance**2 / freedom for variance, freedom in terms], axis=0)
    freedom = np.divide(total**2, squares, out=np.ones_like(total), where=squares > 0)
    margin = stdtrit(freedom, 0.5 + level / 2) * np.sqrt(total)
    return Estimate(value, value - margin, value + margin, row_error, run_error)
