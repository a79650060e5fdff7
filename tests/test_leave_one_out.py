"""log q(z_-j) of every latent left out in turn: against the definition, the tree against its own bounds."""

import numpy as np
import pytest
from scipy.special import logsumexp

import dismetrics as dm
from dismetrics.estimators.aggregate_posterior.leave_one_out import leave_one_out_density
from hard_mixtures import hard_mixture
from own_posterior import Own
from sizes import size


def _definition(posterior, weights, z):
    """Log densities, means of log w q over components, and means of each latent's log density and log weights."""
    terms = [posterior.log_density(z[:, j], j) for j in range(z.shape[1])]
    log_density, mean_component = [], []
    for left_out in [*range(z.shape[1]), None]:
        each = np.log(weights) + sum(term for j, term in enumerate(terms) if j != left_out)
        log_density.append(logsumexp(np.broadcast_to(each, (len(z), len(weights))), axis=1))
        share = np.exp(each - log_density[-1][:, None])
        mean_component.append((share * each).sum(axis=1))
    mean_latent = [(share * term).sum(axis=1) for term in (*terms, np.log(weights))]
    return np.stack(log_density, axis=1), np.stack(mean_component, axis=1), np.stack(mean_latent, axis=1)


CASES = ["plain", "duplicates", "one tiny scale", "offset", "all scales", "far apart in one latent"]


@pytest.mark.parametrize("make", [dm.GaussianPosterior.from_scale, dm.LaplacePosterior])
@pytest.mark.parametrize("n_latents", [1, 2, 5, size(40, 8)])
@pytest.mark.parametrize("name", CASES)
def test_brute_force_equals_the_definition_and_the_tree_keeps_its_bounds(make, n_latents, name):
    rng = np.random.default_rng(n_latents)
    mean, scale = hard_mixture(name, size(700, 150), n_latents, rng)
    posterior = make(mean, scale)
    weights = rng.gamma(1.0, size=len(mean))
    weights /= weights.sum()
    z = posterior.take(rng.integers(0, len(mean), 30)).sample(rng)
    z[:3] += 0.5  # points that no component was drawn from
    log_density, mean_component, mean_latent = _definition(posterior, weights, z)
    # Exponents grow with the square of distances in scales, and so does their rounding.
    slack = 1e-9 * np.maximum(1.0, np.abs(log_density))
    brute = leave_one_out_density(posterior, weights, method="brute", n_points=30)(z)
    assert (np.abs(brute.log_density - log_density) <= slack).all()
    assert (np.abs(brute.mean_component - mean_component) <= slack).all()
    assert (np.abs(brute.mean_latent - mean_latent) <= 1e-9 * np.maximum(1.0, np.abs(mean_latent))).all()
    assert (brute.bound == 0).all()
    assert (brute.mean_latent_bound == 0).all()
    for tolerance in (0.0, 1e-12, 1e-6, 1e-2):
        tree = leave_one_out_density(posterior, weights, method="tree", tolerance=tolerance, n_points=30)(z)
        missing = brute.log_density - tree.log_density
        assert (missing <= tree.bound + slack).all()
        assert (missing >= -slack).all()
        assert (tree.bound <= tolerance * (1 + 1e-9)).all()
        off = np.abs(brute.mean_latent - tree.mean_latent)
        assert (off <= tree.mean_latent_bound + 1e-9 * np.maximum(1.0, np.abs(mean_latent))).all()
        entropy, right = (found.log_density - found.mean_component for found in (tree, brute))
        allowed = tree.bound * (1 + np.log(len(mean) / np.maximum(tree.bound, 1e-300)))
        assert (np.abs(entropy - right) <= allowed + 2 * slack).all()


@pytest.mark.parametrize("make", [dm.GaussianPosterior.from_scale, dm.LaplacePosterior])
def test_a_class_of_ones_own_is_summed_over_all_pairs(make):
    rng = np.random.default_rng(2)
    posterior = make(rng.normal(size=(40, 3)), rng.uniform(0.1, 0.5, (40, 3)))
    weights = rng.dirichlet(np.ones(40))
    z = posterior.take(rng.integers(0, 40, 20)).sample(rng)
    right = _definition(posterior, weights, z)
    found = leave_one_out_density(Own(posterior), weights, n_points=20)(z)
    for one, other in zip((found.log_density, found.mean_component, found.mean_latent), right, strict=True):
        assert one == pytest.approx(other, abs=1e-11)


def test_tables_with_impossible_values_are_no_trouble():
    table = np.array([[[0.0, 1.0], [0.5, 0.5]], [[1.0, 0.0], [0.0, 1.0]]])
    weights = np.array([0.25, 0.75])
    z = np.array([[1.0, 0.0], [0.0, 1.0]])
    found = leave_one_out_density(dm.CategoricalPosterior(table), weights, n_points=2)(z)
    assert np.exp(found.log_density) == pytest.approx(np.array([[0.125, 0.25, 0.125], [0.875, 0.75, 0.75]]))
    assert found.mean_latent[0] == pytest.approx([0.0, np.log(0.5), np.log(0.25)])
    assert np.isfinite(found.mean_component).all()


def test_the_tree_saves_most_components_where_they_are_apart():
    rng = np.random.default_rng(0)
    n = size(20_000, 1500)
    mean = rng.normal(size=(n, 4))
    posterior = dm.GaussianPosterior.from_scale(mean, np.full(mean.shape, 0.02))
    z = posterior.take(np.arange(30)).sample(rng)
    tree = leave_one_out_density(posterior, np.full(n, 1 / n), method="tree", n_points=30)(z)
    assert tree.evaluated.mean() < size(0.15, 0.8)
