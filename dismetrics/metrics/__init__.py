"""The published metrics, one paper a file."""

from dismetrics.metrics.elbo import ELBODecomposition, elbo_decomposition
from dismetrics.metrics.mig import MIGResult, mig
from dismetrics.metrics.mig_sup import MIGSupResult, mig_sup

__all__ = ["ELBODecomposition", "MIGResult", "MIGSupResult", "elbo_decomposition", "mig", "mig_sup"]
