"""Mutual information between latents: against dense quadrature, closed forms, counts and neighbours; and what it is not
allowed to depend on."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dismetrics as dm
from dismetrics.estimators.pairwise import posterior as pairwise_posterior
from dismetrics.estimators.pairwise import product, quadrature
from dismetrics.estimators.pairwise.information import information_of_cells
from dismetrics.estimators.pairwise.quadrature import Quadratures
from dismetrics.inputs import as_labelled
from dismetrics.warnings import DegenerateDataWarning, PrecisionWarning
from oracles import binning, decomposition, linear_gaussian, pairwise
from sizes import size


def apart(matrix):
    """The entries above the diagonal."""
    return np.asarray(matrix)[np.triu_indices(len(matrix), 1)]


def mixture(seed, n_samples=6, n_latents=3, decades=1.0):
    """Means, scales spread over so many decades (none where grids are summed as plain Python), and weights."""
    decades = size(decades, 0.0)
    rng = np.random.default_rng(seed)
    mean = rng.normal(size=(n_samples, n_latents)) * 2
    scale = 10 ** rng.uniform(-0.5 - decades, 0.3, size=(n_samples, n_latents))
    return mean, scale, rng.dirichlet(np.full(n_samples, 2.0))


class Own:
    """A posterior of a class of one's own: a mixture of two normal densities a latent, which no family of ours has."""

    def __init__(self, mean, scale):
        self.mean, self.scale = mean, scale
        self.parts = [dm.GaussianPosterior.from_scale(mean + sign * scale, scale) for sign in (-1, 1)]
        self.n_samples, self.n_latents = mean.shape

    def log_density(self, z, latent):
        return np.logaddexp(*(part.log_density(z, latent) for part in self.parts)) - np.log(2)

    def support(self, latent):
        return self.parts[0].support(latent)[0], self.parts[1].support(latent)[1]

    def entropy(self):
        nodes, weights = np.polynomial.hermite_e.hermegauss(80)
        z = self.scale[..., None] * (1 + nodes) + self.mean[..., None]
        t = (z - self.mean[..., None]) / self.scale[..., None]
        log_q = np.logaddexp(-0.5 * (t - 1) ** 2, -0.5 * (t + 1) ** 2) - np.log(2 * self.scale[..., None])
        return -(log_q - 0.5 * np.log(2 * np.pi)) @ weights / weights.sum()

    def kl_to_prior(self):
        return 0.5 * (self.mean**2 + 2 * self.scale**2 + np.log(2 * np.pi)) - self.entropy()

    def sample(self, rng):
        signs = rng.choice([-1.0, 1.0], self.mean.shape)
        return self.mean + self.scale * (signs + rng.standard_normal(self.mean.shape))

    def point_codes(self):
        return self.mean

    def take(self, rows):
        return Own(self.mean[rows], self.scale[rows])


# ------------------------------------------------------------------------------------- posteriors: quadrature


@pytest.mark.parametrize("seed", range(size(6, 1)))
@pytest.mark.parametrize("decades", [0.0, 1.5][:: size(1, 2)])
def test_both_quadratures_equal_dense_quadrature(seed, decades):
    mean, scale, weights = mixture(seed, n_latents=2, decades=decades)
    expected = decomposition.exact_terms(mean, scale, weights)["pairwise_mi"][0, 1]
    quadratures = Quadratures(dm.GaussianPosterior.from_scale(mean, scale), weights)
    by_grid, by_panels = quadratures.by_grid((0, 1)).integrate(1.0), quadratures.by_panels((0, 1)).integrate(1.0)
    assert by_grid.information == pytest.approx(expected, abs=2e-9)
    assert by_panels.information == pytest.approx(expected, abs=1e-10)
    assert by_panels.numerical_bound == 1e-8


@pytest.mark.parametrize("seed", range(size(4, 1)))
def test_laplace_posteriors_equal_dense_quadrature(seed):
    location, scale, weights = mixture(seed, n_latents=2)
    expected = decomposition.exact_laplace_terms(location, scale, weights)["pairwise_mi"]
    result = dm.pairwise_mutual_information(dm.LaplacePosterior(location, scale), weights=weights)
    assert result.score == pytest.approx(expected[0, 1], abs=1e-10)
    assert not result.sampled.any()


