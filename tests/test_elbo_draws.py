"""The decomposition of posteriors that are known by draws and a density, and of one's own without a support."""

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.estimators.aggregate_posterior import drawn_marginals as quadrature
from dismetrics.estimators.aggregate_posterior.drawn_marginals import drawn_marginals
from dismetrics.estimators.aggregate_posterior.draws import StoredDraws
from oracles import boxes
from oracles import decomposition as oracle
from sizes import size

pytestmark = [
    pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning"),
    pytest.mark.filterwarnings("ignore::dismetrics.warnings.FewDrawsWarning"),
]

EXACT = ("dimension_wise_kl", "mean_kl", "dimension_wise_kl_per_latent", "mean_kl_per_latent")
SAMPLED = ("joint_entropy", "index_code_mi", "total_correlation")


def draws_of(posterior, count, seed=0):
    rng = np.random.default_rng(seed)
    return np.stack([posterior.sample(rng) for _ in range(count)])


def assert_near(result, right, names):
    """Within four of their own standard errors, and with intervals around them."""
    for name in names:
        assert result.standard_error[name] > 0
        assert abs(getattr(result, name) - right[name]) <= 4 * result.standard_error[name], name
        low, high = result.interval[name]
        assert low < getattr(result, name) < high


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_latents", [1, 2])
def test_draws_with_a_density_give_the_terms_of_the_density(n_latents, weighted):
    rng = np.random.default_rng(n_latents)
    mean, scale = rng.normal(size=(15, n_latents)), rng.uniform(0.2, 0.9, (15, n_latents))
    weights = rng.uniform(0.5, 1.0, 15) if weighted else None
    inner = dm.GaussianPosterior.from_scale(mean, scale)
    posterior = dm.SampledPosterior(draws_of(inner, size(100, 20)), inner.log_density)
    result = dm.elbo_decomposition(posterior, weights=weights, rng=0)
    right = oracle.exact_terms(mean, scale, weights)
    for name in EXACT:
        assert getattr(result, name) == pytest.approx(right[name], abs=1e-7), name
    assert result.marginal_entropy_per_latent == pytest.approx(right["marginal_entropies"], abs=1e-7)
    # By quadrature too, not the mean over the draws.
    assert result.index_information_per_latent == pytest.approx(right["index_code_mi_per_latent"], abs=1e-7)
    assert result.settings["sampled_latents"] == []
    assert "mean_kl" not in result.standard_error
    if n_latents == 1:
        assert (result.n_draws, result.standard_error["joint_entropy"]) == (0, 0.0)
        assert result.index_code_mi == pytest.approx(right["index_code_mi"], abs=1e-7)
    else:
        assert_near(result, right, SAMPLED)


def test_a_class_of_ones_own_needs_no_support():
    rng = np.random.default_rng(3)
    location, scale = rng.normal(size=(12, 2)), rng.uniform(0.2, 0.6, (12, 2))

    class WithoutSupport:
        """Has what the protocol asks for, a density, and no support; its entropy is never asked for."""

        def __init__(self, inner):
            self.inner, self.n_samples, self.n_latents = inner, inner.n_samples, inner.n_latents

        def entropy(self):
            raise AssertionError("quadrature knows it")

        kl_to_prior = entropy

        def sample(self, rng):
            return self.inner.sample(rng)

        def point_codes(self):
            return self.inner.point_codes()

        def log_density(self, z, latent):
            return self.inner.log_density(z, latent)

        def take(self, rows):
            return WithoutSupport(self.inner.take(rows))

    result = dm.elbo_decomposition(WithoutSupport(dm.LaplacePosterior(location, scale)), n_draws=400, rng=0)
    right = oracle.exact_laplace_terms(location, scale)
    for name in EXACT:
        assert getattr(result, name) == pytest.approx(right[name], abs=1e-7), name
    assert_near(result, right, SAMPLED)
    assert result.n_draws == 400


