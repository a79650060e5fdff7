"""The published metrics as one table of data."""

from dismetrics.registry.importance import IMPORTANCE
from dismetrics.registry.information import INFORMATION
from dismetrics.registry.interventions import INTERVENTIONS
from dismetrics.registry.latents_alone import LATENTS_ALONE
from dismetrics.registry.matching import MATCHING
from dismetrics.registry.predictability import PREDICTABILITY
from dismetrics.registry.spec import MetricSpec
from dismetrics.tables import Table

__all__ = ["METRICS", "list_metrics"]

METRICS: tuple[MetricSpec, ...] = (
    *INFORMATION,
    *PREDICTABILITY,
    *IMPORTANCE,
    *MATCHING,
    *INTERVENTIONS,
    *LATENTS_ALONE,
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
