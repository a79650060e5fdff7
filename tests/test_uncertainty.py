"""Confidence intervals and chance levels: the arithmetic, what they must not depend on, and whether they hold."""

import json
import warnings

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import dismetrics as dm
from dismetrics.posteriors.apart import latents_apart
from dismetrics.registry import MetricSpec
from dismetrics.scoring import Sample, Scored, selection
from dismetrics.scoring.call import Call
from dismetrics.uncertainty import Parts, error_of, score_parts
from odd_data import CHEAPER
from sizes import size


def _data(n=300, seed=0):
    rng = np.random.default_rng(seed)
    v = np.column_stack([rng.integers(0, 3, n), rng.integers(0, 5, n)])
    return v + 0.2 * rng.normal(size=v.shape), dm.Factors(v, names=["shape", "size"])


def mean_of_first(latents, factors):
    return float(latents[:, 0].mean())


def squared_correlation(latents, factors):
    return float(np.corrcoef(latents[:, 0], factors.codes[:, 0])[0, 1] ** 2)


def largest_correlation(latents):
    matrix = np.abs(np.corrcoef(latents.T))
    return float(matrix[np.triu_indices(len(matrix), 1)].max())


# ------------------------------------------------------------------------------------------------------ arithmetic


@pytest.mark.parametrize(("growth", "wanted"), [(2.0, 0.5), (4.0, 0.25), (1.0, 1.0), (0.3, 1.0), (9.0, 0.25)])
def test_the_variance_goes_on_by_the_power_law_of_halves_and_quarters(growth, wanted):
    rng = np.random.default_rng(0)
    halves = rng.normal(size=(64, 2, 1))
    quarters = rng.normal(size=(16, 4, 1))
    of_half = np.mean((halves[:, 0] - halves[:, 1]) ** 2) / 2
    quarters *= np.sqrt(growth * of_half / quarters.var(axis=1, ddof=1).mean())
    error = error_of(Parts(halves, quarters))
    assert error.standard_error[0] ** 2 == pytest.approx(wanted * of_half)
    assert error.half_mean[0] == pytest.approx(halves.mean())
    # 64 differences and 16 times three degrees of freedom: 1 / (4/64 + 1/48).
    assert error.degrees_of_freedom == pytest.approx(12.0)


def test_scores_that_never_move_have_no_error():
    error = error_of(Parts(np.full((8, 2, 1), 0.7), np.full((2, 4, 1), 0.7)))
    assert error.standard_error[0] == 0.0


def test_the_error_of_a_mean_is_the_textbooks():
    z = np.random.default_rng(1).normal(size=(2000, 2))
    interval = dm.confidence_interval(mean_of_first, z, np.zeros(2000, int), n_resamples=400, rng=0)
    assert interval.standard_error == pytest.approx(z[:, 0].std() / np.sqrt(2000), rel=0.15)
    assert abs(interval.bias) < interval.standard_error


def test_parts_are_disjoint_and_share_their_rows_among_metrics():
    seen = []

    def first_column(latents, factors):
        seen.append(latents[:, 0].copy())
        return 0.0

    z = np.arange(90.0).reshape(45, 2)
    sample = Sample.of(z, np.arange(45) % 3)
    scored = [Scored.of(Call(selection.the_metric(f)), sample, 0) for f in (first_column, mean_of_first)]
    seen.clear()
    parts, errors = score_parts(sample, scored, 8, seed=3, n_jobs=None)
    assert errors == {}
    assert [len(rows) for rows in seen] == [22] * 16 + [11] * 8
    for first, second in zip(seen[:16:2], seen[1:16:2], strict=True):
        assert not set(first) & set(second)
        assert (np.diff(first) > 0).all()
    # The second metric had the same rows.
    of_mean = np.array([rows.mean() for rows in seen[:16]]).reshape(8, 2)
    assert np.allclose(parts["mean_of_first"].halves[:, :, 0], of_mean)


