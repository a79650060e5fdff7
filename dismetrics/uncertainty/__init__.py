"""Confidence intervals and chance levels, for any metric."""

from dismetrics.uncertainty.chance import N_PERMUTATIONS, ChanceLevel, chance_level, chance_levels
from dismetrics.uncertainty.intervals import (
    N_RESAMPLES,
    ConfidenceInterval,
    confidence_interval,
    confidence_intervals,
    no_interval,
)
from dismetrics.uncertainty.parts import Parts, error_of, score_parts

__all__ = [
    "N_PERMUTATIONS",
    "N_RESAMPLES",
    "ChanceLevel",
    "ConfidenceInterval",
    "Parts",
    "chance_level",
    "chance_levels",
    "confidence_interval",
    "confidence_intervals",
    "error_of",
    "no_interval",
    "score_parts",
]
