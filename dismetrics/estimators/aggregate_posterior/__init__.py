"""The aggregate posterior q(z) = sum_n p(n) q(z|x_n), its marginals and its parts by factor value."""

from dismetrics.estimators.aggregate_posterior.entropies import AggregateEntropies, aggregate_entropies
from dismetrics.estimators.aggregate_posterior.monte_carlo import SampledEntropies, sampled_entropies
from dismetrics.estimators.aggregate_posterior.saturation import overlapping_samples

__all__ = [
    "AggregateEntropies",
    "SampledEntropies",
    "aggregate_entropies",
    "overlapping_samples",
    "sampled_entropies",
]
