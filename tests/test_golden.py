"""Pinned results on seeded inputs: a changed number is a decision, told under *Values changed* in the CHANGELOG."""

import json
from pathlib import Path

import numba
import numpy as np
import pytest

import dismetrics as dm

GOLDEN = Path(__file__).with_name("golden.json")


def _inputs():
    """Small seeded data; random numbers by the legacy generator, whose stream is frozen for good."""
    rng = np.random.RandomState(2018)
    v = np.column_stack([rng.randint(0, k, 240) for k in (3, 4, 7)])
    mean = np.column_stack([v[:, 0] + 0.2 * rng.randn(240), v[:, 1] + 0.5 * v[:, 2], rng.randn(240), v[:, 2]])
    scale = 0.05 + 0.3 * rng.rand(240, 4)
    return v, mean, scale


def results():
    """Name -> score, for every metric and estimator."""
    v, mean, scale = _inputs()
    gaussian = dm.GaussianPosterior.from_scale(mean, scale)
    laplace = dm.LaplacePosterior(mean, scale)
    bernoulli = dm.BernoulliPosterior(1 / (1 + np.exp(-mean)))
    categorical = dm.CategoricalPosterior(
        np.stack([scale, scale[::-1], mean**2 + 0.1], axis=2)
        / np.sum([scale, scale[::-1], mean**2 + 0.1], axis=0)[..., None]
    )
    found = {}
    for name, function in (("mig", dm.mig), ("mig_sup", dm.mig_sup)):
        for family, posterior in (
            ("gaussian", gaussian),
            ("laplace", laplace),
            ("bernoulli", bernoulli),
            ("categorical", categorical),
        ):
            if family == "laplace" and numba.config.DISABLE_JIT:
                continue  # half a minute as plain Python, and tested with fewer samples elsewhere
            found[f"{name} posterior {family}"] = function(posterior, v).score
        found[f"{name} histogram"] = function(mean, v).score
        found[f"{name} knn"] = function(mean, v, estimator="knn").score
        found[f"{name} quantile"] = function(mean, v, discretisation="quantile", n_bins=7).score
        found[f"{name} miller_madow"] = function(mean, v, correction="miller_madow").score
    for metric in (dm.modularity, dm.dcimig, dm.infomec, dm.med):
        found[f"{metric.__name__} posterior gaussian"] = metric(gaussian, v).score
        found[f"{metric.__name__} histogram"] = metric(mean, v).score
    found["infomec compactness"] = dm.infomec(mean, v).infoc
    found["modularity significance"] = dm.modularity(mean, v, significance=0.05, rng=0).score
    found["med top_k"] = dm.med(mean, v, top_k=1).score
    for metric in (dm.sap, dm.explicitness, dm.mcc, dm.r2):
        found[metric.__name__] = metric(mean, v, rng=0).score
    found["sap disentanglement_lib"] = dm.sap(mean, v, preset="disentanglement_lib", rng=0).score
    found["mcc spearman"] = dm.mcc(mean, v, correlation="spearman", kinds="ordinal").score
    found["mcc out of sample"] = dm.mcc(mean, v, out_of_sample=True, rng=0).score
    found["r2 ordinal"] = dm.r2(mean, v, kinds="ordinal", rng=0).score
    return found


@pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning")
def test_results_are_the_pinned_ones():
    found = results()
    pinned = json.loads(GOLDEN.read_text())
    assert found == pytest.approx({name: pinned[name] for name in found}, abs=1e-9)
    assert numba.config.DISABLE_JIT or set(found) == set(pinned)
