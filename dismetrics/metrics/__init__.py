"""The published metrics, one paper a file."""

from dismetrics.metrics.dual_total_correlation import DualTotalCorrelation, dual_total_correlation
from dismetrics.metrics.elbo import ELBODecomposition, elbo_decomposition
from dismetrics.metrics.group_decomposition import GroupDecomposition, group_decomposition
from dismetrics.metrics.mig import MIGResult, mig
from dismetrics.metrics.mig_sup import MIGSupResult, mig_sup
from dismetrics.metrics.sepin import SEPINResult, sepin

__all__ = [
    "DualTotalCorrelation",
    "ELBODecomposition",
    "GroupDecomposition",
    "MIGResult",
    "MIGSupResult",
    "SEPINResult",
    "dual_total_correlation",
    "elbo_decomposition",
    "group_decomposition",
    "mig",
    "mig_sup",
    "sepin",
]
