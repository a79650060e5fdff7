"""The decomposition of the ELBO: every term against closed forms and quadrature, not only their sum."""

import warnings

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.warnings import FewDrawsWarning, SaturationWarning
from oracles import decomposition as oracle
from oracles import linear_gaussian
from sizes import size

EXACT = {
    "dimension_wise_kl": "dimension_wise_kl",
    "mean_kl": "mean_kl",
    "dimension_wise_kl_per_latent": "dimension_wise_kl_per_latent",
    "mean_kl_per_latent": "mean_kl_per_latent",
    "index_information_per_latent": "index_code_mi_per_latent",
    "marginal_entropy_per_latent": "marginal_entropies",
}
SAMPLED = ("joint_entropy", "index_code_mi", "total_correlation")
N_DRAWS = size(4096, 256)

pytestmark = [
    pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning"),
    pytest.mark.filterwarnings("ignore::dismetrics.warnings.FewDrawsWarning"),
]


def assert_terms(result, right, tolerance=1e-7):
    """Quadrature terms to the tolerance; sampled ones within four of their own standard errors."""
    for name, key in EXACT.items():
        assert getattr(result, name) == pytest.approx(right[key], abs=tolerance), name
    for name in SAMPLED:
        slack = 4 * result.standard_error[name] + result.numerical_bound + tolerance
        assert abs(getattr(result, name) - right[name]) <= slack, name
        low, high = result.interval[name]
        assert low <= getattr(result, name) <= high
    terms = result.index_code_mi + result.total_correlation + result.dimension_wise_kl
    assert terms == pytest.approx(result.mean_kl, abs=1e-9)


LINEAR = {
    "square": ([[0.8, 0.3], [0.2, 0.9]], [0.4, 0.5]),
    "triangular": ([[0.9, 0.0], [0.7, 0.5]], [0.3, 0.4]),
    "one cause, two latents": ([[0.9], [-0.7]], [0.4, 0.6]),
    "one cause, three latents": ([[0.9], [-0.7], [0.3]], [0.5, 0.6, 0.9]),
    "two causes, three latents": ([[0.8, 0.0], [0.5, 0.5], [0.0, 0.6]], [0.6, 0.7, 0.8]),
}


@pytest.mark.parametrize(("matrix", "scale"), LINEAR.values(), ids=LINEAR)
def test_a_linear_gaussian_model_has_its_closed_form(matrix, scale):
    mean, scales, weights = linear_gaussian.lattice(np.array(matrix), np.array(scale))
    posterior = dm.GaussianPosterior.from_scale(mean, scales)
    result = dm.elbo_decomposition(posterior, weights=weights, n_draws=N_DRAWS, rng=0)
    assert_terms(result, linear_gaussian.exact_terms(np.array(matrix), np.array(scale)))
    assert 0 < result.standard_error["total_correlation"] < 0.2


@pytest.mark.parametrize("method", ["brute", "tree"])
@pytest.mark.parametrize("n_latents", [1, 2, 3])
def test_small_mixtures_equal_tensor_quadrature(method, n_latents):
    rng = np.random.default_rng(n_latents)
    mean, scale = rng.normal(size=(20, n_latents)), rng.uniform(0.3, 0.9, (20, n_latents))
    weights = rng.gamma(1.0, size=20)
    posterior = dm.GaussianPosterior.from_scale(mean, scale)
    result = dm.elbo_decomposition(posterior, weights=weights, n_draws=N_DRAWS, log_density=method, rng=0)
    assert_terms(result, oracle.exact_terms(mean, scale, weights))
    if n_latents == 1:
        assert result.standard_error["joint_entropy"] == 0.0
        assert result.total_correlation == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("n_latents", [1, 2])
def test_laplace_mixtures_equal_tensor_quadrature(n_latents):
    rng = np.random.default_rng(5)
    location, scale = rng.normal(size=(12, n_latents)), rng.uniform(0.2, 0.6, (12, n_latents))
    result = dm.elbo_decomposition(dm.LaplacePosterior(location, scale), n_draws=N_DRAWS, rng=0)
    assert_terms(result, oracle.exact_laplace_terms(location, scale))


