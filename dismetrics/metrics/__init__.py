"""The published metrics, one paper a file."""

from dismetrics.metrics.beta_vae import BetaVAEResult, beta_vae_score
from dismetrics.metrics.elbo import ELBODecomposition, elbo_decomposition
from dismetrics.metrics.factor_vae import FactorVAEResult, factor_vae_score
from dismetrics.metrics.irs import IRSResult, irs
from dismetrics.metrics.mig import MIGResult, mig
from dismetrics.metrics.mig_sup import MIGSupResult, mig_sup
from dismetrics.metrics.relevance_factor_vae import RelevanceFactorVAEResult, relevance_factor_vae_score

__all__ = [
    "BetaVAEResult",
    "ELBODecomposition",
    "FactorVAEResult",
    "IRSResult",
    "MIGResult",
    "MIGSupResult",
    "RelevanceFactorVAEResult",
    "beta_vae_score",
    "elbo_decomposition",
    "factor_vae_score",
    "irs",
    "mig",
    "mig_sup",
    "relevance_factor_vae_score",
]
