"""Priors of the decomposition: any that factorise, by latent; others, in all latents together."""

import numpy as np
import pytest
from scipy import special, stats

import dismetrics as dm
from dismetrics.estimators.aggregate_posterior.panels import GAUSSIAN_PANELS, panel_density, panel_mean
from oracles import decomposition as oracle
from oracles import linear_gaussian
from sizes import size

pytestmark = [
    pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning"),
    pytest.mark.filterwarnings("ignore::dismetrics.warnings.FewDrawsWarning"),
]

N_DRAWS = size(4096, 512)


def normal(z):
    return -0.5 * (z**2 + np.log(2 * np.pi))


def mixture(n_samples, n_latents, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_samples, n_latents)), rng.uniform(0.3, 0.9, (n_samples, n_latents))


def expectations(mean, scale, function):
    """E f(z_j) under the mixture of each latent, by sums over a fine grid: f(z, j)."""
    result = []
    for j in range(mean.shape[1]):
        z = np.linspace((mean[:, j] - 9 * scale[:, j]).min(), (mean[:, j] + 9 * scale[:, j]).max(), 100_001)
        density = stats.norm.pdf(z[:, None], mean[:, j], scale[:, j]).mean(axis=1)
        held = density > 1e-18
        result.append((density[held] * function(z[held], j)).sum() * (z[1] - z[0]))
    return np.array(result)


def flow(z):
    """log of the density of u where sinh(a z + b) is standard normal: a monotone flow for each latent."""
    a, b = np.array([0.8, 1.1]), np.array([0.2, -0.3])
    return normal(np.sinh(a * z + b)) + np.log(a * np.cosh(a * z + b))


class Flow:
    """The same flow as an object, called."""

    def __call__(self, z):
        return flow(z)


ROWS = dm.GaussianPosterior.from_scale([[-1.0, 0.5], [1.0, 0.0], [0.2, 2.0]], [[0.5, 1.0], [1.0, 1.0], [2.0, 0.4]])


def of_rows(z):
    """The mean over the rows, latent by latent."""
    each = stats.norm.pdf(z[:, None], ROWS.mean, ROWS.scale)
    return np.log(each.mean(axis=1))


FACTORISED = {
    "laplace": (lambda z: -np.abs(z) - np.log(2), lambda z: -np.abs(z) - np.log(2)),
    "laplace posterior": (dm.LaplacePosterior(np.zeros((2, 2)), np.ones((2, 2))), lambda z: -np.abs(z) - np.log(2)),
    "rows": (ROWS, of_rows),
    "flow": (flow, flow),
    "flow as an object": (Flow(), flow),
}


@pytest.mark.parametrize(("prior", "log_density"), FACTORISED.values(), ids=FACTORISED)
def test_factorised_priors_enter_by_quadrature(prior, log_density):
    mean, scale = mixture(12, 2)
    result = dm.elbo_decomposition(dm.GaussianPosterior.from_scale(mean, scale), prior=prior, n_draws=256, rng=0)
    right = oracle.exact_terms(mean, scale)
    log_prior = expectations(mean, scale, lambda z, j: log_density(np.stack([z, z], axis=1))[:, j])
    kl = -right["marginal_entropies"] - log_prior
    assert result.dimension_wise_kl_per_latent == pytest.approx(kl, abs=1e-6)
    entropies = right["marginal_entropies"] - right["index_code_mi_per_latent"]
    assert result.mean_kl_per_latent == pytest.approx(-entropies - log_prior, abs=1e-6)
    assert result.settings["prior_factorises"] is True
    assert result.marginal_kl == pytest.approx(result.total_correlation + result.dimension_wise_kl, abs=1e-9)
    assert result.mean_kl == pytest.approx(result.index_code_mi + result.marginal_kl, abs=1e-9)
    assert "mean_kl" not in result.standard_error
    assert abs(result.total_correlation - right["total_correlation"]) <= 4 * result.standard_error["total_correlation"]


def kinked(z):
    return -np.abs(z) - np.log(2)


