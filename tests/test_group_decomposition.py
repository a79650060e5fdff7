"""The decomposition by groups of latents: against closed forms, quadrature and enumeration."""

import itertools

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.warnings import SaturationWarning
from oracles import decomposition as oracle
from oracles import group_decomposition, linear_gaussian
from own_posterior import Own
from sizes import size

N_DRAWS = size(4096, 256)

pytestmark = pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning")

TERMS = {
    "total_correlation_between_groups": "between",
    "total_correlation_per_group": "inside",
    "index_information_per_group": "information",
}


def assert_terms(posterior, groups, right, by_group, weights=None, tolerance=1e-7, **settings):
    """Sampled terms within four of their own standard errors, the rest to the tolerance, and the identities."""
    settings = {"n_draws": N_DRAWS, "rng": 0, **settings}
    result = dm.group_decomposition(posterior, groups=groups, weights=weights, **settings)
    right = {**right, **by_group}
    for name, key in {**TERMS, "total_correlation": "total_correlation", "index_code_mi": "index_code_mi"}.items():
        value, error = getattr(result, name), result.standard_error[name]
        assert np.shape(value) == np.shape(error) == np.shape(right[key])
        assert (np.abs(value - right[key]) <= 4 * error + result.numerical_bound + tolerance).all(), name
        low, high = result.interval[name]
        assert (np.less_equal(low, value) & np.less_equal(value, high)).all()
    if "dimension_wise_kl_per_latent" in right:
        per_group = [right["dimension_wise_kl_per_latent"][group].sum() for group in groups]
        assert result.dimension_wise_kl_per_group == pytest.approx(per_group, abs=tolerance)
        assert result.mean_kl == pytest.approx(right["mean_kl"], abs=tolerance)
    singles = [number for number, group in enumerate(groups) if len(group) == 1]
    assert (result.standard_error["total_correlation_per_group"][singles] == 0).all()
    assert result.total_correlation_per_group[singles] == pytest.approx(0.0, abs=1e-12)
    # The same draws and controls, so the parts add up.
    parts = result.total_correlation_between_groups + result.total_correlation_per_group.sum()
    assert result.total_correlation == pytest.approx(parts, abs=1e-12)
    alone = dm.elbo_decomposition(posterior, weights=weights, n_draws=64, rng=1)
    all_of_it = alone.index_information_per_latent.sum() - result.index_code_mi
    assert result.total_correlation == pytest.approx(all_of_it, abs=1e-9)
    terms = result.index_code_mi + result.total_correlation + result.dimension_wise_kl
    assert terms == pytest.approx(result.mean_kl, abs=1e-9)
    kl = result.total_correlation_per_group + result.dimension_wise_kl_per_group
    assert result.kl_per_group == pytest.approx(kl, abs=1e-12)
    return result


@pytest.mark.parametrize("groups", [[[0, 1], [2, 3]], [[3, 0, 2], [1]], [[0], [1], [2], [3]], [[0, 1, 2, 3]]])
def test_a_linear_gaussian_model_has_its_closed_form(groups):
    matrix = np.array([[0.8, 0.0], [0.5, 0.5], [0.0, 0.6], [0.3, -0.2]])
    scale = np.array([0.6, 0.7, 0.8, 0.9])
    mean, scales, weights = linear_gaussian.lattice(matrix, scale)
    right = linear_gaussian.exact_terms(matrix, scale)
    by_group = group_decomposition.linear_gaussian_terms(matrix, scale, groups)
    posterior = dm.GaussianPosterior.from_scale(mean, scales)
    result = assert_terms(posterior, groups, right, by_group, weights, tolerance=5e-7)
    error = 4 * result.standard_error["entropy_per_group"] + 1e-6
    assert (np.abs(result.entropy_per_group - by_group["entropy"]) <= error).all()
    if len(groups) == 1:
        assert result.total_correlation_between_groups == 0.0
        assert result.standard_error["total_correlation_between_groups"] == 0.0


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("method", ["brute", "tree"])
@pytest.mark.parametrize("groups", [[[0, 1], [2]], [[1, 2], [0]], [[0], [2], [1]]])
def test_small_mixtures_equal_tensor_quadrature(method, groups, seed):
    rng = np.random.default_rng(seed)
    mean, scale = rng.normal(size=(15, 3)), rng.uniform(0.3, 0.9, (15, 3))
    weights = rng.gamma(1.0, size=15)
    right = oracle.exact_terms(mean, scale, weights)
    by_group = group_decomposition.mixture_terms(mean, scale, groups, weights)
    posterior = dm.GaussianPosterior.from_scale(mean, scale)
    assert_terms(posterior, groups, right, by_group, weights, log_density=method, rng=seed)