@pytest.mark.parametrize("seed", range(size(3, 1)))
def test_posteriors_of_ones_own_equal_dense_quadrature(seed):
    mean, scale, weights = mixture(seed, n_samples=size(4, 2), n_latents=2, decades=0.3)
    # Every sample of a mixture of two densities a latent is four samples of the mixture's parts.
    signs = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])
    parts = (mean[:, None] + signs * scale[:, None]).reshape(-1, 2)
    expected = decomposition.exact_terms(parts, np.repeat(scale, 4, axis=0), np.repeat(weights, 4))["pairwise_mi"]
    result = dm.pairwise_mutual_information(Own(mean, scale), weights=weights)
    assert result.score == pytest.approx(expected[0, 1], abs=1e-9)
    sampled = dm.pairwise_mutual_information(Own(mean, scale), weights=weights, estimator="sampled", rng=0)
    assert abs(sampled.score - expected[0, 1]) < 4.5 * sampled.score_standard_error


@pytest.mark.parametrize("seed", range(3))
def test_tables_are_summed_exactly(seed):
    rng = np.random.default_rng(seed)
    table = rng.dirichlet(np.full(4, 0.3), size=(9, 3))
    weights = rng.random(9)
    expected = decomposition.exact_table_terms(table, weights)
    for posterior in (dm.CategoricalPosterior(table), dm.BernoulliPosterior(table[:, :, 0])):
        if isinstance(posterior, dm.BernoulliPosterior):
            expected = decomposition.exact_table_terms(np.stack([1 - table[:, :, 0], table[:, :, 0]], axis=2), weights)
        result = dm.pairwise_mutual_information(posterior, weights=weights)
        assert result.mutual_information == pytest.approx(expected["pairwise_mi"], abs=1e-13)
        assert result.latent_entropy == pytest.approx(expected["marginal_entropies"], abs=1e-13)
        assert not result.numerical_bound.any()
        assert not result.sampled.any()


LINEAR = {
    "weak": (np.array([[1.0, 0.0], [0.1, 1.0]]), np.array([0.9, 0.9])),
    "medium": (np.array([[1.0, 0.2], [0.6, -0.5]]), np.array([0.4, 0.6])),
    "strong": (np.array([[1.0], [-3.0]]), np.array([0.1, 0.4])),
    "one with another scale": (np.array([[1e-6], [2e3]]), np.array([5e-7, 9e2])),
    "independent": (np.diag([1.0, 2.0]), np.array([0.5, 0.7])),
}


@pytest.mark.parametrize(("matrix", "scale"), LINEAR.values(), ids=LINEAR)
def test_two_normal_latents_share_what_their_correlation_says(matrix, scale):
    mean, scales, weights = linear_gaussian.lattice(matrix, scale)
    covariance = matrix @ matrix.T + np.diag(scale**2)
    rho = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    result = dm.pairwise_mutual_information(dm.GaussianPosterior.from_scale(mean, scales), weights=weights)
    assert result.score == pytest.approx(-0.5 * np.log1p(-(rho**2)), abs=5e-9)
    assert result.latent_entropy == pytest.approx(0.5 * np.log(2 * np.pi * np.e * np.diag(covariance)), abs=1e-7)


