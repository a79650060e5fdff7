"""dismetrics: are a model's latents disentangled? Metrics over numpy arrays, in nats, with what explains them."""

from importlib import metadata

from dismetrics import estimators, warnings
from dismetrics.evaluation import Evaluation, evaluate
from dismetrics.factors import Factors
from dismetrics.io import read_npz, read_posterior_npz
from dismetrics.metrics import (
    AAMResult,
    ELBODecomposition,
    JEMMIGResult,
    MIGResult,
    MIGSupResult,
    PairwiseMutualInformationResult,
    RMIGResult,
    aam,
    elbo_decomposition,
    jemmig,
    mig,
    mig_sup,
    pairwise_mutual_information,
    rmig,
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
    "AAMResult",
    "BernoulliPosterior",
    "CategoricalPosterior",
    "ELBODecomposition",
    "Evaluation",
    "Factors",
    "GaussianPosterior",
    "JEMMIGResult",
    "LaplacePosterior",
    "MIGResult",
    "MIGSupResult",
    "MetricSpec",
    "PairwiseMutualInformationResult",
    "RMIGResult",
    "SampledPosterior",
    "aam",
    "elbo_decomposition",
    "estimators",
    "evaluate",
    "jemmig",
    "list_metrics",
    "mig",
    "mig_sup",
    "pairwise_mutual_information",
    "read_npz",
    "read_posterior_npz",
    "rmig",
    "warnings",
]


def __getattr__(name: str) -> str:
    # The version costs a search of the installed packages, so it is looked up when asked for.
    if name == "__version__":
        return metadata.version("dismetrics")
    raise AttributeError(f"module 'dismetrics' has no attribute {name!r}")
