"""The estimators that metrics are built from; public, so that a metric of your own can be built from them too."""

from dismetrics.estimators import minibatch
from dismetrics.estimators.aggregate_posterior import (
    AggregateEntropies,
    SampledEntropies,
    aggregate_entropies,
    overlapping_samples,
    sampled_entropies,
)
from dismetrics.estimators.aggregation import Concentration, TopTwo, completeness, disentanglement, top_two_gap
from dismetrics.estimators.discretize import bin_edges, discretise, discretise_factors
from dismetrics.estimators.entropy import discrete_entropy
from dismetrics.estimators.presets import PRESETS
from dismetrics.estimators.relevance import ImportanceMatrix, InformationMatrix, importance, mutual_information

__all__ = [
    "PRESETS",
    "AggregateEntropies",
    "Concentration",
    "ImportanceMatrix",
    "InformationMatrix",
    "SampledEntropies",
    "TopTwo",
    "aggregate_entropies",
    "bin_edges",
    "completeness",
    "discrete_entropy",
    "discretise",
    "discretise_factors",
    "disentanglement",
    "importance",
    "minibatch",
    "mutual_information",
    "overlapping_samples",
    "sampled_entropies",
    "top_two_gap",
]
