"""Metrics that give every label or factor its best latents."""

from dismetrics.metrics import latent_matching, snc
from dismetrics.registry.spec import MetricSpec

__all__ = ["MATCHING"]

MATCHING: tuple[MetricSpec, ...] = (
    MetricSpec(
        name="latent_matching",
        function=latent_matching,
        title="Latents matched to labels: LMS, MSAS, MSGS of SMI, SPN, ASC, BMMI",
        paper="Moinfar and Theis 2024",
        lowest=0.0,
        highest=1.0,
        higher_is_better=True,
        chance="0 plus bias: LMS of SMI about (bins - 1) / (2 N H(label)), at most min(D, labels) / labels of it",
        needs="points",
        cost="N D K + bins D labels",
        groups=("supervised",),
    ),
    MetricSpec(
        name="snc",
        function=snc,
        title="Single-neuron classification",
        paper="Mahon et al. 2024",
        lowest=0.0,
        highest=1.0,
        higher_is_better=True,
        chance="1 / values where all are as frequent, and the scatter of few samples",
        needs="points",
        cost="N D K",
        groups=("supervised",),
        numbers=("chance_scaled",),
    ),
)