class OfOnesOwn:
    """A class outside the package, with the same densities and the same support."""

    def __init__(self, inner):
        self.inner, self.n_samples, self.n_latents = inner, inner.n_samples, inner.n_latents

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def take(self, rows):
        return OfOnesOwn(self.inner.take(rows))


def drawn(inner):
    rng = np.random.default_rng(0)
    return dm.SampledPosterior(np.stack([inner.sample(rng) for _ in range(20)]), inner.log_density)


@pytest.mark.parametrize(
    ("made", "narrowest"),
    [(lambda p: p, 0.3), (lambda p: p, 1e-5), (OfOnesOwn, 0.3), (OfOnesOwn, 1e-5), (drawn, 0.3), (drawn, 0.01)],
)
@pytest.mark.parametrize("family", ["gaussian", "laplace"])
def test_a_kink_of_the_prior_is_seen_between_the_nodes(family, made, narrowest):
    # E |z| has a closed form for each posterior; the tails are cut at 7.5 and 30 scales.
    rng = np.random.default_rng(3)
    location = rng.normal(size=(30, 2)) * 0.7
    scale = np.exp(rng.uniform(np.log(narrowest), np.log(0.9), (30, 2)))
    weights = rng.uniform(0.5, 1.0, 30)
    if family == "gaussian":
        inner = dm.GaussianPosterior.from_scale(location, scale)
        each = scale * np.sqrt(2 / np.pi) * np.exp(-0.5 * (location / scale) ** 2)
        each += location * special.erf(location / scale / np.sqrt(2))
    else:
        inner = dm.LaplacePosterior(location, scale)
        each = np.abs(location) + scale * np.exp(-np.abs(location) / scale)
    entropy = inner.entropy()
    right = -(entropy - each - np.log(2))
    result = dm.elbo_decomposition(made(inner), prior=kinked, weights=weights, n_draws=64, rng=0)
    assert result.mean_kl_per_latent == pytest.approx(weights @ right / weights.sum(), abs=2e-7)


def test_panels_are_halved_at_a_kink():
    z, step, density = panel_density(np.zeros(1), np.ones(1), np.ones(1), GAUSSIAN_PANELS)
    for kink in (0.1, 0.7, 2.3):
        right = 2 * stats.norm.pdf(kink) + kink * (2 * stats.norm.cdf(kink) - 1)
        assert abs((step * density) @ np.abs(z - kink) - right) > 1e-6
        found = panel_mean(z, step * density, lambda x, kink=kink: np.abs(x - kink))
        assert found == pytest.approx(right, abs=1e-9)


def test_a_prior_may_be_defined_on_the_positive_numbers_alone():
    rng = np.random.default_rng(1)
    mean, scale = rng.uniform(5, 9, (12, 2)), np.full((12, 2), 0.5)

    def gamma(z):
        return stats.gamma.logpdf(z, 3.0)

    result = dm.elbo_decomposition(dm.GaussianPosterior.from_scale(mean, scale), prior=gamma, n_draws=256, rng=0)
    log_prior = expectations(mean, scale, lambda z, _: gamma(z))
    right = -oracle.exact_terms(mean, scale)["marginal_entropies"] - log_prior
    assert result.dimension_wise_kl_per_latent == pytest.approx(right, abs=1e-7)


def correlated(covariance):
    return lambda z: stats.multivariate_normal.logpdf(z, np.zeros(len(covariance)), covariance)


class Correlated:
    """The same as an object."""

    def __init__(self, covariance):
        self.joint_log_density = correlated(covariance)


