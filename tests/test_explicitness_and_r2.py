"""What all latents together tell to a linear or smooth predictor: explicitness and the coefficient of determination."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.kernel_ridge import KernelRidge as PeerRidge
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

import dismetrics as dm
from dismetrics.estimators.held_out import held_out
from dismetrics.estimators.regressors import KernelRidge
from dismetrics.estimators.roc import area_under_curve
from dismetrics.inputs import as_labelled
from dismetrics.warnings import DegenerateDataWarning
from oracles import prediction as oracle
from sizes import size

FEW = settings(max_examples=min(size(40, 10), settings.default.max_examples))


# ------------------------------------------------------------------------------------------------ area under curve


@FEW
@given(st.integers(2, 40), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_areas_are_shares_of_ordered_pairs(n, n_levels, seed):
    rng = np.random.default_rng(seed)
    decision, weights = rng.integers(0, n_levels, n) / 7, rng.exponential(size=n)
    positive = np.r_[True, False, rng.random(n - 2) < 0.3]
    area = area_under_curve(decision, positive, weights)
    assert area == pytest.approx(oracle.area_under_curve(decision, positive, weights), abs=1e-14)
    assert area == pytest.approx(roc_auc_score(positive, decision, sample_weight=weights), abs=1e-14)


# --------------------------------------------------------------------------------------------------- explicitness


@pytest.mark.parametrize("classifier", ["one_vs_rest", "multinomial"])
def test_explicitness_is_the_mean_area_of_scikit_learns_regressions(classifier):
    rng = np.random.default_rng(0)
    v = rng.integers(0, [2, 4], (size(900, 200), 2))
    z = 1e3 * (v @ rng.normal(size=(2, 3)) + rng.normal(size=(len(v), 3))) + 1e6
    weights = rng.exponential(size=len(v))
    result = dm.explicitness(z, v, classifier=classifier, weights=weights, rng=2)
    split = held_out(as_labelled(z, v), 2)
    for k in range(2):
        train, test = split.train[:, k], split.test[:, k]
        w = weights[train] / weights[train].mean()
        mean = np.average(z[train], axis=0, weights=w)
        x = (z - mean) / np.sqrt(np.average((z[train] - mean) ** 2, axis=0, weights=w))
        areas = []
        for value in range(v[:, k].max() + 1):
            if classifier == "multinomial":
                labels, column = v[train, k], value
            else:
                labels, column = v[train, k] == value, 1
            model = LogisticRegression(tol=1e-8, max_iter=1000).fit(x[train], labels, sample_weight=w)
            decision = model.predict_proba(x[test])[:, column]
            areas.append(roc_auc_score(v[test, k] == value, decision, sample_weight=weights[test]))
        assert result.per_value[k] == pytest.approx(areas, abs=1e-3)
        assert result.per_factor[k] == pytest.approx(np.mean(areas), abs=1e-3)
    assert result.score == pytest.approx(result.per_factor.mean())
    assert result.chance_scaled == pytest.approx(2 * result.score - 1)


def test_known_codes():
    v = np.tile(np.indices((2, 2)).reshape(2, -1).T, (size(300, 60), 1))
    turn = np.array([[1, 1], [-1, 1]])
    for code in (v, v[:, ::-1], v @ turn, np.hstack([v, v]), np.column_stack([v, np.zeros(len(v))]), 1e-3 * v + 1e6):
        assert dm.explicitness(code, v, rng=0).score == 1.0
    xor = (v[:, 0] ^ v[:, 1])[:, None]
    assert dm.explicitness(xor, v, rng=0).score == pytest.approx(0.5, abs=0.1)
    assert dm.explicitness(np.ones((len(v), 1)), v, rng=0).score == 0.5
    noise = np.random.default_rng(0).normal(size=(len(v), 2))
    assert dm.explicitness(noise, v, rng=0).chance_scaled == pytest.approx(0.0, abs=0.2)


def test_one_value_against_the_rest_is_not_all_at_once():
    # The middle of three on a line: nothing to a line of its own, all to the three together.
    v = np.tile(np.arange(3), size(200, 60))
    z = (v + 0.05 * np.random.default_rng(0).normal(size=len(v)))[:, None]
    alone = dm.explicitness(z, v, rng=0).per_value[0]
    assert alone[[0, 2]] == pytest.approx([1.0, 1.0])
    assert alone[1] < 0.8
    together = dm.explicitness(z, v, classifier="multinomial", rng=0)
    assert together.score == pytest.approx(1.0)
    assert dm.explicitness(z, v, preset="disentanglement_lib", rng=0).score == together.score
    assert dm.explicitness(z, v, preset="disentanglement_lib", classifier="one_vs_rest", rng=0).per_value[0] == (
        pytest.approx(alone)
    )


def test_quantities_are_binned():
    x = np.random.default_rng(0).uniform(size=400)
    labels = np.minimum((5 * (x - x.min()) / (x.max() - x.min())).astype(int), 4)
    binned = dm.explicitness(x[:, None], x, kinds="continuous", n_factor_bins=5, rng=0)
    assert binned.per_factor == pytest.approx(dm.explicitness(x[:, None], labels, rng=0).per_factor)
    assert len(dm.explicitness(x[:, None], x, kinds="circular", rng=0).per_value[0]) == 20


def test_rare_labels_are_learnt_and_not_scored():
    rng = np.random.default_rng(0)
    v = np.r_[np.arange(60) % 2, 2]
    result = dm.explicitness(v[:, None] + 0.1 * rng.normal(size=(61, 1)), v, rng=0)
    assert np.isnan(result.per_value[0]).tolist() == [False, False, True]
    assert result.per_factor[0] == np.nanmean(result.per_value[0])
    with pytest.raises(ValueError, match=r"'factor_0' has no two labels that occur twice.*continuous"):
        dm.explicitness(rng.normal(size=(30, 2)), np.r_[np.arange(29), 0])


def test_missing_labels_and_single_values():
    rng = np.random.default_rng(0)
    v = np.column_stack([rng.integers(0, 3, 200), np.zeros(200, int), rng.integers(0, 2, 200)])
    z = v + 0.5 * rng.normal(size=v.shape)
    missing = rng.random(v.shape) < [0.3, 0.0, 0.0]
    with pytest.warns(DegenerateDataWarning, match="factor_1"):
        result = dm.explicitness(z, dm.Factors(v, missing=missing), rng=0)
    assert np.isnan(result.per_factor).tolist() == [False, True, False]
    assert result.score == pytest.approx(result.per_factor[[0, 2]].mean())
    hidden = dm.Factors(np.where(missing, 2, v)[:, [0, 2]], missing=missing[:, [0, 2]])
    assert dm.explicitness(z, hidden, rng=0).score == pytest.approx(result.score)
    with pytest.raises(ValueError, match="more than one value"):
        dm.explicitness(z, v[:, 1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classifier": "ovr"}, "classifier='ovr'.*'one_vs_rest'"),
        ({"n_factor_bins": 0}, "n_factor_bins=0"),
        ({"preset": "ubisoft"}, "preset='ubisoft'"),
        ({"rng": "seed"}, "rng='seed'"),
    ],
)
def test_bad_settings_of_explicitness_are_named(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        dm.explicitness(np.eye(6), np.arange(6) % 2, **options)


# ------------------------------------------------------------------------------------------------------------- R2


@FEW
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_linear_r2_of_all_kinds(seed, weighted):
    rng = np.random.default_rng(seed)
    n = 60
    columns = {
        "label": rng.integers(0, 3, n),
        "rank": np.r_[0, 1, 2, 3, rng.integers(0, 4, n - 4)],
        "x": rng.normal(size=n) + 1e3,
        "angle": rng.uniform(0, 7, n),
    }
    kinds = {"label": "categorical", "rank": "ordinal", "x": "continuous", "angle": "circular"}
    blocks = [
        (columns["label"][:, None] == np.arange(3)).astype(float),
        columns["rank"][:, None].astype(float),
        columns["x"][:, None] - 1e3,
        np.column_stack([np.cos(columns["angle"]), np.sin(columns["angle"])]),
    ]
    z = np.column_stack(blocks)[:, 1:] @ rng.normal(size=(6, 3)) + rng.normal(size=(n, 3))
    weights = rng.exponential(size=n) if weighted else np.ones(n)
    missing = {"x": rng.random(n) < 0.2}
    factors = dm.Factors(columns, kinds=kinds, missing=missing, weights=weights if weighted else None)
    result = dm.r2(z, factors, rng=1)
    split = held_out(as_labelled(z, factors), 1)
    for k, block in enumerate(blocks):
        right = oracle.determination(z, block, split.train[:, k], split.test[:, k], weights)
        assert result.per_factor[k] == pytest.approx(right, abs=1e-8)
    assert result.n_fitted.tolist() == split.train.sum(axis=0).tolist()
    assert result.score == pytest.approx(result.per_factor.mean())


@pytest.mark.parametrize("regressor", ["linear", "kernel"])
def test_known_codes_of_quantities(regressor):
    rng = np.random.default_rng(0)
    v = rng.uniform(-1, 1, (size(600, 300), 2))
    options = {"kinds": "continuous", "regressor": regressor, "rng": 0}
    for code in (v, v @ np.array([[1.0, 1.0], [-1.0, 1.0]]), np.column_stack([v, np.ones(len(v))]), 1e-6 * v + 1e6):
        assert dm.r2(code, v, **options).score == pytest.approx(1.0, abs=1e-3)
    assert dm.r2(v, 1e200 * v, **options).score == pytest.approx(1.0, abs=1e-3)
    assert dm.r2(rng.normal(size=v.shape), v, **options).score == pytest.approx(0.0, abs=0.05)
    assert dm.r2(np.ones(v.shape), v, **options).score == pytest.approx(0.0, abs=0.05)
    bent = np.column_stack([v[:, 0] ** 3, np.sin(3 * v[:, 0]) + v[:, 1]])
    assert (dm.r2(bent, v, **options).score > 0.9) == (regressor == "kernel")


def test_kernel_regression_is_scikit_learns_at_the_width_and_ridge_chosen():
    rng = np.random.default_rng(0)
    x, weights = rng.normal(size=(80, 2)), rng.exponential(size=80)
    y = np.column_stack([np.sin(2 * x[:, 0]), x[:, 1] ** 2]) + 0.1 * rng.normal(size=(80, 2))
    ours = KernelRidge.fit(x, y, weights)
    mean = np.average(y, axis=0, weights=weights)
    peer = PeerRidge(alpha=ours.ridge, kernel="rbf", gamma=ours.gamma)
    peer.fit(x, y - mean, sample_weight=weights / weights.mean())
    new = rng.normal(size=(5000, 2))  # more than are predicted at a time
    assert ours.predict(new) == pytest.approx(peer.predict(new) + mean, abs=1e-6)


def test_the_ridge_is_chosen_by_leaving_one_out():
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 2, (25, 1))
    y = np.sin(2 * x) + 0.3 * rng.normal(size=(25, 1))
    chosen = KernelRidge.fit(x, y, np.ones(25))
    errors = {}
    for width in (0.1, 1.0, 10.0):
        for ridge in 10.0 ** np.arange(-6, 2):
            missed = []
            for i in range(25):
                kept = np.arange(25) != i
                peer = PeerRidge(alpha=ridge, kernel="rbf", gamma=width).fit(x[kept], (y - y.mean())[kept])
                missed.append(float((peer.predict(x[[i]]) - (y - y.mean())[i]).item()) ** 2)
            errors[width, float(ridge)] = sum(missed)
    assert (chosen.gamma, chosen.ridge) == min(errors, key=errors.get)


def test_the_kernel_is_fitted_to_as_many_rows_as_said():
    v = np.random.default_rng(0).normal(size=(300, 1))
    factors = dm.Factors(v, kinds="continuous")
    result = dm.r2(v, factors, regressor="kernel", n_kernel_rows=50, rng=0)
    assert result.n_fitted.tolist() == [50]
    assert result.settings["n_kernel_rows"] == 50
    split = held_out(as_labelled(v, factors), 0)
    some = split.some_of_train(0, 50)
    assert some.sum() == 50
    assert not (some & split.test[:, 0]).any()
    assert dm.r2(v, factors, regressor="kernel", n_kernel_rows=5000, rng=0).n_fitted.tolist() == [200]


def test_degenerate_quantities():
    rng = np.random.default_rng(0)
    v = np.column_stack([rng.normal(size=40), np.full(40, 2.5)])
    with pytest.warns(DegenerateDataWarning, match="factor_1"):
        result = dm.r2(v, v, kinds="continuous", rng=0)
    assert result.score == pytest.approx(1.0)
    assert np.isnan(result.per_factor).tolist() == [False, True]
    assert result.n_fitted[1] == 0
    for options, message in (
        ({"regressor": "forest"}, "regressor='forest'.*'kernel'"),
        ({"n_kernel_rows": 5}, "n_kernel_rows=5 has no part in regressor='linear'"),
        ({"regressor": "kernel", "n_kernel_rows": 1}, "n_kernel_rows=1;"),
    ):
        with pytest.raises(ValueError, match=message):
            dm.r2(v, v[:, 0], kinds="continuous", **options)
    with pytest.raises(ValueError, match="'factor_0' has the mean value for all samples held out"):
        dm.r2(np.eye(3), [-1.0, 0.0, 1.0], kinds="continuous", rng=_seed_that_holds_out(1))


def _seed_that_holds_out(row):
    factors = dm.Factors([-1.0, 0.0, 1.0], kinds="continuous")
    seeds = (seed for seed in range(100) if held_out(as_labelled(np.eye(3), factors), seed).test[row, 0])
    return next(seeds)
