"""Posteriors: their own numbers, the protocols, and classes of a user's own, right ones and broken ones."""

import math
from dataclasses import dataclass

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.posteriors import DensityPosterior, FactorisedPosterior, TablePosterior
from oracles import aggregate_posterior
from oracles.quadrature import mixture_entropy
from sizes import size

N, D = 5, 2
RNG = np.random.default_rng(0)
LOCATION = 3 * RNG.normal(size=(N, D))
SCALE = 10.0 ** RNG.uniform(-2, 1, (N, D))
PROBABILITY = RNG.random((N, D))
PROBABILITY[:3, 0] = 0.0, 1.0, 0.5
TABLE = RNG.dirichlet(np.ones(3), (N, D))
TABLE[0, 0] = 0.0, 1.0, 0.0


@dataclass(frozen=True)
class Family:
    posterior: FactorisedPosterior
    mean: np.ndarray
    variance: np.ndarray
    text: str


VALUES = np.arange(3)
GAUSSIAN = dm.GaussianPosterior(LOCATION, 2 * np.log(SCALE))
LAPLACE = dm.LaplacePosterior(LOCATION, SCALE)
BERNOULLI = dm.BernoulliPosterior(PROBABILITY)
CATEGORICAL = dm.CategoricalPosterior(TABLE)
DENSITIES = {
    "gaussian": Family(GAUSSIAN, LOCATION, SCALE**2, "GaussianPosterior(5 samples, 2 latents)"),
    "laplace": Family(LAPLACE, LOCATION, 2 * SCALE**2, "LaplacePosterior(5 samples, 2 latents)"),
}
TABLES = {
    "bernoulli": Family(
        BERNOULLI, PROBABILITY, PROBABILITY * (1 - PROBABILITY), "BernoulliPosterior(5 samples, 2 latents)"
    ),
    "categorical": Family(
        CATEGORICAL,
        TABLE @ VALUES,
        TABLE @ VALUES**2 - (TABLE @ VALUES) ** 2,
        "CategoricalPosterior(5 samples, 2 latents, 3 values)",
    ),
}
FAMILIES = DENSITIES | TABLES
every_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
every_density = pytest.mark.parametrize("family", DENSITIES.values(), ids=DENSITIES)
every_table = pytest.mark.parametrize("family", TABLES.values(), ids=TABLES)


def nodes(posterior, sample, latent, centre):
    """Gauss-Legendre nodes and weights over a support, in panels that end at the centre, where a kink may be."""
    lower, upper = (ends[sample] for ends in posterior.support(latent))
    edges = np.concatenate([np.linspace(lower, centre, 101), np.linspace(centre, upper, 101)[1:]])
    x, w = np.polynomial.legendre.leggauss(12)
    half = 0.5 * np.diff(edges)
    return (edges[:-1, None] + half[:, None] * (x + 1)).ravel(), (half[:, None] * w).ravel()


# ---------------------------------------------------------------------------------------------- numbers of their own


@every_density
def test_density_integrates_to_one_and_gives_entropy_and_kl(family):
    posterior = family.posterior
    for n in range(N):
        for j in range(D):
            z, w = nodes(posterior, n, j, LOCATION[n, j])
            log_q = posterior.log_density(z, j)
            assert log_q.shape == (len(z), N)
            mass = w * np.exp(log_q[:, n])
            log_prior = -0.5 * z**2 - 0.5 * math.log(2 * math.pi)
            assert mass.sum() == pytest.approx(1.0, abs=2e-10)
            assert posterior.entropy()[n, j] == pytest.approx(-mass @ log_q[:, n], abs=1e-8)
            kl = posterior.kl_to_prior()[n, j]
            assert kl == pytest.approx(mass @ (log_q[:, n] - log_prior), rel=1e-7, abs=1e-7)


