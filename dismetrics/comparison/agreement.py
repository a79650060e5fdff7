"""Whether metrics put models in the same order: rank correlations over models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.results import to_plain
from dismetrics.tables import Table, number
from dismetrics.typing import FloatArray
from dismetrics.validation import as_choice, as_fraction

__all__ = ["RankAgreement", "rank_agreement"]

_FEWEST_FOR_INTERVALS = 10
"""Fieller, Hartley and Pearson (1957) found the normal approximation good from about ten on."""

# Variance of atanh of the coefficient over n models: numerator, and what is taken off n.
_VARIANCE = {"kendall": (0.437, 4), "spearman": (1.06, 3)}


@dataclass(frozen=True, slots=True, eq=False)
class RankAgreement:
    """Rank correlations of metrics over models.

    Attributes
    ----------
    metrics : tuple of str
        Names of the numbers compared.
    coefficient : ndarray of float64, shape (n_metrics, n_metrics)
        1 where two metrics rank the models alike, -1 where one reverses the other; nan where a metric gives all models
        the same score. Scores where lower is better count with their sign turned.
    low, high : ndarray of float64, shape (n_metrics, n_metrics), or None
        Confidence intervals; None below ten models.
    statistic : str
        `"kendall"` (tau-b) or `"spearman"`.
    n_models : int
        Number of models, each run by itself.
    level : float
        Confidence level.
    """

    metrics: tuple[str, ...]
    coefficient: FloatArray
    low: FloatArray | None
    high: FloatArray | None
    statistic: str
    n_models: int
    level: float

    def table(self) -> Table:
        """The matrix; with intervals where there are enough models."""
        rows = []
        for i, name in enumerate(self.metrics):
            cells = [number(value, 2) for value in self.coefficient[i]]
            if self.low is not None and self.high is not None:
                ends = zip(cells, self.low[i], self.high[i], strict=True)
                cells = [c if c == "-" else f"{c} [{number(a, 2)}, {number(b, 2)}]" for c, a, b in ends]
            rows.append([name, *cells])
        title = f"rank agreement over {self.n_models} models ({self.statistic})"
        return Table(("metric", *self.metrics), rows, title=title)

    def __str__(self) -> str:
        return str(self.table())

    def _repr_html_(self) -> str:
        return self.table().to_html()

    def to_dict(self) -> dict[str, Any]:
        """All fields as plain numbers, lists and strings."""
        return {name: to_plain(getattr(self, name)) for name in self.__slots__}


def rank_agreement(
    scores: Mapping[str, Sequence[float]],
    *,
    lower_is_better: Sequence[str] = (),
    statistic: str = "kendall",
    level: float = 0.95,
) -> RankAgreement:
    """Rank correlations between metrics over models.

    Parameters
    ----------
    scores : mapping of str to sequence of float
        Name of a metric -> its scores of the models, in the same order for all metrics; at least three models.
    lower_is_better : sequence of str, optional
        Metrics whose low scores are the good ones.
    statistic : {"kendall", "spearman"}, default "kendall"
        Kendall's tau-b, or Spearman's coefficient; ties count as in these.
    level : float, default 0.95
        Of the intervals, by the variance of atanh of the coefficient: 0.437 / (n - 4) for Kendall's and
        1.06 / (n - 3) for Spearman's (Fieller, Hartley and Pearson 1957), given from ten models on. They take models
        for independent draws, which runs of one model are only among themselves.

    Returns
    -------
    RankAgreement
        The matrix and its intervals.

    Raises
    ------
    ValueError
        For fewer than three models, or lists of different lengths.

    Examples
    --------
    >>> import dismetrics as dm
    >>> dm.rank_agreement({"a": [0.1, 0.2, 0.3, 0.4], "b": [0.5, 0.7, 0.6, 0.9]}).coefficient.round(2)
    array([[1.  , 0.67],
           [0.67, 1.  ]])
    """
    as_choice(statistic, "statistic", tuple(_VARIANCE))
    as_fraction(level, "level")
    lengths = {len(column) for column in scores.values()}
    if len(lengths) != 1 or min(lengths) < 3:
        raise ValueError(f"scores has columns of lengths {sorted(lengths)}; one length of at least 3 models is wanted")
    columns = np.array([np.asarray(column, np.float64) for column in scores.values()])
    if not np.isfinite(columns).all():
        bad = list(scores)[int(np.argwhere(~np.isfinite(columns))[0, 0])]
        raise ValueError(f"scores of {bad!r} are not all finite: leave the metric or the model out")
    columns *= np.where([name in lower_is_better for name in scores], -1.0, 1.0)[:, None]
    signs = np.sign(columns[:, :, None] - columns[:, None, :])
    # The sum over j of sign(x_i - x_j) is the (mid)rank of x_i but for a linear map.
    compared = signs.sum(axis=2) if statistic == "spearman" else signs.reshape(len(columns), -1)
    norm = np.sqrt((compared**2).sum(axis=1))
    product = np.outer(norm, norm)
    coefficient = np.divide(compared @ compared.T, product, out=np.full_like(product, np.nan), where=product > 0)
    coefficient = np.clip(coefficient, -1.0, 1.0)
    n_models = columns.shape[1]
    low = high = None
    if n_models >= _FEWEST_FOR_INTERVALS:
        low, high = _interval(coefficient, n_models, statistic, level)
    return RankAgreement(tuple(scores), coefficient, low, high, statistic, n_models, level)


def _interval(coefficient: FloatArray, n: int, statistic: str, level: float) -> tuple[FloatArray, FloatArray]:
    from scipy.special import ndtri

    # Full agreement stands for the half of a step below it, since atanh(1) is infinite.
    half_step = {"kendall": 2 / (n * (n - 1)), "spearman": 6 / (n * (n**2 - 1))}[statistic]
    numerator, off = _VARIANCE[statistic]
    margin = float(ndtri(0.5 + level / 2)) * np.sqrt(numerator / (n - off))
    place = np.arctanh(np.clip(coefficient, -1 + half_step, 1 - half_step))
    low, high = np.tanh(place - margin), np.tanh(place + margin)
    np.fill_diagonal(low, 1.0)
    np.fill_diagonal(high, 1.0)
    return np.minimum(low, coefficient), np.maximum(high, coefficient)
