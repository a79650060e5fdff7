"""Masses of posteriors in bins; RMIG and JEMMIG, from them and from counts."""

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

import dismetrics as dm
from dismetrics.estimators import mutual_information
from dismetrics.inputs import as_labelled
from dismetrics.kernels.bin_masses import add_gaussian_masses
from dismetrics.kernels.erf import erf
from dismetrics.posteriors import HasCumulative
from dismetrics.warnings import DegenerateDataWarning, SaturationWarning
from oracles import bin_masses, binning, gaps
from sizes import size

GRID = np.indices((3, 4)).reshape(2, -1).T
V = np.tile(GRID, (10, 1))
N = len(V)
MISSING = np.random.default_rng(1).random((N, 2)) < [0.2, 0.4]
WEIGHTS = np.random.default_rng(2).random(N)


def locations(seed=0):
    rng = np.random.default_rng(seed)
    mixing = np.array([[0.9, 0.1, 0.5], [0.0, 0.8, 0.5]])
    return V @ mixing - 1.5 + 0.2 * rng.normal(size=(N, 3))


def scales(seed=0):
    return 10 ** np.random.default_rng(seed + 100).uniform(-2.5, 0.3, size=(N, 3))


def edges_of(n_bins, ends):
    return np.linspace(*ends, n_bins + 1)


def expected_of(family, location, scale, edges, weights=None, missing=None):
    cumulative = {"gaussian": bin_masses.gaussian_cumulative, "laplace": bin_masses.laplace_cumulative}[family]
    masses = [bin_masses.row_masses(cumulative, location[:, j], scale[:, j], edges) for j in range(location.shape[1])]
    return bin_masses.bin_information(masses, V, weights, missing)


def made(family, location, scale):
    return (
        dm.GaussianPosterior.from_scale(location, scale)
        if family == "gaussian"
        else dm.LaplacePosterior(location, scale)
    )


# ------------------------------------------------------------------------------------------------------- kernel


@njit(error_model="numpy")
def _each_erf(x):
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = erf(x[i])
    return out


def test_erf_is_accurate_to_a_few_units_of_one():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.uniform(-7, 7, size(200_000, 2_000)), rng.normal(size=size(200_000, 2_000)) * 1e-3])
    x = np.concatenate([x, [0.0, -0.0, 6.2, -6.2, 1e300, -1e300, np.inf, -np.inf, 1e-300]])
    exact = np.array([math.erf(each) for each in x.tolist()])
    assert np.abs(_each_erf(x) - exact).max() < 5e-16
    assert _each_erf(np.array([np.inf, -np.inf])).tolist() == [1.0, -1.0]


@pytest.mark.parametrize("n_bins", [2, 3, 100])
def test_masses_in_bins_are_those_of_the_distribution_function(n_bins):
    from scipy.special import ndtr

    rng = np.random.default_rng(n_bins)
    n = size(2000, 150)
    mean = np.concatenate([rng.uniform(-6, 6, n), [-1e9, 1e9, 0.0, -4.0, 4.0, 1e300]])
    scale = np.concatenate([10 ** rng.uniform(-9, 3, n), [1.0, 1.0, 1e-300, 1e-12, 1e-12, 1e300]])
    edges = np.linspace(-4, 4, n_bins + 1)
    table = np.zeros((len(mean), n_bins))
    codes = np.arange(len(mean), dtype=np.int32)[:, None]
    add_gaussian_masses(table, mean, scale, np.ones(len(mean)), codes, edges[1:-1])
    below = ndtr((edges[None, 1:-1] - mean[:, None]) / scale[:, None])
    expected = np.diff(np.column_stack([np.zeros(len(mean)), below, np.ones(len(mean))]), axis=1)
    assert np.abs(table - expected).max() < 2e-15
    assert table.sum(axis=1) == pytest.approx(np.ones(len(mean)), abs=1e-14)
    assert (table >= 0).all()


