"""DCI-ES: explicitness from curves of loss over capacity, and the forests that they come from."""

import importlib

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

import dismetrics as dm
from dismetrics.inputs import as_labelled

trials = importlib.import_module("dismetrics.estimators.relevance.importance.trial")
depth = importlib.import_module("dismetrics.estimators.relevance.importance.depth")
capacity = importlib.import_module("dismetrics.estimators.aggregation.capacity")


def one_trial(factors, k=0, latents=None, **options):
    latents = np.random.default_rng(5).normal(size=(factors.n_samples, 3)) if latents is None else latents
    return trials.prepare_trial(as_labelled(latents, factors), k, 10_000, 5_000, 7, **options)


def test_explicitness_of_known_curves():
    capacities = np.array([1.0, 2.0, 5.0])
    loss = np.array([[0.2, 1.0, 1.0, 0.9, 2.0], [0.2, 0.75, 1.0, 0.9, 2.0], [0.2, 0.0, 0.0, 0.9, 0.5]])
    found = capacity.curve_explicitness(capacities, loss, np.ones(5))
    # Flat; a straight line; at the baseline to the last step; flat near chance; above the baseline counts as that.
    assert found == pytest.approx([1.0, 0.0, 1 - 2 * 2.5 / 4, 1.0, 1 - 2 * (0.5 + 0.75) / 4])
    worse_later = capacity.curve_explicitness(capacities, np.array([[0.3], [0.1], [0.4]]), np.ones(1))
    assert worse_later == pytest.approx([1 - 2 * 0.1 / 4])


@pytest.mark.parametrize("kind", ["categorical", "continuous", "circular"])
def test_a_forest_of_some_depth_is_the_top_of_a_deeper_one(kind):
    # With one column nothing but the bootstrap is random, and that comes first: the tops must be equal.
    rng = np.random.default_rng(0)
    latents = rng.normal(size=(200, 1))
    values = np.round(2 * latents[:, 0] + 0.5 * rng.normal(size=200))
    trial = one_trial(dm.Factors(values, kinds=kind), latents=latents)
    importances, predictions = depth.forest_by_depth(trial, (1, 2, 5), 7)
    train, test = trial.standardised()
    for found, at_most in zip(predictions, (1, 2, 5), strict=True):
        options = {"n_estimators": 7, "max_depth": at_most, "random_state": trial.seed}
        if kind == "categorical":
            model = RandomForestClassifier(**options).fit(train, trial.labels)
            assert (found == model.predict(test)).all()
        else:
            model = RandomForestRegressor(**options).fit(train, trial.quantities.squeeze())
            assert found == pytest.approx(model.predict(test).reshape(found.shape), abs=1e-12)
    assert importances.tolist() == [[1.0]] * 3


def test_importances_of_the_deepest_forest_are_scikit_learns():
    rng = np.random.default_rng(1)
    latents = rng.normal(size=(200, 4))
    labels = (latents[:, 0] + latents[:, 1] * latents[:, 2] > 0).astype(int)
    trial = one_trial(dm.Factors(labels), latents=latents)
    importances, predictions = depth.forest_by_depth(trial, (1, 3), 9)
    model = RandomForestClassifier(n_estimators=9, max_depth=3, random_state=trial.seed)
    model.fit(trial.standardised()[0], trial.labels)
    assert importances[1] == pytest.approx(model.feature_importances_, abs=1e-12)
    assert (predictions[1] == model.predict(trial.standardised()[1])).all()
    assert importances[0].sum() == pytest.approx(1.0)


def test_harder_codes_are_less_explicit():
    rng = np.random.default_rng(0)
    factors = np.tile(np.indices((2, 2)).reshape(2, -1).T, (60, 1))
    options = {"n_trees": 20, "rng": 0, "capacities": (1, 2, 4, 8)}
    straight = dm.dci_es(factors + 0.05 * rng.normal(size=factors.shape), factors, **options)
    assert straight.score == 1.0
    assert straight.informativeness == 1.0
    assert straight.best_capacity == 1
    # Each factor is the parity of two latents: a tree needs two splits, of which the first gains nothing.
    coin = rng.integers(0, 2, (len(factors), 2))
    parity = np.column_stack([coin, coin ^ factors])
    hidden = dm.dci_es(parity, factors, **options)
    assert hidden.score < 0.95
    assert hidden.informativeness > 0.9
    assert hidden.size == 0.5
    assert hidden.loss.shape == (4, 2)
    nothing = dm.dci_es(rng.normal(size=factors.shape), factors, **options)
    assert nothing.score > 0.7  # nothing is told, by simple models as by others
    assert nothing.informativeness < 0.7
    assert nothing.baseline_per_factor == pytest.approx([0.5, 0.5])
