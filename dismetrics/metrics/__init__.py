"""The published metrics, one paper a file."""

from dismetrics.metrics.aam import AAMResult, aam
from dismetrics.metrics.elbo import ELBODecomposition, elbo_decomposition
from dismetrics.metrics.jemmig import JEMMIGResult, jemmig
from dismetrics.metrics.mig import MIGResult, mig
from dismetrics.metrics.mig_sup import MIGSupResult, mig_sup
from dismetrics.metrics.pairwise_mutual_information import (
    PairwiseMutualInformationResult,
    pairwise_mutual_information,
)
from dismetrics.metrics.rmig import RMIGResult, rmig

__all__ = [
    "AAMResult",
    "ELBODecomposition",
    "JEMMIGResult",
    "MIGResult",
    "MIGSupResult",
    "PairwiseMutualInformationResult",
    "RMIGResult",
    "aam",
    "elbo_decomposition",
    "jemmig",
    "mig",
    "mig_sup",
    "pairwise_mutual_information",
    "rmig",
]
