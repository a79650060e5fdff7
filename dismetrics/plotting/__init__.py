"""Figures of results, of trained models and of latents; needs matplotlib (the extra `plot`).

Every function takes the data first and draws into `ax`, or into a new figure, and returns the Axes: size, fonts and
files are matplotlib's, and nothing global is changed.
"""

from dismetrics.plotting.against_beta import metric_against_beta
from dismetrics.plotting.bars import score_bars
from dismetrics.plotting.heatmap import relevance_heatmap
from dismetrics.plotting.latents import latent_against_factor, latents_against_factors
from dismetrics.plotting.learning import learning_curves
from dismetrics.plotting.samplings import factor_samplings
from dismetrics.plotting.scatter import metric_scatter
from dismetrics.plotting.seeds import seed_distributions
from dismetrics.plotting.traversals import traversal_grid

__all__ = [
    "factor_samplings",
    "latent_against_factor",
    "latents_against_factors",
    "learning_curves",
    "metric_against_beta",
    "metric_scatter",
    "relevance_heatmap",
    "score_bars",
    "seed_distributions",
    "traversal_grid",
]
