"""Metrics made of experiments: some factors are held, and what the latents then do is looked at."""

from dismetrics.metrics import beta_vae_score, factor_vae_score, irs, relevance_factor_vae_score
from dismetrics.registry.spec import MetricSpec

__all__ = ["INTERVENTIONS"]

_CHANCE_OF_A_VOTE = "1 / K, of the factors with more than one value"

INTERVENTIONS: tuple[MetricSpec, ...] = (
    MetricSpec(
        name="beta_vae_score",
        function=beta_vae_score,
        title="beta-VAE score",
        paper="Higgins et al. 2017",
        lowest=0.0,
        highest=1.0,
        higher_is_better=True,
        chance=_CHANCE_OF_A_VOTE,
        needs="points",
        cost="votes (D + K)",
        groups=("supervised",),
        fewest_factors=2,
    ),
    MetricSpec(
        name="factor_vae_score",
        function=factor_vae_score,
        title="FactorVAE score",
        paper="Kim and Mnih 2018",
        lowest=0.0,
        highest=1.0,
        higher_is_better=True,
        chance=_CHANCE_OF_A_VOTE,
        needs="points",
        cost="votes D + N K",
        groups=("supervised",),
        fewest_factors=2,
    ),
    MetricSpec(
        name="relevance_factor_vae_score",
        function=relevance_factor_vae_score,
        title="Relevance Factor VAE score",
        paper="Kim et al. 2019",
        lowest=0.0,
        highest=1.0,
        higher_is_better=True,
        chance=_CHANCE_OF_A_VOTE,
        needs="points",
        cost="votes D + N K",
        groups=("supervised",),
        fewest_factors=2,
    ),
    MetricSpec(
        name="irs",
        function=irs,
        title="Interventional robustness score",
        paper="Suter et al. 2019",
        # The largest deviation within a value can exceed that over all samples, but is less than twice as large.
        lowest=-1.0,
        highest=1.0,
        higher_is_better=True,
        chance="well above 0, by the extremes of the samples of a value: 0.1 to 0.5",
        needs="points",
        cost="N D K",
        groups=("supervised",),
    ),
)
