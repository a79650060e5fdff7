"""Models side by side: differences on the same rows, runs of one model, and whether metrics agree on the ranking."""

from dismetrics.comparison.agreement import RankAgreement, rank_agreement
from dismetrics.comparison.compare import compare
from dismetrics.comparison.compared import Comparison

__all__ = ["Comparison", "RankAgreement", "compare", "rank_agreement"]
