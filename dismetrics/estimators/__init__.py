"""The estimators that metrics are built from; public, so that a metric of your own can be built from them too."""

from dismetrics.estimators import minibatch
from dismetrics.estimators.aggregate_posterior import (
    AggregateEntropies,
    SampledEntropies,
    aggregate_entropies,
    overlapping_samples,
    sampled_entropies,
)
from dismetrics.estimators.aggregation import TopTwo, top_two_gap
from dismetrics.estimators.discretize import bin_edges, discretise, discretise_factors
from dismetrics.estimators.entropy import discrete_entropy
from dismetrics.estimators.interventions import FactorSampler, TableSampler
from dismetrics.estimators.presets import PRESETS
from dismetrics.estimators.relevance import InformationMatrix, mutual_information

__all__ = [
    "PRESETS",
    "AggregateEntropies",
    "FactorSampler",
    "InformationMatrix",
    "SampledEntropies",
    "TableSampler",
    "TopTwo",
    "aggregate_entropies",
    "bin_edges",
    "discrete_entropy",
    "discretise",
    "discretise_factors",
    "minibatch",
    "mutual_information",
    "overlapping_samples",
    "sampled_entropies",
    "top_two_gap",
]