@pytest.mark.parametrize("family", ["gaussian", "laplace"])
def test_distribution_functions_are_scipys(family):
    from scipy import stats

    location, scale = locations()[:7], scales()[:7]
    posterior = made(family, location, scale)
    assert isinstance(posterior, HasCumulative)
    z = np.linspace(-6, 6, 41)
    reference = stats.norm if family == "gaussian" else stats.laplace
    for j in range(3):
        expected = reference.cdf(z[:, None], location[:, j], scale[:, j])
        assert posterior.cumulative(z, j) == pytest.approx(expected, abs=1e-15)


# ---------------------------------------------------------------------------------------------- the estimator


@pytest.mark.parametrize("family", ["gaussian", "laplace"])
@pytest.mark.parametrize(
    ("weights", "missing"), [(None, None), (WEIGHTS, None), (None, MISSING), (WEIGHTS, MISSING)], ids=str
)
@pytest.mark.parametrize("n_bins", [2, 30])
def test_information_of_masses_equals_the_oracle(family, weights, missing, n_bins):
    location, scale = locations(), scales()
    expected = expected_of(family, location, scale, edges_of(n_bins, (-4, 4)), weights, missing)
    found = mutual_information(
        made(family, location, scale),
        dm.Factors(V, missing=missing),
        estimator="bin_masses",
        n_bins=n_bins,
        bin_range=(-4, 4),
        weights=weights,
    )
    assert found.mutual_information == pytest.approx(expected[0], abs=1e-12)
    assert found.latent_entropy == pytest.approx(expected[1], abs=1e-12)
    assert found.factor_entropy == pytest.approx(expected[2], abs=1e-12)
    assert found.conditional_entropy == pytest.approx(expected[1] - expected[0], abs=1e-12)
    assert found.settings == {
        "estimator": "bin_masses",
        "n_bins": n_bins,
        "bin_range": (-4.0, 4.0),
        "n_factor_bins": n_bins,
    }


def test_bins_of_each_latents_own_range_follow_its_unit():
    location, scale = locations(), np.maximum(scales(), 0.1)
    one = mutual_information(made("gaussian", location, scale), V, estimator="bin_masses")
    expected = expected_of(
        "gaussian", location[:, :1], scale[:, :1], edges_of(20, (location[:, 0].min(), location[:, 0].max()))
    )
    assert one.mutual_information[0] == pytest.approx(expected[0][0], abs=1e-12)
    for factor, offset in ((1e-6, 0.0), (1e3, -1e6), (1e200, 0.0), (1e-200, 0.0)):
        other = mutual_information(
            made("gaussian", location * factor + offset, scale * factor), V, estimator="bin_masses", bin_range="own"
        )
        assert other.mutual_information == pytest.approx(one.mutual_information, abs=1e-8)
    assert one.settings["bin_range"] is None


@pytest.mark.parametrize("family", ["gaussian", "laplace"])
def test_many_bins_tend_to_the_information_of_the_densities(family):
    location, scale = locations(), np.full((N, 3), 0.5)
    posterior = made(family, location, scale)
    exact = mutual_information(posterior, V).mutual_information
    lost = []
    for n_bins in (10, 40, 160, 640):
        binned = mutual_information(posterior, V, estimator="bin_masses", n_bins=n_bins, bin_range=(-16, 16))
        lost.append(exact - binned.mutual_information)
    assert (np.array(lost) > -1e-7).all()  # what bins lose is never gained
    assert lost[-1].max() < 1e-3 * lost[0].max() if family == "gaussian" else lost[-1].max() < 2e-3
    assert all((finer <= coarser + 1e-9).all() for coarser, finer in itertools.pairwise(lost))


def test_tables_have_their_values_for_bins():
    table = np.random.default_rng(3).dirichlet(np.full(4, 0.5), size=(N, 3))
    for posterior in (dm.CategoricalPosterior(table), dm.BernoulliPosterior(table[:, :, 0])):
        found = mutual_information(posterior, V, estimator="bin_masses", weights=WEIGHTS)
        exact = mutual_information(posterior, V, weights=WEIGHTS)
        assert found.mutual_information == pytest.approx(exact.mutual_information, abs=1e-13)
        assert found.latent_entropy == pytest.approx(exact.latent_entropy, abs=1e-13)
        assert dm.rmig(posterior, V).score == pytest.approx(dm.mig(posterior, V).score, abs=1e-13)
        for options in ({"n_bins": 7}, {"bin_range": (0, 1)}):
            with pytest.raises(ValueError, match=r"values of a \w+ are its bins"):
                dm.rmig(posterior, V, **options)
    assert dm.jemmig(dm.CategoricalPosterior(table), V).n_bins == 4


