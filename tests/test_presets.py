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


def _sparse_codes_and_factors():
    """Few rows, factors with more values than bins, and a latent whose deviation is below the threshold."""
    rng = np.random.default_rng(4)
    v = np.indices((2, 12, 3)).reshape(3, -1).T
    z = np.column_stack([v[:, 0] + v[:, 1] / 6, v[:, 1] / 4, v[:, 2], 0.04 * v[:, 2]]) + 0.01 * rng.normal(size=(72, 4))
    return z, v


def _binned(v, n_bins):
    return np.column_stack([_min_max_bins(column.astype(float), n_bins) for column in v.T])


@pytest.mark.parametrize(
    ("preset", "n_bins", "kwargs"), [("disentanglement_lib", 20, {"q": 99}), ("ubisoft", 10, {"q": 100})]
)
def test_irs_bins_labels_and_takes_values_alike(preset, n_bins, kwargs):
    z, v = _sparse_codes_and_factors()
    largest = np.abs(z - z.mean(axis=0)).max(axis=0)
    matrix = np.empty((4, 3))
    for k, column in enumerate(_binned(v, n_bins).T):
        groups = [z[column == value] for value in np.unique(column)]
        within = [np.percentile(np.abs(group - group.mean(axis=0)), axis=0, **kwargs) for group in groups]
        matrix[:, k] = 1 - np.mean(within, axis=0) / largest
    result = dm.irs(z, v, preset=preset)
    assert result.robustness == pytest.approx(matrix, abs=1e-12)
    assert result.score == pytest.approx(np.average(matrix.max(axis=1), weights=largest), abs=1e-12)


def test_presets_of_votes_prune_by_an_absolute_deviation_and_keep_the_prior():
    z, v = _sparse_codes_and_factors()
    votes = {"n_train": 60, "n_test": 60, "rng": 0}
    for preset in ("disentanglement_lib", "ubisoft"):
        assert dm.factor_vae_score(z, v, preset=preset, **votes).active.tolist() == [True, True, True, False]
    assert dm.factor_vae_score(z, v, **votes).active.all()
    at_the_prior = dm.GaussianPosterior.from_scale(0.06 * z / z.std(axis=0), np.ones(z.shape))
    assert not dm.factor_vae_score(at_the_prior, v, **votes).active.any()
    assert dm.factor_vae_score(at_the_prior, v, preset="disentanglement_lib", **votes).active.all()


def test_ubisoft_scales_the_score_and_draws_values_alike():
    z, v = _sparse_codes_and_factors()
    for metric in (dm.factor_vae_score, dm.relevance_factor_vae_score, dm.beta_vae_score):
        few = {"n_train": 60, "n_test": 60} if metric is dm.beta_vae_score else {}
        result = metric(z, v, preset="ubisoft", rng=0, **few)
        assert result.score == result.chance_scaled == pytest.approx(1.5 * result.accuracy - 0.5)
        assert result.settings["balanced_values"] is True
        plain = metric(z, v, preset="ubisoft", rng=0, scaled=False, **few)
        assert plain.score == plain.accuracy == result.accuracy
    uneven = np.repeat(np.arange(4), [40, 4, 4, 4])
    table = dm.estimators.TableSampler(z[:52], np.column_stack([uneven, v[:52, 2]]), balanced_values=True)
    drawn = uneven[table.rows((0,), size(4000, 800), 3, np.random.default_rng(0))[:, 0]]
    assert np.bincount(drawn) / len(drawn) == pytest.approx(np.full(4, 0.25), abs=size(3, 6) / 100)


def test_differences_of_other_libraries_are_not_standardised():
    z, v = _sparse_codes_and_factors()
    votes = {"n_train": 200, "n_test": 200, "rng": 0}
    tiny = dm.beta_vae_score(1e-6 * z, v, preset="disentanglement_lib", **votes)
    # The penalty of the classifier keeps it from seeing differences of that size.
    assert tiny.score < 0.6 < dm.beta_vae_score(1e-6 * z, v, **votes).score