def test_tables_are_summed_in_full_where_they_are_small():
    rng = np.random.default_rng(6)
    table = rng.dirichlet([0.4, 1.0, 0.7], size=(30, 4))
    weights = rng.gamma(1.0, size=30)
    result = dm.elbo_decomposition(dm.CategoricalPosterior(table), weights=weights)
    assert_terms(result, oracle.exact_table_terms(table, weights), 1e-12)
    assert result.n_draws == 0


def test_many_bits_are_sampled():
    rng = np.random.default_rng(7)
    bits = rng.integers(0, 2, (40, 20)).astype(float) * 0.9 + 0.05
    result = dm.elbo_decomposition(dm.BernoulliPosterior(bits), n_draws=N_DRAWS, rng=0)
    assert result.n_draws == N_DRAWS
    # Codes of 20 noisy bits tell 40 samples apart.
    assert result.index_code_mi == pytest.approx(np.log(40), abs=0.05)


@pytest.mark.parametrize("family", ["gaussian", "laplace"])
def test_a_separated_lattice_counts_its_places(family):
    places = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]])
    centre, scale, weights, right = oracle.separated_lattice(places, np.array([0.1, 0.2, 0.3]), family=family)
    make = dm.GaussianPosterior.from_scale if family == "gaussian" else dm.LaplacePosterior
    result = dm.elbo_decomposition(make(centre, scale), weights=weights, n_draws=N_DRAWS, rng=0)
    assert_terms(result, right)
    # Exclusive or: pairs are independent, and all three together are not.
    assert result.total_correlation == pytest.approx(np.log(2), abs=0.01)


@pytest.mark.parametrize("n_latents", [1, 2, 10])
def test_a_collapsed_posterior_gives_zero(n_latents):
    mean, scale, _ = oracle.collapsed(50, n_latents)
    result = dm.elbo_decomposition(dm.GaussianPosterior.from_scale(mean, scale), n_draws=N_DRAWS, rng=0)
    for name in ("index_code_mi", "total_correlation", "dimension_wise_kl", "mean_kl"):
        assert getattr(result, name) == pytest.approx(0.0, abs=1e-9), name


def test_a_dead_latent_makes_no_difference_and_no_trouble():
    rng = np.random.default_rng(8)
    mean, scale = rng.normal(size=(15, 2)), rng.uniform(0.3, 0.8, (15, 2))
    right = oracle.exact_terms(mean, scale)
    dead = dm.GaussianPosterior.from_scale(np.c_[mean, np.zeros(15)], np.c_[scale, np.ones(15)])
    result = dm.elbo_decomposition(dead, n_draws=N_DRAWS, rng=0)
    for name in ("index_code_mi", "total_correlation"):
        assert abs(getattr(result, name) - right[name]) <= 4 * result.standard_error[name] + 1e-6
    assert result.dimension_wise_kl_per_latent[2] == pytest.approx(0.0, abs=1e-9)


def test_drawing_goes_on_until_the_standard_error_is_reached():
    rng = np.random.default_rng(9)
    posterior = dm.GaussianPosterior.from_scale(rng.normal(size=(200, 3)), np.full((200, 3), 0.4))
    loose, tight = (dm.elbo_decomposition(posterior, target_se=target, rng=0) for target in (0.05, size(0.01, 0.03)))
    assert loose.standard_error["total_correlation"] <= 0.05
    assert tight.standard_error["total_correlation"] <= size(0.01, 0.03)
    assert tight.n_draws - loose.n_draws >= size(1, 0)


def test_priors_of_any_factorised_kind():
    rng = np.random.default_rng(10)
    mean, scale = rng.normal(size=(12, 2)), rng.uniform(0.3, 0.8, (12, 2))
    posterior = dm.GaussianPosterior.from_scale(mean, scale)
    usual = dm.elbo_decomposition(posterior, n_draws=256, rng=0)

    def normal(z):
        return -0.5 * (z**2 + np.log(2 * np.pi))

    same = dm.GaussianPosterior.from_scale(np.zeros((2, 2)), np.ones((2, 2)))
    for prior in (normal, same):
        other = dm.elbo_decomposition(posterior, prior=prior, n_draws=256, rng=0)
        assert other.dimension_wise_kl_per_latent == pytest.approx(usual.dimension_wise_kl_per_latent, abs=1e-8)
        assert other.mean_kl == pytest.approx(usual.mean_kl, abs=1e-8)
    wide = dm.elbo_decomposition(posterior, prior=lambda z: normal(z / 2) - np.log(2), n_draws=256, rng=0)
    # KL(q || N(0, 4)) - KL(q || N(0, 1)) = log 2 - 3/8 E z^2 for each latent.
    moment = (mean**2 + scale**2).mean(axis=0)
    difference = wide.dimension_wise_kl_per_latent - usual.dimension_wise_kl_per_latent
    assert difference == pytest.approx(np.log(2) - 3 / 8 * moment, abs=1e-8)