class WithoutMasses:
    """A posterior of a class of one's own that lacks a distribution function."""

    def __init__(self, location, scale):
        self.location, self.scale = location, scale
        self.n_samples, self.n_latents = location.shape

    def entropy(self):
        return np.log(self.scale) + 2.0

    kl_to_prior = entropy

    def sample(self, rng):
        return rng.logistic(self.location, self.scale)

    def point_codes(self):
        return self.location

    def take(self, rows):
        return type(self)(self.location[rows], self.scale[rows])


class Logistic(WithoutMasses):
    """And one that has it."""

    def cumulative(self, z, latent):
        return 1 / (1 + np.exp(-(z[:, None] - self.location[:, latent]) / self.scale[:, latent]))


def test_a_posterior_of_ones_own_needs_its_distribution_function():
    location, scale = locations(), np.full((N, 3), 0.2)
    logistic = Logistic(location, scale)

    def cumulative(x, mean, width):
        return 1 / (1 + math.exp(-(x - mean) / width))

    masses = [bin_masses.row_masses(cumulative, location[:, j], scale[:, j], edges_of(100, (-4, 4))) for j in range(3)]
    information, _, of_factor = bin_masses.bin_information(masses, V)
    assert dm.rmig(logistic, V).score == pytest.approx(bin_masses.rmig(information, of_factor)[0], abs=1e-12)

    class Falling(Logistic):
        def cumulative(self, z, latent):
            return 1 - super().cumulative(z, latent)

    class Transposed(Logistic):
        def cumulative(self, z, latent):
            return super().cumulative(z, latent).T

    with pytest.raises(ValueError, match=r"Falling.cumulative\(z, 0\) must return probabilities.*never fall"):
        dm.rmig(Falling(location, scale), V)
    with pytest.raises(ValueError, match=r"Transposed.cumulative\(z, 0\) returned shape"):
        dm.rmig(Transposed(location, scale), V)

    with pytest.raises(TypeError, match=r"distribution function of a WithoutMasses.*cumulative\(z, latent\)"):
        dm.rmig(WithoutMasses(location, scale), V)
    assert dm.rmig(WithoutMasses(location, scale), V, estimator="histogram").score == dm.rmig(location, V).score


def test_one_bin_tells_nothing():
    result = dm.jemmig(made("gaussian", locations(), scales()), V, n_bins=1)
    assert not result.mutual_information.any()
    assert result.score == 0.0
    assert not dm.rmig(made("laplace", locations(), scales()), V, n_bins=1).mutual_information.any()


def test_collapsed_and_dead_latents_tell_nothing():
    dead = dm.GaussianPosterior(np.zeros((N, 2)), np.zeros((N, 2)))
    result = dm.rmig(dead, V)
    assert result.score == pytest.approx(0.0, abs=1e-12)
    for bin_range in ((-4, 4), "own"):
        assert dm.rmig(dead, V, bin_range=bin_range).mutual_information.max() < 1e-12
    location, scale = locations(), scales()
    wider = dm.GaussianPosterior.from_scale(
        np.column_stack([location, np.zeros(N)]), np.column_stack([scale, np.ones(N)])
    )
    assert dm.rmig(wider, V).score == pytest.approx(dm.rmig(made("gaussian", location, scale), V).score, abs=1e-12)
    assert dm.jemmig(wider, V).score == pytest.approx(dm.jemmig(made("gaussian", location, scale), V).score, abs=1e-12)