@pytest.mark.parametrize("groups", [[[0, 1], [2, 3]], [[2, 0, 3], [1]], [[0], [1], [2], [3]], [[3, 2, 1, 0]]])
def test_tables_are_summed_in_full_where_they_are_small(groups):
    rng = np.random.default_rng(6)
    table = rng.dirichlet([0.4, 1.0, 0.7], size=(30, 4))
    weights = rng.gamma(1.0, size=30)
    right = oracle.exact_table_terms(table, weights)
    by_group = group_decomposition.table_terms(table, groups, weights)
    result = assert_terms(dm.CategoricalPosterior(table), groups, right, by_group, weights, tolerance=1e-12)
    assert result.n_draws == 0
    assert result.entropy_per_group == pytest.approx(by_group["entropy"], abs=1e-12)
    own = dm.group_decomposition(Own(dm.CategoricalPosterior(table)), groups=groups, weights=weights)
    assert own.to_dict() == result.to_dict()


def test_large_tables_are_sampled():
    rng = np.random.default_rng(7)
    informative = rng.dirichlet([0.4, 0.7], size=(30, 4))
    by_group = group_decomposition.table_terms(informative, [[0, 1], [2, 3]])
    posterior = dm.BernoulliPosterior(np.c_[informative[:, :, 1], np.full((30, 15), 0.5)])
    groups = [[0, 1, *range(4, 19)], [2, 3]]
    result = dm.group_decomposition(posterior, groups=groups, n_draws=N_DRAWS, rng=0)
    assert result.n_draws == N_DRAWS
    for name, key in TERMS.items():
        assert (np.abs(getattr(result, name) - by_group[key]) <= 4 * result.standard_error[name] + 1e-9).all()


@pytest.mark.parametrize("family", ["gaussian", "laplace"])
@pytest.mark.parametrize("groups", [[[0, 1], [2]], [[0], [1], [2]]])
def test_a_separated_lattice_counts_its_places(family, groups):
    places = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]])
    centre, scale, weights, right = oracle.separated_lattice(places, np.array([0.1, 0.2, 0.3]), family=family)
    make = dm.GaussianPosterior.from_scale if family == "gaussian" else dm.LaplacePosterior
    by_group = group_decomposition.lattice_terms(places, groups, weights)
    result = assert_terms(make(centre, scale), groups, right, by_group, weights)
    # Exclusive or: pairs are independent, and with the third they are not.
    assert result.total_correlation_per_group == pytest.approx(0.0, abs=1e-6)
    assert result.total_correlation_between_groups == pytest.approx(np.log(2), abs=1e-6)


def test_a_collapsed_posterior_gives_zero():
    mean, scale, right = oracle.collapsed(50, 5)
    groups = [[0, 3], [1, 2, 4]]
    zeros = {"between": 0.0, "inside": np.zeros(2), "information": np.zeros(2)}
    assert_terms(dm.GaussianPosterior.from_scale(mean, scale), groups, right, zeros, tolerance=1e-9)


def test_a_single_latent_is_a_single_group():
    rng = np.random.default_rng(0)
    posterior = dm.GaussianPosterior.from_scale(rng.normal(size=(30, 1)), np.full((30, 1), 0.4))
    result = dm.group_decomposition(posterior, groups=[[0]])
    assert result.total_correlation == pytest.approx(0.0, abs=1e-12)
    assert result.index_code_mi == result.index_information_per_group[0]
    assert result.n_draws == 0


