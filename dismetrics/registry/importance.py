"""Metrics made of how much each latent counts in predicting each factor."""

from dismetrics.metrics import dci, dci_es
from dismetrics.registry.spec import MetricSpec

__all__ = ["IMPORTANCE"]

IMPORTANCE: tuple[MetricSpec, ...] = (
    MetricSpec(
        name="dci",
        function=dci,
        title="Disentanglement, completeness, informativeness",
        paper="Eastwood & Williams 2018",
        lowest=0.0,
        highest=1.0,
        higher_is_better=True,
        chance="near 0, with trees and few rows above: chance makes importances uneven",
        needs="points",
        cost="10,000 rows x D x labels of all factors",
        groups=("supervised",),
        numbers=("completeness", "informativeness"),
        fewest_latents=2,
        fewest_factors=2,
    ),
    MetricSpec(
        name="dci_es",
        function=dci_es,
        title="Explicitness and size",
        paper="Eastwood et al. 2023",
        lowest=-1.0,
        highest=1.0,
        higher_is_better=True,
        chance="near 1: where nothing is told, the simplest model tells as much as any",
        needs="points",
        cost="6,000 rows x D x K",
        groups=("supervised",),
        numbers=("disentanglement", "completeness", "informativeness"),
        fewest_latents=2,
        fewest_factors=2,
    ),
)
