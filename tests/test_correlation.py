"""Correlation with factors of every kind, matching, and the mean correlation coefficient made of them."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

import dismetrics as dm
from dismetrics.estimators import correlation, mean_of_maximum, optimal_matching
from dismetrics.estimators.held_out import held_out
from dismetrics.inputs import as_labelled
from dismetrics.warnings import DegenerateDataWarning
from oracles import prediction as oracle
from sizes import size

FEW = settings(max_examples=min(size(30, 5), settings.default.max_examples))
KINDS = {"label": "categorical", "rank": "ordinal", "x": "continuous", "angle": "circular"}


@st.composite
def samples(draw):
    """Latents, four factors of the four kinds of which some labels are unknown, and weights."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(12, 50))
    columns = {
        "label": np.array(["b", "c", "a"])[np.r_[0, 1, 2, rng.integers(0, 3, n - 3)]],
        "rank": np.r_[0, 1, 2, 3, rng.integers(0, 4, n - 4)],  # so that each is its own number
        "x": np.round(rng.normal(size=n), draw(st.sampled_from([0, 3]))) + np.r_[9.0, np.zeros(n - 1)],
        "angle": rng.uniform(-9, 9, n),
    }
    mixed = np.column_stack([columns["label"] == "c", columns["rank"], columns["x"], np.cos(columns["angle"])])
    z = mixed @ rng.normal(size=(4, 3)) + 0.3 * rng.normal(size=(n, 3))
    z[:, 2] = np.round(z[:, 2])
    missing = rng.random((n, 4)) < [0.2, 0.0, 0.2, 0.0]
    missing[:3] = False
    return z, columns, missing, rng.integers(1, 4, n)


def expected_correlation(z, columns, missing, weights, measure):
    found = np.empty((z.shape[1], 4))
    for k, name in enumerate(KINDS):
        known = ~missing[:, k]
        w, v = weights[known], columns[name][known]
        for j, column in enumerate(z.T):
            x = oracle.mid_ranks(column[known], w) if measure == "spearman" else column[known]
            if name == "label":
                found[j, k] = oracle.correlation_ratio(x, v, w)
            elif name == "angle":
                found[j, k] = oracle.circular_correlation(x, v, w)
            else:
                found[j, k] = oracle.pearson(x, oracle.mid_ranks(v, w) if measure == "spearman" else v, w)
    return found


@pytest.mark.parametrize("measure", ["pearson", "spearman"])
@FEW
@given(samples())
def test_correlations_of_all_kinds(measure, data):
    z, columns, missing, weights = data
    factors = dm.Factors(columns, kinds=KINDS, missing=missing, weights=weights)
    right = expected_correlation(z, columns, missing, weights, measure)
    assert correlation(z, factors, measure=measure).correlation == pytest.approx(right, abs=1e-9)
    # Whole weights are repeated rows.
    rows = np.repeat(np.arange(len(z)), weights)
    repeated = dm.Factors({k: v[rows] for k, v in columns.items()}, kinds=KINDS, missing=missing[rows])
    assert correlation(z[rows], repeated, measure=measure).correlation == pytest.approx(right, abs=1e-9)


@FEW
@given(samples())
def test_the_randomised_coefficient(data):
    z, columns, missing, weights = data
    factors = dm.Factors(columns, kinds=KINDS, missing=missing, weights=weights)
    found = correlation(z, factors, measure="rdc", rng=7).correlation
    # The same random numbers, in the order in which they are drawn: for latents, factors and angles.
    rng = np.random.default_rng(7)
    of_latent, of_factor, of_angle = (rng.standard_normal((rows, 20)) for rows in (2, 2, 3))

    def sines(columns, w, combinations):
        ranked = [oracle.mid_ranks(column, w) / w.sum() for column in columns]
        inputs = np.column_stack([*ranked, np.ones(len(w))])
        return np.sin(inputs @ combinations / (6 * inputs.shape[1]))

    for k, name in enumerate(KINDS):
        known = ~missing[:, k]
        w, v = weights[known], columns[name][known]
        if name == "label":
            features = (v[:, None] == np.unique(v)[1:]).astype(float)
        elif name == "angle":
            features = sines([np.cos(v), np.sin(v)], w, of_angle)
        else:
            features = sines([v], w, of_factor)
        for j, column in enumerate(z[known].T):
            right = oracle.canonical_correlation(sines([column], w, of_latent), features, w)
            assert found[j, k] == pytest.approx(right, abs=1e-6)


