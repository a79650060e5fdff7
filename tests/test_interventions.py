"""Votes and differences while factors are held: against enumeration, and in cases that are known."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dismetrics as dm
from dismetrics.kernels.interventions import group_variances, mean_differences
from dismetrics.warnings import DegenerateDataWarning
from intervention_cases import ALL, BIG, CODE, GRID, QUICK, VOTES, every_score, every_vote, mixed
from oracles import interventions as oracle
from sizes import size

RNG = np.random.default_rng(1)

# --------------------------------------------------------------------------------- against enumeration

KINDS_OF_TABLES = {
    "full grid": {},
    "weighted": {"weights": RNG.exponential(size=len(GRID)) ** 2},
    "missing labels": {"missing": RNG.random(GRID.shape) < 0.2},
    "balanced": {"balanced": True, "weights": np.arange(1.0, len(GRID) + 1)},
}
all_tables = pytest.mark.parametrize("how", KINDS_OF_TABLES.values(), ids=KINDS_OF_TABLES)


def table_arguments(how):
    """The same said to dismetrics."""
    options = {"weights": how.get("weights"), "balanced_values": how.get("balanced", False)}
    return dm.Factors(GRID, missing=how.get("missing")), options


def assert_frequencies(votes, probabilities):
    """Counts as they would come from these probabilities."""
    n = votes.sum()
    slack = 4.5 * np.sqrt(probabilities * (1 - probabilities) / n) + 1e-9
    assert (np.abs(votes / n - probabilities) <= slack).all(), (votes / n, probabilities)


@pytest.mark.filterwarnings("ignore:.*share their value:dismetrics.warnings.DegenerateDataWarning")
@pytest.mark.parametrize("group_size", [2, 3])
@every_vote
@all_tables
def test_votes_have_the_distribution_of_all_groups(metric, how, group_size):
    factors, options = table_arguments(how)
    result = metric(CODE, factors, group_size=group_size, n_train=size(30_000, 600), n_test=10, rng=1, **options)
    for k in range(3):
        fixed = (k,) if metric is dm.factor_vae_score else tuple(i for i in range(3) if i != k)
        right = oracle.vote_probabilities(
            CODE, GRID, fixed, group_size, largest=metric is dm.relevance_factor_vae_score, **how
        )
        assert_frequencies(result.train_votes[:, k], right)


@pytest.mark.filterwarnings("ignore:.*share their value:dismetrics.warnings.DegenerateDataWarning")
@all_tables
def test_differences_have_the_mean_of_all_pairs(how):
    factors, options = table_arguments(how)
    n_votes = size(900, 90)
    result = dm.beta_vae_score(CODE, factors, n_pairs=32, n_train=n_votes, n_test=10, rng=1, **options)
    for k in range(3):
        right = oracle.mean_difference(CODE, GRID, (k,), **how)
        # Differences are of the size of a few units, so this is five standard errors.
        assert result.mean_difference[:, k] == pytest.approx(right, abs=5 * 1.5 / np.sqrt(n_votes / 3 * 32))


def test_values_of_a_single_row_are_left_out_and_told():
    factors = np.vstack([GRID, [[9, 0, 0]]])
    code = np.vstack([CODE, CODE[:1] + 50])
    with pytest.warns(DegenerateDataWarning, match=r"5\.26% of the samples share their value of 'factor_0' with no"):
        result = dm.factor_vae_score(code, factors, group_size=2, n_train=size(20_000, 400), n_test=10, rng=0)
    assert result.left_out == pytest.approx([1 / 19, 0, 0])
    assert_frequencies(result.train_votes[:, 0], oracle.vote_probabilities(code, factors, (0,), 2, largest=False))
    with pytest.warns(
        DegenerateDataWarning, match=r"5\.26% of the samples share their value of 'factor_0', 'factor_2'"
    ):
        free = dm.relevance_factor_vae_score(code, factors, **QUICK)
    # The last row differs from another in factor 0 alone, and from none in factor 1 or 2 alone.
    assert free.left_out == pytest.approx([0, 1 / 19, 1 / 19])


def test_rows_that_are_all_alike_are_no_group():
    with pytest.raises(ValueError, match=r"no two rows share a value of 'factor_0'.*kinds=.*FactorSampler"):
        dm.factor_vae_score(RNG.normal(size=(40, 2)), np.column_stack([np.arange(40), np.arange(40) // 2]))
    # Repeated rows share all factors, and so nothing is left free.
    repeated = np.tile(np.arange(3)[:, None] * [1, 1, 1], (2, 1))
    with pytest.raises(ValueError, match=r"no two rows share a value of 'factor_1', 'factor_2'.*n_factor_bins"):
        dm.relevance_factor_vae_score(repeated, repeated)


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(2, 9), st.integers(1, 4))
def test_variances_and_differences_of_groups(seed, n_groups, group_size, n_latents):
    values = np.random.default_rng(seed).normal(size=(n_groups, group_size, n_latents))
    right = [[oracle.variance(list(group[:, j])) for j in range(n_latents)] for group in values]
    assert group_variances(values) == pytest.approx(np.array(right), abs=1e-13)
    pairs = values[:, :2].repeat(3, axis=0) + np.arange(3 * n_groups)[:, None, None] * [[1.0], [0.5]]
    apart = np.abs(pairs[:, 0] - pairs[:, 1]).reshape(n_groups, 3, n_latents).mean(axis=1)
    assert mean_differences(pairs, 3) == pytest.approx(apart, abs=1e-13)


def test_a_latent_that_is_constant_within_a_group_has_no_variance_whatever_its_value():
    # The mean of 200 equal numbers is not that number, to the last bit.
    assert not group_variances(np.full((3, 200, 2), 0.1)).any()


# ---------------------------------------------------------------------------------- cases that are known


@every_score
def test_perfect_codes_score_one(metric):
    for code in (BIG, -BIG[:, [2, 0, 1]], BIG * [1e-6, 1.0, 1e9] + 1e6, np.exp(BIG), BIG[:, [0, 0, 1, 2, 2]]):
        result = metric(code, BIG, **QUICK)
        assert (result.score, result.train_accuracy, result.chance_scaled) == (1.0, 1.0, 1.0)
        assert (result.per_factor == 1.0).all()
        assert result.chance == pytest.approx(1 / 3)


@every_vote
def test_votes_say_which_latent_stands_for_which_factor(metric):
    result = metric(BIG[:, [2, 0, 1]], BIG, **QUICK)
    assert result.classifier.tolist() == [2, 0, 1]
    assert result.train_votes.sum() == QUICK["n_train"]
    assert result.test_votes.sum() == QUICK["n_test"]
    assert (result.test_votes > 0).tolist() == np.eye(3, dtype=bool)[[2, 0, 1]].tolist()


@every_score
def test_independent_latents_score_as_a_guess(metric):
    rng = np.random.default_rng(0)
    noise = np.repeat(rng.normal(size=(size(6000, 600), 4)), 1, axis=0)
    factors = np.resize(BIG, (len(noise), 3))
    scores = [
        metric(noise, factors, n_train=size(2000, 200), n_test=size(2000, 400), rng=seed).score for seed in range(3)
    ]
    assert np.mean(scores) == pytest.approx(1 / 3, abs=size(5, 12) / 100)


def test_few_rows_a_value_tell_no_factor_from_noise():
    # Were a row compared with itself, the factor with most values would be told by how often that happens.
    noise, factors = np.random.default_rng(1).normal(size=(size(400, 200), 3)), np.indices((2, 20, 10)).reshape(3, -1).T
    factors = factors[np.random.default_rng(2).permutation(400)[: len(noise)]]
    result = dm.beta_vae_score(noise, factors[: len(noise)], n_train=size(3000, 300), n_test=size(2000, 200), rng=0)
    own_rows = result.mean_difference / result.mean_difference.mean(axis=1, keepdims=True)
    assert np.ptp(own_rows, axis=1).max() < 0.06  # with itself: 1/20 less for a factor with 20 rows a value


@every_vote
def test_a_latent_that_tells_two_factors_is_given_to_one(metric):
    merged = BIG[:, [0, 2]] + 5.0 * BIG[:, [1, 2]] * [1, 0]
    result = metric(merged, BIG, n_train=size(4000, 400), n_test=size(4000, 400), rng=0)
    # Two of three factors share a latent, and at best one of these is told.
    assert result.score < 0.9


@every_score
def test_a_rotated_code_scores_below_a_perfect_one(metric):
    # Sum and difference of two factors: whichever of them is held, both latents move by as much.
    factors = np.tile(np.indices((4, 4)).reshape(2, -1).T, (5, 1))
    rotated = metric(factors @ np.array([[1, 1], [1, -1]]), factors, **QUICK)
    assert rotated.score == pytest.approx(0.5, abs=size(10, 25) / 100)


@every_score
def test_constant_latents_say_nothing_and_change_nothing(metric):
    rng = np.random.default_rng(3)
    code = mixed(BIG) + 0.1 * rng.normal(size=BIG.shape)
    plain = metric(code, BIG, **QUICK)
    for place in (0, 2, 3):
        wider = metric(np.insert(code, place, 7.3, axis=1), BIG, **QUICK)
        assert wider.score == plain.score
        assert wider.active.tolist() == np.insert(np.ones(3, bool), place, False).tolist()
    nothing = metric(np.full((len(BIG), 2), 3.0), BIG, **QUICK)
    assert nothing.score == nothing.train_accuracy == nothing.chance == pytest.approx(1 / 3)
    assert nothing.chance_scaled == 0.0
    assert not nothing.active.any()
    assert (nothing.per_factor == nothing.chance).all()


@every_vote
def test_latents_at_the_prior_take_no_part_unless_asked_for(metric):
    rng = np.random.default_rng(0)
    code = np.column_stack([BIG - BIG.mean(axis=0), 1e-3 * rng.normal(size=len(BIG))])
    posterior = dm.GaussianPosterior.from_scale(code, np.array([0.1, 0.1, 0.1, 1.0]) * np.ones(code.shape))
    assert metric(posterior, BIG, **QUICK).active.tolist() == [True, True, True, False]
    assert metric(posterior, BIG, inactive="include", **QUICK).active.all()
    assert metric(code, BIG, **QUICK).active.all()
    assert metric(code, BIG, min_std=0.05, **QUICK).active.tolist() == [True, True, True, False]


@every_score
def test_one_factor_is_refused(metric):
    with pytest.raises(ValueError, match=r"'factor_0' is the only factor with more than one value.*at least two"):
        metric(CODE, GRID[:, 0])
    single = np.column_stack([np.zeros(len(GRID), int), GRID[:, 1]])
    with (
        pytest.warns(DegenerateDataWarning, match="factor_0"),
        pytest.raises(ValueError, match="'factor_1' is the only factor"),
    ):
        metric(CODE, single)
    with pytest.raises(ValueError, match=r"factor_0, factor_1.*more than one value"):
        metric(CODE, np.zeros((len(GRID), 2), int))


@every_score
def test_a_factor_with_one_value_is_left_out(metric):
    code = mixed(BIG)
    wider = np.insert(BIG, 1, 7, axis=1)
    with pytest.warns(DegenerateDataWarning, match="single value are left out of the score: factor_1"):
        result = metric(code, wider, **QUICK)
    plain = metric(code, BIG, **QUICK)
    assert result.score == plain.score
    assert np.isnan(result.per_factor).tolist() == [False, True, False, False]
    assert np.isnan(result.left_out).tolist() == [False, True, False, False]
    assert result.chance == plain.chance


@every_score
def test_a_single_latent_is_scored(metric):
    result = metric(BIG[:, :1] + 0.0, BIG, n_train=size(2000, 200), n_test=size(2000, 300), rng=0)
    if metric is dm.beta_vae_score:  # which sees that its one latent does not move
        assert 0.4 < result.score <= 0.8
    else:  # whose votes are all for the one latent
        assert result.score == pytest.approx(1 / 3, abs=0.06)


@every_score
def test_draws_are_rows_and_posteriors_stand_for_their_codes(metric):
    posterior = dm.GaussianPosterior.from_scale(mixed(BIG), np.full(BIG.shape, 0.2))
    assert metric(posterior, BIG, **QUICK).score == metric(mixed(BIG), BIG, **QUICK).score
    draws = np.stack([mixed(BIG), mixed(BIG) + 0.1])
    pooled = metric(np.concatenate(draws), np.concatenate([BIG, BIG]), **QUICK)
    assert metric(dm.SampledPosterior(draws), BIG, **QUICK).score == pooled.score


@every_score
def test_quantities_are_held_by_bins(metric):
    rng = np.random.default_rng(0)
    quantities = rng.random((size(4000, 1500), 2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = metric(quantities, quantities, kinds="continuous", n_factor_bins=8, **QUICK)
    assert result.score > 0.9
    assert result.settings["n_factor_bins"] == 8
    bins = np.minimum((8 * (quantities - quantities.min(0)) / np.ptp(quantities, axis=0)).astype(int), 7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert metric(quantities, bins, **QUICK).score == result.score


@every_score
def test_scaled_scores_and_what_is_recorded(metric):
    plain, scaled = metric(mixed(BIG), BIG, **QUICK), metric(mixed(BIG), BIG, scaled=True, **QUICK)
    assert plain.score == plain.accuracy == scaled.accuracy
    assert scaled.score == scaled.chance_scaled == pytest.approx((plain.accuracy - 1 / 3) / (2 / 3))
    assert plain.settings["seed"] == 0
    assert plain.settings["n_train"] == QUICK["n_train"]
    assert metric(mixed(BIG), BIG, **{**QUICK, "rng": np.random.default_rng(0)}).settings["seed"] is None


BAD = {
    "no votes": ({"n_train": 0}, r"n_train=0.*at least 1"),
    "half a vote": ({"n_test": 1.5}, r"n_test=1.5 is not a whole number"),
    "scaled in words": ({"scaled": "yes"}, r"scaled='yes'"),
    "balanced in words": ({"balanced_values": 1}, r"balanced_values=1"),
    "no bins": ({"n_factor_bins": 0}, r"n_factor_bins=0.*at least 1"),
    "bin_labels in words": ({"bin_labels": "no"}, r"bin_labels='no'"),
    "preset": ({"preset": "dlib"}, r"preset='dlib'.*'ubisoft'"),
    "rng in words": ({"rng": "seed"}, r"rng='seed'"),
}
BAD_VOTES = {
    "one row": ({"group_size": 1}, r"group_size=1.*at least 2"),
    "inactive": ({"inactive": "drop"}, r"inactive='drop'.*'exclude'"),
    "negative min_std": ({"min_std": -1.0}, r"min_std=-1.0.*not below zero"),
}
BAD_PAIRS = {
    "no pair": ({"n_pairs": 0}, r"n_pairs=0.*at least 1"),
    "standardise": ({"standardise": "no"}, r"standardise='no'"),
}


@pytest.mark.parametrize(
    ("metric", "options", "message"),
    [
        *[(metric, *case) for metric in ALL for case in BAD.values()],
        *[(metric, *case) for metric in VOTES for case in BAD_VOTES.values()],
        *[(dm.beta_vae_score, *case) for case in BAD_PAIRS.values()],
    ],
)
def test_bad_settings_are_refused(metric, options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        metric(CODE, GRID, **options)


def test_a_handful_of_votes_is_enough_to_say_something():
    for metric in ALL:
        for seed in range(6):
            result = metric(CODE, GRID, n_train=1, n_test=1, rng=seed)
            assert result.score in (0.0, 1.0)


@every_score
@pytest.mark.parametrize("factor", [1e-300, 1e-6, 1e200, 1e305])
def test_units_do_not_matter(metric, factor):
    code = mixed(BIG) + 0.1 * np.random.default_rng(3).normal(size=BIG.shape)
    plain = metric(code, BIG, **QUICK)
    scaled = metric(code * factor, BIG, **QUICK)
    assert scaled.score == plain.score
    assert metric(code * [1.0, factor, 1.0], BIG, **QUICK).score == plain.score
    rounded = (code + 1e6) - 1e6
    assert metric(rounded + 1e6, BIG, **QUICK).score == metric(rounded, BIG, **QUICK).score
    single = code.astype(np.float32)
    assert metric(single, BIG, **QUICK).score == metric(single.astype(float), BIG, **QUICK).score
