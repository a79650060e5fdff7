"""DCI: closed forms, analytic codes, learners, odd and degenerate input, seeds."""

import importlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import Lasso, LogisticRegression

import dismetrics as dm
from dismetrics.estimators import completeness, disentanglement, importance
from dismetrics.inputs import as_labelled
from dismetrics.warnings import DegenerateDataWarning
from oracles import concentration as oracle
from sizes import size

trials = importlib.import_module("dismetrics.estimators.relevance.importance.trial")
split = importlib.import_module("dismetrics.estimators.relevance.importance.split")

FEW_TREES = {"n_trees": size(20, 2)}
LEARNERS = {
    "boosting": FEW_TREES,
    "forest": {"learner": "forest", "n_trees": 20},
    "logistic": {"learner": "logistic"},
    "lasso": {"learner": "lasso", "kinds": "ordinal"},
}
every_learner = pytest.mark.parametrize("options", LEARNERS.values(), ids=LEARNERS)

# ------------------------------------------------------------------------- from a matrix of importances to scores


def duplicated():
    """Five factors, each told by two of ten latents alike."""
    return np.repeat(np.eye(5), 2, axis=0)


ANCHORS = {
    "diagonal": (np.diag(np.arange(1.0, 6.0)), 1.0, 1.0),
    "diagonal, empty latents": (np.vstack([np.eye(5), np.zeros((5, 5))]), 1.0, 1.0),
    "zeros": (np.zeros((10, 5)), 0.0, 0.0),
    "two latents a factor": (duplicated(), 1.0, 1 - np.log(2) / np.log(10)),
    "two factors a latent": (duplicated().T, 1 - np.log(2) / np.log(10), 1.0),
    "uniform": (np.ones((4, 3)), 0.0, 0.0),
    "one latent for all": (np.eye(4)[:, :1] * np.ones(3), 0.0, 1.0),
}


@pytest.mark.parametrize(("matrix", "d", "c"), ANCHORS.values(), ids=ANCHORS)
@pytest.mark.parametrize("unit", [1.0, 1e-300, 1e300])
def test_closed_forms(matrix, d, c, unit):
    result = dm.dci_from_importance(matrix * unit)
    assert result.score == result.disentanglement == pytest.approx(d, abs=1e-12)
    assert (result.completeness, result.completeness_weighted) == pytest.approx((c, c), abs=1e-12)
    assert result.informativeness is None
    assert result.to_dict()["score"] == result.score


matrices = arrays(
    float,
    st.tuples(st.integers(2, 6), st.integers(2, 6)),
    elements=st.sampled_from([0.0, 1.0]) | st.floats(0, 1e6, allow_subnormal=False),
)


@given(matrices)
def test_scores_of_a_matrix_agree_with_the_oracle(matrix):
    each_latent, d = oracle.disentanglement(matrix.tolist())
    each_factor, weighted, mean = oracle.completeness(matrix.tolist())
    result = dm.dci_from_importance(matrix)
    assert result.per_latent == pytest.approx(each_latent, abs=1e-9)
    assert result.score == pytest.approx(d, abs=1e-9)
    assert result.completeness_per_factor == pytest.approx(each_factor, abs=1e-9)
    assert (result.completeness, result.completeness_weighted) == pytest.approx((mean, weighted), abs=1e-9)


BAD_MATRICES = {
    "negative": ([[1.0, -1.0], [0.0, 1.0]], r"holds -1 \(latent 0, factor 1\).*absolute"),
    "nan": ([[1.0, np.nan], [0.0, 1.0]], r"holds nan \(latent 0, factor 1\)"),
    "one axis": ([1.0, 2.0], r"shape \(2,\).*n_latents, n_factors"),
    "empty": (np.zeros((0, 3)), r"shape \(0, 3\)"),
    "one latent": ([[1.0, 2.0]], r"completeness is not defined for a single latent"),
    "one factor": ([[1.0], [2.0]], r"disentanglement is not defined for a single factor"),
    "strings": ([["a", "b"]], r"importance has dtype"),
}


