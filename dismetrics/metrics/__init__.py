"""The published metrics, one paper a file."""

from dismetrics.metrics.elbo import ELBODecomposition, elbo_decomposition
from dismetrics.metrics.mig import MIGResult, mig
from dismetrics.metrics.mig_sup import MIGSupResult, mig_sup
from dismetrics.metrics.pairwise_mutual_information import (
    PairwiseMutualInformationResult,
    pairwise_mutual_information,
)

__all__ = [
    "ELBODecomposition",
    "MIGResult",
    "MIGSupResult",
    "PairwiseMutualInformationResult",
    "elbo_decomposition",
    "mig",
    "mig_sup",
    "pairwise_mutual_information",
]
