"""Relevance matrices: how much each latent tells of each factor."""

from dismetrics.estimators.relevance.correlation import CorrelationMatrix, correlation
from dismetrics.estimators.relevance.information import InformationMatrix
from dismetrics.estimators.relevance.mutual_information import mutual_information
from dismetrics.estimators.relevance.predictability import PredictabilityMatrix, predictability

__all__ = [
    "CorrelationMatrix",
    "InformationMatrix",
    "PredictabilityMatrix",
    "correlation",
    "mutual_information",
    "predictability",
]
