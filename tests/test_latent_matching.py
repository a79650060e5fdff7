"""Latents matched to labels: against the oracle, closed forms, and the identities with other metrics."""

import itertools
import warnings

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.estimators import correlation, label_relevance, mutual_information
from dismetrics.warnings import DegenerateDataWarning
from oracles import histogram, labels
from sizes import size

MEASURES = ("smi", "spn", "asc", "bmmi")
AGGREGATIONS = ("lms", "msas", "msgs")
N_TYPES = 4
TYPES = np.repeat(np.arange(N_TYPES), 30)
ONE_HOT = np.eye(N_TYPES)[TYPES]
# Along a latent that separates the type from the rest by a gap.
SEPARATE = ONE_HOT + 0.01 * np.random.default_rng(0).random(ONE_HOT.shape)


def score(latents, factors, relevance, aggregation, **options):
    return dm.latent_matching(latents, factors, relevance=relevance, aggregation=aggregation, **options).score


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("measure", MEASURES)
def test_the_matrix_is_the_oracles(measure, seed):
    rng = np.random.default_rng(seed)
    n = 24
    types = np.concatenate([[0, 0, 1, 1, 2, 2], rng.integers(0, 3, n - 6)])
    z = np.column_stack([types + rng.normal(size=n), rng.normal(size=n), np.round(4 * rng.normal(size=n)) / 4])
    if measure == "spn":  # the oracle takes all orders of the ties: few
        z[:, 2] = np.argsort(rng.random(n)) // 2
    of_pair = {
        "smi": lambda x, y: labels.scaled_mutual_information(histogram.equal_width_bins(x, 6), y),
        "spn": labels.same_process_neighbours,
        "asc": labels.absolute_spearman,
        "bmmi": labels.binary_maximum_information,
    }[measure]
    expected = [[of_pair(x, types == k) for k in range(3)] for x in z.T]
    found = label_relevance(z, types, measure=measure, n_bins=6)
    assert found.relevance == pytest.approx(np.array(expected), abs=1e-12)
    assert found.target_labels == ("0", "1", "2")


@pytest.mark.parametrize("measure", ["smi", "bmmi"])
def test_weights_are_the_oracles(measure):
    rng = np.random.default_rng(3)
    types, weights = np.arange(40) % 3, rng.exponential(size=40)
    z = np.round(types + rng.normal(size=40), 1)
    found = label_relevance(z[:, None], types, measure=measure, n_bins=5, weights=weights).relevance[0]
    x = histogram.equal_width_bins(z, 5) if measure == "smi" else z
    function = labels.scaled_mutual_information if measure == "smi" else labels.binary_maximum_information
    assert found == pytest.approx([function(x, types == k, weights) for k in range(3)], abs=1e-12)


@pytest.mark.parametrize("measure", ["smi", "asc", "bmmi"])
def test_whole_weights_repeat_samples(measure):
    rng = np.random.default_rng(4)
    types, times = np.arange(60) % 3, rng.integers(0, 4, 60)
    z = types[:, None] + rng.normal(size=(60, 2))
    rows = np.repeat(np.arange(60), times)
    weighted = label_relevance(z, types, measure=measure, n_bins=5, weights=times)
    assert weighted.relevance == pytest.approx(
        label_relevance(z[rows], types[rows], measure=measure, n_bins=5).relevance, abs=1e-12
    )


def test_neighbours_know_no_weights():
    with pytest.raises(ValueError, match="'spn' counts neighbours"):
        dm.latent_matching(SEPARATE, TYPES, relevance="spn", weights=np.ones(len(TYPES)))


@pytest.mark.parametrize("seed", range(5))
def test_aggregations_are_the_oracles(seed):
    rng = np.random.default_rng(seed)
    n_latents = 1 + seed % 4
    z, types = rng.normal(size=(60, n_latents)), rng.integers(0, 3, 60)
    relevance = dm.latent_matching(z, types, relevance="bmmi").relevance
    ordered = np.sort(np.vstack([np.zeros((1, 3)), relevance]), axis=0)
    expected = {
        "lms": labels.best_assignment(relevance),
        "msas": relevance.max(axis=0).mean(),
        "msgs": (ordered[-1] - ordered[-2]).mean(),
    }
    for aggregation, value in expected.items():
        assert score(z, types, "bmmi", aggregation) == pytest.approx(value, abs=1e-12)


# ------------------------------------------------------------------------------------------------ closed forms


@pytest.mark.parametrize(("measure", "aggregation"), list(itertools.product(("smi", "spn", "bmmi"), AGGREGATIONS)))
def test_a_latent_for_every_label_is_perfect(measure, aggregation):
    result = dm.latent_matching(ONE_HOT[:, ::-1], TYPES, relevance=measure, aggregation=aggregation)
    # The latent of another type leaves three types of four: tied, of which a third is right; or H(1/4) less 3/4 H(1/3).
    runner_up = (1 / 3 - 1 / 4) / (1 - 1 / 4) if measure == "spn" else 1 - 0.75 * binary(1 / 3) / binary(1 / 4)
    assert result.score == pytest.approx(1.0 - (runner_up if aggregation == "msgs" else 0.0), abs=1e-12)
    assert result.target_latents.tolist() == [3, 2, 1, 0]
    assert result.ceiling == 1.0


