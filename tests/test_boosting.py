"""The boosting kernel against a booster of plain loops, and against scikit-learn's."""

import importlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor

from oracles import boosting as oracle
from sizes import size

booster = importlib.import_module("dismetrics.estimators.relevance.importance.boosting")

RATE = 0.1


def boost(x, target, weights=None, *, n_trees, gap=0.0, seed=0, labels=True):
    function = booster.boost_labels if labels else booster.boost_quantity
    rng = np.random.default_rng(seed)
    return function(booster.sort_columns(x, gap), target, weights, n_trees=n_trees, learning_rate=RATE, rng=rng)


def data(n, n_labels, seed=0, n_columns=4):
    """Labels that follow two columns and noise: in a node of many rows no two cuts gain the same."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, n_columns))
    signal = x[:, 0] + 0.6 * x[:, 1] * x[:, 2] + 0.5 * rng.normal(size=n)
    labels = np.searchsorted(np.quantile(signal, np.arange(1, n_labels) / n_labels), signal)
    return x, labels, (signal - signal.mean()) / signal.std(), rng


def weights_of(kind, n, rng):
    return {"none": None, "whole": rng.integers(1, 4, n).astype(float), "any": rng.exponential(size=n) + 0.01}[kind]


# Two rows of a node tell all columns apart alike, so that single importances are compared where there is one column
# that says most, and scores everywhere: they do not depend on which of two columns makes the same two parts.
@pytest.mark.parametrize("weighted", ["none", "whole", "any"])
@pytest.mark.parametrize("n_labels", [2, 3, 5])
def test_labels_agree_with_plain_loops(n_labels, weighted):
    x, labels, _, rng = data(size(48, 24), n_labels)
    weights = weights_of(weighted, len(x), rng)
    n_trees = size(4, 2)
    ours = boost(x, labels, weights, n_trees=n_trees)
    gains, scores, scores_at = oracle.boost_labels(x, labels, n_trees, RATE, weights)
    tolerance = 1e-7 if weighted == "any" else 1e-10  # weights are rounded to 30 bits
    assert ours.scores(x) == pytest.approx(scores, abs=tolerance)
    scale = gains.sum() / ours.gains.sum()
    assert scale * ours.gains.sum() == pytest.approx(gains.sum())
    agree = np.abs(scale * ours.gains - gains) / gains.sum()
    assert agree.max() < 0.05
    # Where thresholds lie is the same too, but for the columns that ties chose.
    assert (np.abs(ours.scores(x + 1e-9) - scores_at(x + 1e-9)) < tolerance).mean() > 0.9


@pytest.mark.parametrize("weighted", ["none", "whole", "any"])
def test_quantities_agree_with_plain_loops(weighted):
    x, _, quantity, rng = data(size(40, 20), 2)
    weights = weights_of(weighted, len(x), rng)
    ours = boost(x, quantity, weights, n_trees=3, labels=False)
    _, scores, _ = oracle.boost_quantity(x, quantity, 3, RATE, weights)
    assert ours.scores(x) == pytest.approx(scores, abs=1e-7 if weighted == "any" else 1e-10)


def single(x):
    """What scikit-learn makes of columns, in double precision."""
    return x.astype(np.float32).astype(float)


def log_loss(raw, labels):
    if len(raw) == 1:
        return 2 * np.mean(np.logaddexp(0, raw[0]) - labels * raw[0])
    return np.mean(np.log(np.exp(raw).sum(axis=0)) - raw[labels, np.arange(len(labels))])


@pytest.mark.parametrize("weighted", ["none", "any"])
@pytest.mark.parametrize("n_labels", [2, 3, 7])
def test_every_round_equals_scikit_learns(n_labels, weighted):
    # Many rows a leaf, so that nothing is tied.
    x, labels, _, rng = data(size(2000, 300), n_labels, n_columns=5)
    weights = weights_of(weighted, len(x), rng)
    n_trees = size(30, 2)
    theirs = GradientBoostingClassifier(n_estimators=n_trees, random_state=0).fit(x, labels, sample_weight=weights)
    ours = boost(single(x), labels, weights, n_trees=n_trees, gap=1e-7)
    if weights is None:
        losses = [log_loss(ours.scores(single(x), t), labels) for t in range(1, n_trees + 1)]
        assert losses == pytest.approx(theirs.train_score_, abs=1e-9)
    decision = theirs.decision_function(x)
    assert ours.scores(single(x)) == pytest.approx(decision.T.reshape(-1, len(x)), abs=1e-9 if weights is None else 1e-6)
    assert ours.gains / ours.gains.sum() == pytest.approx(theirs.feature_importances_, abs=1e-9 if weights is None else 1e-6)
    other = np.random.default_rng(9).normal(size=x.shape)
    assert (ours.labels(single(other)) == theirs.predict(other)).all()


@pytest.mark.parametrize("weighted", ["none", "any"])
def test_regression_equals_scikit_learns(weighted):
    x, _, quantity, rng = data(size(2000, 300), 2, n_columns=5)
    weights = weights_of(weighted, len(x), rng)
    n_trees = size(50, 5)
    theirs = GradientBoostingRegressor(n_estimators=n_trees).fit(x, quantity, sample_weight=weights)
    ours = boost(single(x), quantity, weights, n_trees=n_trees, gap=1e-7, labels=False)
    assert ours.scores(single(x))[0] == pytest.approx(theirs.predict(x), abs=1e-9 if weights is None else 1e-6)
    assert ours.gains / ours.gains.sum() == pytest.approx(theirs.feature_importances_, abs=1e-6)


TIED = {
    "few values": lambda x: x.round(1),
    "binary": lambda x: (x > 0).astype(float),
    "a copy": lambda x: np.column_stack([x, x[:, 0]]),
    "values near each other": lambda x: x.round(1) + 3e-8 * np.arange(len(x))[:, None] / len(x),
    "a constant": lambda x: np.column_stack([x, np.ones(len(x))]),
}


@pytest.mark.parametrize("tied", TIED.values(), ids=TIED)
def test_ties_leave_the_mean_over_seeds(tied):
    # Equal columns are chosen between at random, by both; on average over seeds they agree.
    x, labels, _, _ = data(size(600, 60), 3)
    x = tied(x)
    n_trees, n_seeds = size(20, 2), size(24, 4)
    theirs = np.array(
        [
            GradientBoostingClassifier(n_estimators=n_trees, random_state=seed).fit(x, labels).feature_importances_
            for seed in range(n_seeds)
        ]
    )
    ours = [boost(single(x), labels, n_trees=n_trees, gap=1e-7, seed=seed).gains for seed in range(n_seeds)]
    shares = np.array([gains / gains.sum() for gains in ours])
    spread = np.sqrt((theirs.var(axis=0) + shares.var(axis=0)) / n_seeds)
    assert (np.abs(theirs.mean(axis=0) - shares.mean(axis=0)) <= 4 * spread + size(3, 30) / 1000).all()


def test_copies_share_what_one_of_them_would_have():
    x, labels, _, _ = data(size(400, 60), 3, n_columns=2)
    alone = boost(x, labels, n_trees=size(30, 4)).gains
    doubled = boost(np.column_stack([x, x]), labels, n_trees=size(30, 4)).gains
    assert doubled[:2] + doubled[2:] == pytest.approx(alone, rel=0.1)
    assert (doubled > 0.2 * np.tile(alone, 2)).all()


@given(st.integers(0, 2**32 - 1), st.integers(2, 60), st.sampled_from([1, 2, 3, 5, 160]))
def test_bins_do_not_bound_the_cuts(seed, n, n_bins):
    # As many bins as rows leave nothing between their edges; fewer must come to the same trees.
    rng = np.random.default_rng(seed)
    x = rng.integers(0, rng.integers(2, 30), (n, 2)) + rng.choice([0.0, 1.0]) * rng.random((n, 2))
    quantity = rng.normal(size=n)
    quantity = (quantity - quantity.mean()) / quantity.std()
    with pytest.MonkeyPatch.context() as patch:
        exact = boost(x, quantity, n_trees=2, labels=False)
        patch.setattr(booster, "_MOST_BINS", n_bins)
        coarse = boost(x, quantity, n_trees=2, labels=False)
    assert coarse.scores(x) == pytest.approx(exact.scores(x), abs=1e-9)
    assert coarse.gains.sum() == pytest.approx(exact.gains.sum(), rel=1e-9)


@pytest.mark.parametrize("n_bins", [3, 16])
def test_bins_do_not_favour_columns_with_a_cut_at_an_edge(n_bins, monkeypatch):
    # Two columns make the same two parts, one of them in the midst of a bin.
    n = 160
    target = np.where(np.arange(n) < 77, -1.0, 1.0)
    x = np.column_stack([target, np.arange(n)])
    monkeypatch.setattr(booster, "_MOST_BINS", n_bins)
    shares = [boost(x, target, n_trees=1, labels=False, seed=seed).gains for seed in range(size(60, 30))]
    assert 0.2 < np.mean([gains[0] > 0 for gains in shares]) < 0.8


def test_a_split_that_gains_nothing_opens_the_next():
    # Exclusive or: no first cut lowers the error.
    x = np.tile(np.indices((2, 2)).reshape(2, -1).T, (10, 1)).astype(float)
    labels = (x[:, 0] != x[:, 1]).astype(int)
    fitted = boost(x, labels, n_trees=5)
    assert (fitted.labels(x) == labels).all()


@pytest.mark.parametrize("factor", [2.0**-500, 2.0**300])
def test_the_scale_of_columns_leaves_every_bit(factor):
    x, labels, _, _ = data(size(300, 40), 3)
    one, other = boost(x, labels, n_trees=2), boost(x * factor, labels, n_trees=2)
    assert np.array_equal(one.gains, other.gains)
    assert np.array_equal(one.scores(x), other.scores(x * factor))


def test_more_columns_and_labels_than_fit_in_one_pass():
    x, labels, _, _ = data(size(900, 80), size(37, 18), n_columns=3)
    fitted = boost(x, labels, n_trees=size(5, 1))
    theirs = GradientBoostingClassifier(n_estimators=size(5, 1)).fit(single(x), labels)
    assert fitted.scores(x).shape == (labels.max() + 1, len(x))
    assert np.mean(fitted.labels(x) == labels) == pytest.approx(np.mean(theirs.predict(x) == labels), abs=0.02)
    assert np.abs(fitted.gains / fitted.gains.sum() - theirs.feature_importances_).max() < size(2, 8) / 100
