"""The published metrics, one paper a file."""

from dismetrics.metrics.aam import AAMResult, aam
from dismetrics.metrics.beta_vae import BetaVAEResult, beta_vae_score
from dismetrics.metrics.dci import DCIResult, dci, dci_from_importance
from dismetrics.metrics.dci_es import DCIESResult, dci_es
from dismetrics.metrics.dcimig import DCIMIGResult, dcimig
from dismetrics.metrics.dual_total_correlation import DualTotalCorrelation, dual_total_correlation
from dismetrics.metrics.elbo import ELBODecomposition, elbo_decomposition
from dismetrics.metrics.explicitness import ExplicitnessResult, explicitness
from dismetrics.metrics.factor_vae import factor_vae_score
from dismetrics.metrics.gaussian_dependence import (
    GaussianTotalCorrelation,
    GaussianWassersteinCorrelation,
    gaussian_total_correlation,
    gaussian_wasserstein_correlation,
)
from dismetrics.metrics.group_decomposition import GroupDecomposition, group_decomposition
from dismetrics.metrics.hausdorff import HausdorffFactorisedSupport, hausdorff_factorised_support
from dismetrics.metrics.infomec import InfoMECResult, infomec
from dismetrics.metrics.irs import IRSResult, irs
from dismetrics.metrics.jemmig import JEMMIGResult, jemmig
from dismetrics.metrics.latent_matching import LatentMatchingResult, latent_matching
from dismetrics.metrics.mcc import MCCResult, mcc
from dismetrics.metrics.med import MEDResult, med
from dismetrics.metrics.mig import MIGResult, mig
from dismetrics.metrics.mig_sup import MIGSupResult, mig_sup
from dismetrics.metrics.minimality import MinimalityResult, SufficiencyResult, minimality, sufficiency
from dismetrics.metrics.modularity import ModularityResult, modularity
from dismetrics.metrics.pairwise_mutual_information import PairwiseMutualInformationResult, pairwise_mutual_information
from dismetrics.metrics.r2 import R2Result, r2
from dismetrics.metrics.relevance_factor_vae import relevance_factor_vae_score
from dismetrics.metrics.rmig import RMIGResult, rmig
from dismetrics.metrics.sap import SAPResult, sap
from dismetrics.metrics.sepin import SEPINResult, sepin
from dismetrics.metrics.snc import SNCResult, snc
from dismetrics.metrics.udr import UDRResult, udr

__all__ = [
    "AAMResult",
    "BetaVAEResult",
    "DCIESResult",
    "DCIMIGResult",
    "DCIResult",
    "DualTotalCorrelation",
    "ELBODecomposition",
    "ExplicitnessResult",
    "GaussianTotalCorrelation",
    "GaussianWassersteinCorrelation",
    "GroupDecomposition",
    "HausdorffFactorisedSupport",
    "IRSResult",
    "InfoMECResult",
    "JEMMIGResult",
    "LatentMatchingResult",
    "MCCResult",
    "MEDResult",
    "MIGResult",
    "MIGSupResult",
    "MinimalityResult",
    "ModularityResult",
    "PairwiseMutualInformationResult",
    "R2Result",
    "RMIGResult",
    "SAPResult",
    "SEPINResult",
    "SNCResult",
    "SufficiencyResult",
    "UDRResult",
    "aam",
    "beta_vae_score",
    "dci",
    "dci_es",
    "dci_from_importance",
    "dcimig",
    "dual_total_correlation",
    "elbo_decomposition",
    "explicitness",
    "factor_vae_score",
    "gaussian_total_correlation",
    "gaussian_wasserstein_correlation",
    "group_decomposition",
    "hausdorff_factorised_support",
    "infomec",
    "irs",
    "jemmig",
    "latent_matching",
    "mcc",
    "med",
    "mig",
    "mig_sup",
    "minimality",
    "modularity",
    "pairwise_mutual_information",
    "r2",
    "relevance_factor_vae_score",
    "rmig",
    "sap",
    "sepin",
    "snc",
    "sufficiency",
    "udr",
]