@pytest.mark.parametrize("family", ["gaussian", "laplace"])
def test_posteriors_that_do_not_touch_tell_their_places(family):
    rng = np.random.default_rng(0)
    places = np.column_stack([np.arange(8), rng.permutation(8), np.arange(8) // 4])
    if family == "laplace":
        places = places[:, [0, 2]]
    centre, scale, weights, terms = decomposition.separated_lattice(
        places, np.full(places.shape[1], 0.3), rng.random(8), family=family
    )
    make = dm.GaussianPosterior.from_scale if family == "gaussian" else dm.LaplacePosterior
    result = dm.pairwise_mutual_information(make(centre, scale), weights=weights)
    assert apart(result.mutual_information) == pytest.approx(apart(terms["pairwise_mi"]), abs=5e-9)


def test_a_large_plane_that_is_nearly_empty_keeps_its_bound():
    # What interpolation leaves between the densities must not add up.
    n = size(100, 12)
    rng = np.random.default_rng(0)
    places = np.column_stack([np.arange(n), rng.permutation(n)])
    centre, scale, weights, _ = decomposition.separated_lattice(places, np.full(2, 0.01), gap=14.0)
    plan = Quadratures(dm.GaussianPosterior.from_scale(centre, scale), weights).by_grid((0, 1))
    assert plan.integrate(1.0).information == pytest.approx(np.log(n), abs=1e-8)


@pytest.mark.parametrize("family", ["gaussian", "laplace", "bernoulli"])
def test_collapsed_and_dead_latents_share_nothing(family):
    rng = np.random.default_rng(0)
    mean = np.column_stack([rng.normal(size=12), np.zeros(12), rng.normal(size=12)])
    posterior = {
        "gaussian": lambda: dm.GaussianPosterior.from_scale(mean, np.ones_like(mean)),
        "laplace": lambda: dm.LaplacePosterior(mean[:, :2], np.ones((12, 2))),
        "bernoulli": lambda: dm.BernoulliPosterior(1 / (1 + np.exp(-mean))),
    }[family]()
    result = dm.pairwise_mutual_information(posterior)
    assert result.mutual_information[0, 1] == pytest.approx(0.0, abs=1e-12)
    assert (apart(result.mutual_information) >= 0).all()
    collapsed, scale, _ = decomposition.collapsed(12, 2)
    assert dm.pairwise_mutual_information(dm.GaussianPosterior.from_scale(collapsed, scale)).score < 1e-12


def test_duplicated_latents_share_a_finite_amount_since_each_has_its_own_noise():
    mean, scale, weights = mixture(0, n_latents=1)
    twice = dm.GaussianPosterior.from_scale(np.repeat(mean, 2, axis=1), np.repeat(scale, 2, axis=1))
    result = dm.pairwise_mutual_information(twice, weights=weights)
    expected = decomposition.exact_terms(twice.mean, twice.scale, weights)["pairwise_mi"][0, 1]
    assert result.score == pytest.approx(expected, abs=1e-8)
    assert result.score < -float(weights @ np.log(weights))
    assert np.isposinf(np.diag(result.mutual_information)).all()


@pytest.mark.parametrize("factor", [1e-200, -1.0, 1e-6, 3.0, 1e200][:: size(1, 4)])
@pytest.mark.parametrize("offset", [0.0, 1e6][:: size(1, 2)])
def test_neither_unit_nor_offset_of_a_latent_matters(factor, offset):
    mean, scale, weights = mixture(1, n_latents=2)
    one = dm.pairwise_mutual_information(dm.GaussianPosterior.from_scale(mean, scale), weights=weights).score
    moved = mean * [factor, 1.0] + [offset * min(abs(factor), 1.0), 0.0]
    scaled = scale * [abs(factor), 1.0]
    other = dm.pairwise_mutual_information(dm.GaussianPosterior.from_scale(moved, scaled), weights=weights).score
    assert other == pytest.approx(one, abs=1e-8)


@given(st.integers(0, 2**32 - 1))
def test_information_is_never_negative_and_at_most_that_of_the_sample(seed):
    mean, scale, weights = mixture(seed, n_samples=3, n_latents=2, decades=0.5)
    posterior = dm.GaussianPosterior.from_scale(mean, scale)
    result = dm.pairwise_mutual_information(posterior, weights=weights)
    told = result.latent_entropy - weights @ posterior.entropy()  # I(z_j; n), which bounds I(z_i; z_j)
    assert -1e-12 <= result.score <= told.min() + 1e-7


def test_weights_are_repeated_rows_and_zero_weights_absent_ones():
    mean, scale, _ = mixture(2, n_samples=8)
    counts = np.array([1, 0, 3, 2, 1, 0, 1, 2])
    rows = np.repeat(np.arange(8), counts)
    posterior = dm.GaussianPosterior.from_scale(mean, scale)
    weighted = dm.pairwise_mutual_information(posterior, weights=counts)
    repeated = dm.pairwise_mutual_information(posterior.take(rows))
    assert apart(weighted.mutual_information) == pytest.approx(apart(repeated.mutual_information), abs=1e-9)


def test_latents_may_come_in_any_order():
    mean, scale, weights = mixture(3)
    order = np.array([2, 0, 1])
    one = dm.pairwise_mutual_information(dm.GaussianPosterior.from_scale(mean, scale), weights=weights)
    other = dm.pairwise_mutual_information(
        dm.GaussianPosterior.from_scale(mean[:, order], scale[:, order]), weights=weights
    )
    assert other.mutual_information == pytest.approx(one.mutual_information[np.ix_(order, order)], abs=1e-9)
    assert other.score == pytest.approx(one.score, abs=1e-9)


# --------------------------------------------------------------------------------------- posteriors: sampling


def test_sampled_information_is_right_within_its_error():
    mean, scale, weights = mixture(4)
    posterior = dm.GaussianPosterior.from_scale(mean, scale)
    exact = dm.pairwise_mutual_information(posterior, weights=weights, estimator="quadrature")
    inside = []
    for seed in range(size(20, 4)):
        sampled = dm.pairwise_mutual_information(
            posterior, weights=weights, estimator="sampled", n_draws=size(1024, 256), rng=seed
        )
        inside += list(
            (apart(sampled.lower) <= apart(exact.mutual_information))
            & (apart(exact.mutual_information) <= apart(sampled.upper))
        )
        assert abs(sampled.score - exact.score) < 4.5 * sampled.score_standard_error
        assert apart(sampled.sampled).all()
        assert sampled.settings == {"estimator": "sampled", "n_draws": size(1024, 256), "seed": seed}
    assert np.mean(inside) > 0.85
    assert not exact.sampled.any()
    assert exact.settings == {"estimator": "quadrature"}


def test_sampled_laplace_posteriors_agree_too():
    location, scale, weights = mixture(5, n_latents=2)
    posterior = dm.LaplacePosterior(location, scale)
    exact = dm.pairwise_mutual_information(posterior, weights=weights)
    sampled = dm.pairwise_mutual_information(posterior, weights=weights, estimator="sampled", n_draws=512, rng=1)
    assert abs(sampled.score - exact.score) < 4.5 * sampled.score_standard_error


def test_pairs_that_cost_too_much_are_sampled_and_the_result_says_which(monkeypatch):
    mean, scale, weights = mixture(6, decades=0.3)
    scale[0, 0] = 1e-3  # the pairs of this latent have a grid a hundred times as large
    posterior = dm.GaussianPosterior.from_scale(mean, scale)
    exact = dm.pairwise_mutual_information(posterior, weights=weights)
    assert not exact.sampled.any()
    monkeypatch.setattr(quadrature, "_MOST_MEMBERS", 0)
    monkeypatch.setattr(quadrature, "MOST_POINTS", 200_000)
    result = dm.pairwise_mutual_information(posterior, weights=weights, n_draws=512, rng=0)
    assert result.sampled.tolist() == [[False, True, True], [True, False, False], [True, False, False]]
    assert (result.standard_error > 0).tolist() == result.sampled.tolist()
    assert result.settings == {"estimator": "auto", "n_draws": 512, "seed": 0}
    assert np.abs(apart(result.mutual_information) - apart(exact.mutual_information)).max() < 0.1
    assert result.mutual_information[1, 2] == pytest.approx(exact.mutual_information[1, 2], abs=1e-8)
    with pytest.raises(ValueError, match=r"estimator='quadrature'.*latents 0 and 1.*'auto'"):
        dm.pairwise_mutual_information(posterior, estimator="quadrature")


def test_time_decides_too(monkeypatch):
    mean, scale, weights = mixture(7, n_latents=2)
    posterior = dm.GaussianPosterior.from_scale(mean, scale)
    monkeypatch.setattr(pairwise_posterior, "_SECONDS_IN_ALL", 0.0)
    monkeypatch.setattr(pairwise_posterior, "_TIMES_SAMPLING", 0.0)
    assert dm.pairwise_mutual_information(posterior, weights=weights, n_draws=64, rng=0).sampled[0, 1]


def test_quadrature_that_does_not_settle_is_no_answer(monkeypatch):
    mean, scale, _ = mixture(8, n_latents=2)
    posterior = dm.LaplacePosterior(mean, scale)
    monkeypatch.setattr(pairwise_posterior, "SETTLED", 1e-9)  # below what any rule claims
    with pytest.raises(ValueError, match=r"estimator='quadrature'.*did not settle.*1\.0e-08"):
        dm.pairwise_mutual_information(posterior, estimator="quadrature")
    assert dm.pairwise_mutual_information(posterior, n_draws=64, rng=0).sampled[0, 1]


def test_panels_are_halved_until_two_rules_agree_or_time_is_up():
    mean, scale, weights = mixture(9, n_latents=2, decades=0.0)
    fine = [product.gaussian_latent(mean[:, j], scale[:, j], weights) for j in range(2)]
    exact, _ = product.product_information(*fine, weights, 60.0)
    # Three panels, each as wide as several densities.
    wide = [product.LatentOnPanels(np.array([-24.0, -8.0, 8.0]), np.full(3, 16.0), latent.density) for latent in fine]
    impatient, difference = product.product_information(*wide, weights, 0.0)
    assert difference > 1e-5
    assert abs(impatient - exact) < 10 * difference
    patient, settled = product.product_information(*wide, weights, 60.0)
    assert settled < 1e-3 * difference
    assert patient == pytest.approx(exact, abs=10 * settled)


def test_the_same_seed_gives_the_same_draws():
    mean, scale, _ = mixture(9)
    posterior = dm.GaussianPosterior.from_scale(mean, scale)

    def run(rng):
        return dm.pairwise_mutual_information(posterior, estimator="sampled", n_draws=64, rng=rng).mutual_information

    assert np.array_equal(run(3), run(3))
    assert np.array_equal(run(3), run(np.random.default_rng(3)))
    assert not np.array_equal(run(3), run(4))


# ------------------------------------------------------------------------------------------------------ points


def points(seed=0, n_samples=120):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n_samples, 4))
    z[:, 1] += z[:, 0]
    z[:, 3] = np.round(z[:, 2])
    return z


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("options", "bins_of"),
    [
        ({}, lambda x: binning.equal_width_bins(x, 20)),
        ({"n_bins": 7}, lambda x: binning.equal_width_bins(x, 7)),
        ({"discretisation": "quantile", "n_bins": 6}, lambda x: binning.quantile_bins(x, 6)),
        ({"discretisation": "unique"}, binning.unique_bins),
    ],
)
@pytest.mark.filterwarnings("ignore::dismetrics.warnings.DegenerateDataWarning")
def test_counts_equal_the_oracle(weighted, options, bins_of):
    z = points()
    weights = np.random.default_rng(1).random(len(z)) if weighted else None
    bins = np.column_stack([bins_of(column) for column in z.T])
    expected = pairwise.binned_pairs(bins, weights)
    result = dm.pairwise_mutual_information(z, weights=weights, **options)
    assert result.mutual_information == pytest.approx(expected, abs=1e-12)
    assert result.latent_entropy == pytest.approx(np.diag(expected), abs=1e-12)
    assert result.score == pytest.approx(pairwise.mean_off_diagonal(expected), abs=1e-12)
    assert np.array_equal(result.mutual_information, result.mutual_information.T)
    assert result.settings["estimator"] == "histogram"


