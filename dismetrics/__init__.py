"""dismetrics: are a model's latents disentangled? Metrics over numpy arrays, in nats, with what explains them."""

from importlib import metadata

from dismetrics import estimators, warnings
from dismetrics.evaluation import Evaluation, evaluate
from dismetrics.factors import Factors
from dismetrics.io import read_npz, read_posterior_npz
from dismetrics.metrics import (
    BetaVAEResult,
    ELBODecomposition,
    FactorVAEResult,
    GaussianTotalCorrelation,
    GaussianWassersteinCorrelation,
    HausdorffFactorisedSupport,
    IRSResult,
    MIGResult,
    MIGSupResult,
    RelevanceFactorVAEResult,
    UDRResult,
    beta_vae_score,
    elbo_decomposition,
    factor_vae_score,
    gaussian_total_correlation,
    gaussian_wasserstein_correlation,
    hausdorff_factorised_support,
    irs,
    mig,
    mig_sup,
    relevance_factor_vae_score,
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
    "ELBODecomposition",
    "Evaluation",
    "FactorVAEResult",
    "Factors",
    "GaussianPosterior",
    "GaussianTotalCorrelation",
    "GaussianWassersteinCorrelation",
    "HausdorffFactorisedSupport",
    "IRSResult",
    "LaplacePosterior",
    "MIGResult",
    "MIGSupResult",
    "MetricSpec",
    "RelevanceFactorVAEResult",
    "SampledPosterior",
    "UDRResult",
    "beta_vae_score",
    "elbo_decomposition",
    "estimators",
    "evaluate",
    "factor_vae_score",
    "gaussian_total_correlation",
    "gaussian_wasserstein_correlation",
    "hausdorff_factorised_support",
    "irs",
    "list_metrics",
    "mig",
    "mig_sup",
    "read_npz",
    "read_posterior_npz",
    "relevance_factor_vae_score",
    "udr",
    "warnings",
]


def __getattr__(name: str) -> str:
    # The version costs a search of the installed packages, so it is looked up when asked for.
    if name == "__version__":
        return metadata.version("dismetrics")
    raise AttributeError(f"module 'dismetrics' has no attribute {name!r}")
