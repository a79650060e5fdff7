"""SEPIN, INDIN and their means, and the dual total correlation: against closed forms, quadrature and enumeration."""

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.warnings import SaturationWarning
from oracles import decomposition as oracle
from oracles import linear_gaussian
from own_posterior import Own
from sizes import size

N_DRAWS = size(4096, 256)

pytestmark = pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning")

SEPIN = {
    "wsepin": "wsepin",
    "windin": "windin",
    "sepin_per_latent": "sepin",
    "indin_per_latent": "indin",
    "sep_per_latent": "sep",
    "index_code_mi": "index_code_mi",
}
DUAL = {
    "dual_total_correlation": "dual_total_correlation",
    "total_correlation": "total_correlation",
    "joint_entropy": "joint_entropy",
}


def assert_sampled(result, names, right, tolerance):
    """Within four of their own standard errors, the bound on what was left out, and the quadrature's tolerance."""
    for name, key in names.items():
        value, error = getattr(result, name), result.standard_error[name]
        assert np.shape(value) == np.shape(error) == np.shape(right[key])
        assert (np.abs(value - right[key]) <= 4 * error + result.numerical_bound + tolerance).all(), name
        low, high = result.interval[name]
        assert (np.less_equal(low, value) & np.less_equal(value, high)).all()


def assert_terms(posterior, right, weights=None, tolerance=1e-7, **settings):
    """Both metrics; what comes from quadrature to the tolerance."""
    settings = {"n_draws": N_DRAWS, "rng": 0, **settings}
    result = dm.sepin(posterior, weights=weights, **settings)
    assert result.index_information_per_latent == pytest.approx(right["index_code_mi_per_latent"], abs=tolerance)
    assert_sampled(result, SEPIN, right, tolerance)
    # Latents are independent given the sample, and the estimates share their draws.
    assert result.indin_per_latent == pytest.approx(result.sepin_per_latent, abs=1e-12)
    assert result.windin == pytest.approx(result.wsepin, abs=1e-12)
    assert result.weight_per_latent.sum() == pytest.approx(0.0 if result.wsepin == 0.0 else 1.0)

    dual = dm.dual_total_correlation(posterior, weights=weights, **settings)
    assert dual.marginal_entropy_per_latent == pytest.approx(right["marginal_entropies"], abs=tolerance)
    assert_sampled(dual, DUAL, right, tolerance)
    shared = dual.marginal_entropy_per_latent - dual.conditional_entropy_per_latent
    assert dual.total_correlation + dual.dual_total_correlation == pytest.approx(shared.sum(), abs=1e-9)
    assert shared == pytest.approx(result.sep_per_latent, abs=1e-9)
    return result, dual


LINEAR = {
    "square": ([[0.8, 0.3], [0.2, 0.9]], [0.4, 0.5]),
    "triangular": ([[0.9, 0.0], [0.7, 0.5]], [0.3, 0.4]),
    "one cause, three latents": ([[0.9], [-0.7], [0.3]], [0.5, 0.6, 0.9]),
    "two causes, three latents": ([[0.8, 0.0], [0.5, 0.5], [0.0, 0.6]], [0.6, 0.7, 0.8]),
    "two causes, five latents": (
        [[0.8, 0.0], [0.5, 0.5], [0.0, 0.6], [0.3, -0.2], [0.0, 0.0]],
        [0.6, 0.7, 0.8, 0.9, 1],
    ),
}


@pytest.mark.parametrize(("matrix", "scale"), LINEAR.values(), ids=LINEAR)
def test_a_linear_gaussian_model_has_its_closed_form(matrix, scale):
    mean, scales, weights = linear_gaussian.lattice(np.array(matrix), np.array(scale))
    right = linear_gaussian.exact_terms(np.array(matrix), np.array(scale))
    posterior = dm.GaussianPosterior.from_scale(mean, scales)
    # Controls come from a spline, and here nearly nothing else is left.
    result, _ = assert_terms(posterior, right, weights, tolerance=5e-7)
    assert result.standard_error["sepin_per_latent"].max() < size(1e-4, 0.05)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("method", ["brute", "tree"])
