"""Presets against re-derivations of the peers' algorithms, written here from their definitions."""

import numpy as np
import pytest

import dismetrics as dm
from oracles import histogram as oracle
from oracles import shares
from sizes import size


def _codes_and_factors():
    rng = np.random.default_rng(20181118)
    sizes = np.array([3, 6, 12, 9])
    v = np.column_stack([rng.integers(0, s, size(1500, 300)) for s in sizes])
    u = v / (sizes - 1) - 0.5
    noise = rng.normal(size=(len(v), 4))
    z = np.column_stack([u[:, 3], u[:, 2] + 0.1 * u[:, 3], u[:, 1] + 0.3 * u[:, 0], u[:, 0]]) + 0.05 * noise
    return z, v


def _min_max_bins(x, n_bins):
    """Scaled to [0, 1], then floor(n_bins x), the maximum in the last bin."""
    scaled = (x - x.min()) / (x.max() - x.min())
    return np.minimum(np.searchsorted(np.linspace(0, 1, n_bins + 1)[:-1], scaled, side="right") - 1, n_bins - 1)


def _information(codes, factors):
    return np.array([[oracle.mutual_information(z, v) for v in factors.T] for z in codes.T])


def _mean_gap(share):
    ordered = np.sort(share, axis=0)
    return (ordered[-1] - ordered[-2]).mean()


def test_disentanglement_lib_bins_codes_and_divides_the_gap_by_the_factor_entropy():
    z, v = _codes_and_factors()
    codes = np.column_stack([np.digitize(x, np.histogram(x, 20)[1][:-1]) for x in z.T])
    entropies = np.array([oracle.entropy(column) for column in v.T])
    right = _mean_gap(_information(codes, v) / entropies)
    assert dm.mig(z, v, preset="disentanglement_lib").score == pytest.approx(right, abs=1e-12)


@pytest.mark.parametrize("bin_labels", [True, False])
def test_ubisoft_divides_by_the_code_entropy_before_the_two_largest_are_taken(bin_labels):
    z, v = _codes_and_factors()
    codes = np.column_stack([_min_max_bins(x, 10) for x in z.T])
    factors = np.column_stack([_min_max_bins(x, 10) for x in v.T]) if bin_labels else v
    share = _information(codes, factors) / np.array([oracle.entropy(column) for column in codes.T])[:, None]
    settings = {} if bin_labels else {"bin_labels": False}
    assert dm.mig(z, v, preset="ubisoft", **settings).score == pytest.approx(_mean_gap(share), abs=1e-12)
    assert dm.mig_sup(z, v, preset="ubisoft", **settings).score == pytest.approx(_mean_gap(share.T), abs=1e-12)


def test_dent_bins_the_labels_and_divides_by_the_entropy_of_their_bins():
    z, v = _codes_and_factors()
    # More labels than bins, so that binning merges some.
    v[:, 2] = np.random.default_rng(0).integers(0, 33, len(v))
    codes, factors = (np.column_stack([_min_max_bins(x, 20) for x in data.T]) for data in (z, v))
    entropies = np.array([oracle.entropy(column) for column in factors.T])
    right = _mean_gap(_information(codes, factors) / entropies)
    assert dm.mig(z, v, preset="dent").score == pytest.approx(right, abs=1e-12)


def _grid_posterior():
    sizes = np.array([2, 3, 4, 3])
    v = np.indices(sizes).reshape(4, -1).T
    rng = np.random.default_rng(7)
    mean = (v / (sizes - 1))[:, [3, 2, 1]] + 0.1 * rng.normal(size=(len(v), 3))
    factors = dm.Factors(v, names=["Shape", "scale", "x", "y"])
    return dm.GaussianPosterior.from_scale(mean, rng.uniform(0.1, 0.3, mean.shape)), factors


def _chen_entropy(posterior, rows, latent, z):
    """Mean of -log q(z) with q the plain mean of the rows' densities."""
    mean, scale = posterior.mean[rows, latent], posterior.scale[rows, latent]
    density = np.exp(-0.5 * ((z[:, None] - mean) / scale) ** 2) / (scale * np.sqrt(2 * np.pi))
    return -np.log(density.mean(axis=1)).mean()


@pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning")
def test_chen2018_leaves_out_shape_and_agrees_with_the_papers_sampling():
    posterior, factors = _grid_posterior()
    exact = dm.mig(posterior, factors, preset="chen2018")
    assert exact.factor_names == ("scale", "x", "y")
    scores = []
    seeds = range(size(200, 25))
    for seed in seeds:
        # As in the paper: one draw for every sample; entropies within the draws; uniform over the values of a factor.
        draws = posterior.sample(np.random.default_rng(seed))
        information = np.empty((3, 3))
        for j in range(3):
            marginal = _chen_entropy(posterior, slice(None), j, draws[:, j])
            for k in range(1, 4):
                values = [np.flatnonzero(factors.codes[:, k] == a) for a in range(factors.n_values[k])]
                parts = [_chen_entropy(posterior, rows, j, draws[rows, j]) for rows in values]
                information[j, k - 1] = marginal - np.mean(parts)
        ordered = np.sort(np.maximum(information, 0), axis=0)
        scores.append(((ordered[-1] - ordered[-2]) / np.log(factors.n_values[1:])).mean())
    spread = np.std(scores, ddof=1)
    ours = [dm.mig(posterior, factors, preset="chen2018", n_draws=10_000, rng=seed).score for seed in seeds]
    # Theirs and ours are two samples of one distribution, centred near the exact score up to the bias of a maximum.
    assert abs(np.mean(scores) - np.mean(ours)) < 4 * spread * np.sqrt(2 / len(seeds))
    assert np.std(ours, ddof=1) == pytest.approx(spread, rel=4 / np.sqrt(len(seeds)))
    assert abs(np.mean(ours) - exact.score) < 0.3 * spread + 4 * spread / np.sqrt(len(seeds))


def test_chen2018_says_what_it_needs():
    posterior, factors = _grid_posterior()
    with pytest.raises(ValueError, match="factor_subset"):
        dm.mig(posterior, factors.codes, preset="chen2018")
    with pytest.raises(ValueError, match="GaussianPosterior"):
        dm.mig(posterior.mean, factors, preset="chen2018")


@pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning")
def test_a_setting_of_the_call_goes_before_the_presets():
    posterior, factors = _grid_posterior()
    result = dm.mig(posterior.mean, factors, preset="dent", n_bins=5)
    assert result.settings["n_bins"] == 5
    assert result.settings["bin_labels"] is True
    assert result.settings["preset"] == "dent"
    assert dm.mig(posterior, factors, preset="chen2018", factor_subset=["x"]).factor_names == ("x",)


def test_modularity_of_disentanglement_lib_squares_shares_of_the_largest():
    z, v = _codes_and_factors()
    codes = np.column_stack([np.digitize(x, np.histogram(x, 20)[1][:-1]) for x in z.T])
    squared = _information(codes, v) ** 2
    largest = squared.max(axis=1)
    right = (1 - (squared.sum(axis=1) - largest) / (largest * (v.shape[1] - 1))).mean()
    assert dm.modularity(z, v, preset="disentanglement_lib").score == pytest.approx(right, abs=1e-12)
    importance = _information(codes, v)
    importance /= importance.sum(axis=0)
    per_code = np.array([shares.disentanglement_of_latent(row) for row in importance])
    weight = importance.sum(axis=1) / importance.sum()
    assert dm.med(z, v, preset="disentanglement_lib_med").score == pytest.approx(per_code @ weight, abs=1e-12)


@pytest.mark.parametrize("bin_labels", [True, False])
def test_ubisoft_bins_labels_before_modularity_and_dcimig(bin_labels):
    z, v = _codes_and_factors()
    codes = np.column_stack([_min_max_bins(x, 10) for x in z.T])
    factors = np.column_stack([_min_max_bins(x, 10) for x in v.T]) if bin_labels else v
    information = _information(codes, factors)
    settings = {} if bin_labels else {"bin_labels": False}
    right = np.mean([shares.modularity_of_latent(row) for row in information])
    assert dm.modularity(z, v, preset="ubisoft", **settings).score == pytest.approx(right, abs=1e-12)
    right, _ = shares.dcimig(information, [oracle.entropy(column) for column in factors.T])
    assert dm.dcimig(z, v, preset="ubisoft", **settings).score == pytest.approx(right, abs=1e-12)


def test_latent_quantization_counts_ten_neighbours_and_wide_latents():
    z, v = _codes_and_factors()
    z = np.column_stack([z, 0.01 * z[:, 0]])
    result = dm.infomec(z, v, preset="latent_quantization")
    assert result.active.tolist() == [True] * 4 + [False]
    told = dm.estimators.mutual_information(z, v, estimator="knn", n_neighbours=10).mutual_information[:4]
    # An estimate by neighbours may be above the entropy; the peer leaves such shares above 1.
    told = np.minimum(told / np.array([oracle.entropy(column) for column in v.T]), 1.0)
    assert result.infom == pytest.approx(np.mean([shares.largest_share(row) for row in told if row.any()]), abs=1e-12)
    assert result.infoc == pytest.approx(np.mean([shares.largest_share(column) for column in told.T]), abs=1e-12)
    assert (result.settings["null"], result.settings["n_neighbours"]) == ("uniform", 10)
