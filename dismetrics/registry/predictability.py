"""Metrics made of what predicts factors from latents: classifiers, regressions and correlations."""

from dismetrics.metrics import explicitness, mcc, r2, sap
from dismetrics.registry.spec import MetricSpec

__all__ = ["PREDICTABILITY"]

PREDICTABILITY: tuple[MetricSpec, ...] = (
    MetricSpec(
        name="sap",
        function=sap,
        title="Separated attribute predictability",
        paper="Kumar et al. 2018",
        lowest=0.0,
        highest=1.0,
        higher_is_better=True,
        chance="0, and the scatter of the two largest: below 0.01 from 10,000 samples",
        needs="points",
        cost="N D K",
        groups=("fast", "supervised"),
    ),
    MetricSpec(
        name="explicitness",
        function=explicitness,
        title="Explicitness: area under the curve of linear classifiers",
        paper="Ridgeway and Mozer 2018",
        lowest=0.0,
        highest=1.0,
        higher_is_better=True,
        chance="1/2",
        needs="points",
        cost="N D^2 values",
        groups=("supervised",),
        numbers=("chance_scaled",),
    ),
    MetricSpec(
        name="mcc",
        function=mcc,
        title="Mean correlation coefficient",
        paper="Khemakhem et al. 2020",
        lowest=0.0,
        highest=1.0,
        higher_is_better=True,
        chance="about sqrt((values - 1) / N), sqrt(1 / N) for quantities; more with many latents",
        needs="points",
        cost="N D K",
        groups=("fast", "supervised"),
    ),
    MetricSpec(
        name="r2",
        function=r2,
        title="Coefficient of determination given all latents",
        paper="Zimmermann et al. 2021",
        lowest=float("-inf"),
        highest=1.0,
        higher_is_better=True,
        chance="0, less about D / N",
        needs="points",
        cost="N D^2",
        groups=("fast", "supervised"),
    ),
)
