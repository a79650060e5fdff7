"""How much the latents tell of each other, pair by pair."""

from dismetrics.estimators.pairwise.information import PairInformation
from dismetrics.estimators.pairwise.points import histogram_pairs, neighbour_pairs
from dismetrics.estimators.pairwise.posterior import posterior_pairs

__all__ = ["PairInformation", "histogram_pairs", "neighbour_pairs", "posterior_pairs"]
