"""What the common tests of metrics run on, and which property holds for what.

CONFIGURATIONS lists what is tested, PROPERTIES what must hold; each property names the configurations that it does not
hold for, with the reason, and holds for all others. A metric or an estimator that is added must be listed here.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import reject

import dismetrics as dm

# Those of latents and factors; each of the latents alone has tests of its own.
METRICS = {spec.name: spec for spec in dm.METRICS if spec.supervised}


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def softmax(code):
    """Probabilities of four values, peaked where the code is near -1, 0, 1 or 2."""
    table = np.exp(-((code[:, :, None] - np.arange(-1, 3)) ** 2))
    return table / table.sum(axis=2, keepdims=True)


def points(code):
    return code


# Every entry of a posterior depends on the same entry of the code alone, so that permutations carry over.
def gaussian(code):
    return dm.GaussianPosterior.from_scale(code, 0.2 + 0.3 * sigmoid(3 * code))


def laplace(code):
    return dm.LaplacePosterior(code, 0.2 + 0.3 * sigmoid(3 * code))


def bernoulli(code):
    return dm.BernoulliPosterior(sigmoid(2 * code))


def categorical(code):
    return dm.CategoricalPosterior(softmax(code))


@dataclasses.dataclass(frozen=True)
class Configuration:
    """A metric, how a real-valued code becomes its latents, and its settings."""

    metric: str
    encode: Callable[[np.ndarray], Any]
    options: dict
    tolerance: float

    def __call__(self, code, factors, **more):
        return self.of(self.encode(code), factors, **more)

    def of(self, latents, factors, **more):
        """Of latents that are made already."""
        spec = METRICS[self.metric]
        n_latents = (
            latents.shape[1] if hasattr(latents, "shape") else getattr(latents, "n_latents", spec.fewest_latents)
        )
        n_factors = factors.shape[1] if np.ndim(factors) == 2 else 1
        if n_latents < spec.fewest_latents or n_factors < spec.fewest_factors:
            reject()  # drawn where the metric is not defined
        try:
            return spec.function(latents, factors, **self.options, **more)
        except ValueError as error:
            if "no two rows share" in str(error) or "is the only factor" in str(error):
                reject()  # a table that leaves nothing to compare
            raise


# Per estimator: latents, settings, and how closely two equal answers agree (sums of other orders; quadrature).
ESTIMATES = {
    "histogram": (points, {"estimator": "histogram", "n_bins": 5}, 1e-12),
    "histogram of quantiles": (points, {"estimator": "histogram", "discretisation": "quantile", "n_bins": 5}, 1e-12),
    "histogram of values": (points, {"estimator": "histogram", "discretisation": "unique"}, 1e-12),
    "histogram over latents": (points, {"estimator": "histogram", "normaliser": "latent"}, 1e-12),
    "histogram, Miller-Madow": (points, {"estimator": "histogram", "correction": "miller_madow", "n_bins": 4}, 1e-12),
    "histogram, shuffled": (points, {"estimator": "histogram", "correction": "shuffle", "rng": 3, "n_bins": 4}, 1e-12),
    "knn": (points, {"estimator": "knn"}, 1e-12),
    "gaussian": (gaussian, {}, 1e-6),
    "laplace": (laplace, {}, 1e-6),
    "bernoulli": (bernoulli, {}, 1e-12),
    "categorical": (categorical, {}, 1e-12),
    "sampled": (gaussian, {"n_draws": 40, "rng": 3}, 1e-12),
}
BINNED = {
    f"{metric}: {name}": Configuration(metric, *estimate)
    for metric in ("rmig", "jemmig")
    for name, estimate in {
        "bins": (points, {"n_bins": 5}, 1e-12),
        "bin masses": (gaussian, {"estimator": "bin_masses", "n_bins": 9}, 1e-9),
        "bin masses, own range": (laplace, {"n_bins": 7, "bin_range": "own"}, 1e-9),
        "bin masses of tables": (categorical, {}, 1e-12),
    }.items()
}
GAP_METRICS = ("mig", "mig_sup")
# Of the same matrix, so that one estimate of each sort will do.
OTHER_INFORMATION_METRICS = ("modularity", "dcimig", "infomec", "med", "aam", "sufficiency")
INFORMATION_METRICS = (*GAP_METRICS, *OTHER_INFORMATION_METRICS)
PREDICTIONS = {
    "sap: linear_svm": Configuration("sap", points, {"rng": 3}, 1e-12),
    "sap: tree": Configuration("sap", points, {"predictor": "tree", "rng": 3}, 1e-12),
    "explicitness: one_vs_rest": Configuration("explicitness", points, {"rng": 3}, 1e-9),
    "mcc: pearson": Configuration("mcc", points, {}, 1e-9),
    "mcc: spearman": Configuration("mcc", points, {"correlation": "spearman"}, 1e-12),
    "mcc: rdc": Configuration("mcc", points, {"correlation": "rdc", "rng": 3}, 1e-6),
    "mcc: out of sample": Configuration("mcc", points, {"out_of_sample": True, "rng": 3}, 1e-9),
    "r2: linear": Configuration("r2", points, {"rng": 3}, 1e-8),
}
FEW_VOTES = {"n_train": 200, "n_test": 100, "rng": 3}
INTERVENTIONS = {
    # A few of the votes may change sides where the classifier's optimiser takes another path.
    "beta_vae_score: points": Configuration("beta_vae_score", points, FEW_VOTES, 0.07),
    "factor_vae_score: points": Configuration("factor_vae_score", points, FEW_VOTES, 1e-12),
    "factor_vae_score: means": Configuration("factor_vae_score", gaussian, FEW_VOTES, 1e-12),
    "relevance_factor_vae_score: points": Configuration("relevance_factor_vae_score", points, FEW_VOTES, 1e-12),
    # Deviations are as exact as the values that are given.
    "irs: points": Configuration("irs", points, {}, 1e-10),
    "irs: quantile": Configuration("irs", points, {"quantile": 0.75}, 1e-10),
}
# With few trees.
LEARNT = {
    "dci: boosting": Configuration("dci", points, {"n_trees": 2, "rng": 3}, 1e-12),
    "dci: boosting, single precision": Configuration(
        "dci", points, {"n_trees": 2, "precision": "single", "rng": 3}, 1e-12
    ),
    "dci: forest": Configuration("dci", points, {"learner": "forest", "n_trees": 2, "rng": 3}, 1e-12),
    # Coefficients of iterative fits.
    "dci: lasso": Configuration("dci", points, {"learner": "lasso", "kinds": "ordinal", "rng": 3}, 0.01),
    "dci: logistic": Configuration("dci", points, {"learner": "logistic", "rng": 3}, 0.01),
    "dci_es: forest": Configuration("dci_es", points, {"n_trees": 2, "capacities": (1, 2, 5), "rng": 3}, 1e-12),
}
MATCHINGS = {
    "latent_matching: smi": Configuration("latent_matching", points, {"n_bins": 5}, 1e-12),
    "latent_matching: spn": Configuration(
        "latent_matching", points, {"relevance": "spn", "aggregation": "msas"}, 1e-12
    ),
    "latent_matching: asc": Configuration("latent_matching", points, {"relevance": "asc"}, 1e-12),
    "latent_matching: bmmi": Configuration(
        "latent_matching", points, {"relevance": "bmmi", "aggregation": "msgs"}, 1e-12
    ),
    "snc: points": Configuration("snc", points, {}, 1e-12),
}
CONFIGURATIONS = {
    **{
        f"{metric}: {name}": Configuration(metric, *estimate)
        for metric in GAP_METRICS
        for name, estimate in ESTIMATES.items()
    },
    **{
        f"{metric}: {name}": Configuration(metric, *ESTIMATES[name])
        for metric in OTHER_INFORMATION_METRICS
        for name in ("histogram", "knn", "gaussian")
    },
    **BINNED,
    # Neighbours have no entropy of latents to divide by.
    **{f"minimality: {name}": Configuration("minimality", *ESTIMATES[name]) for name in ("histogram", "gaussian")},
    **PREDICTIONS,
    **LEARNT,
    **INTERVENTIONS,
    **MATCHINGS,
}


def those(*parts):
    """Names of the configurations of some metrics or estimates."""
    found = {name for name in CONFIGURATIONS if any(part in name.split(": ") for part in parts)}
    assert found, parts
    return found


HELD_OUT = those("sap", "explicitness", "out of sample", "r2") | set(LEARNT)
TREES = set(LEARNT) - those("lasso", "logistic")
VOTES = set(INTERVENTIONS) - those("irs")
RANDOM = those("sampled", "histogram, shuffled", "rdc") | HELD_OUT | VOTES
HISTOGRAMS = {name for name in CONFIGURATIONS if "histogram" in name}
QUANTILES = those("histogram of quantiles")
POSTERIORS = those("gaussian", "laplace", "bernoulli", "categorical", "sampled")
TABLES = those("bernoulli", "categorical", "bin masses of tables")
FIXED_BINS = those("bin masses")

# Property -> (configurations it does not hold for, why). It is tested for all others.
PROPERTIES = {
    "latents may be permuted": (
        those("sampled", "beta_vae_score", "lasso", "logistic") | TREES,
        "each latent gets its own draws, for splits too; an optimiser takes another path",
    ),
    "factors may be permuted": (those("sampled") | VOTES, "each factor gets its own choice of draws"),
    "rows may be shuffled": (RANDOM - those("rdc"), "each row gets its own draw, or place in a shuffle or split"),
    "labels may be renamed": (
        those("sampled", "sap", "lasso", "spn"),
        "the values get their own draws; labels in order, or as quantities; equal votes go to the first; one of two",
    ),
    "latents may be recoded by flips and affine maps": (
        those("sampled", "tree", "rdc", "means", "snc") | QUANTILES | FIXED_BINS | TREES,
        "draws are rounded apart; priors and stated bins stay put; trees know up from down; flips move values on edges",
    ),
    "powers of two leave every bit": (
        those("sampled", "means", "boosting, single precision") | TABLES | FIXED_BINS,
        "draws; probabilities have no scale; priors, by which latents count as active, stated bins and gaps have one",
    ),
    "latents may be mapped monotonically": (
        set(CONFIGURATIONS)
        - QUANTILES
        - those("histogram of values", "tree", "spearman", "rdc", "spn", "asc", "bmmi", "snc"),
        "only ranks are free of scale; entropies of densities are, but not those of mixtures of another family",
    ),
    "rows may be doubled": (
        (RANDOM - those("rdc")) | those("knn", "histogram, Miller-Madow", "irs", "spn", "snc") | QUANTILES,
        "draws and splits; neighbours and corrections count samples, as deviations do; quantiles are interpolated",
    ),
    "a constant latent changes nothing": (
        those("mig_sup", "modularity", "sampled") | TREES,
        "its score of 0 counts in the mean over latents, by definition; with another latent the draws are others",
    ),
    "everything is within bounds": (those("sampled"), "a sampled estimate scatters about its bound"),
    "a perfect code attains the ceiling": (
        those("sampled", "histogram, Miller-Madow", "histogram, shuffled", "knn", "sap", "explicitness", "r2")
        | set(LEARNT)
        | those("latent_matching"),
        "right on average only; a label is predicted by chance too, and few rows teach little; each wants a latent",
    ),
    "nothing tells nothing": (
        those("sampled", "rdc", "out of sample", "explicitness", "modularity", "infomec", "med", "aam", "jemmig")
        | those("spn", "snc")
        | {"sufficiency: knn"}
        | set(INTERVENTIONS)
        | set(LEARNT),
        "few draws scatter, and what falls below zero is cut; the others' chance level is not 0",
    ),
    "mixing lowers the score": (
        TABLES
        | those("histogram of values", "linear_svm", "explicitness", "mcc", "r2", "dci_es", "latent_matching")
        | set(INTERVENTIONS),
        "no rotation of probabilities; a bin of its own tells all, all latents together lose nothing; guesses; 2 of 8",
    ),
    "redundancy closes the gap": (
        (set(CONFIGURATIONS) - those(*GAP_METRICS, "sap")) | those("sampled"),
        "the copies get their own draws; the others have no gap over all candidates",
    ),
    "storage does not matter": (set(), ""),
    "threads do not matter": (set(), ""),
    "seeds decide": ((set(CONFIGURATIONS) - RANDOM) | those("sap"), "no randomness; accuracies may coincide"),
    "evaluate gives the same bits": (set(), ""),
}
