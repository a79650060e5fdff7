"""log q(z) of all latents: brute force against the definition, and the tree against brute force and its own bound."""

import numpy as np
import pytest
from scipy.special import logsumexp

import dismetrics as dm
from dismetrics.estimators.aggregate_posterior import joint_density
from dismetrics.estimators.aggregate_posterior.blocks import lay_out_blocks, nearby_order
from dismetrics.estimators.aggregate_posterior.joint_density import joint_log_density
from dismetrics.kernels.joint_density import choose_blocks
from hard_mixtures import hard_mixture
from sizes import size


def _definition(posterior, weights, z):
    total = np.log(weights) + sum(posterior.log_density(z[:, j], j) for j in range(z.shape[1]))
    return logsumexp(total, axis=1)


@pytest.mark.parametrize("family", [dm.GaussianPosterior.from_scale, dm.LaplacePosterior])
@pytest.mark.parametrize("n_latents", [1, 2, 7, size(100, 10)])
@pytest.mark.parametrize("name", ["plain", "duplicates", "one tiny scale", "offset", "all scales", "far apart"])
def test_brute_force_equals_the_definition_and_the_tree_keeps_its_bound(family, n_latents, name):
    rng = np.random.default_rng(n_latents)
    mean, scale = hard_mixture(name, size(1500, 150), n_latents, rng)
    posterior = family(mean, scale)
    weights = rng.gamma(1.0, size=len(mean))
    weights /= weights.sum()
    rows = rng.integers(0, len(mean), 40)
    z = posterior.take(rows).sample(rng)
    z[:3] += 0.5  # points that no component was drawn from
    right = _definition(posterior, weights, z)
    # Exponents grow with the square of distances in scales, and so does their rounding.
    slack = 1e-9 * np.maximum(1.0, np.abs(right))
    brute = joint_log_density(posterior, weights, method="brute")(z)
    assert (np.abs(brute.log_density - right) <= slack).all()
    assert (brute.bound == 0).all()
    for tolerance in (0.0, 1e-12, 1e-6, 1e-2):
        tree = joint_log_density(posterior, weights, method="tree", tolerance=tolerance)(z)
        missing = brute.log_density - tree.log_density
        assert (missing <= tree.bound + slack).all()
        assert (missing >= -slack).all()
        assert (tree.bound <= tolerance * (1 + 1e-9)).all()
        if tolerance == 0.0:
            assert (np.abs(missing) <= slack).all()
            assert tree.evaluated == 1.0


@pytest.mark.parametrize("family", [dm.GaussianPosterior.from_scale, dm.LaplacePosterior])
@pytest.mark.parametrize("method", ["brute", "tree"])
@pytest.mark.parametrize("n_latents", [2, 7])
def test_a_value_does_not_depend_on_the_points_beside_it(family, method, n_latents):
    # The kernel takes points two at a time; which one is beside another must not show in a single bit.
    rng = np.random.default_rng(n_latents)
    mean, scale = hard_mixture("plain", size(1500, 150), n_latents, rng)
    posterior = family(mean, scale)
    z = posterior.take(rng.integers(0, len(mean), 21)).sample(rng)
    evaluate = joint_log_density(posterior, np.full(len(mean), 1 / len(mean)), method=method)
    together = evaluate(z)
    order = rng.permutation(21)
    for rows in [order, order[:20], *order[:3, None]]:
        part = evaluate(z[rows])
        for name in ("log_density", "bound", "mean_component"):
            assert np.array_equal(getattr(part, name), getattr(together, name)[rows])


def test_many_points_get_a_tree_and_few_do_not(monkeypatch):
    # By how many were asked for so far.
    made = []
    for name in ("_by_brute_force", "_by_tree"):
        monkeypatch.setattr(joint_density, name, lambda *_, name=name: made.append(name) or (lambda points: name))
    posterior = dm.GaussianPosterior.from_scale(np.zeros((10, 4)), np.ones((10, 4)))
    evaluate = joint_density.joint_log_density(posterior, np.full(10, 0.1))
    found = [evaluate(np.zeros((400, 4))) for _ in range(6)]
    first = found.index("_by_tree")
    assert first > 0
    assert set(found[first:]) == {"_by_tree"}
    assert made == ["_by_brute_force", "_by_tree"]
    made.clear()
    assert joint_density.joint_log_density(posterior, np.full(10, 0.1))(np.zeros((100_000, 4))) == "_by_tree"
    assert made == ["_by_tree"]


def test_blocks_start_at_a_cache_line():
    posterior = dm.GaussianPosterior.from_scale(np.zeros((100, 3)), np.ones((100, 3)))
    for size_of_block in (64, 128):
        blocks = lay_out_blocks(posterior, np.full(100, 0.01), np.arange(100), size_of_block)
        assert blocks.components.ctypes.data % 64 == 0


@pytest.mark.parametrize("above", [10.0, 1000.0, 2000.0, 1e6])
def test_a_block_that_may_hold_much_more_than_was_seen_is_wanted(above):
    bounds, taken = np.array([[above, above, -300.0]]), np.array([[True, False, False]])
    wanted = np.zeros_like(taken)
    left_out = choose_blocks(bounds, np.full(3, 128.0), np.zeros(1), np.ones(1), 1e-6, taken, wanted)
    assert wanted.tolist() == [[False, True, False]]
    assert 0.0 <= left_out[0] < 1e-6


def test_the_tree_saves_most_components_where_they_are_apart():
    rng = np.random.default_rng(0)
    n = size(20_000, 1500)
    mean = rng.normal(size=(n, 4))
    posterior = dm.GaussianPosterior.from_scale(mean, np.full(mean.shape, 0.02))
    weights = np.full(n, 1 / n)
    z = posterior.take(np.arange(50)).sample(rng)
    tree = joint_log_density(posterior, weights, method="tree")(z)
    assert tree.evaluated < size(0.05, 0.7)


def test_the_order_is_a_permutation_that_brings_neighbours_together():
    rng = np.random.default_rng(1)
    mean = rng.uniform(size=(4096, 2))
    order = nearby_order(dm.GaussianPosterior.from_scale(mean, np.full(mean.shape, 0.1)), 64)
    assert np.array_equal(np.sort(order), np.arange(4096))
    blocks = mean[order].reshape(64, 64, 2)
    # 64 blocks tile the square in about 8 x 8.
    assert np.ptp(blocks, axis=1).mean() < 0.2
