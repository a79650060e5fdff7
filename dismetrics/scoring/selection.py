"""Names of metrics and groups, and functions, as the metrics that they stand for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.registry import METRICS, MetricSpec

__all__ = ["Chosen", "chosen_metrics", "spec_of", "the_metric"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A metric that was asked for.

    Attributes
    ----------
    name : str
        Its name.
    function : callable
        What is called.
    spec : MetricSpec or None
        What the registry says of it; None for a function of the user's own.
    of_group : bool
        Whether it was asked for only as one of a group.
    """

    name: str
    function: Callable[..., Any]
    spec: MetricSpec | None
    of_group: bool = False

    @property
    def is_supervised(self) -> bool:
        """Whether the registry says that it needs factors."""
        return self.spec is not None and self.spec.supervised


def chosen_metrics(metrics: str | Callable[..., Any] | Sequence[Any]) -> dict[str, Chosen]:
    """The metrics that names, groups and functions stand for, by name; in registry order within a group."""
    items: Any = [metrics] if isinstance(metrics, str) or callable(metrics) else metrics
    if not np.iterable(items):
        raise TypeError(f"metrics={metrics!r}; names of metrics or groups, functions, or a sequence of these is wanted")
    chosen: dict[str, Chosen] = {}
    groups = _groups()
    for item in items:
        if isinstance(item, str) and item in groups:
            if not groups[item]:
                raise ValueError(f"metrics names the group {item!r}, which has no metric yet")
            for spec in groups[item]:
                chosen.setdefault(spec.name, Chosen(spec.name, spec.function, spec, of_group=True))
        else:
            one = _single(item, groups)
            if one.name in chosen and chosen[one.name].function is not one.function:
                raise ValueError(
                    f"metrics holds a function named {one.name!r}, a name that another function has: give it one of "
                    "its own"
                )
            if one.name not in chosen or chosen[one.name].of_group:
                chosen[one.name] = one
    if not chosen:
        raise ValueError("metrics is empty; name at least one")
    return chosen


def the_metric(metric: str | Callable[..., Any]) -> Chosen:
    """A single metric, by name or as a function."""
    if not isinstance(metric, str) and not callable(metric):
        raise TypeError(f"metric={metric!r}; the name of a metric, or a function, is wanted")
    if isinstance(metric, str) and metric in _groups():
        raise ValueError(f"metric={metric!r} is a group of metrics; a single one is wanted")
    return _single(metric, _groups())


def spec_of(name: str) -> MetricSpec | None:
    """What the registry says of a metric; None for a name that it does not know."""
    return next((spec for spec in METRICS if spec.name == name), None)


def _groups() -> dict[str, list[MetricSpec]]:
    """The metrics of each group: those that the registry names, and those that follow from what a metric needs."""
    names = {group for spec in METRICS for group in spec.groups} | {"fast"}
    groups = {name: [spec for spec in METRICS if name in spec.groups] for name in names}
    groups["all"] = list(METRICS)
    groups["supervised"] = [spec for spec in METRICS if spec.supervised]
    groups["unsupervised"] = [spec for spec in METRICS if not spec.supervised]
    return groups


def _single(item: Any, groups: dict[str, list[MetricSpec]]) -> Chosen:
    by_name = {spec.name: spec for spec in METRICS}
    ours = [spec for spec in METRICS if item is spec.function]
    if ours:
        return Chosen(ours[0].name, ours[0].function, ours[0])
    if isinstance(item, str):
        if item not in by_name:
            raise ValueError(
                f"metrics names {item!r}, which is neither a metric ({', '.join(by_name)}) nor a group "
                f"({', '.join(sorted(groups))})"
            )
        return Chosen(item, by_name[item].function, by_name[item])
    if not callable(item):
        raise TypeError(f"metrics holds {item!r}, which is neither a name nor a function")
    name = getattr(item, "__name__", type(item).__name__)
    if name in by_name:
        raise ValueError(
            f"metrics holds a function named {name!r}, a name that a metric of dismetrics has: give it one of its own"
        )
    return Chosen(name, item, None)
