"""Metrics that give every label or factor its best latents."""

from dismetrics.metrics import latent_matching
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
)
