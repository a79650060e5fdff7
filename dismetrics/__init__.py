"""dismetrics: are a model's latents disentangled? Metrics over numpy arrays, in nats, with what explains them."""

from importlib import metadata

from dismetrics import estimators, warnings
from dismetrics.comparison import Comparison, RankAgreement, compare, rank_agreement
from dismetrics.estimators.interventions.vote_score import VoteResult
from dismetrics.evaluation import Evaluation, evaluate
from dismetrics.factors import Factors
from dismetrics.io import read_npz, read_posterior_npz
from dismetrics.metrics import (
    BetaVAEResult,
    DCIMIGResult,
    ELBODecomposition,
    ExplicitnessResult,
    GaussianTotalCorrelation,
    GaussianWassersteinCorrelation,
    HausdorffFactorisedSupport,
    InfoMECResult,
    IRSResult,
    MCCResult,
    MEDResult,
    MIGResult,
    MIGSupResult,
    ModularityResult,
    R2Result,
    SAPResult,
    UDRResult,
    beta_vae_score,
    dcimig,
    elbo_decomposition,
    explicitness,
    factor_vae_score,
    gaussian_total_correlation,
    gaussian_wasserstein_correlation,
    hausdorff_factorised_support,
    infomec,
    irs,
    mcc,
    med,
    mig,
    mig_sup,
    modularity,
    r2,
    relevance_factor_vae_score,
    sap,
    udr,
)
from dismetrics.posteriors import (
    BernoulliPosterior,
    CategoricalPosterior,
    GaussianPosterior,
    LaplacePosterior,
    SampledPosterior,
)
from dismetrics.registry import METRICS, MetricSpec, list_metrics
from dismetrics.uncertainty import ChanceLevel, ConfidenceInterval, chance_level, confidence_interval

__all__ = [
    "METRICS",
    "BernoulliPosterior",
    "BetaVAEResult",
    "CategoricalPosterior",
    "ChanceLevel",
    "Comparison",
    "ConfidenceInterval",
    "DCIMIGResult",
    "ELBODecomposition",
    "Evaluation",
    "ExplicitnessResult",
    "Factors",
    "GaussianPosterior",
    "GaussianTotalCorrelation",
    "GaussianWassersteinCorrelation",
    "HausdorffFactorisedSupport",
    "IRSResult",
    "InfoMECResult",
    "LaplacePosterior",
    "MCCResult",
    "MEDResult",
    "MIGResult",
    "MIGSupResult",
    "MetricSpec",
    "ModularityResult",
    "R2Result",
    "RankAgreement",
    "SAPResult",
    "SampledPosterior",
    "UDRResult",
    "VoteResult",
    "beta_vae_score",
    "chance_level",
    "compare",
    "confidence_interval",
    "dcimig",
    "elbo_decomposition",
    "estimators",
    "evaluate",
    "explicitness",
    "factor_vae_score",
    "gaussian_total_correlation",
    "gaussian_wasserstein_correlation",
    "hausdorff_factorised_support",
    "infomec",
    "irs",
    "list_metrics",
    "mcc",
    "med",
    "mig",
    "mig_sup",
    "modularity",
    "r2",
    "rank_agreement",
    "read_npz",
    "read_posterior_npz",
    "relevance_factor_vae_score",
    "sap",
    "udr",
    "warnings",
]


def __getattr__(name: str) -> str:
    # The version costs a search of the installed packages, so it is looked up when asked for.
    if name == "__version__":
        return metadata.version("dismetrics")
    raise AttributeError(f"module 'dismetrics' has no attribute {name!r}")
