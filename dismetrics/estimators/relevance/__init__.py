"""Relevance matrices: how much each latent tells of each factor."""

from dismetrics.estimators.relevance.importance import ImportanceMatrix, importance
from dismetrics.estimators.relevance.information import InformationMatrix
from dismetrics.estimators.relevance.mutual_information import mutual_information

__all__ = ["ImportanceMatrix", "InformationMatrix", "importance", "mutual_information"]
