"""The published metrics, one paper a file."""

from dismetrics.metrics.dci import DCIResult, dci, dci_from_importance
from dismetrics.metrics.dci_es import DCIESResult, dci_es
from dismetrics.metrics.elbo import ELBODecomposition, elbo_decomposition
from dismetrics.metrics.mig import MIGResult, mig
from dismetrics.metrics.mig_sup import MIGSupResult, mig_sup

__all__ = [
    "DCIESResult",
    "DCIResult",
    "ELBODecomposition",
    "MIGResult",
    "MIGSupResult",
    "dci",
    "dci_es",
    "dci_from_importance",
    "elbo_decomposition",
    "mig",
    "mig_sup",
]