def test_mass_outside_the_range_is_in_the_bins_at_the_ends():
    outside = dm.GaussianPosterior.from_scale(np.where(V[:, :1] > 0, 50.0, -50.0), np.ones((N, 1)))
    result = dm.rmig(outside, V[:, :1] > 0)
    assert result.latent_entropy[0, 0] == pytest.approx(result.factor_entropy[0], abs=1e-12)
    assert result.score == pytest.approx(1.0, abs=1e-12)


# ----------------------------------------------------------------------------------------------------- metrics


@pytest.mark.parametrize("family", ["gaussian", "laplace"])
def test_rmig_and_jemmig_of_posteriors_equal_the_oracle(family):
    location, scale = locations(), scales()
    posterior = made(family, location, scale)
    information, of_latent, of_factor = expected_of(family, location, scale, edges_of(100, (-4, 4)), WEIGHTS, MISSING)
    factors = dm.Factors(V, missing=MISSING)
    robust = dm.rmig(posterior, factors, weights=WEIGHTS)
    score, shares, in_nats = bin_masses.rmig(information, of_factor)
    assert robust.score == pytest.approx(score, abs=1e-12)
    assert robust.per_factor == pytest.approx(shares, abs=1e-12)
    assert robust.gap_per_factor == pytest.approx(in_nats, abs=1e-12)
    joint = dm.jemmig(posterior, factors, weights=WEIGHTS)
    score, shares, costs = bin_masses.jemmig(information, of_latent, of_factor, 100)
    assert joint.score == pytest.approx(score, abs=1e-12)
    assert joint.per_factor == pytest.approx(shares, abs=1e-12)
    assert joint.jemmig_per_factor == pytest.approx(costs, abs=1e-12)
    assert joint.gap_per_factor == pytest.approx(in_nats, abs=1e-12)
    assert joint.joint_entropy_per_factor - joint.gap_per_factor == pytest.approx(costs, abs=1e-12)
    lower = dm.jemmig(posterior, factors, weights=WEIGHTS, orientation="lower")
    assert lower.per_factor == pytest.approx(1 - shares, abs=1e-12)
    assert lower.ceiling == pytest.approx(1 - joint.ceiling)


@pytest.mark.parametrize(
    ("options", "bins_of", "n_bins"),
    [
        ({}, lambda x: binning.equal_width_bins(x, 20), 20),
        ({"n_bins": 7}, lambda x: binning.equal_width_bins(x, 7), 7),
        ({"discretisation": "quantile", "n_bins": 6}, lambda x: binning.quantile_bins(x, 6), 6),
        ({"n_bins": 8, "bin_range": (-2, 2)}, lambda x: np.clip(np.floor((x + 2) * 2), 0, 7).astype(int), 8),
        ({"preset": "ubisoft"}, lambda x: binning.equal_width_bins(x, 10), 10),
    ],
)
def test_rmig_and_jemmig_of_points_equal_the_oracle(options, bins_of, n_bins):
    z = locations()
    bins = np.column_stack([bins_of(column) for column in z.T])
    information = gaps.mutual_information_matrix(bins, V, WEIGHTS, MISSING)
    masses = [np.eye(n_bins)[bins[:, j]] for j in range(3)]
    also, of_latent, of_factor = bin_masses.bin_information(masses, V, WEIGHTS, MISSING)
    assert also == pytest.approx(information, abs=1e-12)
    factors = dm.Factors(V, missing=MISSING)
    joint = dm.jemmig(z, factors, weights=WEIGHTS, **options)
    score, shares, _ = bin_masses.jemmig(information, of_latent, of_factor, n_bins)
    assert joint.n_bins == n_bins
    assert joint.score == pytest.approx(score, abs=1e-12)
    assert joint.per_factor == pytest.approx(shares, abs=1e-12)
    if "preset" not in options:
        robust = dm.rmig(z, factors, weights=WEIGHTS, **options)
        assert robust.score == pytest.approx(bin_masses.rmig(information, of_factor)[0], abs=1e-12)
        assert robust.score == pytest.approx(dm.mig(z, factors, weights=WEIGHTS, **options).score, abs=1e-12)


