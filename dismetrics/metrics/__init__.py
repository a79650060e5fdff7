"""The published metrics, one paper a file."""

from dismetrics.metrics.beta_vae import BetaVAEResult, beta_vae_score
from dismetrics.metrics.elbo import ELBODecomposition, elbo_decomposition
from dismetrics.metrics.factor_vae import FactorVAEResult, factor_vae_score
from dismetrics.metrics.gaussian_dependence import (
    GaussianTotalCorrelation,
    GaussianWassersteinCorrelation,
    gaussian_total_correlation,
    gaussian_wasserstein_correlation,
)
from dismetrics.metrics.hausdorff import HausdorffFactorisedSupport, hausdorff_factorised_support
from dismetrics.metrics.irs import IRSResult, irs
from dismetrics.metrics.mig import MIGResult, mig
from dismetrics.metrics.mig_sup import MIGSupResult, mig_sup
from dismetrics.metrics.relevance_factor_vae import RelevanceFactorVAEResult, relevance_factor_vae_score
from dismetrics.metrics.udr import UDRResult, udr

__all__ = [
    "BetaVAEResult",
    "ELBODecomposition",
    "FactorVAEResult",
    "GaussianTotalCorrelation",
    "GaussianWassersteinCorrelation",
    "HausdorffFactorisedSupport",
    "IRSResult",
    "MIGResult",
    "MIGSupResult",
    "RelevanceFactorVAEResult",
    "UDRResult",
    "beta_vae_score",
    "elbo_decomposition",
    "factor_vae_score",
    "gaussian_total_correlation",
    "gaussian_wasserstein_correlation",
    "hausdorff_factorised_support",
    "irs",
    "mig",
    "mig_sup",
    "relevance_factor_vae_score",
    "udr",
]