@pytest.mark.parametrize(("matrix", "message"), BAD_MATRICES.values(), ids=BAD_MATRICES)
def test_bad_matrices_are_refused(matrix, message):
    with pytest.raises((TypeError, ValueError), match=message):
        dm.dci_from_importance(matrix)


def test_one_of_both_can_be_had_where_the_other_is_not_defined():
    assert completeness([[1.0], [0.0], [0.0]]).mean == 1.0
    assert disentanglement([[1.0, 0.0]]).weighted == 1.0
    with pytest.raises(ValueError, match="single factor"):
        disentanglement([[1.0], [0.0]])
    with pytest.raises(ValueError, match="single latent"):
        completeness([[1.0, 0.0]])
    with pytest.raises(ValueError, match="single latent"):
        dm.dci(GRID[:, :1], GRID)
    with pytest.raises(ValueError, match="single factor"):
        dm.dci(GRID, GRID[:, 0])
    with pytest.raises(ValueError, match="single factor"):
        dm.dci_es(GRID, GRID[:, 0])


# ----------------------------------------------------------------------------------------------- analytic codes

GRID = np.tile(np.indices((3, 4)).reshape(2, -1).T, (size(20, 6), 1))
WIDE = np.tile(np.indices((3, 4, 2)).reshape(3, -1).T, (size(10, 3), 1))
RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=(len(WIDE), 3))


@every_learner
def test_a_perfect_code_scores_one(options):
    result = dm.dci(WIDE[:, [2, 0, 1]] * [1.0, -3.0, 0.1], WIDE, rng=0, **options)
    # Coefficients of latents that tell nothing are small, not zero.
    slack = size(15, 30) / 100 if options.get("learner") == "logistic" else 1e-9
    if options.get("learner") != "forest":  # with few candidates a split, a forest splits latents that tell nothing
        assert result.score == pytest.approx(1.0, abs=slack)
        assert result.completeness == pytest.approx(1.0, abs=slack)
    assert result.importance.argmax(axis=0).tolist() == [1, 2, 0]
    assert result.informativeness == pytest.approx(1.0, abs=size(1, 20) / 100)


def test_merged_redundant_and_inactive_latents():
    options = {"n_trees": size(40, 3), "rng": 0}
    merged = dm.dci(np.column_stack([4 * WIDE[:, 0] + WIDE[:, 1], WIDE[:, 2]]), WIDE, **options)
    assert merged.completeness == pytest.approx(1.0, abs=1e-9)
    assert merged.per_latent == pytest.approx([1 - np.log(2) / np.log(3), 1.0], abs=1e-9)
    doubled = dm.dci(np.column_stack([WIDE, WIDE]), WIDE, **options)
    assert doubled.score == pytest.approx(1.0, abs=1e-9)
    if size(1, 0):  # shares of the copies even out over many trees
        assert doubled.completeness == pytest.approx(1 - np.log(2) / np.log(6), abs=0.05)
    inactive = dm.dci(np.column_stack([WIDE, np.full((len(WIDE), 2), 3.0)]), WIDE, **options)
    assert (inactive.score, inactive.completeness) == pytest.approx((1.0, 1.0), abs=1e-9)
    assert inactive.per_latent[3:].tolist() == inactive.latent_share[3:].tolist() == [0.0, 0.0]


@every_learner
def test_rotated_and_independent_codes_score_low(options):
    factors = GRID
    turned = (factors - factors.mean(axis=0)) / factors.std(axis=0) @ np.array([[1.0, -1.0], [1.0, 1.0]])
    assert dm.dci(turned, factors, rng=0, **options).score < 0.4
    noise = np.random.default_rng(1).normal(size=(len(factors), 2))
    result = dm.dci(noise, factors, rng=0, **options)
    if options.get("learner") != "lasso":  # it leaves one small coefficient or two, of any latents
        assert result.score < 0.4
    # Nothing is told: about the most frequent label, or the mean.
    assert result.informativeness < np.mean(result.chance_per_factor) + 0.25


