"""Our own metrics and estimators, through the kit that is meant for everybody's."""

import functools

import numpy as np
import pytest

import dismetrics as dm
from dismetrics import estimators
from dismetrics.testing import check_estimator, check_metric
from dismetrics.testing.posterior_cases import TERMS
from dismetrics.testing.strategies import FAMILIES
from sizes import size

# Few votes, few trees.
VOTES = {"n_train": 60, "n_test": 60}
OPTIONS = {
    "beta_vae_score": VOTES,
    "factor_vae_score": VOTES,
    "relevance_factor_vae_score": VOTES,
    "dci": {"n_trees": 1},
    "dci_es": {"n_trees": 1, "capacities": (1, 3)},
}
SLOW = ("infomec", "explicitness", "dci", "dci_es", "beta_vae_score", "irs")
MORE = ("doubled rows", "constant latent", "noise latent", "perfect is best", "nothing is worst", "rotation lowers")
# What does not hold of a metric, by its definition.
FAILS = {
    "mig_sup": {"constant latent": "its score of 0 counts in the mean over latents"},
    "modularity": {"constant latent": "its score of 0 counts in the mean over latents"},
    "jemmig": {"nothing is worst": "it counts the bins that are left unused"},
    "sap": {"perfect is best": "a linear machine cannot tell the middle of three labels apart"},
    "r2": {
        "perfect is best": "a line cannot tell the middle of three labels apart",
        "nothing is worst": "its worst is without bound",
        "rotation lowers": "all latents together lose nothing",
    },
    "latent_matching": {
        "perfect is best": "a latent of two labels has a partner for one",
        "noise latent": "a partner more",
    },
    "snc": {"nothing is worst": "a guess is right sometimes", "signs": "of equal votes the first bin's goes"},
    "factor_vae_score": {"nothing is worst": "a guess is right sometimes"},
    "relevance_factor_vae_score": {"nothing is worst": "a guess is right sometimes"},
    "dci_es": {"beats chance": "of what is chance the simplest model tells as much as any"},
}


def checked(name):
    """The report of a metric, by defaults of its own and few trees."""
    spec = next(spec for spec in dm.METRICS if spec.name == name)
    slow = name in SLOW
    return check_metric(
        functools.partial(spec.function, **OPTIONS.get(name, {})),
        bounds=(spec.lowest, spec.highest),
        higher_is_better=spec.higher_is_better,
        fewest_latents=spec.fewest_latents,
        fewest_factors=spec.fewest_factors,
        fails=tuple(FAILS.get(name, {})),
        holds=() if slow else MORE,
        max_examples=1 if slow else size(6, 1),
        n_repeats=6 if slow else 12,
        budget=None,
    )


@pytest.mark.parametrize("name", [spec.name for spec in dm.METRICS if spec.supervised])
def test_metrics_have_the_properties_of_metrics(name):
    if size(0, 1) and name in (*SLOW, "factor_vae_score", "relevance_factor_vae_score"):
        pytest.skip("compiled kernels are needed for this many calls")
    report = checked(name)
    assert report.passed, str(report)


@pytest.mark.parametrize(
    "family", [name for name in FAMILIES if name != "laplace" and (name == "bernoulli" or size(1, 0))]
)
def test_mig_of_posteriors_has_the_properties_of_metrics(family):
    report = check_metric(
        dm.mig,
        latents=family,
        bounds=(0.0, 1.0),
        # A code that is turned leaves the places that these tables tell apart, and can gain by it.
        fails=() if family == "gaussian" else ("rotation", "beats chance"),
        max_examples=size(4, 1),
        n_repeats=6,
        budget=None,
        tolerance=1e-5,
    )
    assert report.passed, str(report)


def test_a_kind_is_of_its_kind_and_only_with_its_settings():
    few = {"max_examples": size(10, 3), "budget": None}
    assert check_metric(dm.mig, kind="mig", **few).passed
    assert check_metric(functools.partial(dm.mig, normaliser="latent"), kind="mig", normaliser="latent", **few).passed
    report = check_metric(functools.partial(dm.mig, n_bins=10), kind="mig", **few)
    assert report["agrees on large data"].status == "failed"


FEW_DRAWS = size(256, 64)


def _decomposition(posterior, weights=None, rng=None):
    return dm.elbo_decomposition(posterior, weights=weights, n_draws=size(512, 64), rng=rng)


def _every_latent_a_group(posterior, weights=None, rng=None):
    groups = [[j] for j in range(posterior.n_latents)]
    return dm.group_decomposition(posterior, groups=groups, weights=weights, n_draws=FEW_DRAWS, rng=rng)


TERM_FUNCTIONS = {
    **{f"elbo_decomposition: {term}": (_decomposition, term) for term in TERMS},
    **{
        f"group_decomposition: {term}": (
            lambda posterior, weights=None, rng=None, term=term: getattr(
                _every_latent_a_group(posterior, weights, rng), term
            ),
            term,
        )
        for term in ("total_correlation", "index_code_mi", "dimension_wise_kl", "mean_kl")
    },
    "dual_total_correlation: total_correlation": (
        lambda posterior, weights=None, rng=None: (
            dm.dual_total_correlation(posterior, weights=weights, n_draws=FEW_DRAWS, rng=rng).total_correlation
        ),
        "total_correlation",
    ),
    "sepin: index_code_mi": (
        lambda posterior, weights=None, rng=None: (
            dm.sepin(posterior, weights=weights, n_draws=FEW_DRAWS, rng=rng).index_code_mi
        ),
        "index_code_mi",
    ),
}


@pytest.mark.parametrize("name", TERM_FUNCTIONS)
def test_terms_of_the_aggregate_posterior_are_estimated(name):
    function, term = TERM_FUNCTIONS[name]
    report = check_estimator(
        function,
        estimates=term,
        posterior_families=size(FAMILIES, ("gaussian", "bernoulli")),
        max_examples=size(8, 2),
        n_repeats=6,
        budget=None,
    )
    assert report.passed, str(report)


@pytest.mark.parametrize("name", ["mss", "mws", "minibatch_average"])
def test_minibatch_densities(name):
    estimates = "minibatch" if name == "minibatch_average" else name
    function = getattr(estimators.minibatch, name)
    if name == "minibatch_average":
        report = check_estimator(lambda pairs, n: function(pairs), estimates=estimates)
    else:
        report = check_estimator(function, estimates=estimates)
    assert report.passed, str(report)
    # It is told from the other two.
    others = {"mss", "mws", "minibatch"} - {estimates}
    assert not any(
        check_estimator(
            lambda pairs, n: function(pairs) if name == "minibatch_average" else function(pairs, n), estimates=other
        ).passed
        for other in others
    )


@pytest.mark.parametrize("options", [{"n_bins": 20}, {"n_bins": 7}, {"estimator": "knn"}], ids=str)
def test_mutual_information(options):
    report = check_estimator(
        functools.partial(estimators.mutual_information, **options),
        estimates="mutual_information",
        max_examples=size(20, 4),
        budget=None,
        **options,
    )
    few = options.get("n_bins") == 7
    assert report.passed or (few and {row.property for row in report.failures} == {"known cases"}), str(report)


def test_entropy_of_labels():
    def entropy(labels):
        return estimators.discrete_entropy(np.unique(labels, return_counts=True)[1])

    report = check_estimator(entropy, estimates="entropy", max_examples=20)
    assert report.passed, str(report)
