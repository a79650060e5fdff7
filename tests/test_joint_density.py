"""log q(z) of all latents: brute force against the definition, and the tree against brute force and its own bound."""

import numpy as np
import pytest
from scipy.special import logsumexp

import dismetrics as dm
from dismetrics.estimators.aggregate_posterior.blocks import nearby_order
from dismetrics.estimators.aggregate_posterior.joint_density import joint_log_density
from sizes import size


def _case(name, n_latents, rng):
    n = size(1500, 150)
    mean = rng.normal(size=(n, n_latents))
    scale = rng.uniform(0.05, 0.3, mean.shape)
    if name == "duplicates":
        mean, scale = np.repeat(mean[: n // 50], 50, axis=0), np.repeat(scale[: n // 50], 50, axis=0)
    elif name == "one tiny scale":
        scale[n // 2] = 1e-9
        scale[:5] = 3.0
    elif name == "offset":
        mean = mean + 1e6
    elif name == "all scales":
        scale = 10 ** rng.uniform(-4, 1, mean.shape)
    elif name == "far apart":
        mean = mean * 1e3
    return mean, scale


def _definition(posterior, weights, z):
    total = np.log(weights) + sum(posterior.log_density(z[:, j], j) for j in range(z.shape[1]))
    return logsumexp(total, axis=1)


@pytest.mark.parametrize("family", [dm.GaussianPosterior.from_scale, dm.LaplacePosterior])
@pytest.mark.parametrize("n_latents", [1, 2, 7, size(100, 10)])
@pytest.mark.parametrize("name", ["plain", "duplicates", "one tiny scale", "offset", "all scales", "far apart"])
def test_brute_force_equals_the_definition_and_the_tree_keeps_its_bound(family, n_latents, name):
    rng = np.random.default_rng(n_latents)
    mean, scale = _case(name, n_latents, rng)
    posterior = family(mean, scale)
    weights = rng.gamma(1.0, size=len(mean))
    weights /= weights.sum()
    rows = rng.integers(0, len(mean), 40)
    z = posterior.take(rows).sample(rng)
    z[:3] += 0.5  # points that no component was drawn from
    right = _definition(posterior, weights, z)
    # Exponents grow with the square of distances in scales, and so does their rounding.
    slack = 1e-9 * np.maximum(1.0, np.abs(right))
    brute = joint_log_density(posterior, weights, method="brute", n_points=40)(z)
    assert (np.abs(brute.log_density - right) <= slack).all()
    assert (brute.bound == 0).all()
    for tolerance in (0.0, 1e-12, 1e-6, 1e-2):
        tree = joint_log_density(posterior, weights, method="tree", tolerance=tolerance, n_points=40)(z)
        missing = brute.log_density - tree.log_density
        assert (missing <= tree.bound + slack).all()
        assert (missing >= -slack).all()
        assert (tree.bound <= tolerance * (1 + 1e-9)).all()
        if tolerance == 0.0:
            assert (np.abs(missing) <= slack).all()
            assert tree.evaluated == 1.0


def test_the_tree_saves_most_components_where_they_are_apart():
    rng = np.random.default_rng(0)
    n = size(20_000, 1500)
    mean = rng.normal(size=(n, 4))
    posterior = dm.GaussianPosterior.from_scale(mean, np.full(mean.shape, 0.02))
    weights = np.full(n, 1 / n)
    z = posterior.take(np.arange(50)).sample(rng)
    tree = joint_log_density(posterior, weights, method="tree", n_points=50)(z)
    assert tree.evaluated < size(0.05, 0.7)


def test_the_order_is_a_permutation_that_brings_neighbours_together():
    rng = np.random.default_rng(1)
    mean = rng.uniform(size=(4096, 2))
    order = nearby_order(dm.GaussianPosterior.from_scale(mean, np.full(mean.shape, 0.1)), 64)
    assert np.array_equal(np.sort(order), np.arange(4096))
    blocks = mean[order].reshape(64, 64, 2)
    # 64 blocks tile the square in about 8 x 8.
    assert np.ptp(blocks, axis=1).mean() < 0.2