@pytest.mark.parametrize("as_object", [False, True])
def test_a_correlated_prior_has_its_closed_form(as_object):
    # KL(N(0, S) || N(0, P)) = (tr(P^-1 S) - D + log det P - log det S) / 2, and the same for each posterior.
    matrix, scale = np.array([[0.8, 0.0], [0.5, 0.5], [0.0, 0.6]]), np.array([0.6, 0.7, 0.8])
    mean, scales, weights = linear_gaussian.lattice(matrix, scale)
    covariance = np.array([[1.0, 0.4, 0.0], [0.4, 1.2, -0.3], [0.0, -0.3, 0.9]])
    prior = Correlated(covariance) if as_object else correlated(covariance)
    posterior = dm.GaussianPosterior.from_scale(mean, scales)
    result = dm.elbo_decomposition(posterior, prior=prior, weights=weights, n_draws=N_DRAWS, rng=0)
    sigma = matrix @ matrix.T + np.diag(scale**2)
    inverse, log_det = np.linalg.inv(covariance), np.linalg.slogdet(covariance)[1]
    trace = np.trace(inverse @ sigma)
    right = linear_gaussian.exact_terms(matrix, scale)
    right = {name: right[name] for name in ("joint_entropy", "index_code_mi", "total_correlation")}
    right["marginal_kl"] = 0.5 * (trace - 3 + log_det - np.linalg.slogdet(sigma)[1])
    right["mean_kl"] = 0.5 * (trace - 3 + log_det - 2 * np.log(scale).sum())
    for name, value in right.items():
        assert 0 < result.standard_error[name] < 0.1
        assert abs(getattr(result, name) - value) <= 4 * result.standard_error[name], name
        low, high = result.interval[name]
        assert low < getattr(result, name) < high
    assert result.mean_kl == pytest.approx(result.index_code_mi + result.marginal_kl, abs=1e-9)
    assert (result.dimension_wise_kl, result.dimension_wise_kl_per_latent, result.mean_kl_per_latent) == (None,) * 3
    assert result.settings["prior_factorises"] is False
    assert result.settings["prior"] == ("Correlated" if as_object else "<lambda>")
    assert result.to_dict()["dimension_wise_kl"] is None


def test_the_error_of_a_joint_prior_is_as_large_as_stated():
    mean, scale = mixture(10, 2)
    posterior = dm.GaussianPosterior.from_scale(mean, scale)
    covariance = np.array([[1.0, 0.6], [0.6, 1.5]])
    # E log p(z) has the moments of the mixture.
    second = (mean[:, :, None] * mean[:, None, :]).mean(axis=0) + np.diag((scale**2).mean(axis=0))
    log_prior = -0.5 * (np.trace(np.linalg.inv(covariance) @ second) + np.linalg.slogdet(2 * np.pi * covariance)[1])
    right = -np.mean(oracle.gaussian_entropy(scale).sum(axis=1)) - log_prior
    scores = []
    for seed in range(size(200, 20)):
        result = dm.elbo_decomposition(posterior, prior=correlated(covariance), n_draws=128, rng=seed)
        scores.append((result.mean_kl - right) / result.standard_error["mean_kl"])
    assert abs(np.mean(scores)) < 4 / np.sqrt(len(scores))
    assert 0.7 < np.std(scores) < 1.3


def test_controls_help_the_prior_too():
    mean, scale = mixture(200, 3)
    posterior = dm.GaussianPosterior.from_scale(mean, scale)
    covariance = np.full((3, 3), 0.2) + 0.8 * np.eye(3)
    result = dm.elbo_decomposition(posterior, prior=correlated(covariance), n_draws=1024, rng=0)
    rng = np.random.default_rng(0)
    z = posterior.take(rng.integers(200, size=1024)).sample(rng)
    plain = correlated(covariance)(z).std() / np.sqrt(1024)
    assert result.standard_error["mean_kl"] < plain / 3


@pytest.mark.parametrize("family", ["gaussian", "laplace"])
def test_the_aggregate_posterior_as_its_own_prior(family):
    # A VampPrior with every sample as a pseudo-input: what is left of the mean KL is the index-code information.
    mean, scale = mixture(20, 3)
    make = dm.GaussianPosterior.from_scale if family == "gaussian" else dm.LaplacePosterior
    posterior = make(mean, scale)

    def vamp(z):
        return np.logaddexp.reduce(sum(posterior.log_density(z[:, j], j) for j in range(3)), axis=1) - np.log(20)

    result = dm.elbo_decomposition(posterior, prior=vamp, n_draws=256, rng=0)
    assert result.marginal_kl == pytest.approx(0.0, abs=1e-9)
    assert result.standard_error["marginal_kl"] == pytest.approx(0.0, abs=1e-9)
    assert result.mean_kl == pytest.approx(result.index_code_mi, abs=1e-9)
    # The same posteriors as a factorised prior are the product of the marginals: KL(q(z) || p(z)) is the TC then.
    product = dm.elbo_decomposition(posterior, prior=posterior, n_draws=256, rng=0)
    assert product.dimension_wise_kl == pytest.approx(0.0, abs=1e-6)
    assert product.marginal_kl == pytest.approx(product.total_correlation, abs=1e-6)
    assert product.total_correlation > 0.05


