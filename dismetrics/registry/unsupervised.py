"""Metrics of the latents alone, without factors."""

import math

from dismetrics.metrics import (
    gaussian_total_correlation,
    gaussian_wasserstein_correlation,
    hausdorff_factorised_support,
)
from dismetrics.registry.spec import MetricSpec

__all__ = ["UNSUPERVISED"]

UNSUPERVISED: tuple[MetricSpec, ...] = (
    MetricSpec(
        name="gaussian_total_correlation",
        function=gaussian_total_correlation,
        title="Gaussian total correlation",
        paper="Locatello et al. 2019",
        lowest=0.0,
        highest=math.inf,
        higher_is_better=False,
        chance="0 plus bias: D (D - 1) / (4 N)",
        needs="posteriors or points",
        cost="N D^2",
        groups=("fast",),
        supervised=False,
        null="latents",
    ),
    MetricSpec(
        name="gaussian_wasserstein_correlation",
        function=gaussian_wasserstein_correlation,
        title="Gaussian Wasserstein correlation",
        paper="Locatello et al. 2019",
        lowest=0.0,
        highest=math.inf,
        higher_is_better=False,
        chance="0 plus bias, of the order of the variance times D / N",
        needs="posteriors or points",
        cost="N D^2",
        groups=("fast",),
        supervised=False,
        null="latents",
        numbers=("normalised",),
    ),
    MetricSpec(
        name="hausdorff_factorised_support",
        function=hausdorff_factorised_support,
        title="Hausdorff factorised support",
        paper="Roth et al. 2023",
        lowest=0.0,
        highest=math.inf,
        higher_is_better=False,
        chance="above 0, by the gaps between samples: less for larger subsets",
        needs="points",
        cost="D^2",
        groups=(),
        supervised=False,
        null="latents",
    ),
)
