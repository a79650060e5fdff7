"""dismetrics: are a model's latents disentangled? Metrics over numpy arrays, in nats, with what explains them."""

from importlib import metadata

from dismetrics import estimators, warnings
from dismetrics.evaluation import Evaluation, evaluate
from dismetrics.factors import Factors
from dismetrics.io import read_npz, read_posterior_npz
from dismetrics.metrics import (
    DCIMIGResult,
    ELBODecomposition,
    ExplicitnessResult,
    InfoMECResult,
    MCCResult,
    MEDResult,
    MIGResult,
    MIGSupResult,
    ModularityResult,
    R2Result,
    SAPResult,
    dcimig,
    elbo_decomposition,
    explicitness,
    infomec,
    mcc,
    med,
    mig,
    mig_sup,
    modularity,
    r2,
    sap,
)
from dismetrics.posteriors import (
    BernoulliPosterior,
    CategoricalPosterior,
    GaussianPosterior,
    LaplacePosterior,
    SampledPosterior,
)
from dismetrics.registry import METRICS, MetricSpec, list_metrics

__all__ = [
    "METRICS",
    "BernoulliPosterior",
    "CategoricalPosterior",
    "DCIMIGResult",
    "ELBODecomposition",
    "Evaluation",
    "ExplicitnessResult",
    "Factors",
    "GaussianPosterior",
    "InfoMECResult",
    "LaplacePosterior",
    "MCCResult",
    "MEDResult",
    "MIGResult",
    "MIGSupResult",
    "MetricSpec",
    "ModularityResult",
    "R2Result",
    "SAPResult",
    "SampledPosterior",
    "dcimig",
    "elbo_decomposition",
    "estimators",
    "evaluate",
    "explicitness",
    "infomec",
    "list_metrics",
    "mcc",
    "med",
    "mig",
    "mig_sup",
    "modularity",
    "r2",
    "read_npz",
    "read_posterior_npz",
    "sap",
    "warnings",
]


def __getattr__(name: str) -> str:
    # The version costs a search of the installed packages, so it is looked up when asked for.
    if name == "__version__":
        return metadata.version("dismetrics")
    raise AttributeError(f"module 'dismetrics' has no attribute {name!r}")
