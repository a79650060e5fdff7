"""dismetrics: are a model's latents disentangled? Metrics over numpy arrays, in nats, with what explains them."""

from importlib import metadata

from dismetrics import estimators, warnings
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
    LatentMatchingResult,
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
    latent_matching,
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

__all__ = [
    "METRICS",
    "BernoulliPosterior",
    "BetaVAEResult",
    "CategoricalPosterior",
    "DCIMIGResult",
    "ELBODecomposition",
    "Evaluation",
    "ExplicitnessResult",
    "Factors",
    "GaussianPosterior",
    "InfoMECResult",
    "GaussianTotalCorrelation",
    "GaussianWassersteinCorrelation",
    "HausdorffFactorisedSupport",
    "IRSResult",
    "LaplacePosterior",
    "LatentMatchingResult",
    "MCCResult",
    "MEDResult",
    "MIGResult",
    "MIGSupResult",
    "MetricSpec",
    "ModularityResult",
    "R2Result",
    "SAPResult",
    "SampledPosterior",
    "dcimig",
    "elbo_decomposition",
    "estimators",
    "evaluate",
    "explicitness",
    "infomec",
    "VoteResult",
    "UDRResult",
    "beta_vae_score",
    "factor_vae_score",
    "gaussian_total_correlation",
    "gaussian_wasserstein_correlation",
    "hausdorff_factorised_support",
    "irs",
    "latent_matching",
    "list_metrics",
    "mcc",
    "med",
    "mig",
    "mig_sup",
    "modularity",
    "r2",
    "read_npz",
    "read_posterior_npz",
    "sap",
    "relevance_factor_vae_score",
    "udr",
    "warnings",
]


def __getattr__(name: str) -> str:
    # The version costs a search of the installed packages, so it is looked up when asked for.
    if name == "__version__":
        return metadata.version("dismetrics")
    raise AttributeError(f"module 'dismetrics' has no attribute {name!r}")
