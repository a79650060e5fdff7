"""dismetrics: are a model's latents disentangled? Metrics over numpy arrays, in nats, with what explains them."""

from importlib import metadata

from dismetrics import estimators, warnings
from dismetrics.comparison import Comparison, RankAgreement, compare, rank_agreement
from dismetrics.evaluation import Evaluation, evaluate
from dismetrics.factors import Factors
from dismetrics.io import read_npz, read_posterior_npz
from dismetrics.metrics import ELBODecomposition, MIGResult, MIGSupResult, elbo_decomposition, mig, mig_sup
from dismetrics.posteriors import (
    BernoulliPosterior,
    CategoricalPosterior,
    GaussianPosterior,
    LaplacePosterior,
    SampledPosterior,
)
from dismetrics.registry import METRICS, MetricSpec, list_metrics
from dismetrics.uncertainty import ChanceLevel, ConfidenceInterval, chance_level, confidence_interval

__all__ = [
    "METRICS",
    "BernoulliPosterior",
    "CategoricalPosterior",
    "ChanceLevel",
    "Comparison",
    "ConfidenceInterval",
    "ELBODecomposition",
    "Evaluation",
    "Factors",
    "GaussianPosterior",
    "LaplacePosterior",
    "MIGResult",
    "MIGSupResult",
    "MetricSpec",
    "RankAgreement",
    "SampledPosterior",
    "chance_level",
    "compare",
    "confidence_interval",
    "elbo_decomposition",
    "estimators",
    "evaluate",
    "list_metrics",
    "mig",
    "mig_sup",
    "rank_agreement",
    "read_npz",
    "read_posterior_npz",
    "warnings",
]


def __getattr__(name: str) -> str:
    # The version costs a search of the installed packages, so it is looked up when asked for.
    if name == "__version__":
        return metadata.version("dismetrics")
    raise AttributeError(f"module 'dismetrics' has no attribute {name!r}")
