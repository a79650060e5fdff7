"""Posteriors of some of the latents, of every kind."""

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.posteriors import DensityPosterior, HasLogDensity, TablePosterior, select_latents
from own_posterior import Own

N, D = 6, 4


def _posteriors():
    rng = np.random.default_rng(0)
    location, scale = rng.normal(size=(N, D)), rng.uniform(0.3, 0.9, (N, D))
    draws = rng.normal(size=(3, N, D))
    gaussian = dm.GaussianPosterior.from_scale(location, scale)
    table = dm.CategoricalPosterior(rng.dirichlet([1.0, 2.0, 0.5], size=(N, D)))
    return {
        "gaussian": gaussian,
        "laplace": dm.LaplacePosterior(location, scale),
        "bernoulli": dm.BernoulliPosterior(rng.uniform(size=(N, D))),
        "categorical": table,
        "draws": dm.SampledPosterior(draws),
        "draws with density": dm.SampledPosterior(draws, log_density=lambda z, j: gaussian.log_density(z, j)),
        "own density": Own(gaussian),
        "own table": Own(table),
    }


@pytest.mark.parametrize("name", _posteriors())
def test_what_is_selected_is_what_the_posterior_says_of_these_latents(name):
    whole = _posteriors()[name]
    latents = [3, 1]
    some = select_latents(whole, latents)
    assert (some.n_samples, some.n_latents) == (N, 2)
    assert np.array_equal(some.point_codes(), whole.point_codes()[:, latents])
    for protocol in (TablePosterior, HasLogDensity, DensityPosterior):
        assert isinstance(some, protocol) == isinstance(whole, protocol)
    rows = np.array([4, 0])
    taken = some.take(rows)
    assert np.array_equal(taken.point_codes(), whole.point_codes()[rows][:, latents])
    if name != "draws":
        assert some.entropy() == pytest.approx(whole.entropy()[:, latents])
        assert some.kl_to_prior() == pytest.approx(whole.kl_to_prior()[:, latents])
    z = np.linspace(-1, 1, 5)
    for k, j in enumerate(latents):
        if isinstance(whole, TablePosterior):
            assert np.array_equal(some.probabilities(k), whole.probabilities(j))
        elif name != "draws":
            assert np.array_equal(some.log_density(z, k), whole.log_density(z, j))
            assert np.array_equal(taken.log_density(z, k), whole.log_density(z, j)[:, rows])
        if isinstance(whole, DensityPosterior):
            assert np.array_equal(some.support(k), whole.support(j))
    draws = np.stack([some.sample(np.random.default_rng(seed)) for seed in range(200)])
    assert draws.shape == (200, N, 2)
    of_whole = np.stack([whole.sample(np.random.default_rng(seed)) for seed in range(200, 400)])[:, :, latents]
    error = np.hypot(draws.std(axis=0), of_whole.std(axis=0)) / np.sqrt(200)
    assert (np.abs(draws.mean(axis=0) - of_whole.mean(axis=0)) <= 5 * error + 1e-12).all()


def test_our_families_stay_what_they_are_and_a_view_names_its_posterior():
    posteriors = _posteriors()
    for name in ("gaussian", "laplace", "bernoulli", "categorical"):
        assert type(select_latents(posteriors[name], [0])) is type(posteriors[name])
    assert repr(select_latents(posteriors["own density"], [2, 0])) == "Own(latents 2, 0)"


def test_errors_name_the_class_and_the_latent_that_the_user_knows():
    class Wrong(Own):
        def log_density(self, z, latent):
            return np.zeros((1, 1))

    some = select_latents(Wrong(_posteriors()["gaussian"]), [2])
    with pytest.raises(ValueError, match=r"Wrong.log_density\(z, 2\) returned shape"):
        some.log_density(np.zeros(3), 0)