def test_a_joint_prior_of_tables_is_summed_in_full():
    rng = np.random.default_rng(2)
    table, weights = rng.dirichlet([0.5, 1.0, 0.8], size=(20, 3)), rng.gamma(1.0, size=20)
    prior_table = rng.dirichlet(np.ones(27)).reshape(3, 3, 3)

    def prior(z):
        return np.log(prior_table[tuple(z.astype(int).T)])

    result = dm.elbo_decomposition(dm.CategoricalPosterior(table), prior=prior, weights=weights)
    shares = weights / weights.sum()
    each = np.einsum("na,nb,nc->nabc", *table.transpose(1, 0, 2))
    q = np.einsum("n,nabc->abc", shares, each)
    assert result.marginal_kl == pytest.approx((q * np.log(q / prior_table)).sum(), abs=1e-12)
    mean_kl = shares @ (each * np.log(each / prior_table)).sum(axis=(1, 2, 3))
    assert result.mean_kl == pytest.approx(mean_kl, abs=1e-12)
    assert result.standard_error["mean_kl"] == 0.0
    assert result.n_draws == 0


def test_values_without_mass_ask_nothing_of_a_table():
    # Nobody has the value 2, nor does the prior.
    table = np.array([[[0.7, 0.3, 0.0]], [[0.2, 0.8, 0.0]]])
    prior = dm.CategoricalPosterior(np.array([[[0.4, 0.6, 0.0]], [[0.6, 0.4, 0.0]]]))
    result = dm.elbo_decomposition(dm.CategoricalPosterior(table), prior=prior)
    right = (0.45 * np.log(0.9) + 0.55 * np.log(1.1)).item()
    assert result.dimension_wise_kl == pytest.approx(right, abs=1e-12)
    with pytest.raises(ValueError, match="not finite where the aggregate posterior has mass"):
        dm.elbo_decomposition(dm.CategoricalPosterior(table[:, :, ::-1]), prior=prior)


@pytest.mark.parametrize(
    ("posterior", "prior", "message"),
    [
        ("table", "bits", "prior has 2 values of latent 0 but the posterior has 3"),
        ("table", "normal", "a GaussianPosterior, of densities, for a CategoricalPosterior, of probabilities"),
        ("normal", "bits", "a BernoulliPosterior, of probabilities, for a GaussianPosterior, of densities"),
    ],
)
def test_priors_over_other_values_are_refused(posterior, prior, message):
    known = {
        "table": dm.CategoricalPosterior(np.full((4, 1, 3), 1 / 3)),
        "bits": dm.BernoulliPosterior(np.full((4, 1), 0.5)),
        "normal": dm.GaussianPosterior(np.zeros((4, 1)), np.zeros((4, 1))),
    }
    with pytest.raises(ValueError, match=message):
        dm.elbo_decomposition(known[posterior], prior=known[prior])


def test_cells_without_mass_ask_nothing_of_the_prior():
    # Two latents that repeat one bit; the prior gives the other cells no probability at all.
    bits = np.repeat([[0.0, 0.0], [1.0, 1.0]], 8, axis=0)

    def prior(z):
        with np.errstate(divide="ignore"):
            return np.log(np.where(z[:, 0] == z[:, 1], 0.5, 0.0))

    result = dm.elbo_decomposition(dm.BernoulliPosterior(bits), prior=prior)
    assert result.marginal_kl == pytest.approx(0.0, abs=1e-12)
    assert result.mean_kl == pytest.approx(np.log(2), abs=1e-12)


