"""dismetrics: are a model's latents disentangled? Metrics over numpy arrays, in nats, with what explains them."""

from importlib import metadata

from dismetrics import estimators, warnings
from dismetrics.evaluation import Evaluation, evaluate
from dismetrics.factors import Factors
from dismetrics.io import read_npz, read_posterior_npz
from dismetrics.metrics import (
    DualTotalCorrelation,
    ELBODecomposition,
    GroupDecomposition,
    MIGResult,
    MIGSupResult,
    SEPINResult,
    dual_total_correlation,
    elbo_decomposition,
    group_decomposition,
    mig,
    mig_sup,
    sepin,
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
    "DualTotalCorrelation",
    "ELBODecomposition",
    "Evaluation",
    "Factors",
    "GaussianPosterior",
    "GroupDecomposition",
    "LaplacePosterior",
    "MIGResult",
    "MIGSupResult",
    "MetricSpec",
    "SEPINResult",
    "SampledPosterior",
    "dual_total_correlation",
    "elbo_decomposition",
    "estimators",
    "evaluate",
    "group_decomposition",
    "list_metrics",
    "mig",
    "mig_sup",
    "read_npz",
    "read_posterior_npz",
    "sepin",
    "warnings",
]


def __getattr__(name: str) -> str:
    # The version costs a search of the installed packages, so it is looked up when asked for.
    if name == "__version__":
        return metadata.version("dismetrics")
    raise AttributeError(f"module 'dismetrics' has no attribute {name!r}")
