"""Predictability from one latent: the machines, the split, and SAP made of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.svm import LinearSVC

import dismetrics as dm
from dismetrics.estimators import predictability
from dismetrics.estimators.held_out import held_out
from dismetrics.inputs import as_labelled
from dismetrics.kernels.linear_svm import fit_one_against_rest
from dismetrics.warnings import DegenerateDataWarning
from oracles import gaps
from oracles import prediction as oracle
from sizes import size

FEW = settings(max_examples=min(size(40, 5), settings.default.max_examples))


def noisy_code(n, sizes, rng, noise=0.1):
    v = np.column_stack([rng.integers(0, s, n) for s in sizes])
    return v / (np.array(sizes) - 1) + noise * rng.normal(size=v.shape), v


# ----------------------------------------------------------------------------------------------- the machines


@st.composite
def machines(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, n_values = draw(st.integers(5, size(60, 15))), draw(st.integers(2, 5))
    labels = np.r_[np.arange(n_values), rng.integers(0, n_values, n)]
    x = labels * draw(st.sampled_from([0.0, 1.0])) + rng.normal(size=len(labels))
    if draw(st.booleans()):
        x = np.round(2 * x)  # ties, of labels too
    return (x - x.mean()) / max(x.std(), 0.1), labels, draw(st.sampled_from([1e-4, 0.01, 1.0, 100.0]))


@FEW
@given(machines())
def test_machines_are_at_the_minimum(problem):
    x, labels, cost = problem
    n_values = labels.max() + 1
    balance = len(labels) / (n_values * np.bincount(labels))
    planes = fit_one_against_rest(x, np.ones(len(x)), labels, n_values, cost, balance, np.eye(2))
    for v, plane in enumerate(planes):
        sign, costs = oracle.one_against_rest_costs(labels, v, cost)
        scale = 1.0 + costs.sum()
        assert np.abs(oracle.squared_hinge_gradient(x, sign, costs, plane)).max() < 1e-10 * scale
        least = oracle.squared_hinge(x, sign, costs, plane)
        for step in ((1e-3, 0.0), (-1e-3, 0.0), (0.0, 1e-3), (0.0, -1e-3)):
            assert oracle.squared_hinge(x, sign, costs, plane + step) > least


@FEW
@given(machines())
def test_whole_weights_are_repeated_rows(problem):
    x, labels, cost = problem
    n_values = labels.max() + 1
    weights = np.random.default_rng(0).integers(1, 4, len(x))
    rows = np.repeat(np.arange(len(x)), weights)
    balance = np.linspace(0.5, 2.0, n_values)
    weighted = fit_one_against_rest(x, weights.astype(float), labels, n_values, cost, balance, np.eye(2))
    repeated = fit_one_against_rest(x[rows], np.ones(len(rows)), labels[rows], n_values, cost, balance, np.eye(2))
    assert weighted == pytest.approx(repeated, abs=1e-9)


@pytest.mark.parametrize("n_values", [2, 3, 7])
@pytest.mark.parametrize("noise", [0.1, 3.0])
def test_machines_are_those_of_scikit_learn(n_values, noise):
    rng = np.random.default_rng(n_values)
    labels = rng.integers(0, n_values, size(2000, 200)) % rng.integers(1, n_values + 1, size(2000, 200))  # unbalanced
    x = labels + noise * rng.normal(size=len(labels))
    x = (x - x.mean()) / x.std()
    balance = len(labels) / (n_values * np.bincount(labels))
    planes = fit_one_against_rest(x, np.ones(len(x)), labels, n_values, 0.01, balance, np.eye(2))
    peer = LinearSVC(C=0.01, class_weight="balanced", dual=False, tol=1e-11, max_iter=100_000).fit(x[:, None], labels)
    theirs = np.column_stack([peer.coef_, peer.intercept_])
    assert (planes[1:] if n_values == 2 else planes) == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize("preset", [None, "disentanglement_lib"])
def test_accuracies_are_those_of_scikit_learn(preset):
    rng = np.random.default_rng(0)
    z, v = noisy_code(size(3000, 300), (2, 3, 8), rng)
    z = z * [1.0, 0.1, 30.0] + [0.0, 5.0, -2.0]
    split = held_out(as_labelled(z, v), 4)
    result = dm.sap(z, v, preset=preset, rng=4)
    for j, k in np.ndindex(3, 3):
        train, test = split.train[:, k], split.test[:, k]
        x = z[:, [j]] if preset else (z[:, [j]] - z[train, j].mean()) / z[train, j].std()
        peer = LinearSVC(C=0.01, class_weight="balanced", dual=False, tol=1e-11, max_iter=100_000)
        right = peer.fit(x[train], v[train, k]).predict(x[test]) == v[test, k]
        # A sample on the border of two labels may fall to either side.
        assert result.predictability[j, k] == pytest.approx(right.mean(), abs=2.0 / test.sum())


# -------------------------------------------------------------------------------------------------- the split


@FEW
@given(st.integers(0, 2**32 - 1), st.sampled_from([1 / 3, 0.5]))
def test_a_third_of_every_label_is_held_out(seed, share):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 5, 40)
    missing = rng.random(40) < 0.2
    missing[0] = False
    factors = dm.Factors(np.column_stack([labels, rng.random(40) > 2]), missing={0: missing})
    split = held_out(as_labelled(np.zeros((40, 1)), factors), seed, share)
    assert not (split.train & split.test).any()
    assert np.array_equal(split.train | split.test, ~factors.missing)
    for value in np.unique(labels[~missing]):
        rows = (labels == value) & ~missing
        tested = split.test[rows, 0].sum()
        assert tested == (0 if rows.sum() == 1 else min(max(1, np.rint(share * rows.sum())), rows.sum() - 1))


def test_draws_of_one_sample_are_on_one_side():
    draws = np.random.default_rng(0).normal(size=(4, 30, 2))
    split = held_out(as_labelled(dm.SampledPosterior(draws), np.arange(30) % 3), 0)
    assert np.array_equal(split.test, np.tile(split.test[:30], (4, 1)))


@pytest.mark.parametrize("metric", [dm.sap, dm.explicitness, dm.mcc, dm.r2])
def test_posteriors_stand_for_their_points(metric):
    rng = np.random.default_rng(0)
    z, v = noisy_code(60, (2, 3), rng)
    points = metric(z, v, rng=0)
    gaussian = metric(dm.GaussianPosterior.from_scale(z, np.ones(z.shape)), v, rng=0)
    assert gaussian.to_dict() == points.to_dict()
    # Each draw is a row of its own.
    pooled = metric(dm.SampledPosterior(np.stack([z, z])), v, rng=0)
    assert pooled.score == pytest.approx(metric(np.tile(z, (2, 1)), np.tile(v, (2, 1)), rng=0).score, abs=0.2)
    assert 0.0 < pooled.score <= 1.0


def test_seeds_decide_who_is_held_out():
    rng = np.random.default_rng(0)
    z, v = noisy_code(300, (3, 4), rng, noise=0.4)
    sums = {dm.sap(z, v, rng=seed).predictability.sum() for seed in range(5)}
    assert len(sums) > 1
    assert dm.sap(z, v, rng=3).to_dict() == dm.sap(z, v, rng=3).to_dict()
    assert dm.sap(z, v, rng=3).score == dm.sap(z, v, rng=np.random.default_rng(3)).score
    assert dm.sap(z, v, rng=3).settings["seed"] == 3


# ---------------------------------------------------------------------------------------------------------- SAP


@pytest.mark.parametrize("predictor", ["linear_svm", "tree"])
def test_sap_is_the_gap_of_its_matrix(predictor):
    rng = np.random.default_rng(1)
    z, v = noisy_code(300, (2, 3, 4), rng)
    result = dm.sap(z, v, predictor=predictor, rng=0)
    matrix = predictability(z, v, predictor=predictor, rng=0)
    assert np.array_equal(result.predictability, matrix.predictability)
    expected = [gaps.top_two_gap(column) for column in matrix.predictability.T]
    assert result.per_factor == pytest.approx(expected)
    assert result.score == pytest.approx(np.mean(expected))


def test_cases_with_known_answers():
    v = np.tile(np.indices((2, 2)).reshape(2, -1).T, (size(600, 60), 1))
    chance = pytest.approx(0.5, abs=0.06 if len(v) > 1000 else 0.2)
    perfect = dm.sap(v, v, rng=0)
    assert np.diag(perfect.predictability) == pytest.approx([1.0, 1.0])
    assert perfect.per_factor == chance  # the other latent guesses
    assert dm.sap(v[:, ::-1], v, rng=0).best_latents.tolist() == [1, 0]
    alone = dm.sap(v[:, :1], v[:, 0], rng=0)
    assert (alone.score, alone.runner_up_latents.tolist()) == (1.0, [-1])
    with_dead = dm.sap(np.column_stack([v[:, 0], np.zeros(len(v))]), v[:, 0], rng=0)
    assert with_dead.score == 1.0
    assert with_dead.predictability[1, 0] == 0.0
    assert dm.sap(np.hstack([v, v]), v, rng=0).score == 0.0
    assert dm.sap(v @ np.array([[1, 1], [-1, 1]]), v, rng=0).score < 0.2
    assert dm.sap(np.ones((len(v), 2)), v, rng=0).score == 0.0


@pytest.mark.parametrize("n_values", [3, 8, 32])
def test_the_ceiling_is_what_a_perfect_code_reaches(n_values):
    v = np.tile(np.arange(n_values), 300)  # fewer, and the penalty would tell
    for predictor in ("linear_svm", "tree"):
        result = dm.sap(np.column_stack([v, np.zeros(len(v))]), v, predictor=predictor, rng=0)
        assert result.score == pytest.approx(result.ceiling)
        assert result.ceiling == pytest.approx(1.0 if predictor == "tree" or n_values == 3 else 2 / n_values, abs=0.02)


def test_balanced_accuracy_is_the_mean_over_labels():
    rng = np.random.default_rng(0)
    v = (rng.random(size(3000, 600)) < 0.1).astype(int)
    z = v[:, None] + 0.4 * rng.normal(size=(len(v), 1))
    plain = predictability(z, v, rng=0)
    balanced = predictability(z, v, scoring="balanced_accuracy", rng=0)
    assert plain.chance[0] == pytest.approx(0.9, abs=0.02)
    assert balanced.chance[0] == pytest.approx(0.5)
    assert balanced.measures == ("balanced_accuracy",)
    split = held_out(as_labelled(z, v), 0).test[:, 0]
    x = (z[:, 0] - z[~split, 0].mean()) / z[~split, 0].std()
    signs = [oracle.one_against_rest_costs(v[~split], 1, 0.01)]
    balance = len(v[~split]) / (2 * np.bincount(v[~split]))
    plane = fit_one_against_rest(x[~split], np.ones((~split).sum()), v[~split], 2, 0.01, balance, np.eye(2))[1]
    assert np.abs(oracle.squared_hinge_gradient(x[~split], *signs[0], plane)).max() < 1e-9
    predicted = plane[0] * x + plane[1] > 0
    expected = np.mean([(predicted[split & (v == a)] == a).mean() for a in (0, 1)])
    assert balanced.predictability[0, 0] == pytest.approx(expected)


def test_a_tree_tells_what_no_line_tells():
    v = np.tile(np.arange(3), size(200, 40))
    z = np.array([0.0, 2.0, 1.0])[v][:, None]  # the labels in another order
    assert predictability(z, v, predictor="tree", rng=0).predictability[0, 0] == 1.0
    offset = predictability(1e6 + 1e-6 * z, v, predictor="tree", rng=0)  # in float32 all the same
    assert offset.predictability[0, 0] == 1.0


def test_quantities_and_angles_are_correlated():
    rng = np.random.default_rng(0)
    values = rng.normal(size=200)
    z = np.column_stack([values + 0.5 * rng.normal(size=200), np.cos(values)]) * [1e-6, 1.0] + [1e6, 0.0]
    weights = rng.random(200)
    factors = dm.Factors({"x": values, "angle": values}, kinds={"x": "continuous", "angle": "circular"})
    result = dm.sap(z, factors, weights=weights, rng=0)
    exact = (z - [1e6, 0.0]) * [1e6, 1.0]
    expected = [oracle.pearson(exact[:, j], values, weights) ** 2 for j in (0, 1)]
    assert result.predictability[:, 0] == pytest.approx(expected, abs=1e-9)
    expected = [oracle.circular_correlation(exact[:, j], values, weights) ** 2 for j in (0, 1)]
    assert result.predictability[:, 1] == pytest.approx(expected, abs=1e-9)
    assert result.predictability[1, 1] == pytest.approx(1.0)
    assert result.measures == ("squared_correlation", "squared_correlation")
    assert result.ceiling_per_factor.tolist() == [1.0, 1.0]
    # Nothing is drawn.
    assert result.score == dm.sap(z, factors, weights=weights, rng=1).score


def test_missing_labels_and_weights_of_zero_are_rows_that_are_gone():
    rng = np.random.default_rng(3)
    z, v = noisy_code(120, (3, 4), rng, noise=0.3)
    missing = rng.random(v.shape) < [0.3, 0.0]
    result = dm.sap(z, dm.Factors(v, missing=missing), rng=0)
    assert np.isfinite(result.predictability).all()
    hidden = dm.sap(z, dm.Factors(np.where(missing, 2, v), missing=missing), rng=0)
    assert hidden.to_dict() == result.to_dict()
    weights = (rng.random(120) < 0.7).astype(float)
    kept = weights > 0
    assert dm.sap(z, v, weights=weights, rng=0).to_dict() == dm.sap(z[kept], v[kept], rng=0).to_dict()


def test_weights_count():
    rng = np.random.default_rng(3)
    z, v = noisy_code(400, (3, 4), rng, noise=0.3)
    weights = rng.exponential(size=400)
    weighted = dm.sap(z, v, weights=weights, rng=0)
    assert weighted.score != dm.sap(z, v, rng=0).score
    assert weighted.to_dict() == dm.sap(z, v, weights=4.0 * weights, rng=0).to_dict()


def test_what_cannot_be_scored_is_said():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(30, 2))
    with pytest.raises(ValueError, match=r"'factor_0' has no label that occurs twice.*continuous"):
        dm.sap(z, np.arange(30))
    with pytest.raises(ValueError, match=r"factor_0.*more than one value"):
        dm.sap(z, np.zeros(30, int))
    with pytest.warns(DegenerateDataWarning, match="factor_1"):
        result = dm.sap(z, np.column_stack([np.arange(30) % 2, np.zeros(30, int)]), rng=0)
    assert np.isnan(result.per_factor).tolist() == [False, True]
    assert result.best_latents[1] == -1
    v = np.arange(30) % 2
    for options, message in (
        ({"predictor": "svm"}, "predictor='svm'.*'tree'"),
        ({"scoring": "f1"}, "scoring='f1'"),
        ({"cost": 0.0}, "cost=0.0"),
        ({"predictor": "tree", "cost": 1.0}, "cost=1.0 has no part in predictor='tree'"),
        ({"preset": "ubisoft"}, "preset='ubisoft'"),
        ({"n_bins": 5}, "no setting 'n_bins'"),
    ):
        with pytest.raises((TypeError, ValueError), match=message):
            dm.sap(z, v, **options)