def test_rmig_is_mig_of_binned_posteriors():
    posterior = made("gaussian", locations(), scales())
    same = dm.mig(posterior, V, estimator="bin_masses", n_bins=100, bin_range=(-4, 4))
    robust = dm.rmig(posterior, V)
    assert robust.score == same.score
    assert robust.settings == {
        "estimator": "bin_masses",
        "n_bins": 100,
        "bin_range": (-4.0, 4.0),
        "n_factor_bins": 100,
    }


def test_perfect_codes_attain_one_where_there_is_one_bin_a_value():
    z = V.astype(float)
    assert dm.rmig(z, V).score == pytest.approx(1.0, abs=1e-12)
    # The factors have three and four values: with as many bins only one of them has a bin a value.
    assert dm.jemmig(z[:, :1], V[:, 0], n_bins=3).score == pytest.approx(1.0, abs=1e-12)
    assert dm.jemmig(z, V, discretisation="unique").n_bins == 4
    assert dm.jemmig(z, V, discretisation="unique").score == pytest.approx(1.0, abs=1e-12)


def test_the_ceiling_bounds_what_few_bins_can_tell():
    label = np.arange(N) % 40
    for n_bins in (2, 5, 20, 40):
        result = dm.jemmig(label[:, None], label, n_bins=n_bins)
        assert result.score <= result.ceiling + 1e-12
        h = np.log(40)
        least = max(0.0, h - np.log(n_bins))
        assert result.ceiling == pytest.approx(1 - least / (h + np.log(n_bins)), abs=1e-12)
    # 40 values over 20 bins: every bin tells two values apart from the others, and nothing besides.
    assert dm.jemmig(label[:, None], label).score == pytest.approx(dm.jemmig(label[:, None], label).ceiling, abs=1e-12)


def test_a_constant_code_scores_what_its_entropy_of_zero_says():
    result = dm.jemmig(np.zeros((N, 2)), V)
    h = np.log([3, 4])
    assert result.jemmig_per_factor == pytest.approx(h, abs=1e-12)
    assert result.per_factor == pytest.approx(np.log(20) / (np.log(20) + h), abs=1e-12)
    assert not result.gap_per_factor.any()


