"""Pictures of what dismetrics computes: data first, `ax=` in, axes out. Needs matplotlib (extra `plot`)."""

from dismetrics.plotting.latents import latent_against_factor, latents_against_factors, traversal_grid
from dismetrics.plotting.learning import learning_curves
from dismetrics.plotting.relevance import relevance_heatmap
from dismetrics.plotting.scatter import metric_scatter
from dismetrics.plotting.scores import score_bars
from dismetrics.plotting.seeds import factor_samplings, metric_against_beta, seed_distributions

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