def test_corrections_of_counts():
    z = points(n_samples=60)
    bins = np.column_stack([binning.equal_width_bins(column, 5) for column in z.T])
    corrected = dm.pairwise_mutual_information(z, n_bins=5, correction="miller_madow")
    assert apart(corrected.mutual_information) == pytest.approx(apart(pairwise.miller_madow_pairs(bins)), abs=1e-12)
    plain, shuffled = (
        dm.pairwise_mutual_information(z, n_bins=5, correction=name, rng=0) for name in ("none", "shuffle")
    )
    assert shuffled.settings["seed"] == 0
    # Of independent latents, shuffling takes away nearly all.
    assert shuffled.mutual_information[0, 2] < 0.3 * plain.mutual_information[0, 2]
    assert np.array_equal(shuffled.mutual_information, shuffled.mutual_information.T)


def test_neighbours_equal_the_oracle():
    z = points(n_samples=60)
    for n_neighbours in (3, 6):
        result = dm.pairwise_mutual_information(z, estimator="knn", n_neighbours=n_neighbours)
        assert result.mutual_information == pytest.approx(pairwise.neighbour_pairs(z, n_neighbours), abs=1e-10)
        assert result.latent_entropy is None
        assert result.joint_entropy is None
        assert result.settings == {"estimator": "knn", "n_neighbours": n_neighbours}


