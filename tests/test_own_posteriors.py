"""Posteriors of a user's own: the protocols, right classes and broken ones."""

import math

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.posteriors import DensityPosterior, TablePosterior
from oracles import aggregate_posterior
from oracles.quadrature import mixture_entropy
from posterior_families import (
    RNG,
)
from sizes import size

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