class Rippled:
    """Gaussian posteriors, each density of latent j times 1 + sin(w_j z) / 2: too rough for quadrature if w_j is large.

    The factor has the mean 1 over a wave, so densities stay normalised. It cancels in log q(z|n) - log q(z) and in
    log q(z) - sum_j log q(z_j), and the mean of its logarithm is K = log((1 + r) / 2) + 1 - r, r = sqrt(3) / 2, by
    which each entropy is lower. All are right to exp(-(w s)^2 / 2), s the least scale.
    """

    def __init__(self, mean, scale, waves):
        self.inner, self.waves = dm.GaussianPosterior.from_scale(mean, scale), np.array(waves)

    def log_density(self, z, latent):
        return self.inner.log_density(z, latent) + np.log1p(0.5 * np.sin(self.waves[latent] * z))[:, None]

    def sampled(self, count, seed=0):
        rng = np.random.default_rng(seed)
        draws = draws_of(self.inner, count, rng)
        refused = np.ones(draws.shape, bool)
        while refused.any():
            # By rejection: the factor is 1.5 at most.
            refused &= 1.5 * rng.uniform(size=draws.shape) > 1 + 0.5 * np.sin(self.waves * draws)
            draws = np.where(refused, draws_of(self.inner, count, rng), draws)
        return dm.SampledPosterior(draws, self.log_density)

    def exact_terms(self, weights=None):
        right = oracle.exact_terms(self.inner.mean, self.inner.scale, weights)
        root = np.sqrt(3) / 2
        lower = np.where(self.waves > 0, np.log((1 + root) / 2) + 1 - root, 0.0)
        right["joint_entropy"] -= lower.sum()
        right["marginal_entropies"] = right["marginal_entropies"] - lower
        for name in ("dimension_wise_kl", "mean_kl"):
            right[name] += lower.sum()
            right[f"{name}_per_latent"] = right[f"{name}_per_latent"] + lower
        return right


def rippled(seed, waves):
    rng = np.random.default_rng(seed)
    return Rippled(rng.normal(size=(15, 2)), rng.uniform(0.3, 0.8, (15, 2)), waves)


@pytest.fixture
def hasty(monkeypatch):
    """Quadrature gives up early, so that many cases of it take little time."""
    monkeypatch.setattr(quadrature, "_MOST_NODES", 2**13)


@pytest.mark.parametrize("weighted", [False, True])
def test_marginals_that_no_quadrature_finds_are_sampled(weighted):
    weights = np.random.default_rng(4).uniform(0.5, 1.0, 15) if weighted else None
    model = rippled(4, [1e6, 1.3e6])
    result = dm.elbo_decomposition(model.sampled(size(200, 60)), weights=weights, rng=0)
    right = model.exact_terms(weights)
    assert result.settings["sampled_latents"] == [0, 1]
    assert result.n_controls == 0
    assert_near(result, right, (*SAMPLED, "dimension_wise_kl", "mean_kl"))
    assert result.marginal_entropy_per_latent == pytest.approx(right["marginal_entropies"], abs=0.15)
    assert result.dimension_wise_kl_per_latent.sum() == pytest.approx(result.dimension_wise_kl, abs=1e-9)
    assert result.mean_kl_per_latent.sum() == pytest.approx(result.mean_kl, abs=1e-9)
    information = result.marginal_entropy_per_latent.sum() - result.mean_posterior_entropy
    assert result.index_information_per_latent.sum() == pytest.approx(information, abs=1e-9)
    terms = result.index_code_mi + result.total_correlation + result.dimension_wise_kl
    assert terms == pytest.approx(result.mean_kl, abs=1e-9)


def test_the_errors_of_sampled_marginals_are_as_large_as_stated(hasty):
    model = rippled(5, [1e6, 1.3e6])
    right = model.exact_terms()
    names = ("dimension_wise_kl", "mean_kl", "mean_posterior_entropy", "index_code_mi")
    right["mean_posterior_entropy"] = right["joint_entropy"] - right["index_code_mi"]
    scores = []
    for seed in range(60):
        result = dm.elbo_decomposition(model.sampled(10, seed), rng=seed)
        scores.append([(getattr(result, name) - right[name]) / result.standard_error[name] for name in names])
    # Each sample has its share of the draws, so errors are a little smaller than of independent ones.
    assert (np.abs(np.mean(scores, axis=0)) < 4 / np.sqrt(len(scores))).all()
    assert (np.std(scores, axis=0) < 1.25).all()
    assert (np.std(scores, axis=0) > 0.6).all()