@every_learner
def test_constant_latents_tell_nothing(options):
    result = dm.dci(np.ones((len(GRID), 2)), GRID, rng=0, **options)
    assert (result.score, result.completeness) == (0.0, 0.0)
    assert not result.importance.any()
    assert result.informativeness_per_factor == pytest.approx(result.chance_per_factor, abs=0.2)
    for values in (result.per_latent, result.latent_share, result.completeness_per_factor):
        assert np.isfinite(values).all()


# ---------------------------------------------------------------------------------------------------- learners


def seed_of(rng):
    return int(np.random.default_rng(rng).integers(2**32))


@pytest.mark.parametrize("kind", ["categorical", "continuous", "circular"])
def test_forests_are_scikit_learns(kind):
    rng = np.random.default_rng(2)
    latents = rng.normal(size=(90, 3))
    values = np.round(latents[:, 0] + 0.3 * rng.normal(size=90))
    factors = dm.Factors(np.column_stack([values, rng.integers(0, 2, 90)]), kinds={0: kind})
    found = importance(latents, factors, learner="forest", n_trees=8, max_depth=3, rng=4)
    trial = trials.prepare_trial(as_labelled(latents, factors), 0, 10_000, 5_000, seed_of(4))
    options = {"n_estimators": 8, "max_depth": 3, "random_state": seed_of(4)}
    train, test = trial.standardised()
    if kind == "categorical":
        model = RandomForestClassifier(**options).fit(train, trial.labels)
        score = np.mean(model.predict(test) == trial.test_labels)
    else:
        model = RandomForestRegressor(**options).fit(train, trial.quantities.squeeze())
        predicted, truth = model.predict(test).reshape(len(test), -1), trial.test_quantities
        score = 1 - ((predicted - truth) ** 2).sum() / ((truth - truth.mean(axis=0)) ** 2).sum()
    assert found.importance[:, 0] == pytest.approx(model.feature_importances_, abs=1e-12)
    assert found.held_out[0] == pytest.approx(score, abs=1e-12)


def test_linear_models_are_scikit_learns_on_standardised_columns():
    rng = np.random.default_rng(2)
    latents = rng.normal(size=(90, 3)) * [1.0, 100.0, 0.01] + [0.0, 1e4, 0.0]
    labels = np.searchsorted([-0.5, 0.5], latents[:, 0] + 0.3 * rng.normal(size=90))
    factors = dm.Factors(np.column_stack([labels, latents[:, 2] + latents[:, 0]]), kinds={1: "continuous"})
    lasso = importance(latents, factors.select([1]), learner="lasso", alpha=0.1, rng=4)
    trial = trials.prepare_trial(as_labelled(latents, factors), 1, 10_000, 5_000, seed_of(4))
    z = (trial.train - trial.train.mean(axis=0)) / trial.train.std(axis=0)
    assert trial.quantities.mean() == pytest.approx(0.0, abs=1e-12)
    assert trial.quantities.std() == pytest.approx(1.0)
    model = Lasso(alpha=0.1).fit(z, trial.quantities[:, 0])
    assert lasso.importance[:, 0] == pytest.approx(np.abs(model.coef_), abs=1e-4)
    logistic = importance(latents, factors.select([0]), learner="logistic", inverse_penalty=0.5, rng=4)
    trial = trials.prepare_trial(as_labelled(latents, factors), 0, 10_000, 5_000, seed_of(4))
    z = (trial.train - trial.train.mean(axis=0)) / trial.train.std(axis=0)
    model = LogisticRegression(C=0.5, max_iter=1000).fit(z, trial.labels)
    assert logistic.importance[:, 0] == pytest.approx(np.abs(model.coef_).mean(axis=0), abs=1e-2)


def test_angles_are_places_on_the_circle():
    rng = np.random.default_rng(3)
    angle = rng.uniform(-np.pi, np.pi, size(600, 60))
    latents = np.column_stack([np.cos(angle), np.sin(angle), rng.normal(size=len(angle))])
    factors = dm.Factors(np.column_stack([angle, angle + 2 * np.pi]), kinds="circular")
    for learner, options in (("boosting", FEW_TREES), ("forest", FEW_TREES), ("lasso", {})):
        found = importance(latents, factors, learner=learner, rng=0, **options)
        assert found.importance[:, 1] == pytest.approx(
            found.importance[:, 0], abs=0.05
        )  # up to rounding, a turn more is nothing
        assert found.importance[0, 0] == pytest.approx(found.importance[1, 0], rel=size(4, 8) / 10)
        assert found.importance[2, 0] < 0.2 * found.importance[0, 0]
        assert found.held_out[0] > size(80, 10) / 100


