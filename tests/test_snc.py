"""Single-neuron classification: against the oracle, which tries all assignments, and closed forms."""

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.warnings import DegenerateDataWarning
from oracles import single_neuron as oracle
from sizes import size

GRID = np.tile(np.indices((3, 4, 5)).reshape(3, -1).T, (4, 1))
N = len(GRID)


@pytest.mark.parametrize("seed", range(10))
def test_accuracies_and_latents_are_the_oracles(seed):
    rng = np.random.default_rng(seed)
    n, n_latents = 60, 1 + seed % 4
    v = rng.integers(0, [2, 3, 4], (n, 3))
    z = v @ rng.normal(size=(3, n_latents)) + rng.normal(size=(n, n_latents))
    missing = rng.random(v.shape) < 0.2 * (seed % 2)
    weights = rng.exponential(size=n) if seed % 3 else np.ones(n)
    result = dm.snc(z, dm.Factors(v, missing=missing, weights=weights))
    per_factor, latents = oracle.snc(z, v, weights, missing)
    assert result.per_factor == pytest.approx(per_factor, abs=1e-12)
    if seed % 3:  # counts may be equal, and either latent is then as good
        assert result.matched_latents.tolist() == latents
    assert result.score == pytest.approx(np.mean(per_factor), abs=1e-12)


SPREAD = GRID + 0.4 * np.random.default_rng(0).random(GRID.shape)
KNOWN = {
    # Code of the grid -> accuracy of each factor.
    "perfect": (GRID, [1.0, 1.0, 1.0]),
    "perfect, all values different": (SPREAD, [1.0, 1.0, 1.0]),
    "permuted": (-SPREAD[:, [1, 2, 0]], [1.0, 1.0, 1.0]),
    "redundant": (np.hstack([GRID, GRID]), [1.0, 1.0, 1.0]),
    "inactive": (np.column_stack([np.full(N, 9.0), GRID]), [1.0, 1.0, 1.0]),
    # A latent each; the factor without is left with the share of one of its values.
    "one is missing": (GRID[:, [0, 2]], [1.0, 1 / 4, 1.0]),
    # Two bins of two values each stand for one of them.
    "halves": (np.column_stack([GRID[:, 0], GRID[:, 1] // 2, GRID[:, 2]]), [1.0, 1 / 2, 1.0]),
}


@pytest.mark.parametrize(("code", "per_factor"), KNOWN.values(), ids=KNOWN)
def test_codes_with_known_answers(code, per_factor):
    result = dm.snc(code, GRID)
    assert result.per_factor == pytest.approx(per_factor, abs=1e-12)
    assert result.chance_per_factor == pytest.approx([1 / 3, 1 / 4, 1 / 5])
    above = (np.array(per_factor) - result.chance_per_factor) / (1 - result.chance_per_factor)
    assert result.chance_scaled == pytest.approx(above.mean(), abs=1e-12)


def test_merged_factors_share_no_latent():
    # One latent tells two binary factors in full. In two bins it tells the first, and it has one factor only.
    v = np.tile(np.indices((2, 2)).reshape(2, -1).T, (20, 1))
    result = dm.snc((2 * v[:, 0] + v[:, 1])[:, None], v)
    assert result.matched_latents.tolist() == [0, -1]
    assert result.per_factor == pytest.approx([1.0, 0.5])


def test_a_sum_over_many_latents_counts_for_nothing():
    # Both latents together tell the factor in full, as a linear classifier would find; neither does alone.
    v = np.repeat([0, 1], 2000)
    noise = 100 * np.random.default_rng(0).normal(size=4000)
    assert dm.snc(np.column_stack([noise, v - noise]), v).chance_scaled < 0.1


def test_labels_of_other_frequencies_are_cut_by_bins_of_equal_frequency():
    # Nine of ten samples have the first label: of the lower half all are right, of the upper one in five.
    v = (np.arange(1000) >= 900).astype(int)
    assert dm.snc(np.arange(1000.0)[:, None], v).score == pytest.approx(0.5 + 0.1)
    assert dm.snc(np.arange(1000.0)[:, None], v).chance_scaled == pytest.approx((0.6 - 0.9) / 0.1)
    assert dm.snc(v[:, None] + 0.0, v).score == 1.0


def test_noise_is_right_by_chance():
    rng = np.random.default_rng(1)
    n = size(20_000, 4000)
    result = dm.snc(rng.normal(size=(n, 4)), rng.integers(0, 4, (n, 2)))
    assert result.score == pytest.approx(1 / 4, abs=0.02)
    assert abs(result.chance_scaled) < 0.03


def test_constant_latents_name_the_most_frequent_label():
    v = np.array([0, 0, 0, 1, 2] * 10)
    result = dm.snc(np.zeros((50, 2)), v)
    assert (result.score, result.chance_scaled) == pytest.approx((0.6, 0.0))
    assert not result.mutual_information.any()


def test_a_factor_with_one_value_is_left_out():
    v = np.column_stack([GRID[:, 0], np.zeros(N, int), GRID[:, 1]])
    with pytest.warns(DegenerateDataWarning, match="factor_1"):
        result = dm.snc(SPREAD, v)
    assert result.score == dm.snc(SPREAD, v[:, [0, 2]]).score
    assert np.isnan(result.per_factor).tolist() == [False, True, False]
    assert result.matched_latents.tolist() == [0, -1, 1]
    with pytest.raises(ValueError, match="more than one value"):
        dm.snc(SPREAD, v[:, [1]])


def test_quantities_are_binned():
    x = np.random.default_rng(0).random(2000)
    assert dm.snc(np.exp(x)[:, None], x, kinds="continuous", n_factor_bins=5).score > 0.95
    with pytest.raises(ValueError, match="n_factor_bins=1"):
        dm.snc(x[:, None], x, kinds="continuous", n_factor_bins=1)


def test_too_many_labels_are_refused():
    labels = np.arange(8193)
    with pytest.raises(ValueError, match=r"'factor_0' has 8193 labels.*continuous"):
        dm.snc(labels[:, None] + 0.0, labels)