def test_one_latent_may_be_sampled_and_another_not():
    model = rippled(6, [0.0, 1e6])
    result = dm.elbo_decomposition(model.sampled(size(100, 40)), rng=0)
    right = model.exact_terms()
    assert result.settings["sampled_latents"] == [1]
    assert result.n_controls == 2
    assert result.dimension_wise_kl_per_latent[0] == pytest.approx(right["dimension_wise_kl_per_latent"][0], abs=1e-7)
    assert result.mean_kl_per_latent[0] == pytest.approx(right["mean_kl_per_latent"][0], abs=1e-7)
    assert_near(result, right, (*SAMPLED, "dimension_wise_kl", "mean_kl"))


@pytest.mark.parametrize("weighted", [False, True])
def test_densities_that_jump_are_right_by_either_way(weighted):
    rng = np.random.default_rng(4)
    low = rng.normal(size=(20, 2))
    high = low + rng.uniform(0.3, 1.5, (20, 2))
    weights = rng.uniform(0.5, 1.0, 20) if weighted else None

    def log_density(z, latent):
        within = (z[:, None] >= low[:, latent]) & (z[:, None] <= high[:, latent])
        with np.errstate(divide="ignore"):
            return np.log(within / (high - low)[:, latent])

    draws = low + (high - low) * rng.uniform(size=(size(100, 30), 20, 2))
    result = dm.elbo_decomposition(dm.SampledPosterior(draws, log_density), weights=weights, rng=0)
    right = boxes.exact_terms(low, high, weights)
    for name in ("dimension_wise_kl", "mean_kl", *SAMPLED):
        slack = 4 * result.standard_error.get(name, 0.0) + 1e-5
        assert abs(getattr(result, name) - right[name]) <= slack, name


def test_heavy_tails_and_narrow_posteriors_are_found():
    rng = np.random.default_rng(6)
    location, scale = rng.normal(size=(10, 2)), np.exp(rng.uniform([-9, -1], 0, (10, 2)))

    def log_density(z, latent):
        u = (z[:, None] - location[:, latent]) / scale[:, latent]
        if latent == 0:
            return -0.5 * u**2 - np.log(scale[:, latent] * np.sqrt(2 * np.pi))
        return -np.log1p(u**2) - np.log(np.pi * scale[:, latent])

    draws = location + scale * np.stack([rng.normal(size=(40, 10)), rng.standard_cauchy((40, 10))], axis=2)
    found = drawn_marginals(dm.SampledPosterior(draws, log_density), np.full(10, 0.1), rng)
    narrow = oracle.exact_terms(location[:, :1], scale[:, :1])["marginal_entropies"][0]
    assert found[0].marginal.entropy == pytest.approx(narrow, abs=1e-7)
    # The entropy of a Cauchy distribution is log(4 pi scale).
    assert found[1].posterior_entropy == pytest.approx(np.log(4 * np.pi * scale[:, 1]).mean(), abs=1e-6)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_one_draw_a_sample_is_enough_to_find_samples_far_apart(scale):
    inner = dm.GaussianPosterior.from_scale(1e3 * scale * np.arange(30.0)[:, None], np.full((30, 1), scale))
    posterior = dm.SampledPosterior(draws_of(inner, 1), inner.log_density)
    found = drawn_marginals(posterior, np.full(30, 1 / 30), np.random.default_rng(0))[0]
    own = 0.5 * np.log(2 * np.pi * np.e * scale**2)
    assert found.posterior_entropy == pytest.approx(own, abs=1e-7)
    assert found.marginal.entropy == pytest.approx(own + np.log(30), abs=1e-7)