def test_single_precision_is_what_scikit_learn_sees():
    # At an offset of 1e6 float32 knows steps of 1/16 only; the default sees the values as they are.
    labels = np.tile(np.indices((2, 2)).reshape(2, -1).T, (50, 1))
    latents = labels * 1e-3 + 1e6
    sharp = importance(latents, labels, rng=0, n_trees=2)
    assert sharp.held_out == pytest.approx([1.0, 1.0])
    blurred = importance(latents, labels, rng=0, n_trees=2, precision="single")
    assert not blurred.importance.any()
    assert dm.dci(latents, labels, rng=0, preset="disentanglement_lib", n_trees=2).importance.max() == 0
    assert dm.dci(latents, labels, rng=0, preset="dent", n_trees=2).score == 1.0


def test_presets_are_these_settings():
    assert dm.dci(GRID, GRID, preset="disentanglement_lib", n_trees=2, rng=0).settings == {
        "learner": "boosting",
        "n_train": 10_000,
        "n_test": 5_000,
        "n_trees": 2,
        "learning_rate": 0.1,
        "precision": "single",
        "seed": 0,
        "preset": "disentanglement_lib",
    }
    assert dm.dci(GRID, GRID, preset="eastwood2018", kinds="ordinal", rng=0).settings["alpha"] == 0.02


REFUSED = {
    "learner": ({"learner": "tree"}, r"learner='tree'.*'boosting'"),
    "no part": ({"learner": "boosting", "alpha": 0.1}, r"alpha=0.1 has no part in learner='boosting'"),
    "depth of boosting": ({"max_depth": 3}, r"max_depth=3 has no part"),
    "trees": ({"n_trees": 0}, r"n_trees=0"),
    "rows": ({"n_train": 2.5}, r"n_train=2.5"),
    "rate": ({"learning_rate": -0.1}, r"learning_rate=-0.1"),
    "precision": ({"precision": "half"}, r"precision='half'.*'single'"),
    "unknown": ({"n_tree": 3}, r"n_tree'.*n_trees"),
    "preset": ({"preset": "ubisoft"}, r"preset='ubisoft'.*'eastwood2018'"),
    "lasso of labels": ({"learner": "lasso"}, r"'factor_0' is categorical.*logistic.*ordinal"),
    "logistic of quantities": ({"learner": "logistic", "kinds": "continuous"}, r"'factor_0' is continuous.*lasso"),
    "seed": ({"rng": "x"}, r"rng='x'"),
}


