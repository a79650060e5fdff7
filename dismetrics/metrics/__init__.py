"""The published metrics, one paper a file."""

from dismetrics.metrics.beta_vae import BetaVAEResult, beta_vae_score
from dismetrics.metrics.dcimig import DCIMIGResult, dcimig
from dismetrics.metrics.elbo import ELBODecomposition, elbo_decomposition
from dismetrics.metrics.explicitness import ExplicitnessResult, explicitness
from dismetrics.metrics.factor_vae import factor_vae_score
from dismetrics.metrics.gaussian_dependence import (
    GaussianTotalCorrelation,
    GaussianWassersteinCorrelation,
    gaussian_total_correlation,
    gaussian_wasserstein_correlation,
)
from dismetrics.metrics.hausdorff import HausdorffFactorisedSupport, hausdorff_factorised_support
from dismetrics.metrics.infomec import InfoMECResult, infomec
from dismetrics.metrics.irs import IRSResult, irs
from dismetrics.metrics.mcc import MCCResult, mcc
from dismetrics.metrics.med import MEDResult, med
from dismetrics.metrics.mig import MIGResult, mig
from dismetrics.metrics.mig_sup import MIGSupResult, mig_sup
from dismetrics.metrics.modularity import ModularityResult, modularity
from dismetrics.metrics.r2 import R2Result, r2
from dismetrics.metrics.relevance_factor_vae import relevance_factor_vae_score
from dismetrics.metrics.sap import SAPResult, sap
from dismetrics.metrics.udr import UDRResult, udr

__all__ = [
    "BetaVAEResult",
    "DCIMIGResult",
    "ELBODecomposition",
    "ExplicitnessResult",
    "GaussianTotalCorrelation",
    "GaussianWassersteinCorrelation",
    "HausdorffFactorisedSupport",
    "IRSResult",
    "InfoMECResult",
    "MCCResult",
    "MEDResult",
    "MIGResult",
    "MIGSupResult",
    "ModularityResult",
    "R2Result",
    "SAPResult",
    "UDRResult",
    "beta_vae_score",
    "dcimig",
    "elbo_decomposition",
    "explicitness",
    "factor_vae_score",
    "gaussian_total_correlation",
    "gaussian_wasserstein_correlation",
    "hausdorff_factorised_support",
    "infomec",
    "irs",
    "mcc",
    "med",
    "mig",
    "mig_sup",
    "modularity",
    "r2",
    "relevance_factor_vae_score",
    "sap",
    "udr",
]
