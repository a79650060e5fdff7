"""The published metrics, one paper a file."""

from dismetrics.metrics.dcimig import DCIMIGResult, dcimig
from dismetrics.metrics.elbo import ELBODecomposition, elbo_decomposition
from dismetrics.metrics.explicitness import ExplicitnessResult, explicitness
from dismetrics.metrics.infomec import InfoMECResult, infomec
from dismetrics.metrics.mcc import MCCResult, mcc
from dismetrics.metrics.med import MEDResult, med
from dismetrics.metrics.mig import MIGResult, mig
from dismetrics.metrics.mig_sup import MIGSupResult, mig_sup
from dismetrics.metrics.modularity import ModularityResult, modularity
from dismetrics.metrics.r2 import R2Result, r2
from dismetrics.metrics.sap import SAPResult, sap

__all__ = [
    "DCIMIGResult",
    "ELBODecomposition",
    "ExplicitnessResult",
    "InfoMECResult",
    "MCCResult",
    "MEDResult",
    "MIGResult",
    "MIGSupResult",
    "ModularityResult",
    "R2Result",
    "SAPResult",
    "dcimig",
    "elbo_decomposition",
    "explicitness",
    "infomec",
    "mcc",
    "med",
    "mig",
    "mig_sup",
    "modularity",
    "r2",
    "sap",
]
