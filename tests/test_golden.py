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
    for metric in (dm.modularity, dm.dcimig, dm.infomec, dm.med, dm.minimality, dm.sufficiency):
        found[f"{metric.__name__} posterior gaussian"] = metric(gaussian, v).score
        found[f"{metric.__name__} histogram"] = metric(mean, v).score
    found["infomec compactness"] = dm.infomec(mean, v).infoc
    found["modularity significance"] = dm.modularity(mean, v, significance=0.05, rng=0).score
    found["med top_k"] = dm.med(mean, v, top_k=1).score
    for metric in (dm.sap, dm.explicitness, dm.mcc, dm.r2):
        found[metric.__name__] = metric(mean, v, rng=0).score
    for relevance in ("smi", "spn", "asc", "bmmi"):
        for aggregation in ("lms", "msas", "msgs"):
            found[f"latent_matching {relevance} {aggregation}"] = dm.latent_matching(
                mean, v, relevance=relevance, aggregation=aggregation
            ).score
    found["snc"] = dm.snc(mean, v).score
    found["snc chance_scaled"] = dm.snc(mean, v).chance_scaled
    found["latent_matching drvi"] = dm.latent_matching(mean, v, preset="drvi").score
    found["sap disentanglement_lib"] = dm.sap(mean, v, preset="disentanglement_lib", rng=0).score
    found["mcc spearman"] = dm.mcc(mean, v, correlation="spearman", kinds="ordinal").score
    found["mcc out of sample"] = dm.mcc(mean, v, out_of_sample=True, rng=0).score
    found["r2 ordinal"] = dm.r2(mean, v, kinds="ordinal", rng=0).score
    for binned in (dm.rmig, dm.jemmig, dm.aam):
        found[f"{binned.__name__} posterior gaussian"] = binned(gaussian, v).score
        found[f"{binned.__name__} histogram"] = binned(mean, v).score
    found["jemmig ubisoft"] = dm.jemmig(mean, v, preset="ubisoft").score
    found["jemmig posterior laplace"] = dm.jemmig(laplace, v, n_bins=50, bin_range="own").score
    for latents, name in ((gaussian, "gaussian"), (categorical, "categorical"), (mean, "histogram")):
        found[f"pairwise_mutual_information {name}"] = dm.pairwise_mutual_information(latents).score
    found["pairwise_mutual_information knn"] = dm.pairwise_mutual_information(mean, estimator="knn").score
    sampled = dm.pairwise_mutual_information(gaussian, estimator="sampled", n_draws=64, rng=0)
    found["pairwise_mutual_information sampled"] = sampled.score
    learnt = dm.dci(mean, v, n_trees=5, rng=0)
    found["dci boosting"], found["dci boosting completeness"] = learnt.score, learnt.completeness
    found["dci boosting informativeness"] = learnt.informativeness
    found["dci boosting quantities"] = dm.dci(mean, v, n_trees=5, kinds="continuous", rng=0).score
    for name in ("factor_vae_score", "relevance_factor_vae_score"):
        found[name] = getattr(dm, name)(mean, v, n_train=300, n_test=200, group_size=4, rng=0).score
    # Which side the last votes fall on is decided by scikit-learn's optimiser.
    found["beta_vae_score difference"] = dm.beta_vae_score(
        mean, v, n_train=300, n_test=2, n_pairs=8, rng=0
    ).mean_difference.sum()
    found["irs"] = dm.irs(mean, v).score
    found["irs quantile"] = dm.irs(mean, v, quantile=0.9).score
    for name, latents in (("points", mean), ("gaussian", gaussian)):
        found[f"gaussian_total_correlation {name}"] = dm.gaussian_total_correlation(latents).score
        found[f"gaussian_wasserstein_correlation {name}"] = dm.gaussian_wasserstein_correlation(latents).score
    found["hausdorff_factorised_support"] = dm.hausdorff_factorised_support(mean[:30]).score
    found["udr spearman"] = dm.udr([mean, mean[:, ::-1] ** 3, mean[:, :3]], relation="spearman").score
    return found


@pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning")
@pytest.mark.filterwarnings("ignore:.* share their value:dismetrics.warnings.DegenerateDataWarning")
def test_results_are_the_pinned_ones():
    found = results()
    pinned = json.loads(GOLDEN.read_text())
    assert found == pytest.approx({name: pinned[name] for name in found}, abs=1e-9)
    assert numba.config.DISABLE_JIT or set(found) == set(pinned)