def test_repeated_points_share_the_entropy_of_their_bins():
    z = points()[:, [0, 0]]
    result = dm.pairwise_mutual_information(z)
    assert result.score == pytest.approx(result.latent_entropy[0], abs=1e-12)


@pytest.mark.parametrize("estimator", ["histogram", "knn"])
def test_constant_latents_share_nothing(estimator):
    z = np.column_stack([points(), np.full(120, 3.0)])
    result = dm.pairwise_mutual_information(z, estimator=estimator)
    assert not result.mutual_information[4, :4].any()
    assert np.isfinite(result.score)


def test_points_in_any_container_and_unit():
    z = np.round(points() * 64) / 64
    expected = dm.pairwise_mutual_information(z).mutual_information
    read_only = z.copy()
    read_only.setflags(write=False)
    for same in (z.astype(np.float32), np.asfortranarray(z), z.tolist(), read_only, z * 2.0**-20 + 64.0):
        assert np.array_equal(dm.pairwise_mutual_information(same).mutual_information, expected)


def test_draws_are_pooled():
    draws = np.stack([points(0), points(1)])
    expected = dm.pairwise_mutual_information(np.concatenate(draws)).mutual_information
    posterior = dm.SampledPosterior(draws)
    assert np.array_equal(dm.pairwise_mutual_information(posterior, estimator="histogram").mutual_information, expected)
    with pytest.raises(TypeError, match=r"SampledPosterior.*support"):
        dm.pairwise_mutual_information(posterior)