def test_densities_are_known_where_all_draws_lie_in_one_place():
    # Means in place of draws: the width is then that of the density.
    posterior = dm.SampledPosterior(
        np.zeros((1, 3, 1)), dm.GaussianPosterior(np.zeros((3, 1)), np.zeros((3, 1))).log_density
    )
    found = drawn_marginals(posterior, np.full(3, 1 / 3), np.random.default_rng(0))[0]
    assert found.marginal.entropy == pytest.approx(0.5 * np.log(2 * np.pi * np.e), abs=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_stored_draws_come_up_once_and_in_proportion(weighted):
    rng = np.random.default_rng(7)
    n_samples, n_draws = 6, 50
    draws = np.arange(n_draws * n_samples, dtype=float).reshape(n_draws, n_samples, 1)
    weights = rng.uniform(0.3, 1.0, n_samples) if weighted else np.ones(n_samples)
    weights /= weights.sum()
    source = StoredDraws(dm.SampledPosterior(draws), weights, rng)
    assert source.most == pytest.approx(n_draws / weights.max(), abs=n_samples)
    if not weighted:
        assert source.most == n_samples * n_draws
    taken = [source.take(count) for count in (40, 30, source.most - 70)]
    values = np.concatenate([z[:, 0] for _, z in taken])
    rows = np.concatenate([rows for rows, _ in taken])
    assert len(np.unique(values)) == len(values) == source.most
    assert (values % n_samples == rows).all()
    for end in (40, 70, source.most):
        counts = np.bincount(rows[:end], minlength=n_samples)
        # Up to a time each count is right to 1; up to a number of draws, the others' rounding is in it too.
        assert np.abs(counts - end * weights).max() <= 2


def test_the_draws_end_where_the_posterior_has_no_more():
    inner = dm.GaussianPosterior.from_scale(np.random.default_rng(8).normal(size=(20, 2)), np.full((20, 2), 0.5))
    posterior = dm.SampledPosterior(draws_of(inner, 5), inner.log_density)
    assert dm.elbo_decomposition(posterior, rng=0).n_draws == 100
    assert dm.elbo_decomposition(posterior, target_se=1e-9, rng=0).n_draws == 100
    assert dm.elbo_decomposition(posterior, n_draws=50, rng=0).n_draws == 50
    with pytest.raises(
        ValueError, match=r"n_draws=101, but the posterior holds 100 draws .* pass n_draws=100 or fewer"
    ):
        dm.elbo_decomposition(posterior, n_draws=101)
    few = dm.SampledPosterior(draws_of(inner, 1), inner.log_density)
    with pytest.raises(ValueError, match=r"has 20 draws of 20 samples .* pass more draws"):
        dm.elbo_decomposition(few)


def test_what_is_no_density_of_the_draws_is_refused():
    inner = dm.GaussianPosterior.from_scale(np.random.default_rng(9).normal(size=(20, 2)), np.full((20, 2), 0.5))
    draws = draws_of(inner, 5)
    for estimator in ("exact", "mws", "mss", "minibatch"):
        with pytest.raises(TypeError, match=r"no density.*SampledPosterior\(draws, log_density=\.\.\.\)"):
            dm.elbo_decomposition(dm.SampledPosterior(draws), estimator=estimator)
    twice = dm.SampledPosterior(draws, lambda z, latent: inner.log_density(z, latent) + np.log(2))
    with pytest.raises(ValueError, match=r"latent 0 hold a mass of 2 where the draws are.*normalised"):
        dm.elbo_decomposition(twice)
    elsewhere = dm.SampledPosterior(draws, lambda z, latent: inner.log_density(z + 1e9, latent))
    with pytest.raises(ValueError, match="hold a mass of"):
        dm.elbo_decomposition(elsewhere)
    broken = dm.SampledPosterior(draws, lambda z, latent: inner.log_density(z, latent) * np.nan)
    with pytest.raises(ValueError, match="returned NaN or infinity"):
        dm.elbo_decomposition(broken)


def test_a_draw_outside_its_own_density_is_refused(hasty):
    rng = np.random.default_rng(10)
    low = np.sort(rng.normal(size=20))
    draws = (low + rng.uniform(size=(4, 20)))[:, :, None]

    def log_density(z, _):
        """Rippled boxes, in another order than the draws."""
        start, ripple = low[::-1], np.log1p(np.sin(2e6 * np.pi * z) / 2)[:, None]
        with np.errstate(divide="ignore"):
            return np.log((z[:, None] >= start) & (z[:, None] <= start + 1)) + ripple

    with pytest.raises(ValueError, match="minus infinity at a sample's own draw"):
        dm.elbo_decomposition(dm.SampledPosterior(draws, log_density), rng=0)