def test_known_correlations():
    x = np.linspace(-1, 1, 201)
    z = np.column_stack([x, -(x**3), x**2, np.full(201, 5.0)])
    pearson = correlation(z, x, kinds="continuous").correlation[:, 0]
    assert pearson == pytest.approx([1.0, abs(scipy.stats.pearsonr(x, x**3)[0]), 0.0, 0.0], abs=1e-12)
    spearman = correlation(z, x, kinds="continuous", measure="spearman").correlation[:, 0]
    assert spearman[:2] == pytest.approx([1.0, 1.0], abs=1e-12)
    assert spearman[2:] == pytest.approx([0.0, 0.0], abs=0.01)  # squares of opposite numbers are rounded apart
    dependence = correlation(z, x, kinds="continuous", measure="rdc", rng=0).correlation[:, 0]
    assert dependence[:3] == pytest.approx([1.0, 1.0, 1.0], abs=0.01)  # the square too
    assert dependence[3] == 0.0


@pytest.mark.parametrize("measure", ["pearson", "spearman"])
def test_scipy_agrees(measure):
    rng = np.random.default_rng(0)
    z, v = np.round(rng.normal(size=(300, 2)), 1), np.round(rng.normal(size=300), 1)
    peer = {"pearson": scipy.stats.pearsonr, "spearman": scipy.stats.spearmanr}[measure]
    right = [abs(peer(column, v)[0]) for column in z.T]
    assert correlation(z, v, kinds="continuous", measure=measure).correlation[:, 0] == pytest.approx(right, abs=1e-12)


def test_labels_without_order_have_none():
    values = np.tile(np.arange(4), 30)
    z = np.array([3.0, 0.0, 2.0, 1.0])[values][:, None]
    assert correlation(z, values).correlation[0, 0] == pytest.approx(1.0)
    assert correlation(z, values, kinds="ordinal").correlation[0, 0] < 0.5
    assert correlation(z, -values).correlation[0, 0] == pytest.approx(1.0)
    two = values % 2
    assert correlation(z, two).correlation[0, 0] == pytest.approx(
        correlation(z, two, kinds="continuous").correlation[0, 0]
    )


@pytest.mark.parametrize("measure", ["pearson", "spearman", "rdc"])
@pytest.mark.parametrize("kind", KINDS.values())
def test_units_and_offsets_do_not_matter(measure, kind):
    rng = np.random.default_rng(0)
    v = rng.integers(0, 4, 90)
    z = np.round((v[:, None] + rng.normal(size=(90, 2))) * 64) / 64
    plain = correlation(z, v, kinds=kind, measure=measure, rng=0).correlation
    for shifted in (z + 1e6, 1e-6 * z, 1e200 * z, 1e-200 * z, z.astype(np.float32)):
        assert correlation(shifted, v, kinds=kind, measure=measure, rng=0).correlation == pytest.approx(plain, abs=1e-9)
    assert not correlation(np.full((90, 1), 7.0), v, kinds=kind, measure=measure, rng=0).correlation.any()


# ------------------------------------------------------------------------------------------------------ matching


@FEW
@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_the_matching_is_the_best_of_all(n_candidates, n_columns, seed):
    relevance = np.random.default_rng(seed).random((n_candidates, n_columns))
    matching = optimal_matching(relevance)
    assert matching.mean == pytest.approx(oracle.best_assignment(relevance))
    taken = matching.candidates[matching.candidates >= 0]
    assert len(set(taken)) == len(taken) == min(n_candidates, n_columns)
    assert (matching.relevance[matching.candidates < 0] == 0).all()
    best = mean_of_maximum(relevance)
    assert np.array_equal(best.relevance, relevance.max(axis=0))
    assert best.mean >= matching.mean - 1e-12


