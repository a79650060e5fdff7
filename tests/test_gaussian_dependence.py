"""Gaussian total correlation and Wasserstein correlation: closed forms, oracles, degenerate covariances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dismetrics as dm
from dismetrics.warnings import DegenerateDataWarning
from oracles import gaussian_dependence as oracle

BOTH = [dm.gaussian_total_correlation, dm.gaussian_wasserstein_correlation]
both = pytest.mark.parametrize("metric", BOTH)
RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(60, 3)) @ np.array([[1.0, 0.8, 0.0], [0.0, 0.5, 0.3], [0.0, 0.0, 2.0]])


def with_correlation(rho, deviations=(1.0, 1.0)):
    """Four points whose covariance is exactly this."""
    a, b = np.array([1.0, 1.0, -1.0, -1.0]), np.array([1.0, -1.0, 1.0, -1.0])
    return np.column_stack([a, rho * a + np.sqrt(1 - rho**2) * b]) * deviations


@pytest.mark.parametrize("rho", [0.0, 0.3, -0.9, 0.999999])
@pytest.mark.parametrize("deviations", [(1.0, 1.0), (1e-3, 20.0)])
def test_two_latents_have_closed_forms(rho, deviations):
    total = dm.gaussian_total_correlation(with_correlation(rho, deviations))
    assert total.score == pytest.approx(-0.5 * np.log1p(-(rho**2)), rel=1e-9, abs=1e-15)
    assert total.correlation == pytest.approx(np.array([[1, rho], [rho, 1]]), abs=1e-12)
    assert total.standard_deviation == pytest.approx(deviations)
    # Eigenvalues of [[a^2, rho a b], [rho a b, b^2]] with a, b the variances: the root's trace is the root of
    # trace + 2 sqrt(det).
    a, b = np.square(deviations)
    nuclear = np.sqrt(a**2 + b**2 + 2 * a * b * np.sqrt(1 - rho**2))
    far = dm.gaussian_wasserstein_correlation(with_correlation(rho, deviations))
    assert far.score == pytest.approx(2 * (a + b) - 2 * nuclear, abs=1e-12 * (a + b))
    assert far.normalised == pytest.approx(far.score / (a + b), abs=1e-12)
    assert far.distance == pytest.approx(np.sqrt(far.score), abs=1e-7 * np.sqrt(a + b))


@pytest.mark.parametrize("n_copies", [2, 3, 5])
def test_copies_are_infinitely_dependent_and_finitely_apart(n_copies):
    points = np.repeat(POINTS[:, :1], n_copies, axis=1) * np.where(np.arange(n_copies) % 2, -1.0, 1.0)
    total, far = dm.gaussian_total_correlation(points), dm.gaussian_wasserstein_correlation(points)
    assert total.score == np.inf
    assert total.rank == 1
    assert total.to_dict()["score"] is None
    assert isinstance(far.score, float)
    assert far.normalised == pytest.approx(2 - 2 / np.sqrt(n_copies))


@pytest.mark.parametrize("offset", [0.0, 1e6])
@pytest.mark.parametrize("scale", [1e-200, 1e-6, 1.0, 1e140])
def test_sums_of_latents_are_infinitely_dependent_in_any_units(offset, scale):
    points = np.column_stack([POINTS, POINTS.sum(axis=1)]) * scale + offset * scale
    exact = np.round(points / scale * 2**20) / 2**20
    exact[:, 3] = exact[:, :3].sum(axis=1)
    result = dm.gaussian_total_correlation(exact * scale)
    assert result.score == np.inf
    assert result.rank == 3
    assert np.isfinite(dm.gaussian_wasserstein_correlation(exact * scale).normalised)


def test_nearly_singular_is_not_singular():
    # Two latents that differ in the tenth digit share many nats, but not infinitely many.
    noise = np.array([1.0, -1.0, -1.0, 1.0])
    x = np.array([1.0, 1.0, -1.0, -1.0])
    for apart in (1e-3, 1e-7, 1e-10):
        result = dm.gaussian_total_correlation(np.column_stack([x, x + apart * noise]))
        rho_squared_from_one = apart**2 / (1 + apart**2)
        assert result.score == pytest.approx(-0.5 * np.log(rho_squared_from_one), rel=1e-5)


@st.composite
def tables(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    d = draw(st.integers(1, 4))
    points = rng.normal(size=(draw(st.integers(8, 30)), d)) @ rng.normal(size=(d, d))
    return points, rng.exponential(size=len(points)) if draw(st.booleans()) else None, rng


@given(tables())
def test_points_agree_with_the_oracle(table):
    points, weights, _ = table
    matrix = oracle.covariance(points, weights)
    right = oracle.total_correlation(matrix)
    assert dm.gaussian_total_correlation(points, weights=weights).score == pytest.approx(right, abs=1e-7)
    far = dm.gaussian_wasserstein_correlation(points, weights=weights)
    assert far.score == pytest.approx(oracle.squared_distance(matrix), abs=1e-7 * np.trace(matrix))
    assert far.standard_deviation == pytest.approx(np.sqrt(np.diag(matrix)))


@given(tables(), st.sampled_from(["gaussian", "laplace", "bernoulli"]))
def test_posteriors_have_the_covariance_of_the_aggregate(table, family):
    points, weights, rng = table
    scale = rng.uniform(0.1, 2.0, points.shape)
    posterior, mean, variance = {
        "gaussian": lambda: (dm.GaussianPosterior.from_scale(points, scale), points, scale**2),
        "laplace": lambda: (dm.LaplacePosterior(points, scale), points, 2 * scale**2),
        "bernoulli": lambda: (lambda p: (dm.BernoulliPosterior(p), p, p * (1 - p)))(1 / (1 + np.exp(-points))),
    }[family]()
    matrix = oracle.covariance(mean, weights, variance)
    right = oracle.total_correlation(matrix)
    assert dm.gaussian_total_correlation(posterior, weights=weights).score == pytest.approx(right, abs=1e-8)
    far = dm.gaussian_wasserstein_correlation(posterior, weights=weights)
    assert far.score == pytest.approx(oracle.squared_distance(matrix), abs=1e-7 * np.trace(matrix))


def test_draws_are_points():
    draws = RNG.normal(size=(3, 20, 2)) + POINTS[:20, :2]
    weights = RNG.random(20)
    for metric in BOTH:
        pooled = metric(draws.reshape(-1, 2), weights=np.tile(weights, 3))
        assert metric(dm.SampledPosterior(draws), weights=weights).score == pytest.approx(pooled.score, abs=1e-12)


@both
def test_posteriors_without_a_covariance_are_refused(metric):
    with pytest.raises(TypeError, match=r"CategoricalPosterior is not known.*SampledPosterior"):
        metric(dm.CategoricalPosterior(np.full((4, 2, 3), 1 / 3)))


@both
def test_constant_latents_have_no_part(metric):
    plain = metric(POINTS)
    wider = metric(np.insert(POINTS, 1, 7.3, axis=1))
    assert wider.score == plain.score
    assert wider.active.tolist() == [True, False, True, True]
    assert wider.standard_deviation[1] == 0.0
    assert wider.correlation[1].tolist() == [0.0, 1.0, 0.0, 0.0]
    for nothing in (np.full((9, 2), 3.0), POINTS[:, :1]):
        assert metric(nothing).score == pytest.approx(0.0, abs=1e-12)
    # The means are constant, the posteriors are not.
    posterior = dm.GaussianPosterior.from_scale(np.zeros((5, 2)), np.ones((5, 2)))
    assert metric(posterior).active.all()


def test_too_few_samples_are_told():
    with pytest.warns(DegenerateDataWarning, match="3 samples cannot have a covariance of full rank in 3 latents"):
        assert dm.gaussian_total_correlation(POINTS[:3]).score == np.inf
    assert np.isfinite(dm.gaussian_wasserstein_correlation(POINTS[:3]).score)


def test_independent_latents_score_the_bias_that_is_stated():
    n, d = 400, 5
    scores = [
        dm.gaussian_total_correlation(np.random.default_rng(seed).normal(size=(n, d))).score for seed in range(40)
    ]
    assert np.mean(scores) == pytest.approx(d * (d - 1) / (4 * n), rel=0.2)


@both
def test_latents_may_be_permuted_and_rows_shuffled(metric):
    plain = metric(POINTS)
    assert metric(POINTS[:, [2, 0, 1]]).score == pytest.approx(plain.score, abs=1e-12)
    assert metric(POINTS[RNG.permutation(60)]).score == pytest.approx(plain.score, abs=1e-12)
    assert metric(np.repeat(POINTS, 3, axis=0)).score == pytest.approx(plain.score, abs=1e-12)
    assert metric(-POINTS).score == pytest.approx(plain.score, abs=1e-12)
    weights = RNG.integers(0, 3, 60)
    repeated = metric(np.repeat(POINTS, weights, axis=0))
    assert metric(POINTS, weights=weights).score == pytest.approx(repeated.score, abs=1e-12)
    assert metric(POINTS, weights=weights * 1e300).score == pytest.approx(repeated.score, abs=1e-12)
    for same in (np.asfortranarray(POINTS), POINTS.tolist()):
        assert metric(same).score == plain.score


def test_units_do_not_matter_to_the_total_correlation_and_scale_the_distance():
    plain, far = dm.gaussian_total_correlation(POINTS), dm.gaussian_wasserstein_correlation(POINTS)
    rounded = (POINTS + 1e6) - 1e6
    for scale in (1e-300, 1e-6, 1e100, 1e305):
        assert dm.gaussian_total_correlation(POINTS * scale).score == pytest.approx(plain.score, abs=1e-12)
        assert dm.gaussian_total_correlation(POINTS * [1, scale, 1]).score == pytest.approx(plain.score, abs=1e-12)
    for scale in (1e-6, 1e100):
        scaled = dm.gaussian_wasserstein_correlation(POINTS * scale)
        assert scaled.normalised == pytest.approx(far.normalised, abs=1e-12)
        assert scaled.score == pytest.approx(far.score * scale**2, rel=1e-12)
        assert scaled.distance == pytest.approx(far.distance * scale, rel=1e-12)
    for metric in BOTH:
        assert metric(rounded + 1e6).score == pytest.approx(metric(rounded).score, abs=1e-12)
    with pytest.raises(ValueError, match=r"beyond float64: rescale"):
        dm.gaussian_wasserstein_correlation(POINTS * 1e200)


@both
@pytest.mark.parametrize(
    ("latents", "options", "message"),
    [
        (np.where(POINTS > 2, np.nan, POINTS), {}, r"column \d of latents .*not finite"),
        (POINTS[:, 0], {}, r"latents has shape \(60,\)"),
        (POINTS[:1], {}, r"latents has one row"),
        (POINTS + 0j, {}, r"latents holds complex"),
        (POINTS, {"weights": np.ones(3)}, r"weights has shape \(3,\)"),
        (POINTS, {"weights": -np.ones(60)}, r"weights holds -1"),
        (dm.GaussianPosterior(POINTS, POINTS), {"weights": np.ones(3)}, r"weights has shape \(3,\)"),
    ],
)
def test_bad_input_is_refused(metric, latents, options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        metric(latents, **options)