@given(st.integers(0, 2**32 - 1))
def test_jemmig_is_within_its_bounds_and_never_above_the_joint_entropy(seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(3, size=(40, 2))
    posterior = dm.GaussianPosterior.from_scale(rng.normal(size=(40, 2)), 10 ** rng.uniform(-1, 1, (40, 2)))
    result = dm.jemmig(posterior, labels, n_bins=12)
    largest = result.factor_entropy + np.log(12)
    assert (result.jemmig_per_factor >= -1e-12).all()
    assert (result.jemmig_per_factor <= largest + 1e-12).all()
    assert (result.per_factor >= 0).all()
    assert (result.per_factor <= result.ceiling_per_factor + 1e-12).all()


def test_one_latent_has_runner_up_zero():
    result = dm.jemmig(locations()[:, :1], V)
    assert (result.runner_up_latents == -1).all()
    assert result.gap_per_factor == pytest.approx(result.mutual_information[0])
    assert (dm.rmig(locations()[:, :1], V).runner_up_latents == -1).all()


@pytest.mark.parametrize("metric", [dm.rmig, dm.jemmig])
@pytest.mark.parametrize(
    "latents", [locations(), made("gaussian", locations(), np.full((N, 3), 0.3))], ids=["points", "posterior"]
)
def test_a_factor_with_one_value_is_left_out(metric, latents):
    with pytest.warns(DegenerateDataWarning, match="factor_1"):
        result = metric(latents, np.column_stack([V[:, 0], np.full(N, 7), V[:, 1]]))
    assert result.score == pytest.approx(metric(latents, V).score, abs=1e-12)
    assert np.isnan(result.per_factor).tolist() == [False, True, False]
    assert result.best_latents[1] == -1
    json.dumps(result.to_dict(), allow_nan=False)
    with pytest.raises(ValueError, match="more than one value"):
        metric(latents, np.zeros(N, int))


@pytest.mark.parametrize("metric", [dm.rmig, dm.jemmig])
def test_labels_and_order_of_latents_do_not_matter(metric):
    posterior = made("gaussian", locations(), np.full((N, 3), 0.3))
    one = metric(posterior, V)
    order = [2, 0, 1]
    other = metric(made("gaussian", posterior.mean[:, order], posterior.scale[:, order]), np.array(list("xbaq"))[V])
    assert other.score == pytest.approx(one.score, abs=1e-12)


@pytest.mark.parametrize("metric", [dm.rmig, dm.jemmig])
def test_continuous_factors_and_draws(metric):
    quantity = V[:, 0] + 0.3 * locations()[:, 1]
    posterior = made("gaussian", locations(), np.full((N, 3), 0.3))
    assert 0 <= metric(posterior, quantity, kinds="continuous", n_factor_bins=5).score <= 1
    assert 0 <= metric(posterior, 2.0 * quantity, kinds="circular", n_factor_bins=5).score <= 1
    draws = np.stack([locations(), locations(1)])
    pooled = metric(np.concatenate(draws), np.concatenate([V, V]))
    drawn = metric(dm.SampledPosterior(draws), V)
    assert drawn.settings["estimator"] == "histogram"
    assert drawn.score == pytest.approx(pooled.score, abs=1e-12)


def test_bins_that_hold_one_sample_each_are_warned_about():
    sharp = dm.GaussianPosterior.from_scale(np.linspace(-3.9, 3.9, 50)[:, None], np.full((50, 1), 1e-3))
    with pytest.warns(SaturationWarning, match=r"a bin of latent 0 is shared by 1\.0 samples.*n_bins=100"):
        assert dm.rmig(sharp, np.arange(50) % 5).score > 0.9
    dm.rmig(sharp, np.arange(50) % 5, n_bins=10)


@pytest.mark.parametrize("metric", [dm.rmig, dm.jemmig])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"estimator": "posterior"}, r"estimator='posterior'.*'bin_masses', 'histogram'"),
        ({"estimator": "knn"}, r"estimator='knn'.*choose one of"),
        ({"estimator": "bin_masses"}, r"estimator='bin_masses' needs posteriors"),
        ({"n_draws": 50}, r"n_draws=50 has no part"),
        ({"bin_range": 3}, r"bin_range=3; two numbers"),
        ({"bin_range": (1, -1)}, r"bin_range=\(1, -1\).*lower one first"),
        ({"bin_range": (0, np.inf)}, r"bin_range=.*finite"),
        ({"bin_range": "all"}, r"bin_range='all'.*'own'"),
        ({"bin_range": (0, 1), "discretisation": "quantile"}, r"bin_range=.*discretisation='quantile'"),
        ({"n_bins": 0}, r"n_bins=0"),
        ({"normaliser": "latent"}, r"no setting 'normaliser'"),
        ({"n_bin": 3}, r"n_bin'.*n_bins"),
        ({"factor_subset": [5]}, r"factor_subset index 5"),
    ],
)
def test_bad_settings_are_refused(metric, options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        metric(locations(), V, **options)


def test_settings_of_jemmig_alone():
    with pytest.raises(ValueError, match=r"orientation='up'.*'higher', 'lower'"):
        dm.jemmig(locations(), V, orientation="up")
    with pytest.raises(ValueError, match=r"correction='miller_madow' has no part in jemmig"):
        dm.jemmig(locations(), V, correction="miller_madow")
    with pytest.raises(ValueError, match=r"preset='do'.*'ubisoft'"):
        dm.jemmig(locations(), V, preset="do")
    assert dm.rmig(locations(), V, correction="miller_madow").score == pytest.approx(
        dm.mig(locations(), V, correction="miller_madow").score
    )
    with pytest.raises(ValueError, match=r"bin_range=\(0.0, 1.0\) has no part in estimator='knn'"):
        mutual_information(locations(), V, estimator="knn", bin_range=(0, 1))


def test_the_matrix_is_computed_once_for_both():
    pair = as_labelled(made("gaussian", locations(), np.full((N, 3), 0.3)), V)
    first = dm.rmig(pair, pair.factors)
    assert dm.jemmig(pair, pair.factors).mutual_information is first.mutual_information