@pytest.mark.parametrize(("options", "message"), REFUSED.values(), ids=REFUSED)
def test_bad_settings_are_refused(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        dm.dci(GRID, GRID, **options)


@pytest.mark.parametrize("capacities", [(), (3,), (2, 2), (3, 1), 4])
def test_capacities_must_increase(capacities):
    with pytest.raises(ValueError, match=r"capacities=.*increase"):
        dm.dci_es(GRID, GRID, capacities=capacities)


# ----------------------------------------------------------------------------------------------- rows and weights


@given(st.lists(st.integers(0, 4), min_size=2, max_size=80), st.integers(1, 60), st.integers(1, 60), st.integers(0, 99))
def test_rows_are_split_in_proportion(strata, n_train, n_test, seed):
    strata = np.array(strata)
    train, test = split.split_rows(strata, n_train, n_test, np.random.default_rng(seed))
    n = len(strata)
    assert len(np.intersect1d(train, test)) == 0
    assert len(np.unique(train)) == len(train) <= n_train
    assert len(np.unique(test)) == len(test) <= n_test
    assert min(len(train), len(test)) >= 1
    if n >= n_train + n_test:
        assert (len(train), len(test)) == (n_train, n_test)
    else:
        assert len(train) + len(test) == n
        assert abs(len(train) - n * n_train / (n_train + n_test)) <= 1
    sizes = np.bincount(strata, minlength=5)
    assert (np.abs(np.bincount(strata[train], minlength=5) - sizes * len(train) / n) < 1 + 1e-9).all()


@every_learner
def test_missing_labels_leave_their_factor_only(options):
    missing = np.random.default_rng(1).random(WIDE.shape) < [0.3, 0.0, 0.0]
    kinds = options.get("kinds")
    options = {name: value for name, value in options.items() if name != "kinds"}
    known = dm.Factors(WIDE, kinds=kinds)
    some = dm.Factors(np.where(missing, np.nan, WIDE), missing="nan", kinds=kinds)
    whole, partial = (importance(WIDE + 0.5 * NOISE, each, rng=0, **options) for each in (known, some))
    assert np.array_equal(whole.importance[:, 1:], partial.importance[:, 1:])
    kept = ~missing[:, 0]
    alone = importance(WIDE[kept] + 0.5 * NOISE[kept], known.take(kept).select([0]), rng=0, **options)
    assert np.array_equal(alone.importance[:, 0], partial.importance[:, 0])
    assert (alone.held_out[0], alone.chance[0]) == (partial.held_out[0], partial.chance[0])
    assert partial.n_train[0] + partial.n_test[0] == kept.sum()


@every_learner
def test_weights_count(options):
    latents = WIDE + 0.8 * NOISE
    plain = dm.dci(latents, WIDE, rng=0, **options)
    for unit in (1e-300, 7.0, 1e300):
        one = dm.dci(latents, WIDE, weights=np.full(len(WIDE), unit), rng=0, **options)
        assert one.importance == pytest.approx(plain.importance, abs=1e-4)
        assert one.informativeness == pytest.approx(plain.informativeness, abs=1e-4)
    kept = np.random.default_rng(2).random(len(WIDE)) < 0.7
    dropped = dm.dci(latents[kept], WIDE[kept], rng=0, **options)
    zero = dm.dci(latents, WIDE, weights=kept.astype(float), rng=0, **options)
    assert zero.score == pytest.approx(dropped.score, abs=1e-4)
    # Rows of a heavy half are a code, those of a light half are not.
    mixed = np.where(np.arange(len(WIDE))[:, None] % 2 == 0, WIDE, NOISE)
    weights = np.where(np.arange(len(WIDE)) % 2 == 0, 1.0, 1e-6)
    assert dm.dci(mixed, WIDE, rng=0, weights=weights, **options).informativeness > plain.informativeness


def test_draws_of_a_sample_are_not_torn_apart():
    # Every sample has a place and a label of its own choice; seen from its other draws the label would be told.
    rng = np.random.default_rng(0)
    place, labels = rng.normal(size=(120, 2)), rng.integers(0, 2, (120, 2))
    posterior = dm.SampledPosterior(place + 1e-6 * rng.normal(size=(6, 120, 2)))
    result = dm.dci(posterior, labels, rng=0, n_trees=size(100, 5))
    assert result.informativeness < 0.7
    assert result.settings["n_train"] == 10_000


def test_a_factor_with_one_value_is_left_out_with_a_warning():
    factors = np.column_stack([GRID[:, 0], np.full(len(GRID), 7), GRID[:, 1]])
    for metric in (dm.dci, dm.dci_es):
        with pytest.warns(DegenerateDataWarning, match="factor_1"):
            result = metric(GRID, factors, n_trees=3, rng=0)
        assert result.score == metric(GRID, GRID, n_trees=3, rng=0).score
        each = result.completeness_per_factor if metric is dm.dci else result.per_factor
        assert np.isnan(each).tolist() == [False, True, False]
        with pytest.raises(ValueError, match=r"factor_0, factor_1.*more than one value"):
            metric(GRID, np.zeros((len(GRID), 2), int))
        with pytest.raises(ValueError, match=r"single factor, and only factor_0"):
            metric(GRID, np.column_stack([GRID[:, 0], np.zeros(len(GRID), int)]), n_trees=2)


def test_labels_that_are_not_in_the_rows_to_learn_from_count_as_errors():
    labels = np.zeros((40, 2), int)
    labels[0] = 1  # a single row, either learnt or tested
    found = importance(np.arange(80.0).reshape(40, 2), labels, rng=0, n_trees=2)
    assert (found.held_out <= 1).all()
    assert np.isfinite(found.importance).all()


@every_learner
@pytest.mark.parametrize("map_", [lambda z: z * 1e-6, lambda z: z * 1e250, lambda z: z + 2.0**20, lambda z: -z])
def test_units_and_offsets_do_not_matter(options, map_):
    latents = np.round((WIDE + 0.5 * NOISE) * 256) / 256  # exact at any of these offsets
    one, other = (dm.dci(z, WIDE, rng=0, **options) for z in (latents, map_(latents)))
    assert other.score == pytest.approx(one.score, abs=0.05 if options is LEARNERS["forest"] else 5e-3)


# --------------------------------------------------------------------------------------------------------- seeds


@pytest.mark.parametrize("metric", [dm.dci, dm.dci_es])
def test_seeds_decide(metric):
    latents = WIDE + NOISE
    options = {"n_trees": 3}
    one, same = (metric(latents, WIDE, rng=3, **options) for _ in range(2))
    assert one.to_dict() == same.to_dict()
    assert one.settings["seed"] == 3
    generator = metric(latents, WIDE, rng=np.random.default_rng(3), **options)
    assert np.array_equal(generator.importance, one.importance)
    assert metric(latents, WIDE, rng=4, **options).score != one.score
    # Adding a factor changes nothing of the others, nor does their order.
    alone = importance(latents, WIDE[:, [1]], rng=3, **options)
    assert np.array_equal(alone.importance[:, 0], importance(latents, WIDE, rng=3, **options).importance[:, 1])
    other = metric(latents, WIDE, rng=3, factor_subset=[2, 0], **options)
    turned = metric(latents, WIDE[:, [2, 0]], rng=3, **options)
    assert np.array_equal(other.importance, turned.importance)


def test_the_matrix_is_shared_between_metrics_by_seed_only():
    data = as_labelled(WIDE + NOISE, WIDE)
    options = {"n_trees": 2}
    one, same, other = (importance(data, data.factors, rng=seed, **options) for seed in (1, 1, 2))
    assert one is same
    assert one is not other
    assert importance(data, data.factors, rng=np.random.default_rng(1), **options) is not one


def test_evaluation_shows_dci_and_what_it_failed_on():
    evaluation = dm.evaluate(WIDE + NOISE, WIDE, metrics=["dci", "dci_es"], options={"dci": {"n_trees": 2}}, rng=0)
    assert evaluation["dci"].score == dm.dci(WIDE + NOISE, WIDE, n_trees=2, rng=0).score
    failed = dm.evaluate(WIDE, WIDE[:, 0], metrics=["dci"], errors="report")
    assert "single factor" in failed["dci"].error


@pytest.mark.parametrize("settings", [{"learner": "lasso", "kinds": "ordinal"}, {"learner": "logistic"}])
def test_coefficients_move_with_their_latents(settings):
    rng = np.random.default_rng(5)
    factors = rng.integers(0, 4, (80, 3))
    code = (factors @ rng.normal(size=(3, 4)) + 0.3 * rng.normal(size=(80, 4))).astype(float)
    plain = dm.dci(code, factors, rng=3, **settings)
    order = rng.permutation(4)
    assert dm.dci(code[:, order], factors, rng=3, **settings).importance == pytest.approx(
        plain.importance[order], abs=0.01
    )


def test_boosting_knows_nothing_but_the_order():
    rng = np.random.default_rng(6)
    factors = rng.integers(0, 4, (60, 2))
    code = factors @ rng.normal(size=(2, 3)) + 0.3 * rng.normal(size=(60, 3))
    ranks = np.argsort(np.argsort(code, axis=0), axis=0)
    one, other = (dm.dci(z, factors, n_trees=3, rng=3) for z in (code, ranks))
    # Rows in between that were not learnt from may fall to the other side of a threshold.
    assert one.importance == pytest.approx(other.importance, abs=1e-12)
