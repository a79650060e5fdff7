"""From a relevance matrix to a score, one way of doing it a file."""

from dismetrics.estimators.aggregation.gap import TopTwo, top_two_gap

__all__ = ["TopTwo", "top_two_gap"]