def test_posteriors_by_their_point_codes():
    z = points()
    posterior = dm.GaussianPosterior.from_scale(z, np.ones_like(z))
    for estimator in ("histogram", "knn"):
        one = dm.pairwise_mutual_information(posterior, estimator=estimator)
        assert one.score == dm.pairwise_mutual_information(z, estimator=estimator).score


# ------------------------------------------------------------------------------------------------- odd input

GAUSSIAN = dm.GaussianPosterior.from_scale(points(), np.ones((120, 4)))

REFUSED = {
    "one latent": (points()[:, :1], {}, r"at least two latents"),
    "nan": (np.where(points() > 2, np.nan, points()), {}, r"column \d of latents .*not finite"),
    "one axis": (points()[:, 0], {}, r"latents has shape \(120,\)"),
    "no array": (None, {}, r"latents has shape \(\)"),
    "complex": (points() + 0j, {}, r"latents holds complex"),
    "empty": (points()[:0], {}, r"latents is empty"),
    "transposed": (points()[:, :1].T, {}, r"latents has one row.*transposed"),
    "estimator": (points(), {"estimator": "mine"}, r"estimator='mine'.*'histogram'"),
    "quadrature of points": (points(), {"estimator": "quadrature"}, r"estimator='quadrature' needs posteriors"),
    "auto of points": (points(), {"estimator": "auto"}, r"estimator='auto' needs posteriors"),
    "draws of points": (points(), {"n_draws": 99}, r"n_draws=99 has no part in estimator='histogram'"),
    "bins of neighbours": (points(), {"estimator": "knn", "n_bins": 9}, r"n_bins=9 has no part in estimator='knn'"),
    "bins of posteriors": (GAUSSIAN, {"n_bins": 9}, r"n_bins=9 has no part"),
    "few draws": (GAUSSIAN, {"n_draws": 8}, r"n_draws=8.*at least 32"),
    "draws of quadrature": (GAUSSIAN, {"n_draws": 99, "estimator": "quadrature"}, r"n_draws=99 has no part"),
    "tables sampled": (dm.BernoulliPosterior(np.full((9, 2), 0.5)), {"estimator": "sampled"}, r"sums are exact"),
    "seed": (GAUSSIAN, {"rng": "seed"}, r"rng='seed'"),
    "seed of counts": (points(), {"rng": -1}, r"rng=-1"),
    "weights of neighbours": (points(), {"estimator": "knn", "weights": np.ones(120)}, r"'knn'.*weights"),
    "weights of a correction": (points(), {"correction": "shuffle", "weights": np.ones(120)}, r"correction=.*weights"),
    "weights too few": (points(), {"weights": np.ones(3)}, r"weights has shape \(3,\)"),
    "weights, negative": (GAUSSIAN, {"weights": -np.ones(120)}, r"weights holds -1"),
    "no bins": (points(), {"n_bins": 0}, r"n_bins=0"),
    "half a posterior": (type("Half", (), {"n_samples": 3, "n_latents": 2})(), {}, r"Half is no posterior yet"),
    "weights twice": (as_labelled(points(), np.arange(120)), {"weights": np.ones(120)}, r"come with their weights"),
}