def binary(p):
    return -p * np.log(p) - (1 - p) * np.log(1 - p)


def test_the_rank_correlation_of_a_perfect_latent_is_below_1():
    # Ranks 1..N with the largest N p present: the correlation is sqrt(3 p (1 - p)) for many samples.
    p = 1 / N_TYPES
    z = np.arange(4000.0)
    found = label_relevance(z[:, None], (z >= 3000).astype(int), measure="asc").relevance
    assert found == pytest.approx(np.sqrt(3 * p * (1 - p)), abs=1e-6)
    assert score(ONE_HOT, TYPES, "asc", "lms") == pytest.approx(1.0)


def test_one_latent_that_numbers_all_labels_is_the_latent_of_one():
    numbers = TYPES[:, None] + 0.0
    for measure in ("smi", "spn"):
        assert score(numbers, TYPES, measure, "msas") == pytest.approx(1.0)
    result = dm.latent_matching(numbers, TYPES)
    assert result.score == pytest.approx(1 / N_TYPES)
    assert result.ceiling == 1 / N_TYPES
    assert sorted(result.target_latents) == [-1, -1, -1, 0]
    # One threshold tells the first and last in full, the others in part.
    ends = dm.latent_matching(numbers, TYPES, relevance="bmmi", aggregation="msas").per_target
    assert ends[[0, 3]] == pytest.approx(1.0)
    assert ends[1] == pytest.approx(labels.binary_maximum_information(TYPES, TYPES == 1))


@pytest.mark.parametrize("measure", MEASURES)
def test_redundant_latents_match_but_have_no_gap(measure):
    twice = np.hstack([SEPARATE, SEPARATE])
    assert score(twice, TYPES, measure, "lms") == pytest.approx(score(SEPARATE, TYPES, measure, "lms"), abs=1e-12)
    assert score(twice, TYPES, measure, "msgs") == 0.0


@pytest.mark.parametrize("measure", MEASURES)
def test_merged_processes_share_their_latent(measure):
    # Two columns of 0 and 1 in one latent, a quarter each of the four combinations: LMS has one latent for both.
    v = np.tile(np.indices((2, 2)).reshape(2, -1).T, (50, 1))
    merged = (2 * v[:, 0] + v[:, 1])[:, None] + 0.0
    apart, together = (score(z, v, measure, "lms") for z in (v, merged))
    assert apart == pytest.approx(1.0, abs=1e-12)
    assert together <= 0.5
    assert score(merged, v, measure, "msas") >= together


@pytest.mark.parametrize(("measure", "aggregation"), list(itertools.product(MEASURES, AGGREGATIONS)))
def test_noise_scores_near_zero(measure, aggregation):
    rng = np.random.default_rng(0)
    n = size(20_000, 2000)
    assert score(rng.normal(size=(n, 3)), rng.integers(0, 3, n), measure, aggregation) < size(2, 6) / 100


@pytest.mark.parametrize("measure", MEASURES)
def test_constant_latents_tell_nothing(measure):
    assert not label_relevance(np.full((len(TYPES), 2), 0.1), TYPES, measure=measure).relevance.any()


def test_neighbours_by_chance_are_neighbours_expected():
    # Over all orders of the samples the mean of pairs / (count - 1) is the share of the label: exactly 0 is left.
    present = np.array([True, True, True, False, False])
    z = np.arange(5.0)
    pairs = [
        sum(bool(a and b) for a, b in itertools.pairwise(present[list(order)]))
        for order in itertools.permutations(range(5))
    ]
    assert np.mean(pairs) / 2 == pytest.approx(0.6)
    tied = label_relevance(np.where(z < 4, 0.0, 1.0)[:, None], present.astype(int), measure="spn").relevance[0, 0]
    assert tied == pytest.approx(labels.same_process_neighbours(np.where(z < 4, 0.0, 1.0), present), abs=1e-12)


# -------------------------------------------------------------------------------------- identities with others


