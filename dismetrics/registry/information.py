"""Metrics made of the mutual information between latents and factors."""

from dismetrics.metrics import mig, mig_sup
from dismetrics.registry.spec import MetricSpec

__all__ = ["INFORMATION"]

# Candidates with equally many values share their bias, which the gap then cancels.
_CHANCE_OF_A_GAP = (
    "0 plus bias: of the histogram about (bins - 1)(values - 1) / (2 N H(v)) where the two largest do not share it"
)

INFORMATION: tuple[MetricSpec, ...] = (
    MetricSpec(
        name="mig",
        function=mig,
        title="Mutual information gap",
        paper="Chen et al. 2018",
        lowest=0.0,
        highest=1.0,
        higher_is_better=True,
        chance=_CHANCE_OF_A_GAP,
        needs="posteriors or points",
        cost="N D K",
        groups=("fast", "supervised"),
    ),
    MetricSpec(
        name="mig_sup",
        function=mig_sup,
        title="Mutual information gap of latents",
        paper="Li et al. 2020",
        lowest=0.0,
        highest=1.0,
        higher_is_better=True,
        chance=_CHANCE_OF_A_GAP,
        needs="posteriors or points",
        cost="N D K",
        groups=("fast", "supervised"),
    ),
)