@pytest.mark.parametrize("prior", [lambda z: normal(z), lambda z: normal(z)[:, 0]], ids=["column", "row"])
def test_one_latent_has_one_density_of_either_shape(prior):
    mean, scale = mixture(10, 1)
    result = dm.elbo_decomposition(dm.GaussianPosterior.from_scale(mean, scale), prior=prior)
    right = oracle.exact_terms(mean, scale)
    assert result.settings["prior_factorises"] is True
    assert result.dimension_wise_kl == pytest.approx(right["dimension_wise_kl"], abs=1e-7)
    assert result.mean_kl == pytest.approx(right["mean_kl"], abs=1e-7)
    assert result.n_draws == 0


def test_the_trial_call_is_one_of_three_draws():
    mean, scale = mixture(10, 2)
    asked = []

    def prior(z):
        asked.append(z.shape)
        return normal(z).sum(axis=1)

    dm.elbo_decomposition(dm.GaussianPosterior.from_scale(mean, scale), prior=prior, n_draws=64, rng=0)
    assert asked == [(3, 2), (64, 2)]


def joint_of(function):
    class Prior:
        joint_log_density = staticmethod(function)

    return Prior()


@pytest.mark.parametrize(
    ("prior", "message"),
    [
        (lambda z: normal(z)[:, :1], r"prior\(z\) returned shape \(3, 1\) for z of shape \(3, 2\); .*\(3, 2\), is wan"),
        (lambda z: normal(z).sum(), r"returned shape \(\) for z"),
        (lambda z: normal(z).T, r"returned shape \(2, 3\)"),
        (lambda z: normal(z)[0], r"returned shape \(2,\).*or log p\(z\) of shape \(3,\) of a prior that does not"),
        (joint_of(normal), r"joint_log_density\(z\) returned shape \(3, 2\).*log p\(z\) of shape \(3,\) is wanted"),
        (lambda z: normal(z).sum(axis=1)[:5], r"returned shape \(5,\) for z of shape \(64, 2\); \(64,\) is wanted"),
        (lambda z: np.where(z[:, 0] > 0, -np.inf, 0.0), "not finite where the aggregate posterior has mass"),
        (dm.GaussianPosterior(np.zeros((2, 3)), np.zeros((2, 3))), "prior has 3 latents but the posterior has 2"),
        (3, "prior=3; None, a posterior-like object, an object with joint_log_density"),
    ],
)
def test_priors_that_cannot_be_meant_are_told(prior, message):
    mean, scale = mixture(10, 2)
    with pytest.raises((TypeError, ValueError), match=message):
        dm.elbo_decomposition(dm.GaussianPosterior.from_scale(mean, scale), prior=prior, n_draws=64, rng=0)


def test_a_joint_prior_goes_with_posteriors_known_by_draws():
    mean, scale = mixture(15, 2)
    inner = dm.GaussianPosterior.from_scale(mean, scale)
    rng = np.random.default_rng(0)
    posterior = dm.SampledPosterior(np.stack([inner.sample(rng) for _ in range(size(100, 40))]), inner.log_density)
    prior = correlated(np.array([[1.0, 0.3], [0.3, 1.0]]))
    result = dm.elbo_decomposition(posterior, prior=prior, rng=0)
    other = dm.elbo_decomposition(inner, prior=prior, n_draws=size(20_000, 2000), rng=1)
    for name in ("marginal_kl", "mean_kl", "total_correlation"):
        error = np.hypot(result.standard_error[name], other.standard_error[name])
        assert abs(getattr(result, name) - getattr(other, name)) <= 4 * error, name


def test_drawing_goes_on_for_the_prior_too():
    mean, scale = mixture(30, 2)
    prior = correlated(np.array([[1.0, 0.9], [0.9, 1.0]]))
    posterior = dm.GaussianPosterior.from_scale(mean, scale)
    result = dm.elbo_decomposition(posterior, prior=prior, target_se=size(0.05, 0.2), rng=0)
    assert max(result.standard_error.values()) <= size(0.05, 0.2)