def test_a_posterior_of_ones_own_equals_ours():
    rng = np.random.default_rng(11)
    ours = dm.GaussianPosterior.from_scale(rng.normal(size=(20, 4)), rng.uniform(0.3, 0.8, (20, 4)))
    groups = [[0, 2], [1, 3]]
    one, other = (dm.group_decomposition(each, groups=groups, n_draws=200, rng=0) for each in (Own(ours), ours))
    assert one.dimension_wise_kl_per_group == pytest.approx(other.dimension_wise_kl_per_group, abs=1e-7)
    assert one.total_correlation_per_group == pytest.approx(other.total_correlation_per_group, abs=1e-3)
    assert one.total_correlation_between_groups == pytest.approx(other.total_correlation_between_groups, abs=1e-3)


def test_the_order_of_groups_and_of_their_latents_is_of_no_matter():
    rng = np.random.default_rng(12)
    posterior = dm.CategoricalPosterior(rng.dirichlet([0.5, 0.5], size=(20, 4)))
    right = dm.group_decomposition(posterior, groups=[[0, 1], [2, 3]])
    for first in itertools.permutations([0, 1]):
        other = dm.group_decomposition(posterior, groups=[[3, 2], list(first)])
        assert other.total_correlation_between_groups == pytest.approx(
            right.total_correlation_between_groups, abs=1e-12
        )
        assert other.entropy_per_group == pytest.approx(right.entropy_per_group[::-1], abs=1e-12)


def test_names_of_groups_come_back():
    posterior = dm.GaussianPosterior(np.zeros((5, 3)), np.zeros((5, 3)))
    named = dm.group_decomposition(posterior, groups={"shape": (2,), "place": np.array([0, 1])}, n_draws=64, rng=0)
    assert named.groups == {"shape": [2], "place": [0, 1]}
    assert dm.group_decomposition(posterior, groups=[[2], [0, 1]], n_draws=64, rng=0).groups == {
        "group_0": [2],
        "group_1": [0, 1],
    }


def test_the_prior_counts_in_its_own_terms_alone():
    rng = np.random.default_rng(10)
    mean, scale = rng.normal(size=(12, 3)), rng.uniform(0.3, 0.8, (12, 3))
    posterior = dm.GaussianPosterior.from_scale(mean, scale)
    groups = [[0, 2], [1]]

    def wide(z):
        return -0.5 * ((z / 2) ** 2 + np.log(2 * np.pi)) - np.log(2)

    usual, other = (
        dm.group_decomposition(posterior, groups=groups, prior=prior, n_draws=N_DRAWS, rng=0) for prior in (None, wide)
    )
    moment = (mean**2 + scale**2).mean(axis=0)
    right = [np.sum(np.log(2) - 3 / 8 * moment[group]) for group in groups]
    difference = other.dimension_wise_kl_per_group - usual.dimension_wise_kl_per_group
    assert difference == pytest.approx(right, abs=1e-8)
    assert other.total_correlation_between_groups == pytest.approx(usual.total_correlation_between_groups, abs=1e-6)


def test_the_tree_stays_within_its_bound():
    rng = np.random.default_rng(15)
    n = size(3000, 400)
    posterior = dm.GaussianPosterior.from_scale(rng.normal(size=(n, 4)), rng.uniform(0.02, 0.1, (n, 4)))
    settings = {"groups": [[0, 1], [2, 3]], "n_draws": size(512, 128), "rng": 0}
    brute = dm.group_decomposition(posterior, log_density="brute", **settings)
    assert brute.numerical_bound == 0.0
    for tolerance in (1e-3, 1e-6):
        tree = dm.group_decomposition(posterior, log_density="tree", tolerance=tolerance, **settings)
        assert tree.settings["evaluated"] < 1.0
        for name in TERMS:
            difference = np.abs(getattr(tree, name) - getattr(brute, name))
            assert (difference <= tree.numerical_bound + 1e-9).all()