@pytest.mark.parametrize("n_latents", [1, 2, 3])
def test_small_mixtures_equal_tensor_quadrature(method, n_latents, seed):
    rng = np.random.default_rng(10 * n_latents + seed)
    mean, scale = rng.normal(size=(20, n_latents)), rng.uniform(0.3, 0.9, (20, n_latents))
    weights = rng.gamma(1.0, size=20)
    right = oracle.exact_terms(mean, scale, weights)
    posterior = dm.GaussianPosterior.from_scale(mean, scale)
    result, _ = assert_terms(posterior, right, weights, log_density=method, rng=seed)
    assert (result.n_draws == 0) == (n_latents == 1)


def test_of_a_single_latent_nothing_is_left_without_it():
    rng = np.random.default_rng(0)
    posterior = dm.GaussianPosterior.from_scale(rng.normal(size=(30, 1)), np.full((30, 1), 0.4))
    result, dual = dm.sepin(posterior), dm.dual_total_correlation(posterior)
    assert result.sep_per_latent == pytest.approx([0.0], abs=1e-12)
    assert result.wsepin == result.index_code_mi == result.index_information_per_latent[0] > 0.5
    assert result.standard_error["wsepin"] == 0.0
    assert dual.dual_total_correlation == 0.0
    assert dual.total_correlation == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("n_latents", [1, 2])
def test_laplace_mixtures_equal_tensor_quadrature(n_latents):
    rng = np.random.default_rng(5)
    location, scale = rng.normal(size=(12, n_latents)), rng.uniform(0.2, 0.6, (12, n_latents))
    assert_terms(dm.LaplacePosterior(location, scale), oracle.exact_laplace_terms(location, scale))


def test_tables_are_summed_in_full_where_they_are_small():
    rng = np.random.default_rng(6)
    table = rng.dirichlet([0.4, 1.0, 0.7], size=(30, 4))
    weights = rng.gamma(1.0, size=30)
    right = oracle.exact_table_terms(table, weights)
    result, dual = assert_terms(dm.CategoricalPosterior(table), right, weights, tolerance=1e-12)
    assert result.n_draws == dual.n_draws == 0


def test_large_tables_are_sampled():
    # Latents 0 to 3 hold the information, 15 more are fair coins: the same terms, in a table too large to sum.
    rng = np.random.default_rng(7)
    informative = rng.dirichlet([0.4, 0.7], size=(30, 4))
    right = oracle.exact_table_terms(informative)
    coins = np.full((30, 15), 0.5)
    posterior = dm.BernoulliPosterior(np.c_[informative[:, :, 1], coins])
    result = dm.sepin(posterior, n_draws=N_DRAWS, rng=0)
    assert result.n_draws == N_DRAWS
    of_first = result.sepin_per_latent[:4]
    assert (np.abs(of_first - right["sepin"]) <= 4 * result.standard_error["sepin_per_latent"][:4]).all()
    assert result.sepin_per_latent[4:] == pytest.approx(0.0, abs=1e-12)
    assert abs(result.wsepin - right["wsepin"]) <= 4 * result.standard_error["wsepin"]


@pytest.mark.parametrize("family", ["gaussian", "laplace"])
@pytest.mark.parametrize("method", ["brute", "tree"])
def test_a_separated_lattice_counts_its_places(family, method):
    places = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]])
    centre, scale, weights, right = oracle.separated_lattice(places, np.array([0.1, 0.2, 0.3]), family=family)
    make = dm.GaussianPosterior.from_scale if family == "gaussian" else dm.LaplacePosterior
    result, dual = assert_terms(make(centre, scale), right, weights, log_density=method)
    # Exclusive or: any two latents tell the sample, so the third adds nothing, and shares all it tells with them.
    assert result.sepin_per_latent == pytest.approx(0.0, abs=1e-6)
    assert result.sep_per_latent == pytest.approx(np.log(2), abs=1e-6)
    assert dual.dual_total_correlation == pytest.approx(2 * np.log(2), abs=1e-6)