def test_the_interval_holds_its_score_where_counts_are_thin():
    rng = np.random.default_rng(0)
    z, v = rng.uniform(size=(1000, 1)), rng.integers(0, 40, 1000)

    def information(latents, factors):
        return float(dm.estimators.mutual_information(latents, factors).mutual_information[0, 0])

    interval = dm.confidence_interval(information, z, v, rng=0)
    assert interval.score == pytest.approx(0.44, abs=0.03)
    assert interval.low < interval.score < interval.high
    assert interval.high - interval.low < 0.15
    # Half the rows have about twice the bias, which is 0.37 to first order.
    assert 0.25 < interval.bias < 0.45


def test_ends_stay_within_the_range_of_the_metric():
    z, factors = _data()
    noise = dm.confidence_interval("mig", np.random.default_rng(0).normal(size=z.shape), factors, rng=0)
    assert 0.0 <= noise.low <= noise.score <= noise.high
    perfect = dm.confidence_interval("mig", factors.codes, factors, rng=0)
    assert perfect.low <= perfect.score <= perfect.high <= 1.0


# --------------------------------------------------------------------------------------- what nothing may depend on


def test_results_depend_on_the_seed_and_not_on_jobs_or_other_metrics():
    z, factors = _data()
    for function, settings in ((dm.confidence_interval, {"n_resamples": 8}), (dm.chance_level, {"n_permutations": 39})):
        one = function("mig", z, factors, rng=5, **settings)
        assert one.to_dict() == function(dm.mig, z, factors, rng=5, n_jobs=2, **settings).to_dict()
        assert one.to_dict() != function("mig", z, factors, rng=6, **settings).to_dict()
    evaluation = dm.evaluate(
        z, factors, metrics="fast", intervals=True, chance=True, n_resamples=8, n_permutations=39, rng=5
    )
    alone = dm.confidence_interval("mig", z, factors, n_resamples=8, rng=5)
    assert evaluation.intervals["mig"].to_dict() == alone.to_dict()
    assert evaluation.chance["mig"].to_dict() == one.to_dict()
    assert evaluation["mig"].score == alone.score == one.score