def test_drawing_goes_on_until_every_standard_error_is_reached():
    rng = np.random.default_rng(9)
    posterior = dm.GaussianPosterior.from_scale(rng.normal(size=(200, 3)), np.full((200, 3), 0.4))
    target = size(0.002, 0.02)
    result = dm.group_decomposition(posterior, groups=[[0, 1], [2]], target_se=target, rng=0)
    assert all(np.max(error) <= target for error in result.standard_error.values())
    few = dm.group_decomposition(posterior, groups=[[0, 1], [2]], n_draws=32, rng=0)
    assert few.n_controls <= 2


def test_the_same_seed_gives_the_same_bits():
    posterior = dm.GaussianPosterior(np.random.default_rng(0).normal(size=(50, 3)), np.full((50, 3), -1.0))
    groups = [[0, 1], [2]]
    one, same, other = (dm.group_decomposition(posterior, groups=groups, n_draws=64, rng=seed) for seed in (1, 1, 2))
    assert one.to_dict() == same.to_dict()
    assert one.total_correlation_between_groups != other.total_correlation_between_groups
    assert float(one) == one.total_correlation_between_groups


def test_the_index_at_its_ceiling_is_told():
    apart = dm.GaussianPosterior.from_scale(100.0 * np.arange(30.0)[:, None] * [1, 1], np.ones((30, 2)))
    with pytest.warns(SaturationWarning, match="ceiling of 3.401 nats"):
        dm.group_decomposition(apart, groups=[[0], [1]], n_draws=64, rng=0)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([[0], [1]], "no group holds latent 2; groups must hold all 3 latents"),
        ([[0]], "no group holds latents 1, 2"),
        ([], "no group holds latents 0, 1, 2"),
        ([[0, 1], [1, 2]], "latent 1 is twice in groups 'group_0' and 'group_1'"),
        ({"a": [0, 0], "b": [1, 2]}, "latent 0 is twice in group 'a'"),
        ([[0, 1, 2], []], "group 'group_1' is empty"),
        ([[0, 1, 2, 3]], "group 'group_0' holds latent 3, but latents run from 0 to 2"),
        ([[0, 1, -1]], "latent of group 'group_0'=-1"),
        ([[0, 1, 2.5]], "latent of group 'group_0'=2.5 is not a whole number"),
        ([[0, 1], [True]], "latent of group 'group_1'=True is not a whole number"),
        ([0, 1, 2], "group 'group_0' is 0; a list of latents"),
        (["01", "2"], "group 'group_0' is '01'; a list of latents"),
        ("0 1 2", "groups='0 1 2'; lists of latents"),
        (3, "groups=3; lists of latents"),
        ({1: [0], "1": [1, 2]}, "names of groups must differ"),
    ],
)
def test_groups_that_are_no_partition_are_refused(groups, message):
    posterior = dm.GaussianPosterior(np.zeros((5, 3)), np.zeros((5, 3)))
    with pytest.raises((TypeError, ValueError), match=message):
        dm.group_decomposition(posterior, groups=groups)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_draws": 8}, "n_draws=8"),
        ({"target_se": 0.1, "n_draws": 64}, "both given"),
        ({"log_density": "kdtree"}, "log_density='kdtree'"),
        ({"tolerance": -1.0}, "tolerance=-1.0"),
        ({"prior": 3}, "prior=3"),
        ({"prior": lambda z: z.sum(axis=1)}, r"log p\(z\) of all latents together"),
        ({"weights": [1.0]}, "weights has shape"),
    ],
)
def test_bad_settings_are_named(settings, message):
    posterior = dm.GaussianPosterior(np.zeros((5, 2)), np.zeros((5, 2)))
    with pytest.raises((TypeError, ValueError), match=message):
        dm.group_decomposition(posterior, groups=[[0, 1]], **settings)


def test_points_and_draws_without_a_density_are_refused():
    with pytest.raises(TypeError, match="a posterior is wanted"):
        dm.group_decomposition(np.zeros((5, 2)), groups=[[0], [1]])
    with pytest.raises(TypeError, match="SampledPosterior has neither log_density with support"):
        dm.group_decomposition(dm.SampledPosterior(np.zeros((3, 5, 2))), groups=[[0], [1]])