def test_components_far_apart_in_one_latent_alone_are_told_apart_by_it():
    # 1e6 scales: what the other latents add must not be lost beside that.
    rng = np.random.default_rng(1)
    near = rng.normal(size=(12, 1))
    mean = np.r_[np.c_[near, np.zeros(12)], np.c_[near, np.full(12, 1e6)]]
    scale = np.c_[np.full(24, 0.5), np.ones(24)]
    result = dm.sepin(dm.GaussianPosterior.from_scale(mean, scale), n_draws=N_DRAWS, rng=0)
    right = oracle.exact_terms(near, np.full((12, 1), 0.5))["index_code_mi"]
    assert result.sepin_per_latent[1] == pytest.approx(np.log(2), abs=1e-9)
    assert abs(result.sepin_per_latent[0] - right) <= 4 * result.standard_error["sepin_per_latent"][0] + 1e-6
    assert result.sep_per_latent == pytest.approx([0, 0], abs=4 * result.standard_error["sep_per_latent"].max() + 1e-6)


@pytest.mark.parametrize("n_latents", [1, 2, 10])
def test_a_collapsed_posterior_gives_zero(n_latents):
    mean, scale, right = oracle.collapsed(50, n_latents)
    result, dual = assert_terms(dm.GaussianPosterior.from_scale(mean, scale), right, tolerance=1e-9)
    assert result.wsepin == result.windin == 0.0
    assert (result.weight_per_latent == 0.0).all()
    assert dual.dual_total_correlation == pytest.approx(0.0, abs=1e-12)


def test_a_dead_latent_adds_and_changes_nothing():
    rng = np.random.default_rng(8)
    mean, scale = rng.normal(size=(15, 2)), rng.uniform(0.3, 0.8, (15, 2))
    right = oracle.exact_terms(mean, scale)
    dead = dm.GaussianPosterior.from_scale(np.c_[mean, np.zeros(15)], np.c_[scale, np.ones(15)])
    result = dm.sepin(dead, n_draws=N_DRAWS, rng=0)
    assert result.sepin_per_latent[2] == pytest.approx(0.0, abs=1e-12)
    assert result.sep_per_latent[2] == pytest.approx(0.0, abs=1e-8)
    assert result.weight_per_latent[2] == pytest.approx(0.0, abs=1e-8)
    error = result.standard_error["sepin_per_latent"][:2]
    assert (np.abs(result.sepin_per_latent[:2] - right["sepin"]) <= 4 * error + 1e-6).all()
    assert abs(result.wsepin - right["wsepin"]) <= 4 * result.standard_error["wsepin"] + 1e-6


def test_a_duplicated_latent_leaves_both_with_what_a_second_draw_adds():
    # z_0 and z_1 have the same posteriors: I(x; z_0 | z_1, z_2) is far below I(x; z_0 | z_2), and the two are equal.
    rng = np.random.default_rng(9)
    mean, scale = rng.normal(size=(15, 2)), np.full((15, 2), 0.2)
    twice = dm.GaussianPosterior.from_scale(mean[:, [0, 0, 1]], scale[:, [0, 0, 1]])
    result, _ = assert_terms(twice, oracle.exact_terms(mean[:, [0, 0, 1]], scale[:, [0, 0, 1]]), tolerance=1e-6)
    error = result.standard_error["sepin_per_latent"]
    assert abs(result.sepin_per_latent[0] - result.sepin_per_latent[1]) <= 4 * error[:2].sum()
    once = dm.sepin(dm.GaussianPosterior.from_scale(mean, scale), n_draws=N_DRAWS, rng=0)
    assert result.sepin_per_latent[0] < 0.5 * once.sepin_per_latent[0]


def test_permuted_latents_are_permuted_results():
    rng = np.random.default_rng(12)
    posterior = dm.GaussianPosterior.from_scale(rng.normal(size=(60, 4)), rng.uniform(0.3, 0.8, (60, 4)))
    order = np.array([2, 0, 3, 1])
    one = dm.sepin(posterior, n_draws=N_DRAWS, rng=0)
    other = dm.sepin(posterior.select(order), n_draws=N_DRAWS, rng=1)
    assert other.index_information_per_latent == pytest.approx(one.index_information_per_latent[order], abs=1e-9)
    for name in ("sepin_per_latent", "sep_per_latent"):
        slack = 4 * np.hypot(one.standard_error[name][order], other.standard_error[name])
        assert (np.abs(getattr(other, name) - getattr(one, name)[order]) <= slack).all()
    table = dm.CategoricalPosterior(rng.dirichlet([0.5, 0.5], size=(20, 4)))
    exact, permuted = dm.sepin(table), dm.sepin(table.select(order))
    assert permuted.sepin_per_latent == pytest.approx(exact.sepin_per_latent[order], abs=1e-12)
    assert permuted.wsepin == pytest.approx(exact.wsepin, abs=1e-12)


