"""From a relevance matrix to a score, one way of doing it a file."""

from dismetrics.estimators.aggregation.capacity import explicitness
from dismetrics.estimators.aggregation.entropy_concentration import Concentration, completeness, disentanglement
from dismetrics.estimators.aggregation.gap import TopTwo, top_two_gap

__all__ = ["Concentration", "TopTwo", "completeness", "disentanglement", "explicitness", "top_two_gap"]
