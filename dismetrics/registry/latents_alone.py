"""Metrics of the latents alone, which need no factors."""

from dismetrics.metrics import (
    elbo_decomposition,
    gaussian_total_correlation,
    gaussian_wasserstein_correlation,
    hausdorff_factorised_support,
)
from dismetrics.registry.spec import MetricSpec

__all__ = ["LATENTS_ALONE"]

LATENTS_ALONE: tuple[MetricSpec, ...] = (
    MetricSpec(
        name="gaussian_total_correlation",
        function=gaussian_total_correlation,
        title="Total correlation of a normal distribution (latents alone)",
        paper="Locatello et al. 2019",
        lowest=0.0,
        highest=float("inf"),
        higher_is_better=False,
        chance="about D (D - 1) / (4 N) for independent latents",
        needs="posteriors or points",
        cost="N D^2",
        supervised=False,
        null="latents",
    ),
    MetricSpec(
        name="gaussian_wasserstein_correlation",
        function=gaussian_wasserstein_correlation,
        title="Wasserstein distance of a normal distribution to its marginals (latents alone)",
        paper="Locatello et al. 2019",
        lowest=0.0,
        highest=float("inf"),
        higher_is_better=False,
        chance="about D (D - 1) / (4 N) for independent latents of variance 1",
        needs="posteriors or points",
        cost="N D^2",
        supervised=False,
        null="latents",
        numbers=("normalised",),
    ),
    MetricSpec(
        name="hausdorff_factorised_support",
        function=hausdorff_factorised_support,
        title="Distance of the support to a product (latents alone)",
        paper="Roth et al. 2023",
        lowest=0.0,
        highest=float("inf"),
        higher_is_better=False,
        chance="about 3.3 a pair of independent normal latents, by subsets of 128",
        needs="posteriors or points",
        cost="D^2, with any number of samples",
        supervised=False,
        null="latents",
    ),
    MetricSpec(
        name="elbo_decomposition",
        function=elbo_decomposition,
        title="Total correlation of the aggregate posterior, and the ELBO's other terms (latents alone)",
        paper="Chen et al. 2018",
        lowest=0.0,
        highest=float("inf"),
        higher_is_better=False,
        chance="0 for independent latents, and what few samples add: 1.7 nats for 500 of 6 latents with scale 0.3",
        needs="posteriors",
        cost="draws N D, or less by a tree",
        supervised=False,
        null="latents",
        numbers=("index_code_mi", "total_correlation", "dimension_wise_kl"),
    ),
)