def test_parts_are_scored_with_one_thread_of_linear_algebra():
    z, factors = _data()
    counts = []

    def threads(latents, factors):
        counts.append([each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"])
        return 0.5

    with threadpool_limits(2, user_api="blas"):
        dm.confidence_interval(threads, z, factors, n_resamples=8, rng=0)
        after = [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]
    assert set(counts[0]) == set(after) == {2}
    assert all(set(of_part) == {1} for of_part in counts[1:])


def test_seeds_of_a_random_function_are_part_of_its_interval():
    z, factors = _data()

    def coin(latents, factors, rng=None):
        return float(np.random.default_rng(rng).normal())

    interval = dm.confidence_interval(coin, z, factors, n_resamples=200, rng=0)
    # More rows do not lessen it: the law's exponent is zero.
    assert interval.standard_error == pytest.approx(1.0, rel=0.3)
    assert interval.score == coin(z, factors, rng=0)


def test_weights_and_missing_labels_go_with_their_rows():
    z, factors = _data()
    weights = np.where(np.arange(300) % 2, 0.0, 1.0)
    for function, settings in ((dm.confidence_interval, {"n_resamples": 8}), (dm.chance_level, {"n_permutations": 39})):
        weighted = function("mig", z, factors, weights=weights, rng=1, **settings)
        halved = function("mig", z[::2], factors.take(np.arange(0, 300, 2)), rng=1, **settings)
        # Rows of weight zero are as good as absent.
        assert weighted.score == pytest.approx(halved.score)
        assert weighted.low == pytest.approx(halved.low)
    partly = dm.Factors(np.where(np.arange(300)[:, None] % 3 == [0, 1], np.nan, factors.codes), missing="nan")
    order = np.random.default_rng(0).permutation(300)
    permuted = Sample.of(z, partly).with_factors_in_order(order).factors
    assert np.array_equal(permuted.missing, partly.missing[order])
    assert np.array_equal(permuted.codes, partly.codes[order])
    heavy = Sample.of(z, partly.with_weights(np.arange(1.0, 301.0))).with_factors_in_order(order)
    assert np.array_equal(heavy.factors.weights, np.arange(1.0, 301.0)[order])
    assert np.isfinite(dm.chance_level("mig", z, partly, n_permutations=39, rng=0).mean)


@pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning")
def test_posteriors_are_taken_apart_as_points_are():
    z, factors = _data(120)
    posterior = dm.GaussianPosterior.from_scale(z, np.full_like(z, 0.4))
    interval = dm.confidence_interval("mig", posterior, factors, n_resamples=8, rng=0)
    chance = dm.chance_level("mig", posterior, factors, n_permutations=39, rng=0)
    assert interval.score == dm.mig(posterior, factors).score == chance.score
    assert chance.high < interval.low


POSTERIORS = {
    "gaussian": lambda code: dm.GaussianPosterior.from_scale(code, 0.1 + code**2),
    "laplace": lambda code: dm.LaplacePosterior(code, 0.1 + code**2),
    "bernoulli": lambda code: dm.BernoulliPosterior(1 / (1 + np.exp(-code))),
    "categorical": lambda code: dm.CategoricalPosterior(
        np.stack([1 / (1 + np.exp(-code)), 1 / (1 + np.exp(code))], axis=2)
    ),
    "sampled": lambda code: dm.SampledPosterior(np.stack([code, code + 1])),
}


@pytest.mark.parametrize("family", POSTERIORS)
def test_latents_of_posteriors_are_put_apart_each_by_itself(family):
    rng = np.random.default_rng(0)
    code = rng.normal(size=(7, 3))
    orders = np.column_stack([rng.permutation(7) for _ in range(3)])
    posterior = POSTERIORS[family](code)
    apart = latents_apart(posterior, orders)
    expected = np.take_along_axis(posterior.point_codes(), orders, axis=0)
    assert np.allclose(apart.point_codes(), expected)
    assert type(apart) is type(posterior)
    if family != "sampled":
        assert np.allclose(apart.entropy(), np.take_along_axis(posterior.entropy(), orders, axis=0))


def test_a_density_of_ones_own_goes_along_and_a_class_of_ones_own_is_refused():
    code = np.arange(6.0).reshape(3, 2)

    def log_density(z, latent):
        return -0.5 * (z[:, None] - code[:, latent]) ** 2

    orders = np.array([[2, 0], [0, 1], [1, 2]])
    apart = latents_apart(dm.SampledPosterior(code[None], log_density), orders)
    assert np.array_equal(apart.log_density(np.array([4.0]), 0)[0], log_density(np.array([4.0]), 0)[0, orders[:, 0]])

    class Own(dm.GaussianPosterior):
        __slots__ = ()

    class Stranger:
        n_samples, n_latents = 3, 2

    latents_apart(Own(code, code), orders)
    with pytest.raises(TypeError, match="latents of a Stranger cannot be permuted"):
        latents_apart(Stranger(), orders)


# ----------------------------------------------------------------------------------------------- what is not defined


def test_a_full_grid_has_no_interval_unless_it_is_said_to_be_a_sample():
    grid = np.indices((4, 5, 4)).reshape(3, -1).T
    z = grid + 0.3 * np.random.default_rng(0).normal(size=grid.shape)
    with pytest.raises(ValueError, match=r"full grid of the factors' values.*population='rows'"):
        dm.confidence_interval("mig", z, grid)
    taken = dm.confidence_interval("mig", z, grid, population="rows", n_resamples=8, rng=0)
    assert taken.low <= taken.score <= taken.high
    evaluation = dm.evaluate(z, grid, metrics="mig", intervals=True)
    assert "full grid" in evaluation.rows()[0]["note"]
    assert evaluation.rows()[0]["low"] is None
    assert "full grid" in str(evaluation)
    assert "full grid" in json.loads(evaluation.to_json())["intervals"]["mig"]["omitted"]
    # One combination twice, another not at all: rows were drawn.
    drawn = grid.copy()
    drawn[0] = grid[1]
    assert not Sample.of(z, drawn).is_full_grid
    assert not Sample.of(np.tile(z, (2, 1)), np.tile(grid, (2, 1))).is_full_grid
    assert not Sample.of(z, grid[:, 0] / 3, kinds="continuous").is_full_grid


def test_too_few_rows_or_resamples_are_named():
    z, factors = _data(39)
    with pytest.raises(ValueError, match="there are 39 rows; at least 40"):
        dm.confidence_interval("mig", z, factors)
    z, factors = _data()
    with pytest.raises(ValueError, match="n_resamples=7"):
        dm.confidence_interval("mig", z, factors, n_resamples=7)
    with pytest.raises(ValueError, match=r"n_permutations=38; a band of level 0.95 needs at least 39"):
        dm.chance_level("mig", z, factors, n_permutations=38)
    for function in (dm.confidence_interval, dm.chance_level):
        with pytest.raises(ValueError, match="level=1"):
            function("mig", z, factors, level=1.0)
        with pytest.raises(ValueError, match="neither a metric"):
            function("mug", z, factors)
        with pytest.raises(ValueError, match="group of metrics"):
            function("fast", z, factors)
        with pytest.raises(TypeError, match="metric=3"):
            function(3, z, factors)
        with pytest.raises(ValueError, match=r"mig:? needs factors"):
            function("mig", z)
    with pytest.raises(ValueError, match="population="):
        dm.confidence_interval("mig", z, factors, population="grid")
    with pytest.raises(ValueError, match="null="):
        dm.chance_level("mig", z, factors, null="rows")


def test_a_metric_that_fails_on_a_part_says_so():
    z, factors = _data()

    def choosy(latents, factors):
        if len(latents) < 100:
            raise RuntimeError("too few")
        return 0.5

    with pytest.raises(ValueError, match=r"choosy: no interval: of its quarters, 8 of 8 .*RuntimeError: too few"):
        dm.confidence_interval(choosy, z, factors, n_resamples=8, rng=0)
    with pytest.raises(ValueError, match="choosy: no interval"):
        dm.evaluate(z, factors, metrics=choosy, intervals=True, n_resamples=8)
    evaluation = dm.evaluate(z, factors, metrics=[choosy, "mig"], intervals=True, n_resamples=8, errors="report", rng=0)
    rows = {row["metric"]: row for row in evaluation.rows()}
    assert rows["choosy"]["score"] == 0.5
    assert rows["choosy"]["low"] is None
    assert "too few" in rows["choosy"]["note"]
    assert rows["mig"]["low"] < rows["mig"]["score"]


def test_warnings_of_parts_are_told_once_and_only_if_the_rows_gave_none():
    z, factors = _data()

    def wary(latents, factors):
        if len(latents) < 300:
            warnings.warn("few rows", dm.warnings.DegenerateDataWarning, stacklevel=2)
        return 0.5

    with pytest.warns(dm.warnings.DegenerateDataWarning) as caught:
        dm.confidence_interval(wary, z, factors, n_resamples=8, rng=0)
    assert [str(each.message) for each in caught] == [
        "wary: 16 of 16 half samples gave this warning: few rows",
        "wary: 8 of 8 quarter samples gave this warning: few rows",
    ]
    constant = dm.Factors(np.column_stack([factors.codes, np.zeros(300, int)]))
    with pytest.warns(dm.warnings.DegenerateDataWarning) as caught:
        interval = dm.confidence_interval("mig", z, constant, n_resamples=8, rng=0)
    assert len(caught) == 1
    assert np.isnan(interval.low_per_factor[2])
    assert interval.to_dict()["low_per_factor"][2] is None


# ------------------------------------------------------------------------------------------------------------ chance


def test_the_band_has_the_ranks_of_the_permuted_scores():
    n = 50
    z, v = np.arange(float(n))[:, None], np.arange(n) % 2
    chance = dm.chance_level(squared_correlation, z, v, n_permutations=39, rng=4)
    scores = []
    for i in range(39):
        order = np.random.default_rng([4, 3, i]).permutation(n)
        scores.append(np.corrcoef(z[:, 0], v[order])[0, 1] ** 2)
    assert chance.low == pytest.approx(min(scores))
    assert chance.high == pytest.approx(max(scores))
    assert chance.mean == pytest.approx(np.mean(scores))
    below = 1 + np.sum(np.array(scores) <= chance.score)
    above = 1 + np.sum(np.array(scores) >= chance.score)
    assert chance.p_value == pytest.approx(min(1.0, 2 * min(below, above) / 40))
    assert np.isnan(chance.adjusted)  # the best score of a function of one's own is not known


def test_adjusted_scores_are_zero_at_chance_and_one_at_best():
    z, factors = _data()
    chance = dm.chance_level("mig", z, factors, n_permutations=39, rng=0)
    assert chance.adjusted == pytest.approx((chance.score - chance.mean) / (1 - chance.mean))
    for k in range(2):
        room = 1 - chance.mean_per_factor[k]
        assert chance.adjusted_per_factor[k] == pytest.approx((chance.per_factor[k] - chance.mean_per_factor[k]) / room)
    assert chance.p_value == pytest.approx(2 / 40)


def test_latents_alone_are_permuted_each_by_itself():
    rng = np.random.default_rng(0)
    shared = rng.normal(size=(200, 1))
    tied = dm.chance_level(largest_correlation, shared + 0.5 * rng.normal(size=(200, 3)), n_permutations=39, rng=0)
    assert tied.settings["null"] == "latents"
    assert tied.score > 0.5 > tied.high
    # Of factors, that metric would see nothing.
    with pytest.raises(ValueError, match="no factors to permute"):
        dm.chance_level(largest_correlation, shared, null="factors")
    with pytest.raises(ValueError, match="weights behind"):
        dm.chance_level(lambda latents, weights: 0.5, shared, weights=np.ones(200))


@pytest.mark.filterwarnings("ignore::dismetrics.warnings.DismetricsWarning")  # a quarter of the rows is very few
@pytest.mark.parametrize("spec", dm.METRICS, ids=[spec.name for spec in dm.METRICS])
def test_every_metric_has_intervals_and_chance_levels_by_its_specification_alone(spec):
    latents, factors = _data(120)
    if spec.needs == "posteriors":
        latents = dm.GaussianPosterior.from_scale(latents, np.full_like(latents, 0.4))
    evaluation = dm.evaluate(
        latents, factors if spec.supervised else None, metrics=spec.name, rng=1, level=0.5, intervals=True,
        n_resamples=8, chance=True, n_permutations=3,
        options={spec.name: CHEAPER.get(spec.name, {})},
    )  # fmt: skip
    rows = evaluation.rows()
    assert [row["metric"] for row in rows] == [spec.name, *(f"{spec.name}.{number}" for number in spec.numbers)]
    for row in rows:
        assert row["error"] is row["note"] is None
        assert row["low"] <= row["score"] <= row["high"]
        assert row["chance low"] <= row["chance"] <= row["chance high"]
        assert np.isfinite(row["adjusted"]) == spec.supervised
    assert evaluation.chance[spec.name].settings["null"] == spec.null


def test_ends_of_further_numbers_are_not_cut_off():
    rng = np.random.default_rng(0)
    interval = dm.confidence_interval("explicitness", rng.normal(size=(80, 2)), np.arange(80) % 2, n_resamples=8, rng=0)
    assert interval.numbers["chance_scaled"]["low"] < min(0.0, interval.numbers["chance_scaled"]["score"])
    assert interval.low >= 0.0


def test_a_metric_without_a_null_has_no_chance_level(monkeypatch):
    def plain(latents, factors):
        return 0.5

    spec = MetricSpec(
        name="plain", function=plain, title="", paper="", lowest=0.0, highest=1.0, higher_is_better=True, chance="",
        needs="points", cost="", groups=("fast",), null="none",
    )  # fmt: skip
    monkeypatch.setattr(selection, "METRICS", (*selection.METRICS, spec))
    z, factors = _data()
    with pytest.raises(ValueError, match="plain: no chance level: no permutation"):
        dm.chance_level("plain", z, factors)
    evaluation = dm.evaluate(z, factors, metrics=["plain", "mig"], chance=True, n_permutations=39)
    assert [row["chance"] is None for row in evaluation.rows()] == [True, False]
    assert "no permutation" in evaluation.rows()[0]["note"]


# ------------------------------------------------------------------------------------------------- do they hold?


def split_means(z, rng, n_parts, n_splits):
    """Means of the columns in the parts of the rows, (n_splits, n_parts, n_columns)."""
    order = rng.permuted(np.tile(np.arange(len(z)), (n_splits, 1)), axis=1)
    return z[order].reshape(n_splits, n_parts, -1, z.shape[1]).mean(axis=2)


SCORES = {
    "linear": (lambda mean: mean.mean(axis=-1), 0.0),
    "one square of noise": (lambda mean: mean[..., 0] ** 2, 0.0),
    "three squares of noise": (lambda mean: (mean[..., :3] ** 2).sum(axis=-1), 0.0),
    "smooth": (lambda mean: (mean**2).sum(axis=-1), 0.6),
    "largest of noise": (lambda mean: np.abs(mean).max(axis=-1), 0.0),
}


@pytest.mark.parametrize("name", SCORES)
def test_intervals_hold_the_expected_score(name):
    """Functions of the means of ten columns, whose expected value at this number of rows is simulated."""
    score, place = SCORES[name]
    rng = np.random.default_rng(0)
    expected = score(place + rng.normal(size=(100_000, 10)) / np.sqrt(128)).mean()
    held = []
    for _ in range(400):
        z = place + rng.normal(size=(128, 10))
        halves, quarters = (score(split_means(z, rng, n, count)) for n, count in ((2, 64), (4, 16)))
        error = error_of(Parts(halves[..., None], quarters[..., None]))
        held.append(abs(score(z.mean(axis=0)) - expected) <= error.margin(0.95)[0])
    assert 0.90 <= np.mean(held) <= 0.98


def test_intervals_of_mig_hold_the_expected_score():
    rows, sets = 200, size(80, 8)

    def drawn(seed):
        rng = np.random.default_rng(seed)
        v = np.column_stack([rng.integers(0, 3, rows), rng.integers(0, 4, rows)])
        return v @ np.array([[1.0, 0.3], [0.0, 1.0]]) + 0.4 * rng.normal(size=v.shape), v

    expected = np.mean([dm.mig(*drawn(seed)).score for seed in range(10_000, 10_000 + size(1000, 50))])
    intervals = [dm.confidence_interval("mig", *drawn(seed), n_resamples=32, rng=seed) for seed in range(sets)]
    held = np.mean([interval.low <= expected <= interval.high for interval in intervals])
    # Two standard errors of this simulation below the 90 % that hold for many data sets.
    assert held >= size(0.84, 0.6)
    scatter = np.std([interval.score for interval in intervals])
    error = np.sqrt(np.mean([interval.standard_error**2 for interval in intervals]))
    assert error == pytest.approx(scatter, rel=size(0.35, 2.0))


def test_noise_leaves_its_chance_band_as_often_as_said():
    sets = size(200, 10)
    out = {"mig": 0, "mig_sup": 0}
    for seed in range(sets):
        rng = np.random.default_rng([11, seed])
        v = np.column_stack([rng.integers(0, 3, 60), rng.integers(0, 4, 60)])
        evaluation = dm.evaluate(
            rng.normal(size=(60, 3)), v, metrics=list(out), chance=True, n_permutations=39, rng=seed
        )
        for name, chance in evaluation.chance.items():
            out[name] += not chance.low <= chance.score <= chance.high
    for count in out.values():
        assert size(0.01, 0.0) <= count / sets <= size(0.10, 0.40)