@pytest.mark.parametrize("make", [dm.GaussianPosterior.from_scale, dm.LaplacePosterior])
def test_a_posterior_of_ones_own_equals_ours(make):
    rng = np.random.default_rng(11)
    ours = make(rng.normal(size=(20, 3)), rng.uniform(0.3, 0.8, (20, 3)))
    one, other = (dm.sepin(each, n_draws=200, rng=0) for each in (Own(ours), ours))
    assert one.index_information_per_latent == pytest.approx(other.index_information_per_latent, abs=1e-7)
    assert one.sepin_per_latent == pytest.approx(other.sepin_per_latent, abs=1e-3)
    table = dm.CategoricalPosterior(rng.dirichlet([0.5, 0.5], size=(20, 3)))
    assert dm.sepin(Own(table)).to_dict() == dm.sepin(table).to_dict()


def test_integer_weights_equal_repeated_rows_and_rows_of_weight_zero_are_gone():
    rng = np.random.default_rng(13)
    table = rng.dirichlet([0.5, 0.5], size=(12, 3))
    counts = np.arange(12) % 3
    weighted = dm.sepin(dm.CategoricalPosterior(table), weights=counts)
    repeated = dm.sepin(dm.CategoricalPosterior(np.repeat(table, counts, axis=0)))
    assert weighted.sepin_per_latent == pytest.approx(repeated.sepin_per_latent, abs=1e-12)
    assert weighted.wsepin == pytest.approx(repeated.wsepin, abs=1e-12)


@pytest.mark.parametrize(("factor", "offset"), [(1e-6, 0.0), (1.0, 1e6), (1e6, -1e6)])
def test_information_does_not_depend_on_units(factor, offset):
    rng = np.random.default_rng(14)
    mean, scale = rng.normal(size=(30, 3)), rng.uniform(0.3, 0.8, (30, 3))
    one = dm.sepin(dm.GaussianPosterior.from_scale(mean, scale), n_draws=N_DRAWS, rng=0)
    other = dm.sepin(dm.GaussianPosterior.from_scale(offset + factor * mean, factor * scale), n_draws=N_DRAWS, rng=0)
    assert other.sepin_per_latent == pytest.approx(one.sepin_per_latent, abs=1e-6)
    assert other.wsepin == pytest.approx(one.wsepin, abs=1e-6)


def test_the_tree_stays_within_its_bound():
    rng = np.random.default_rng(15)
    n = size(3000, 400)
    posterior = dm.GaussianPosterior.from_scale(rng.normal(size=(n, 4)), rng.uniform(0.02, 0.1, (n, 4)))
    settings = {"n_draws": size(512, 128), "rng": 0}
    brute = dm.sepin(posterior, log_density="brute", **settings)
    assert brute.settings["evaluated"] == 1.0
    assert brute.numerical_bound == 0.0
    for tolerance in (1e-3, 1e-6, 0.0):
        tree = dm.sepin(posterior, log_density="tree", tolerance=tolerance, **settings)
        slack = tree.numerical_bound + 1e-9
        assert np.abs(tree.sepin_per_latent - brute.sepin_per_latent).max() <= slack
        assert abs(tree.index_code_mi - brute.index_code_mi) <= slack
        assert abs(tree.wsepin - brute.wsepin) <= slack
        assert (tree.numerical_bound > 0) == (tree.settings["evaluated"] < 1.0) == (tolerance > 0)


@pytest.mark.parametrize("n_draws", [32, 80, 256])
def test_few_draws_and_many_latents_have_fewer_controls(n_draws):
    rng = np.random.default_rng(16)
    mean, scale = rng.normal(size=(30, 12)), rng.uniform(0.5, 2.0, (30, 12))
    result = dm.sepin(dm.GaussianPosterior.from_scale(mean, scale), n_draws=n_draws, rng=0)
    assert result.n_draws == n_draws
    assert 2 <= result.n_controls <= n_draws // 16