# ----------------------------------------------------------------------------------------------------------- MCC


def test_mcc_of_known_codes():
    v = np.random.default_rng(0).normal(size=(size(4000, 1000), 3))
    scored = {"kinds": "continuous"}
    perfect = dm.mcc(-v[:, [2, 0, 1]], v, **scored)
    assert perfect.score == pytest.approx(1.0)
    assert perfect.matched_latents.tolist() == [1, 2, 0]
    # One latent of every two factors, turned by 45 degrees.
    turned = dm.mcc(v[:, :2] @ np.array([[1, -1], [1, 1]]), v[:, :2], **scored)
    assert turned.score == pytest.approx(np.sqrt(0.5), abs=0.02)
    redundant = dm.mcc(np.hstack([v, v]), v, **scored)
    assert redundant.score == pytest.approx(1.0)
    # A latent serves one factor only, and a factor without latent counts 0.
    merged = dm.mcc(v[:, :1], np.column_stack([v[:, 0], v[:, 0], v[:, 1]]), **scored)
    assert merged.score == pytest.approx(1 / 3)
    assert sorted(merged.matched_latents) == [-1, -1, 0]
    assert sorted(merged.per_factor) == pytest.approx([0, 0, 1])
    inactive = dm.mcc(np.column_stack([v, np.zeros(len(v))]), v, **scored)
    assert inactive.score == pytest.approx(1.0)
    assert dm.mcc(np.zeros((len(v), 3)), v, **scored).score == 0.0


def test_out_of_sample_the_matching_is_that_of_the_other_half():
    rng = np.random.default_rng(0)
    z, v = rng.normal(size=(60, 8)), rng.normal(size=(60, 3))
    factors = dm.Factors(v, kinds="continuous")
    split = held_out(as_labelled(z, factors), 5, 0.5)
    assert split.train.sum(axis=0).tolist() == [30, 30, 30]
    found = np.array(
        [[oracle.pearson(a[t], b[t], np.ones(30)) for b, t in zip(v.T, split.train.T, strict=True)] for a in z.T]
    )
    scored = np.array(
        [[oracle.pearson(a[t], b[t], np.ones(30)) for b, t in zip(v.T, split.test.T, strict=True)] for a in z.T]
    )
    result = dm.mcc(z, factors, out_of_sample=True, rng=5)
    assert result.correlation == pytest.approx(found)
    assert optimal_matching(found).candidates.tolist() == result.matched_latents.tolist()
    assert result.per_factor == pytest.approx([scored[j, k] for k, j in enumerate(result.matched_latents)])


def test_the_matching_of_noise_is_lucky_in_its_own_sample_only():
    rng = np.random.default_rng(0)
    inside, outside = [], []
    for seed in range(10):
        z, v = rng.normal(size=(200, 20)), rng.normal(size=(200, 3))
        inside.append(dm.mcc(z, v, kinds="continuous").score)
        outside.append(dm.mcc(z, v, kinds="continuous", out_of_sample=True, rng=seed).score)
    assert np.mean(inside) > 0.12
    # Of one entry in half of the samples: sqrt(2 / (pi N)).
    assert np.mean(outside) == pytest.approx(np.sqrt(2 / (100 * np.pi)), abs=0.03)


def test_degenerate_factors_are_left_out():
    v = np.column_stack([np.arange(20) % 2, np.zeros(20, int)])
    with pytest.warns(DegenerateDataWarning, match="factor_1"):
        result = dm.mcc(v + 0.0, v)
    assert result.score == pytest.approx(1.0)
    assert np.isnan(result.per_factor).tolist() == [False, True]
    assert result.matched_latents.tolist() == [0, -1]
    with pytest.raises(ValueError, match="more than one value"):
        dm.mcc(v, np.zeros((20, 2), int))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"correlation": "kendall"}, "correlation='kendall'.*'spearman'"),
        ({"out_of_sample": 1}, "out_of_sample=1"),
        ({"correlation": "rdc", "rng": "seed"}, "rng='seed'"),
    ],
)
def test_bad_settings_are_named(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        dm.mcc(np.eye(4), np.arange(4) % 2, **options)
