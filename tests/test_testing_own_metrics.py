"""Our own metrics and estimators, through the kit that is meant for everybody's."""

import functools

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
    "mcc": {},
    "r2": {
        "perfect is best": "a line cannot tell the middle of three labels apart",
        "nothing is worst": "its worst is without bound",
        "rotation lowers": "all latents together lose nothing",
    },
    "latent_matching": {
        "perfect is best": "a latent of two labels has a partner for one",
        "noise latent": "a partner more",
    },
    "snc": {"nothing is worst": "a guess is right sometimes"},
}


def failing(name):
    """The properties that fail without being declared to."""
    spec = next(spec for spec in dm.METRICS if spec.name == name)
    slow = name in SLOW
    return check_metric(
        functools.partial(spec.function, **OPTIONS.get(name, {})),
        bounds=(spec.lowest, spec.highest),
        higher_is_better=spec.higher_is_better,
        fewest_latents=spec.fewest_latents,
        fewest_factors=spec.fewest_factors,
        # Of explained variance of what is chance, the simplest model tells as much as any.
        fails=("beats chance",) if name == "dci_es" else tuple(FAILS.get(name, {})),
        holds=() if slow else MORE,
        max_examples=1 if slow else size(6, 1),
        n_repeats=6 if slow else size(12, 6),
        budget=None,
    )


@pytest.mark.parametrize("name", [spec.name for spec in dm.METRICS])
def test_metrics_have_the_properties_of_metrics(name):
    if size(0, 1) and name in SLOW:
        pytest.skip("compiled kernels are needed for this many calls")
    report = failing(name)
    assert report.passed, str(report)