def test_columns_of_0_and_1_are_the_factors_of_the_other_metrics():
    rng = np.random.default_rng(1)
    v = rng.integers(0, 2, (300, 3))
    z = v + rng.normal(size=(300, 3))
    share = mutual_information(z, v)
    smi = label_relevance(z, v)
    assert smi.relevance == pytest.approx(share.mutual_information / share.factor_entropy, abs=1e-12)
    assert smi.target_factors.tolist() == [0, 1, 2]
    assert score(z, v, "smi", "msgs") == pytest.approx(dm.mig(z, v).score, abs=1e-12)
    spearman = correlation(z, v, measure="spearman").correlation
    assert label_relevance(z, v, measure="asc").relevance == pytest.approx(spearman, abs=1e-12)
    assert score(z, v, "asc", "lms") == pytest.approx(dm.mcc(z, v, correlation="spearman").score, abs=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_column_of_labels_is_its_indicators(measure):
    z = SEPARATE + np.random.default_rng(5).normal(size=SEPARATE.shape)
    one = dm.latent_matching(z, TYPES, relevance=measure)
    other = dm.latent_matching(z, ONE_HOT.astype(int), relevance=measure)
    assert other.relevance == pytest.approx(one.relevance, abs=1e-12)
    assert other.score == pytest.approx(one.score, abs=1e-12)
    assert one.target_factors.tolist() == [0] * N_TYPES
    assert other.target_factors.tolist() == list(range(N_TYPES))
    assert one.per_factor == pytest.approx(one.per_target.mean())


def test_the_preset_takes_ten_bins():
    z = SEPARATE + np.random.default_rng(5).normal(size=SEPARATE.shape)
    assert dm.latent_matching(z, TYPES, preset="drvi").score == dm.latent_matching(z, TYPES, n_bins=10).score
    assert dm.latent_matching(z, TYPES, preset="drvi").score != dm.latent_matching(z, TYPES).score
    assert dm.latent_matching(z, TYPES, preset="drvi", n_bins=3).settings["n_bins"] == 3


# --------------------------------------------------------------------------------------------- degenerate input


@pytest.mark.parametrize("measure", MEASURES)
def test_missing_labels_leave_their_factor_only(measure):
    rng = np.random.default_rng(6)
    v = np.column_stack([TYPES, rng.integers(0, 2, len(TYPES))])
    missing = rng.random(v.shape) < [0.3, 0.0]
    found = label_relevance(SEPARATE, dm.Factors(v, missing=missing), measure=measure, n_bins=2).relevance
    known = ~missing[:, 0]
    # Two bins of latents that are 0 or 1 and a little more: the same edges for all and for the rest.
    first = label_relevance(SEPARATE[known], v[known, 0], measure=measure, n_bins=2).relevance
    assert found[:, :N_TYPES] == pytest.approx(first, abs=1e-12)
    assert found[:, N_TYPES:] == pytest.approx(label_relevance(SEPARATE, v[:, 1], measure=measure, n_bins=2).relevance)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_factor_with_one_value_is_left_out(measure):
    v = np.column_stack([np.zeros_like(TYPES), TYPES])
    with pytest.warns(DegenerateDataWarning, match="factor_0"):
        result = dm.latent_matching(SEPARATE, v, relevance=measure)
    assert result.score == dm.latent_matching(SEPARATE, TYPES, relevance=measure).score
    assert np.isnan(result.per_factor).tolist() == [True, False]
    with pytest.raises(ValueError, match="more than one value"):
        dm.latent_matching(SEPARATE, v[:, :1], relevance=measure)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_label_that_occurs_once_warns(measure):
    types = np.array(["b cell", "t cell", "rare"])[[0] * 10 + [1] * 10 + [2]]
    with pytest.warns(DegenerateDataWarning, match="1 labels that occur once"):
        result = dm.latent_matching(np.arange(21.0)[:, None], types, relevance=measure, aggregation="msas")
    assert result.target_labels == ("b cell", "rare", "t cell")
    assert (result.per_target[1] == 0) == (measure == "spn")


def test_labels_that_do_not_occur_are_no_targets():
    factors = dm.Factors(TYPES).take(np.flatnonzero(TYPES < 2))
    result = dm.latent_matching(SEPARATE[TYPES < 2], factors)
    assert result.target_labels == ("1",)
    assert result.score == 1.0


def test_quantities_are_binned():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x = np.random.default_rng(0).random(300)
        result = dm.latent_matching(x[:, None], x, kinds="continuous", n_factor_bins=3, aggregation="msas", n_bins=300)
    assert len(result.target_labels) == 3
    assert result.score > 0.9


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"relevance": "mi"}, r"relevance='mi'.*'smi'"),
        ({"aggregation": "dci"}, r"aggregation='dci'.*'lms'"),
        ({"n_bins": 1}, r"n_bins=1.*at least 2"),
        ({"relevance": "asc", "n_bins": 9}, r"n_bins=9 has no part in relevance='asc'"),
        ({"n_factor_bins": 1}, r"n_factor_bins=1"),
        ({"preset": "scib"}, r"preset='scib'.*'drvi'"),
    ],
)
def test_bad_settings_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        dm.latent_matching(SEPARATE, TYPES, **options)


def test_an_evaluation_shows_its_mean_of_each_factor():
    v = np.column_stack([TYPES, TYPES // 2])
    shown = str(dm.evaluate(SEPARATE, v, metrics=["latent_matching", "mig"]).factor_table())
    assert f"{dm.latent_matching(SEPARATE, v).per_factor[1]:.3f}" in shown
