"""Hausdorff factorised support: oracle, closed forms, subsets, units."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dismetrics as dm
from oracles import hausdorff as oracle
from sizes import size

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(24, 3)) @ np.array([[1.0, 0.8, 0.0], [0.0, 0.5, 0.3], [0.0, 0.0, 2.0]])
support = dm.hausdorff_factorised_support


@given(st.integers(0, 2**32 - 1), st.integers(2, size(20, 8)), st.integers(1, 3), st.booleans())
def test_distances_are_the_oracles(seed, n, d, rounded):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, d)) @ rng.normal(size=(d, d))
    points = np.round(2 * points) if rounded else points  # with many ties
    raw = support(points, standardise=False)
    assert raw.score == pytest.approx(oracle.factorised_support(points), rel=1e-12, abs=1e-14)
    assert raw.standard_error == 0.0
    deviation = points.std(axis=0)
    if (np.ptp(points, axis=0) > 0).all():
        right = oracle.factorised_support(points / deviation)
        assert support(points).score == pytest.approx(right, rel=1e-12, abs=1e-14)


def test_supports_that_are_known():
    grid = np.indices((4, 5, 3)).reshape(3, -1).T
    assert support(grid[RNG.permutation(60)]).score == 0.0
    # Correlated, but every combination occurs.
    assert support(np.repeat(grid, 1 + grid.sum(axis=1) % 3, axis=0)).score == 0.0
    # A diagonal of 0 to n: the corner (0, n) is nearest to the middle.
    for n in (6, 7):
        line = np.arange(n + 1.0)
        middle = min(k**2 + (n - k) ** 2 for k in range(n + 1))
        result = support(line[:, None] * [1, 1, -1], standardise=False)
        assert result.per_pair == pytest.approx(middle * (1 - np.eye(3)))
        assert result.score == 3 * middle
    # A square without one corner.
    assert support([[0, 0], [0, 1], [1, 0]], standardise=False).score == 1.0
    # A circle: the middle of its square is farthest from it, farther than the corners.
    angle = 2 * np.pi * np.arange(60) / 60
    circle = support(np.column_stack([np.cos(angle), np.sin(angle)]), standardise=False)
    assert circle.score == pytest.approx(1.0)


def test_constant_latents_and_single_ones_have_no_part():
    plain, wider = support(POINTS), support(np.insert(POINTS, 1, 5.0, axis=1))
    assert wider.score == plain.score
    assert wider.active.tolist() == [True, False, True, True]
    assert not wider.per_pair[1].any()
    assert support(POINTS[:, :1]).score == 0.0
    assert support(np.ones((9, 2))).score == 0.0


def test_subsets_are_drawn_by_seed_and_weight():
    points = RNG.normal(size=(300, 2))
    one = support(points, subset_size=20, n_subsets=5, rng=0)
    assert one.settings == {"subset_size": 20, "n_subsets": 5, "standardise": True, "seed": 0}
    assert one.score == support(points, subset_size=20, n_subsets=5, rng=0).score
    assert one.score == support(points, subset_size=20, n_subsets=5, rng=np.random.default_rng(0)).score
    assert one.score != support(points, subset_size=20, n_subsets=5, rng=1).score
    assert one.standard_error > 0
    assert np.isnan(support(points, subset_size=20, n_subsets=1, rng=0).standard_error)
    many = [support(points, subset_size=20, n_subsets=4, rng=seed) for seed in range(size(40, 15))]
    spread = np.std([each.score for each in many], ddof=1)
    assert np.mean([each.standard_error for each in many]) == pytest.approx(spread, rel=0.5)
    # Rows without weight are never drawn.
    weights = np.where(np.arange(300) < 20, 1.0, 0.0)
    assert support(points, weights=weights).score == pytest.approx(support(points[:20]).score, rel=1e-12)
    heavy = np.where(np.arange(300) < 20, 1.0, 1e-12)
    drawn = support(points, weights=heavy, subset_size=20, n_subsets=2, rng=0)
    assert drawn.score == pytest.approx(support(points[:20]).score, rel=1e-6)


def test_larger_subsets_have_smaller_gaps():
    points = RNG.random((size(2000, 300), 2))
    scores = [support(points, subset_size=n, n_subsets=size(5, 3), rng=0).score for n in (8, 32, 128)[: size(3, 2)]]
    assert (np.diff(scores) < 0).all()


def test_units_and_storage():
    plain, raw = support(POINTS), support(POINTS, standardise=False)
    rounded = (POINTS + 1e6) - 1e6
    for scale in (1e-300, 1e-6, 1e200, 1e305):
        assert support(POINTS * scale).score == pytest.approx(plain.score, rel=1e-12)
        assert support(POINTS * [scale, 1, 1]).score == pytest.approx(plain.score, rel=1e-12)
    assert support(POINTS * 1e-6, standardise=False).score == pytest.approx(raw.score * 1e-12, rel=1e-9)
    assert support(rounded + 1e6).score == pytest.approx(support(rounded).score, rel=1e-12)
    with pytest.raises(ValueError, match=r"beyond float64: rescale"):
        support(POINTS * 1e200, standardise=False)
    for same in (np.asfortranarray(POINTS), POINTS.tolist()):
        assert support(same).score == plain.score
    assert support(POINTS[:, [2, 0, 1]]).score == pytest.approx(plain.score, rel=1e-12)
    assert support(-POINTS[RNG.permutation(24)]).score == pytest.approx(plain.score, rel=1e-12)


def test_posteriors_stand_for_their_codes_and_draws_are_points():
    posterior = dm.GaussianPosterior.from_scale(POINTS, np.ones(POINTS.shape))
    assert support(posterior).score == support(POINTS).score
    draws = np.stack([POINTS, POINTS + 0.1])
    assert support(dm.SampledPosterior(draws)).score == pytest.approx(support(draws.reshape(-1, 3)).score, rel=1e-12)
    weights = RNG.random(24)
    assert support(posterior, weights=weights).score == support(POINTS, weights=weights).score


@pytest.mark.parametrize(
    ("latents", "options", "message"),
    [
        (np.where(POINTS > 2, np.nan, POINTS), {}, r"column \d of latents .*not finite"),
        (POINTS, {"subset_size": 1}, r"subset_size=1.*at least 2"),
        (POINTS, {"n_subsets": 0}, r"n_subsets=0"),
        (POINTS, {"standardise": "yes"}, r"standardise='yes'"),
        (POINTS, {"weights": np.ones(3)}, r"weights has shape"),
        (POINTS, {"rng": "seed"}, r"rng='seed'"),
    ],
)
def test_bad_input_is_refused(latents, options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        support(latents, **options)
