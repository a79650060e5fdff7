"""From a relevance matrix to a score, one way of doing it a file."""

from dismetrics.estimators.aggregation.capacity import curve_explicitness
from dismetrics.estimators.aggregation.entropy_concentration import Concentration, completeness, disentanglement
from dismetrics.estimators.aggregation.gap import TopTwo, top_two_gap

__all__ = ["Concentration", "TopTwo", "completeness", "curve_explicitness", "disentanglement", "top_two_gap"]
