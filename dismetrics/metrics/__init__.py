"""The published metrics, one paper a file."""

from dismetrics.metrics.mig import MIGResult, mig
from dismetrics.metrics.mig_sup import MIGSupResult, mig_sup

__all__ = ["MIGResult", "MIGSupResult", "mig", "mig_sup"]
