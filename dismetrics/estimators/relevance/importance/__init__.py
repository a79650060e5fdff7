"""How much each latent counts in predicting each factor, by learners of several kinds."""

from dismetrics.estimators.relevance.importance.matrix import ImportanceMatrix, importance, importance_matrix

__all__ = ["ImportanceMatrix", "importance", "importance_matrix"]
