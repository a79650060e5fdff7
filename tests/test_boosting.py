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


def data(n, n_labels, seed=0, n_columns=3, n_values=None):
    """Columns, labels that follow them with noise, the quantity behind these, and weights."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, n_columns)) if n_values is None else rng.integers(0, n_values, (n, n_columns)) / 3.0
    z = x - x.mean(axis=0)
    signal = z[:, 0] + 0.6 * z[:, 1] * z[:, 2] + 0.5 * rng.normal(size=n)
    labels = np.searchsorted(np.quantile(signal, np.arange(1, n_labels) / n_labels), signal)
    return x, labels, (signal - signal.mean()) / signal.std(), rng.exponential(size=n) + 0.01


# With weights of any size different parts never gain the same. The same parts do, which several columns make where
# rows are few: that moves gains between columns, but neither their sum nor the scores of the rows.
@pytest.mark.parametrize("n_labels", [2, 3, 5])
def test_labels_agree_with_plain_loops(n_labels):
    x, labels, _, weights = data(size(48, 24), n_labels)
    n_trees = size(4, 2)
    ours = boost(x, labels, weights, n_trees=n_trees)
    gains, scores, _ = oracle.boost_labels(x, labels, n_trees, RATE, weights)
    # Weights are rounded to 30 bits.
    assert ours.scores(x) == pytest.approx(scores, abs=1e-7)
    assert ours.gains.sum() / unit_of(weights) == pytest.approx(gains.sum(), rel=1e-7)


@pytest.mark.parametrize("weighted", [False, True])
def test_quantities_agree_with_plain_loops(weighted):
    x, _, quantity, weights = data(size(40, 20), 2)
    weights = weights if weighted else None
    ours = boost(x, quantity, weights, n_trees=3, labels=False)
    gains, scores, _ = oracle.boost_quantity(x, quantity, 3, RATE, weights)
    assert ours.scores(x) == pytest.approx(scores, abs=1e-7 if weighted else 1e-10)
    assert ours.gains.sum() / unit_of(weights) == pytest.approx(gains.sum(), rel=1e-7 if weighted else 1e-10)


def test_one_column_agrees_with_plain_loops_beyond_the_rows():
    x, labels, _, weights = data(size(48, 24), 3)
    ours = boost(x[:, :1], labels, weights, n_trees=2)
    _, _, scores_at = oracle.boost_labels(x[:, :1], labels, 2, RATE, weights)
    elsewhere = np.linspace(-4, 4, 101)[:, None]
    assert ours.scores(elsewhere) == pytest.approx(scores_at(elsewhere), abs=1e-7)


def unit_of(weights):
    """What a weight of 1 counts as."""
    return 1.0 if weights is None else 2**30 / weights.max()


def single(x):
    """What scikit-learn makes of columns, in double precision."""
    return x.astype(np.float32).astype(float)


def log_loss(raw, labels):
    if len(raw) == 1:
        return 2 * np.mean(np.logaddexp(0, raw[0]) - labels * raw[0])
    return np.mean(np.log(np.exp(raw).sum(axis=0)) - raw[labels, np.arange(len(labels))])


# Few values of each column leave many rows to each combination, so that no two columns make the same parts.
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_labels", [2, 3, 7])
def test_every_round_equals_scikit_learns(n_labels, weighted):
    x, labels, _, weights = data(size(4000, 400), n_labels, n_values=size(12, 4))
    n_trees = size(30, 2)
    theirs = GradientBoostingClassifier(n_estimators=n_trees, random_state=0)
    theirs.fit(x, labels, sample_weight=weights if weighted else None)
    ours = boost(single(x), labels, weights if weighted else None, n_trees=n_trees, gap=1e-7)
    tolerance = 1e-6 if weighted else 1e-9
    if not weighted:
        losses = [log_loss(ours.scores(single(x), t), labels) for t in range(1, n_trees + 1)]
        assert losses == pytest.approx(theirs.train_score_, abs=tolerance)
    assert ours.scores(single(x)) == pytest.approx(theirs.decision_function(x).T.reshape(-1, len(x)), abs=tolerance)
    assert ours.gains / ours.gains.sum() == pytest.approx(theirs.feature_importances_, abs=tolerance)
    elsewhere = np.random.default_rng(9).normal(2.0, 2.0, x.shape)
    assert (ours.labels(single(elsewhere)) == theirs.predict(elsewhere)).mean() > 0.999


@pytest.mark.parametrize("weighted", [False, True])
def test_regression_equals_scikit_learns(weighted):
    x, _, quantity, weights = data(size(4000, 400), 2, n_values=size(12, 4))
    n_trees = size(50, 5)
    theirs = GradientBoostingRegressor(n_estimators=n_trees)
    theirs.fit(x, quantity, sample_weight=weights if weighted else None)
    ours = boost(single(x), quantity, weights if weighted else None, n_trees=n_trees, gap=1e-7, labels=False)
    tolerance = 1e-6 if weighted else 1e-9
    assert ours.scores(single(x))[0] == pytest.approx(theirs.predict(x), abs=tolerance)
    assert ours.gains / ours.gains.sum() == pytest.approx(theirs.feature_importances_, abs=tolerance)


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
    x, labels, _, _ = data(size(400, 60), 3)
    alone = boost(x, labels, n_trees=size(30, 4)).gains
    doubled = boost(np.column_stack([x, x]), labels, n_trees=size(30, 4)).gains
    assert doubled[:3] + doubled[3:] == pytest.approx(alone, rel=0.1)
    assert (doubled > size(2, 0) / 10 * np.tile(alone, 2)).all()


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


@pytest.mark.parametrize("n_bins", [1, 3, 160])
def test_rows_that_are_alike_stay_together(n_bins, monkeypatch):
    monkeypatch.setattr(booster, "_MOST_BINS", n_bins)
    x = np.repeat([[0.0, 5.0], [1.0, 5.0]], 20, axis=0)
    labels = np.r_[np.arange(20) % 2, np.ones(20, int)]
    fitted = boost(x, labels, n_trees=3)
    theirs = GradientBoostingClassifier(n_estimators=3).fit(x, labels)
    assert fitted.scores(x)[0] == pytest.approx(theirs.decision_function(x), abs=1e-12)
    assert (fitted.gains >= 0).all()
    assert set(fitted.split_column.ravel()) == {-1, 0}
    alike = boost(np.full((20, 2), 5.0), labels[:20], n_trees=2)
    assert not alike.gains.any()
    assert (alike.split_column == -1).all()


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
