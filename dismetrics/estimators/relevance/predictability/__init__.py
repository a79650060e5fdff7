"""How well each factor is predicted from one latent alone."""

from dismetrics.estimators.relevance.predictability.matrix import (
    PredictabilityMatrix,
    predictability,
    predictability_matrix,
)
from dismetrics.estimators.relevance.predictability.settings import (
    PREDICTORS,
    PredictabilityOptions,
    PredictabilitySettings,
)

__all__ = [
    "PREDICTORS",
    "PredictabilityMatrix",
    "PredictabilityOptions",
    "PredictabilitySettings",
    "predictability",
    "predictability_matrix",
]