@pytest.mark.parametrize(("latents", "options", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(latents, options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        dm.pairwise_mutual_information(latents, **options)


def test_a_posterior_without_density_is_refused():
    class Bare:
        n_samples, n_latents = 3, 2
        entropy = kl_to_prior = point_codes = lambda self: np.zeros((3, 2))
        sample = take = lambda self, _: None

    with pytest.raises(TypeError, match="Bare"):
        dm.pairwise_mutual_information(Bare())


def test_thin_bins_and_coarse_latents_are_warned_about():
    with pytest.warns(DegenerateDataWarning, match="fewer bins"):
        dm.pairwise_mutual_information(points(), n_bins=2000)
    with pytest.warns(PrecisionWarning):
        dm.pairwise_mutual_information((points() * 1e-3 + 1e4).astype(np.float32))


def test_latents_that_were_validated_with_factors_keep_their_weights():
    weights = np.random.default_rng(0).random(120)
    data = as_labelled(points(), np.arange(120) % 3, weights=weights)
    assert dm.pairwise_mutual_information(data).score == dm.pairwise_mutual_information(points(), weights=weights).score


def test_the_result_is_plain_and_consistent():
    result = dm.pairwise_mutual_information(points())
    json.dumps(result.to_dict(), allow_nan=False)
    assert "PairwiseMutualInformationResult" in result._repr_html_()
    assert float(result) == result.score
    h = result.latent_entropy
    assert result.joint_entropy == pytest.approx(h[:, None] + h - result.mutual_information, abs=1e-12)
    assert np.diag(result.joint_entropy) == pytest.approx(h)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.score = 0.0
    of_densities = dm.pairwise_mutual_information(GAUSSIAN.take(np.arange(9)))
    json.dumps(of_densities.to_dict(), allow_nan=False)
    assert np.isneginf(np.diag(of_densities.joint_entropy)).all()


def test_cells_of_any_total_have_the_same_information():
    rng = np.random.default_rng(0)
    table = rng.random((5, 7))
    expected = decomposition.relative_entropy(
        table / table.sum(), np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum() ** 2
    )
    for total in (1.0, 1e-8, 1e12):
        assert information_of_cells(table * total) == pytest.approx(expected, abs=1e-13)
    independent = np.outer(rng.random(5), rng.random(7))
    assert 0.0 <= information_of_cells(independent) < 1e-14
