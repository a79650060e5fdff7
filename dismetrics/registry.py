"""The published metrics as one table of data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dismetrics.metrics import mig, mig_sup
from dismetrics.tables import Table

__all__ = ["METRICS", "MetricSpec", "list_metrics"]


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """What there is to say of a metric.

    Attributes
    ----------
    name : str
        Name of the function.
    function : callable
        `function(latents, factors, ...)`; its result has the headline number in `score`.
    title, paper : str
        What it is called, and where it was published.
    lowest, highest : float
        Range of the score.
    higher_is_better : bool
        Direction.
    chance : str
        What latents score that are independent of the factors.
    needs : str
        What the latents may be.
    cost : str
        Growth with samples N, latents D and factors K.
    groups : tuple of str
        Names that stand for several metrics in `evaluate`.
    """

    name: str
    function: Callable[..., Any]
    title: str
    paper: str
    lowest: float
    highest: float
    higher_is_better: bool
    chance: str
    needs: str
    cost: str
    groups: tuple[str, ...]


# Candidates with equally many values share their bias, which the gap then cancels.
_CHANCE_OF_A_GAP = (
    "0 plus bias: of the histogram about (bins - 1)(values - 1) / (2 N H(v)) where the two largest do not share it"
)

METRICS: tuple[MetricSpec, ...] = (
    MetricSpec(
        name="mig",
        function=mig,
        title="Mutual information gap",
        paper="Chen et al. 2018",
        lowest=0.0,
        highest=1.0,
        higher_is_better=True,
        chance=_CHANCE_OF_A_GAP,
        needs="posteriors or points",
        cost="N D K",
        groups=("fast", "supervised"),
    ),
    MetricSpec(
        name="mig_sup",
        function=mig_sup,
        title="Mutual information gap of latents",
        paper="Li et al. 2020",
        lowest=0.0,
        highest=1.0,
        higher_is_better=True,
        chance=_CHANCE_OF_A_GAP,
        needs="posteriors or points",
        cost="N D K",
        groups=("fast", "supervised"),
    ),
)


def list_metrics() -> Table:
    """The metrics there are: paper, range, direction, chance level, needs and cost.

    Returns
    -------
    Table
        Prints as text, shows as HTML in a notebook.

    Examples
    --------
    >>> import dismetrics as dm
    >>> print(dm.list_metrics().rows[0][0])
    mig
    """
    columns = ("metric", "what it is", "paper", "range", "better", "chance level", "latents", "cost")
    rows = [
        (
            spec.name,
            spec.title,
            spec.paper,
            f"{spec.lowest:g} to {spec.highest:g}",
            "higher" if spec.higher_is_better else "lower",
            spec.chance,
            spec.needs,
            spec.cost,
        )
        for spec in METRICS
    ]
    return Table(columns, rows)
