"""A property, as data."""

from collections.abc import Callable
from dataclasses import dataclass

from dismetrics.testing.trial import MetricTrial, Outcome

__all__ = ["Property"]


@dataclass(frozen=True)
class Property:
    """Something that can hold of a metric.

    Attributes
    ----------
    name : str
        How `holds` and `fails` name it.
    what : str
        The whole sentence.
    check : callable
        What became of it in a trial.
    of_every_metric : bool
        Whether it is asked of every metric; otherwise of those of a declared kind, and of those declared to hold it.
    statistical : bool
        Whether chance can make it fail of a right metric.
    """

    name: str
    what: str
    check: Callable[[MetricTrial], Outcome]
    of_every_metric: bool = True
    statistical: bool = False
