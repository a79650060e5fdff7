"""The published metrics as data: a file of specifications for each kind of metric, and the table of them all."""

from dismetrics.registry.spec import MetricSpec
from dismetrics.registry.table import METRICS, list_metrics

__all__ = ["METRICS", "MetricSpec", "list_metrics"]