@every_table
def test_table_adds_up_to_one_and_gives_entropy_and_kl(family):
    posterior = family.posterior
    for j in range(D):
        p = posterior.probabilities(j)
        assert p.shape == (N, 3 if family.posterior is CATEGORICAL else 2)
        assert p.sum(axis=1) == pytest.approx(np.ones(N), abs=1e-15)
        entropy = [-math.fsum(q * math.log(q) for q in row if q > 0) for row in p]
        assert posterior.entropy()[:, j] == pytest.approx(entropy, abs=1e-14)
        assert posterior.kl_to_prior()[:, j] == pytest.approx(math.log(p.shape[1]) - np.array(entropy), abs=1e-14)
        assert p @ np.arange(p.shape[1]) == pytest.approx(family.mean[:, j], abs=1e-14)


@every_family
def test_entropies_agree_with_the_oracle_of_one_component(family):
    for n in range(N):
        for j in range(D):
            if family.posterior is GAUSSIAN:
                expected = aggregate_posterior.gaussian_mixture_entropy(LOCATION[[n], j], SCALE[[n], j])
            elif family.posterior is LAPLACE:
                expected = aggregate_posterior.laplace_mixture_entropy(LOCATION[[n], j], SCALE[[n], j])
            elif family.posterior is BERNOULLI:
                expected = aggregate_posterior.bernoulli_mixture_entropy(PROBABILITY[[n], j])
            else:
                expected = aggregate_posterior.categorical_mixture_entropy(TABLE[[n], j])
            assert family.posterior.entropy()[n, j] == pytest.approx(expected, abs=1e-10)


@every_family
def test_kl_is_not_negative_and_zero_at_the_prior(family):
    assert (family.posterior.kl_to_prior() >= -1e-15).all()
    at_prior = {
        "GaussianPosterior": lambda: dm.GaussianPosterior(np.zeros((2, 1)), np.zeros((2, 1))),
        "BernoulliPosterior": lambda: dm.BernoulliPosterior(np.full((2, 1), 0.5)),
        "CategoricalPosterior": lambda: dm.CategoricalPosterior(np.full((2, 1, 7), 1 / 7)),
    }
    if type(family.posterior).__name__ in at_prior:  # no Laplace distribution is normal
        posterior = at_prior[type(family.posterior).__name__]()
        assert posterior.kl_to_prior() == pytest.approx(np.zeros((2, 1)), abs=1e-15)


def test_the_support_holds_the_mass():
    # Of mass below 1e-10 outside, in closed form: erfc for the Gaussian, an exponential for the Laplace density.
    outside = {GAUSSIAN: lambda t: 0.5 * math.erfc(t / math.sqrt(2)), LAPLACE: lambda t: 0.5 * math.exp(-t)}
    for posterior, beyond in outside.items():
        for j in range(D):
            lower, upper = posterior.support(j)
            for n in range(N):
                below, above = LOCATION[n, j] - lower[n], upper[n] - LOCATION[n, j]
                assert beyond(below / SCALE[n, j]) + beyond(above / SCALE[n, j]) < 1e-10


@every_family
def test_draws_have_the_moments(family):
    n_draws = 20_000
    many = family.posterior.take(np.repeat(np.arange(N), n_draws))
    draws = many.sample(np.random.default_rng(1)).reshape(N, n_draws, D)
    standard_error = np.sqrt(family.variance / n_draws)
    assert (np.abs(draws.mean(axis=1) - family.mean) <= 5 * standard_error).all()
    # The variance of a sample variance is (kurtosis - 1) / n; 6 is the kurtosis of the Laplace distribution.
    spread = 5 * np.sqrt((6 - 1) / n_draws)
    if family.posterior in (GAUSSIAN, LAPLACE):
        assert draws.var(axis=1) == pytest.approx(family.variance, rel=spread)
        assert np.abs(draws - LOCATION[:, None]).mean(axis=1) == pytest.approx(
            SCALE if family.posterior is LAPLACE else SCALE * np.sqrt(2 / np.pi), rel=0.05
        )
    else:
        for j in range(D):
            for value, p in enumerate(family.posterior.probabilities(j).T):
                share = (draws[:, :, j] == value).mean(axis=1)
                assert (np.abs(share - p) <= 5 * np.sqrt(p * (1 - p) / n_draws)).all()


