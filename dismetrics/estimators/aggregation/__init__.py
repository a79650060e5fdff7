"""From a relevance matrix to a score, one way of doing it a file."""

from dismetrics.estimators.aggregation.best_template import BestTemplate, best_template
from dismetrics.estimators.aggregation.gap import TopTwo, top_two_gap
from dismetrics.estimators.aggregation.largest_share import largest_share
from dismetrics.estimators.aggregation.matching import Matching, mean_of_maximum, optimal_matching

__all__ = [
    "BestTemplate",
    "Matching",
    "TopTwo",
    "best_template",
    "largest_share",
    "mean_of_maximum",
    "optimal_matching",
    "top_two_gap",
]
