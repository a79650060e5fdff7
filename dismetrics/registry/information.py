"""Metrics made of the mutual information between latents and factors."""

from dismetrics.metrics import dcimig, infomec, med, mig, mig_sup, modularity
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
    MetricSpec(
        name="modularity",
        function=modularity,
        title="Modularity",
        paper="Ridgeway and Mozer 2018",
        lowest=0.0,
        highest=1.0,
        higher_is_better=True,
        chance="about 2/3 for labels of 3 to 40 values, with any number of samples",
        needs="posteriors or points",
        cost="N D K",
        groups=("fast", "supervised"),
        fewest_factors=2,
    ),
    MetricSpec(
        name="dcimig",
        function=dcimig,
        title="Gap of latents, best for each factor",
        paper="Sepliarskaia et al. 2019",
        lowest=0.0,
        highest=1.0,
        higher_is_better=True,
        chance="0 plus the difference of the two largest biases of the histogram",
        needs="posteriors or points",
        cost="N D K",
        groups=("fast", "supervised"),
    ),
    MetricSpec(
        name="infomec",
        function=infomec,
        title="InfoModularity, InfoCompactness, InfoExplicitness",
        paper="Hsu et al. 2023",
        lowest=0.0,
        highest=1.0,
        higher_is_better=True,
        chance="InfoM 0.1 by histogram, 0.6 by neighbours; InfoC 0.02, 0.4; InfoE below 0.01 from 10,000 samples",
        needs="posteriors or points",
        cost="N D K; N D values for InfoE",
        groups=("supervised",),
        numbers=("infoc", "infoe"),
        fewest_latents=2,
        fewest_factors=2,
    ),
    MetricSpec(
        name="med",
        function=med,
        title="Disentanglement of DCI by mutual information",
        paper="Cao et al. 2022",
        lowest=0.0,
        highest=1.0,
        higher_is_better=True,
        chance="below 0.01 from 1,000 samples: every factor shares out its bias alike",
        needs="posteriors or points",
        cost="N D K",
        groups=("fast", "supervised"),
        fewest_factors=2,
    ),
)