@every_family
def test_draws_follow_the_seed_and_fill_the_shape(family):
    one, same, other = (family.posterior.sample(np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert one.shape == (N, D)
    assert one.dtype == np.float64
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@every_family
@pytest.mark.parametrize("rows", [[3, 0, 0], [True, False, True, False, False], [4]])
def test_take_takes_rows(family, rows):
    rows = np.array(rows)
    taken = family.posterior.take(rows)
    assert type(taken) is type(family.posterior)
    assert taken.n_samples == len(np.arange(N)[rows])
    assert taken.n_latents == D
    for method in ("entropy", "kl_to_prior", "point_codes"):
        assert np.array_equal(getattr(taken, method)(), getattr(family.posterior, method)()[rows])
    for j in range(D):
        if isinstance(taken, DensityPosterior):
            z = np.linspace(-1, 1, 4)
            assert np.array_equal(taken.log_density(z, j), family.posterior.log_density(z, j)[:, rows])
            assert np.array_equal(taken.support(j), np.array(family.posterior.support(j))[:, rows])
        else:
            assert np.array_equal(taken.probabilities(j), family.posterior.probabilities(j)[rows])


@every_family
def test_repr_says_what_it_is(family):
    assert repr(family.posterior) == family.text


@every_family
def test_protocols_and_shapes(family):
    posterior = family.posterior
    assert isinstance(posterior, FactorisedPosterior)
    assert isinstance(posterior, DensityPosterior) is (family.posterior in (GAUSSIAN, LAPLACE))
    assert isinstance(posterior, TablePosterior) is (family.posterior in (BERNOULLI, CATEGORICAL))
    assert (posterior.n_samples, posterior.n_latents) == (N, D)
    for array in (posterior.entropy(), posterior.kl_to_prior(), posterior.point_codes()):
        assert array.shape == (N, D)
        assert np.isfinite(array).all()
    assert not isinstance(LOCATION, FactorisedPosterior)


def test_variance_scale_and_log_variance_are_one_posterior():
    for other in (
        dm.GaussianPosterior.from_scale(LOCATION, SCALE),
        dm.GaussianPosterior.from_variance(LOCATION, SCALE**2),
    ):
        assert np.array_equal(other.mean, GAUSSIAN.mean)
        assert other.scale == pytest.approx(GAUSSIAN.scale, rel=1e-14)


def test_point_codes():
    assert np.array_equal(GAUSSIAN.point_codes(), LOCATION)
    assert np.array_equal(LAPLACE.point_codes(), LOCATION)
    assert np.array_equal(BERNOULLI.point_codes(), PROBABILITY)
    assert np.array_equal(CATEGORICAL.point_codes(), TABLE.argmax(axis=2))


def test_rows_of_a_table_are_normalised_exactly():
    rounded = np.round(TABLE, 5)
    posterior = dm.CategoricalPosterior(rounded)
    assert posterior.probability.sum(axis=2) == pytest.approx(np.ones((N, D)), abs=1e-15)


# ------------------------------------------------------------------------------------------------- known by draws


def sampled(n_draws=400, **more):
    draws = np.stack([GAUSSIAN.sample(np.random.default_rng(seed)) for seed in range(n_draws)])
    return dm.SampledPosterior(draws, **more)


def test_sampled_posterior_estimates_what_its_density_gives():
    posterior = sampled(log_density=GAUSSIAN.log_density)
    # The variance of log q is 1/2 for a Gaussian; that of the cross-entropy follows from its moments.
    assert np.abs(posterior.entropy() - GAUSSIAN.entropy()).max() < 5 * np.sqrt(0.5 / 400)
    spread = np.sqrt((0.5 * SCALE**4 + LOCATION**2 * SCALE**2 + 0.5) / 400)
    assert (np.abs(posterior.kl_to_prior() - GAUSSIAN.kl_to_prior()) < 5 * spread).all()
    assert np.array_equal(posterior.log_density(np.zeros(1), 0), GAUSSIAN.log_density(np.zeros(1), 0))
    assert (posterior.n_draws, posterior.n_samples, posterior.n_latents) == (400, N, D)
    assert posterior.has_density
    assert repr(posterior) == "SampledPosterior(5 samples, 2 latents, 400 draws each, with density)"
    assert isinstance(posterior, FactorisedPosterior)


def test_sampled_posterior_draws_from_its_draws():
    posterior = sampled(3)
    assert not posterior.has_density
    assert repr(posterior) == "SampledPosterior(5 samples, 2 latents, 3 draws each, no density)"
    drawn = posterior.sample(np.random.default_rng(0))
    assert all((drawn[n] == posterior.draws[:, n]).all(axis=1).any() for n in range(N))
    assert posterior.point_codes() == pytest.approx(posterior.draws.mean(axis=0))
    for needs_density in (posterior.entropy, posterior.kl_to_prior, lambda: posterior.log_density(np.zeros(1), 0)):
        with pytest.raises(ValueError, match=r"no density.*log_density"):
            needs_density()


@pytest.mark.parametrize("rows", [[3, 0, 0], [True, False, True, False, False]])
def test_sampled_posterior_takes_rows_more_than_once(rows):
    rows = np.array(rows)
    posterior = sampled(20, log_density=GAUSSIAN.log_density)
    taken = posterior.take(rows).take(np.array([1, 0]))
    expected = np.arange(N)[rows][[1, 0]]
    assert np.array_equal(taken.draws, posterior.draws[:, expected])
    assert np.array_equal(taken.log_density(np.ones(1), 1), GAUSSIAN.log_density(np.ones(1), 1)[:, expected])
    assert taken.entropy() == pytest.approx(posterior.entropy()[expected])


def test_a_density_of_the_wrong_shape_is_refused():
    for wrong in (lambda z, latent: np.zeros(3), lambda z, latent: np.zeros((N, len(z) + 1))):
        with pytest.raises(ValueError, match=r"log_density.* returned shape .*n_samples"):
            sampled(2, log_density=wrong).entropy()


# ------------------------------------------------------------------------------------- classes of a user's own

FACTORS = np.indices((3, 4)).reshape(2, -1).T
FACTORS = np.tile(FACTORS, (size(4, 2), 1))
M = len(FACTORS)
CENTRE = FACTORS @ np.array([[1.5, 0.2], [0.1, 1.0]]) + 0.2 * RNG.normal(size=(M, 2))
WIDTH = RNG.uniform(0.3, 0.9, (M, 2))
WEIGHTS = RNG.random(M)
MISSING = RNG.random(FACTORS.shape) < 0.2


class LogisticPosterior:
    """A density that is none of ours: exp(-t) / (1 + exp(-t))^2 / scale at t = (z - location) / scale."""

    reach = 24.0  # the mass outside is 2 / (1 + exp(24)) = 8e-11
    most_points = 200_000

    def __init__(self, location=CENTRE, scale=WIDTH):
        self.location, self.scale = location, scale
        self.n_samples, self.n_latents = location.shape
        self.n_points = 0

    def entropy(self):
        return np.log(self.scale) + 2.0

    def kl_to_prior(self):
        second_moment = self.location**2 + (np.pi * self.scale) ** 2 / 3
        return 0.5 * (np.log(2 * np.pi) + second_moment) - self.entropy()

    def sample(self, rng):
        return rng.logistic(self.location, self.scale)

    def point_codes(self):
        return self.location

    def take(self, rows):
        return type(self)(self.location[rows], self.scale[rows])

    def log_density(self, z, latent):
        # A quadrature that halves panels without end would take all memory before it fails.
        self.n_points += len(z)
        assert self.n_points < self.most_points, "the quadrature ran away"
        t = np.abs(z[:, None] - self.location[:, latent]) / self.scale[:, latent]
        return -t - 2 * np.log1p(np.exp(-t)) - np.log(self.scale[:, latent])

    def support(self, latent):
        half = self.reach * self.scale[:, latent]
        return self.location[:, latent] - half, self.location[:, latent] + half


def logistic_kernel(t):
    return np.exp(-np.abs(t)) / (1 + np.exp(-np.abs(t))) ** 2


def logistic_oracle(location=CENTRE, scale=WIDTH, weights=None, missing=None):
    """The posterior MIG of logistic densities by dense quadrature."""

    def entropy(centre, width, weights):
        return mixture_entropy(logistic_kernel, centre, width, weights, 40.0, 0.5, 700.0, 12)

    fns = [aggregate_posterior.row_entropy(entropy, location[:, j], scale[:, j]) for j in range(2)]
    return aggregate_posterior.posterior_mig(fns, FACTORS, weights, missing)


class MyTable:
    """A posterior over three values."""

    def __init__(self, table):
        self.table = table
        self.n_samples, self.n_latents = table.shape[:2]

    def entropy(self):
        return -(self.table * np.log(self.table)).sum(axis=2)

    def kl_to_prior(self):
        return np.log(3) - self.entropy()

    def sample(self, rng):
        return (rng.random((self.n_samples, self.n_latents, 1)) > self.table.cumsum(axis=2)).sum(axis=2) * 1.0

    def point_codes(self):
        return self.table.argmax(axis=2) * 1.0

    def take(self, rows):
        return type(self)(self.table[rows])

    def probabilities(self, latent):
        return self.table[:, latent]


MY_TABLE = RNG.dirichlet(np.ones(3), (M, 2))
MY_TABLE = 0.3 * MY_TABLE + 0.7 * np.eye(3)[np.minimum(FACTORS, 2)]


def assert_agrees(result, expected):
    score, per_factor, information = expected
    assert result.score == pytest.approx(score, abs=1e-6)
    assert result.per_factor == pytest.approx(per_factor, abs=1e-6)
    assert result.mutual_information == pytest.approx(information, abs=1e-6)


# Twelve or more rows share a place on these latents: enough not to warn, but two latents of few rows may.
few_rows = pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning")


@few_rows
@pytest.mark.parametrize("weights", [None, WEIGHTS, np.where(WEIGHTS < 0.3, 0.0, 1.0)])
@pytest.mark.parametrize("missing", [None, MISSING])
def test_a_density_of_ones_own_agrees_with_dense_quadrature(weights, missing):
    posterior = LogisticPosterior()
    assert isinstance(posterior, DensityPosterior)
    assert not isinstance(posterior, TablePosterior)
    result = dm.mig(posterior, dm.Factors(FACTORS, missing=missing, weights=weights))
    assert_agrees(result, logistic_oracle(weights=weights, missing=missing))
    assert result.settings["estimator"] == "posterior"
    sup = dm.mig_sup(posterior, dm.Factors(FACTORS, missing=missing, weights=weights))
    assert sup.mutual_information == pytest.approx(result.mutual_information, abs=1e-12)


@few_rows
@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("missing", [None, MISSING])
def test_a_table_of_ones_own_agrees_with_sums(weights, missing):
    posterior = MyTable(MY_TABLE)
    assert isinstance(posterior, TablePosterior)
    assert not isinstance(posterior, DensityPosterior)
    fns = [
        aggregate_posterior.row_entropy(aggregate_posterior.categorical_mixture_entropy, MY_TABLE[:, j])
        for j in range(2)
    ]
    factors = dm.Factors(FACTORS, missing=missing, weights=weights)
    result = dm.mig(posterior, factors)
    assert_agrees(result, aggregate_posterior.posterior_mig(fns, FACTORS, weights, missing))
    assert result.ceiling_per_factor == pytest.approx(np.minimum(1.0, np.log(3) / result.factor_entropy))
    ours = dm.mig(dm.CategoricalPosterior(MY_TABLE), factors)
    assert result.mutual_information == pytest.approx(ours.mutual_information, abs=1e-14)


@few_rows
def test_a_gaussian_by_its_density_alone_agrees_with_ours():
    gaussian = dm.GaussianPosterior.from_scale(CENTRE, WIDTH)

    class MyGaussian(LogisticPosterior):
        def gaussian(self):
            return dm.GaussianPosterior.from_scale(self.location, self.scale)

        def entropy(self):
            return self.gaussian().entropy()

        def log_density(self, z, latent):
            return self.gaussian().log_density(z, latent)

        def support(self, latent):
            return self.gaussian().support(latent)

    one, other = dm.mig(MyGaussian(), FACTORS), dm.mig(gaussian, FACTORS)
    assert one.mutual_information == pytest.approx(other.mutual_information, abs=1e-6)
    assert one.overlap == pytest.approx(other.overlap, rel=1e-6)


def test_estimators_on_points_take_the_point_codes():
    for estimator in ("histogram", "knn"):
        for posterior in (LogisticPosterior(), MyTable(MY_TABLE)):
            one = dm.mig(posterior, FACTORS, estimator=estimator)
            other = dm.mig(posterior.point_codes(), FACTORS, estimator=estimator)
            assert one.mutual_information == pytest.approx(other.mutual_information, abs=1e-15)


@few_rows
def test_a_density_of_ones_own_can_be_sampled():
    result = dm.mig(LogisticPosterior(), FACTORS, n_draws=M, rng=0)
    exact = dm.mig(LogisticPosterior(), FACTORS)
    assert (np.abs(result.mutual_information - exact.mutual_information) <= 5 * result.standard_error + 1e-9).all()


@few_rows
@pytest.mark.parametrize("narrow", [1e-2, 1e-4])
def test_scales_far_apart_in_a_density_of_ones_own(narrow):
    scale = np.where(np.arange(M)[:, None] % 5 == 0, narrow, WIDTH)
    assert_agrees(dm.mig(LogisticPosterior(CENTRE, scale), FACTORS), logistic_oracle(scale=scale))


class UniformPosterior(LogisticPosterior):
    """A density with jumps: location +- scale, and minus infinity outside."""

    def entropy(self):
        return np.log(2 * self.scale)

    def log_density(self, z, latent):
        super().log_density(z, latent)
        inside = np.abs(z[:, None] - self.location[:, latent]) <= self.scale[:, latent]
        return np.where(inside, -np.log(2 * self.scale[:, latent]), -np.inf)

    def support(self, latent):
        return self.location[:, latent] - self.scale[:, latent], self.location[:, latent] + self.scale[:, latent]


def uniform_mixture_entropy(location, scale, weights):
    """Between two ends of any component the density is constant."""
    weights = np.ones(len(location)) if weights is None else weights
    ends = np.unique(np.concatenate([location - scale, location + scale]))
    middle, width = 0.5 * (ends[1:] + ends[:-1]), np.diff(ends)
    inside = np.abs(middle[:, None] - location) < scale
    q = inside @ (weights / weights.sum() / (2 * scale))
    return -math.fsum(w * x * math.log(x) for w, x in zip(width, q, strict=True) if x > 0)


@few_rows
def test_a_density_with_jumps():
    fns = [aggregate_posterior.row_entropy(uniform_mixture_entropy, CENTRE[:, j], WIDTH[:, j]) for j in range(2)]
    posterior = UniformPosterior()
    posterior.most_points = 2_000_000
    assert_agrees(dm.mig(posterior, FACTORS), aggregate_posterior.posterior_mig(fns, FACTORS))


@few_rows
@pytest.mark.parametrize("reach", [40.0, 1e3, 1e5, 1e6, 1e8, 1e12])
def test_a_support_wider_than_need_be_gives_the_right_answer_or_none(reach):
    # The protocol asks for an interval that holds the mass, and this one does.
    posterior = LogisticPosterior()
    posterior.reach = reach
    try:
        result = dm.mig(posterior, FACTORS)
    except ValueError as error:
        if "support" not in str(error):
            raise
    else:
        assert_agrees(result, logistic_oracle())


# ------------------------------------------------------------------------------------------------- broken ones


def nan_for_one_row(self, z, latent):
    log_q = LogisticPosterior.log_density(self, z, latent)
    log_q[:, 3] = np.nan
    return log_q


def infinite_somewhere(self, z, latent):
    log_q = LogisticPosterior.log_density(self, z, latent)
    log_q[np.abs(z) < 0.5] = np.inf
    return log_q


log_density, support = LogisticPosterior.log_density, LogisticPosterior.support
PROBABILITIES = MY_TABLE[:, 0]
BROKEN_DENSITIES = {
    "nan": {"log_density": nan_for_one_row},
    "infinite": {"log_density": infinite_somewhere},
    "twice too large": {"log_density": lambda self, z, j: log_density(self, z, j) + np.log(2)},
    "no logarithm": {"log_density": lambda self, z, j: np.exp(log_density(self, z, j))},
    "transposed": {"log_density": lambda self, z, j: log_density(self, z, j).T},
    "of one row": {"log_density": lambda self, z, j: log_density(self, z, j)[:, :1]},
    "half the support": {"support": lambda self, j: (self.location[:, j], self.location[:, j] + 15)},
    "support upside down": {"support": lambda self, j: support(self, j)[::-1]},
    "support without end": {"support": lambda self, j: (np.full(M, -np.inf), np.full(M, np.inf))},
    "support of nan": {"support": lambda self, j: (np.full(M, np.nan), self.location[:, j] + 9)},
    "support of points": {"support": lambda self, j: (self.location[:, j], self.location[:, j])},
    "support of one row": {"support": lambda self, j: (-20.0, 20.0)},
}
BROKEN_TABLES = {
    "nan": np.where(np.arange(M)[:, None] == 3, np.nan, PROBABILITIES),
    "counts": 10 * PROBABILITIES,
    "logits": np.log(PROBABILITIES),
    "negative, adding up to 1": PROBABILITIES + np.array([-1.0, 0.5, 0.5]),
    "of other length": PROBABILITIES[1:],
    "with one axis": PROBABILITIES[:, 0],
    "transposed": PROBABILITIES.T,
}
both_metrics = pytest.mark.parametrize("metric", [dm.mig, dm.mig_sup])


@few_rows
@both_metrics
@pytest.mark.parametrize("methods", BROKEN_DENSITIES.values(), ids=BROKEN_DENSITIES)
def test_a_broken_density_is_refused(metric, methods):
    with pytest.raises((TypeError, ValueError), match=r"log_density|support"):
        metric(type("BrokenPosterior", (LogisticPosterior,), methods)(), FACTORS)


@few_rows
@both_metrics
@pytest.mark.parametrize("table", BROKEN_TABLES.values(), ids=BROKEN_TABLES)
def test_a_broken_table_is_refused(metric, table):
    posterior = type("BrokenPosterior", (MyTable,), {"probabilities": lambda self, latent: table})(MY_TABLE)
    with pytest.raises((TypeError, ValueError), match=r"probabilit(y|ies)"):
        metric(posterior, FACTORS)


@few_rows
@both_metrics
@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("entropy", {}),
        ("sample", {"n_draws": 9, "rng": 0}),
        ("point_codes", {"estimator": "histogram"}),
        ("point_codes", {"estimator": "knn"}),
    ],
)
@pytest.mark.parametrize("broken", ["nan", "shape"])
def test_a_method_that_returns_nan_or_another_shape_is_refused(metric, method, options, broken):
    value = np.where(np.arange(M)[:, None] == 3, np.nan, CENTRE) if broken == "nan" else CENTRE[:-1]
    posterior = type("BrokenPosterior", (LogisticPosterior,), {method: lambda self, *_: value})()
    name = method.replace("_", "[_ ]")
    if method == "entropy" and metric is dm.mig_sup:
        posterior.kl_to_prior = lambda: value  # what tells whether a latent is active
        name = "kl[_ ]to[_ ]prior|entropy"
    with pytest.raises((TypeError, ValueError), match=name):
        metric(posterior, FACTORS, **options)


def test_neither_density_nor_table_is_refused():
    class Bare(LogisticPosterior):
        log_density = support = property()

    assert not isinstance(Bare(), DensityPosterior)
    with pytest.raises(TypeError, match=r"Bare has neither log_density and support nor probabilities"):
        dm.mig(Bare(), FACTORS)


@pytest.mark.parametrize("missing", ["take", "entropy", "kl_to_prior", "point_codes", "sample"])
def test_a_posterior_without_one_of_the_methods_is_told_which(missing):
    methods = {name: getattr(LogisticPosterior, name) for name in vars(LogisticPosterior) if name != missing}
    half = type("HalfPosterior", (), {name: each for name, each in methods.items() if not name.startswith("__")})()
    half.location, half.scale, half.n_samples, half.n_latents = CENTRE, WIDTH, M, 2
    with pytest.raises(TypeError, match=rf"HalfPosterior.*{missing}"):
        dm.mig(half, FACTORS)
