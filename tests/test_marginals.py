"""Marginals of the aggregate posterior at points: the controls of everything that is sampled."""

import numpy as np
import pytest
from scipy.special import logsumexp

import dismetrics as dm
from dismetrics.estimators.aggregate_posterior.marginals import marginals
from own_posterior import Own
from sizes import size


@pytest.mark.parametrize("spread", [0.0, 2.0], ids=["grid", "panels"])
@pytest.mark.parametrize("make", [dm.GaussianPosterior.from_scale, dm.LaplacePosterior])
@pytest.mark.parametrize("own", [False, True])
def test_log_densities_at_draws_are_those_of_the_mixture_its_modes_included(own, make, spread):
    rng = np.random.default_rng(0)
    n = size(12, 6)
    scale = 0.5 * 10 ** rng.uniform(-spread, 0, (n, 2))
    posterior = make(np.c_[rng.normal(size=n), np.full(n, 0.3)], scale)
    weights = np.full(n, 1 / n)
    z = posterior.take(rng.integers(0, n, 5000)).sample(rng)
    for j, marginal in enumerate(marginals(Own(posterior) if own else posterior, weights)):
        right = logsumexp(posterior.log_density(z[:, j], j), axis=1) - np.log(n)
        error = marginal.log_density_at(z[:, j]) - right
        # A mean error is what a control would pass on; single ones are of the spline, and largest at kinks.
        assert abs(error.mean()) < 3e-6
        assert np.quantile(np.abs(error), 0.99) < 1e-4