def test_a_posterior_of_ones_own_equals_ours():
    rng = np.random.default_rng(11)
    ours = dm.GaussianPosterior.from_scale(rng.normal(size=(20, 2)), rng.uniform(0.3, 0.8, (20, 2)))

    class Own:
        def __init__(self, inner):
            self.inner, self.n_samples, self.n_latents = inner, inner.n_samples, inner.n_latents

        def __getattr__(self, name):
            return getattr(self.inner, name)

        def take(self, rows):
            return Own(self.inner.take(rows))

    one = dm.elbo_decomposition(Own(ours), n_draws=200, rng=0)
    other = dm.elbo_decomposition(ours, n_draws=200, rng=0)
    for name in ("dimension_wise_kl", "mean_kl"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-7)
    assert one.total_correlation == pytest.approx(other.total_correlation, abs=1e-3)


def test_the_index_at_its_ceiling_is_told():
    apart = dm.GaussianPosterior.from_scale(100.0 * np.arange(30.0)[:, None] * [1, 1], np.ones((30, 2)))
    with pytest.warns(SaturationWarning, match="ceiling of 3.401 nats"):
        result = dm.elbo_decomposition(apart, n_draws=64, rng=0)
    assert result.index_code_mi_ceiling == pytest.approx(np.log(30))


def test_the_same_seed_gives_the_same_bits():
    posterior = dm.GaussianPosterior(np.random.default_rng(0).normal(size=(50, 3)), np.full((50, 3), -1.0))
    one, same, other = (dm.elbo_decomposition(posterior, n_draws=64, rng=seed) for seed in (1, 1, 2))
    assert one.to_dict() == same.to_dict()
    assert one.total_correlation != other.total_correlation
    assert float(one) == one.total_correlation


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_draws": 8}, "n_draws=8"),
        ({"target_se": 0.0}, "target_se=0.0"),
        ({"target_se": 0.1, "n_draws": 64}, "both given"),
        ({"log_density": "kdtree"}, "log_density='kdtree'"),
        ({"tolerance": -1.0}, "tolerance=-1.0"),
        ({"prior": 3}, "prior=3"),
        ({"prior": lambda z: z[:, 0]}, "shape"),
        ({"prior": lambda z: z + np.nan}, "not finite"),
        ({"weights": [1.0]}, "weights has shape"),
    ],
)
def test_bad_settings_are_named(settings, message):
    posterior = dm.GaussianPosterior(np.zeros((5, 2)), np.zeros((5, 2)))
    with pytest.raises((TypeError, ValueError), match=message):
        dm.elbo_decomposition(posterior, **settings)


def test_points_and_draws_without_a_density_are_refused():
    with pytest.raises(TypeError, match="a posterior is wanted"):
        dm.elbo_decomposition(np.zeros((5, 2)))
    with pytest.raises(TypeError, match="SampledPosterior has neither log_density with support"):
        dm.elbo_decomposition(dm.SampledPosterior(np.zeros((3, 5, 2))))


@pytest.mark.parametrize(("separation", "warned"), [(5.0, True), (1.0, False)])
def test_few_draws_that_carry_the_error_are_warned_about(separation, warned):
    rng = np.random.default_rng(5)
    mean = rng.normal(size=(32, 64)) * separation / 8
    posterior = dm.GaussianPosterior.from_scale(mean, rng.uniform(0.6, 1.0, mean.shape))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        dm.elbo_decomposition(posterior, n_draws=256, rng=0)
    assert any(w.category is FewDrawsWarning and "raise n_draws" in str(w.message) for w in caught) == warned
