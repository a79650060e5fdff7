"""Posteriors: their own numbers, and what draws know of them."""

import math

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.posteriors import DensityPosterior, FactorisedPosterior, TablePosterior
from oracles import aggregate_posterior
from posterior_families import (
    BERNOULLI,
    CATEGORICAL,
    GAUSSIAN,
    LAPLACE,
    LOCATION,
    PROBABILITY,
    SCALE,
    TABLE,
    D,
    N,
    every_density,
    every_family,
    every_table,
    nodes,
)

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