@pytest.mark.parametrize("n_draws", [64, 1024])
def test_intervals_cover_as_often_as_they_say(n_draws):
    rng = np.random.default_rng(17)
    mean, scale = rng.normal(size=(8, 2)), rng.uniform(0.3, 0.9, (8, 2))
    right = oracle.exact_terms(mean, scale)
    posterior = dm.GaussianPosterior.from_scale(mean, scale)
    n_seeds = size(150, 8)
    covered = np.zeros(2)
    for seed in range(n_seeds):
        result = dm.sepin(posterior, n_draws=n_draws, rng=seed)
        low, high = result.interval["sepin_per_latent"]
        covered += (low <= right["sepin"]) & (right["sepin"] <= high)
    assert (covered / n_seeds >= 0.95 - 4 * np.sqrt(0.95 * 0.05 / n_seeds)).all()


def test_drawing_goes_on_until_every_standard_error_is_reached():
    rng = np.random.default_rng(18)
    posterior = dm.GaussianPosterior.from_scale(rng.normal(size=(200, 3)), np.full((200, 3), 0.4))
    target = size(0.002, 0.008)
    result = dm.sepin(posterior, target_se=target, rng=0)
    assert all(np.max(error) <= target for error in result.standard_error.values())
    assert result.n_draws > 512
    dual = dm.dual_total_correlation(posterior, target_se=target, rng=0)
    assert dual.standard_error["dual_total_correlation"] <= target


def test_the_best_latents_are_those_that_tell_most():
    rng = np.random.default_rng(19)
    result = dm.sepin(dm.CategoricalPosterior(rng.dirichlet([0.2, 0.5], size=(20, 4))))
    most = np.argsort(-result.index_information_per_latent)
    assert result.sepin_at(1) == result.sepin_per_latent[most[0]]
    assert result.sepin_at(2) == pytest.approx(result.sepin_per_latent[most[:2]].mean())
    assert result.sepin_at(4) == pytest.approx(result.sepin_per_latent.mean())
    for k in (0, 5, 1.5):
        with pytest.raises((TypeError, ValueError), match="k="):
            result.sepin_at(k)


@pytest.mark.parametrize("function", [dm.sepin, dm.dual_total_correlation])
def test_the_same_seed_gives_the_same_bits(function):
    posterior = dm.GaussianPosterior(np.random.default_rng(0).normal(size=(50, 3)), np.full((50, 3), -1.0))
    one, same, other = (function(posterior, n_draws=64, rng=seed) for seed in (1, 1, 2))
    assert one.to_dict() == same.to_dict()
    assert one.score != other.score
    assert float(one) == one.score


def test_the_index_at_its_ceiling_is_told():
    apart = dm.GaussianPosterior.from_scale(100.0 * np.arange(30.0)[:, None] * [1, 1], np.ones((30, 2)))
    for function in (dm.sepin, dm.dual_total_correlation):
        with pytest.warns(SaturationWarning, match="ceiling of 3.401 nats"):
            function(apart, n_draws=64, rng=0)


@pytest.mark.parametrize("function", [dm.sepin, dm.dual_total_correlation])
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_draws": 8}, "n_draws=8"),
        ({"target_se": 0.0}, "target_se=0.0"),
        ({"target_se": 0.1, "n_draws": 64}, "both given"),
        ({"log_density": "kdtree"}, "log_density='kdtree'"),
        ({"tolerance": -1.0}, "tolerance=-1.0"),
        ({"weights": [1.0]}, "weights has shape"),
        ({"rng": -1}, "rng=-1"),
    ],
)
def test_bad_settings_are_named(function, settings, message):
    posterior = dm.GaussianPosterior(np.zeros((5, 2)), np.zeros((5, 2)))
    with pytest.raises((TypeError, ValueError), match=message):
        function(posterior, **settings)


@pytest.mark.parametrize("function", [dm.sepin, dm.dual_total_correlation])
def test_points_and_draws_without_a_density_are_refused(function):
    with pytest.raises(TypeError, match="a posterior is wanted"):
        function(np.zeros((5, 2)))
    with pytest.raises(TypeError, match="SampledPosterior has neither log_density with support"):
        function(dm.SampledPosterior(np.zeros((3, 5, 2))))
