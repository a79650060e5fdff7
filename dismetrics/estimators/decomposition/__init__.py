"""The terms of the mean divergence of the posteriors from the prior: over all samples, or as minibatches have them."""

from dismetrics.estimators.decomposition.minibatches import minibatch_decomposition
from dismetrics.estimators.decomposition.terms import DecompositionTerms, Parts
from dismetrics.estimators.decomposition.whole import whole_decomposition

__all__ = ["DecompositionTerms", "Parts", "minibatch_decomposition", "whole_decomposition"]
