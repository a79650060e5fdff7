"""The estimators that metrics are built from; public, so that a metric of your own can be built from them too."""

from dismetrics.estimators import minibatch
from dismetrics.estimators.aggregate_posterior import (
    AggregateEntropies,
    SampledEntropies,
    aggregate_entropies,
    overlapping_samples,
    sampled_entropies,
)
from dismetrics.estimators.aggregation import (
    BestTemplate,
    Matching,
    TopTwo,
    best_template,
    largest_share,
    mean_of_maximum,
    optimal_matching,
    top_two_gap,
)
from dismetrics.estimators.discretize import bin_edges, discretise, discretise_factors
from dismetrics.estimators.entropy import discrete_entropy
from dismetrics.estimators.interventions import FactorSampler, TableSampler
from dismetrics.estimators.presets import PRESETS
from dismetrics.estimators.relevance import (
    CorrelationMatrix,
    InformationMatrix,
    PredictabilityMatrix,
    correlation,
    mutual_information,
    predictability,
)

__all__ = [
    "PRESETS",
    "AggregateEntropies",
    "BestTemplate",
    "CorrelationMatrix",
    "FactorSampler",
    "InformationMatrix",
    "Matching",
    "PredictabilityMatrix",
    "SampledEntropies",
    "TableSampler",
    "TopTwo",
    "aggregate_entropies",
    "best_template",
    "bin_edges",
    "correlation",
    "discrete_entropy",
    "discretise",
    "discretise_factors",
    "largest_share",
    "mean_of_maximum",
    "minibatch",
    "mutual_information",
    "optimal_matching",
    "overlapping_samples",
    "predictability",
    "sampled_entropies",
    "top_two_gap",
]
