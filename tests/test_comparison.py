"""compare() and rank_agreement(): paired differences, runs, models that differ in kind, and the order of models."""

import csv
import io
import json

import numpy as np
import pytest
from scipy import stats

import dismetrics as dm
from dismetrics.comparison.variance import Measured, difference, estimate
from dismetrics.uncertainty import Parts
from sizes import size

FEW = {"n_resamples": 8, "rng": 0}


def _models(n=300, seed=0):
    rng = np.random.default_rng(seed)
    v = np.column_stack([rng.integers(0, 3, n), rng.integers(0, 5, n)])
    clean = v + 0.2 * rng.normal(size=v.shape)
    return {"clean": clean, "mixed": clean @ np.array([[1.0, 0.4], [-0.4, 1.0]])}, dm.Factors(v, names=["shape", "x"])


def spread(latents, factors):
    return float(latents.std())


# -------------------------------------------------------------------------------------------------------- differences


def test_scores_and_intervals_are_those_of_each_model_alone():
    models, factors = _models()
    comparison = dm.compare(models, factors, metrics=["mig", "mig_sup"], **FEW)
    assert [(row["metric"], row["model"]) for row in comparison.scores] == [
        (metric, model) for metric in ("mig", "mig_sup") for model in models
    ]
    for row in comparison.scores:
        alone = dm.confidence_interval(row["metric"], models[row["model"]], factors, **FEW)
        assert row["score"] == alone.score
        assert row["row_error"] == pytest.approx(alone.standard_error)
        assert row["over"] == "rows"
        assert row["n_runs"] == 1
    for row in comparison.differences:
        scores = {r["model"]: r["score"] for r in comparison.scores if r["metric"] == row["metric"]}
        assert row["difference"] == pytest.approx(scores[row["first"]] - scores[row["second"]])
        assert row["low"] <= row["difference"] <= row["high"]


def test_equal_models_do_not_differ_at_all():
    models, factors = _models()
    row = dm.compare({"one": models["mixed"], "other": models["mixed"].copy()}, factors, metrics="mig", **FEW)
    assert [row.differences[0][key] for key in ("difference", "low", "high", "row_error")] == [0.0, 0.0, 0.0, 0.0]


def test_what_the_rows_do_to_both_drops_out():
    models, factors = _models()
    shifted = models["clean"] + 0.001 * np.random.default_rng(1).normal(size=(300, 2))
    comparison = dm.compare({"one": models["clean"], "other": shifted}, factors, metrics="mig", **FEW)
    errors = [row["row_error"] for row in comparison.scores]
    assert comparison.differences[0]["row_error"] < 0.6 * min(errors)


def test_paired_intervals_hold_the_expected_difference():
    sets, held = size(80, 20), 0
    for seed in range(sets):
        rng = np.random.default_rng(seed)
        z = rng.normal(size=(80, 1))
        other = 1.2 * z + 0.3 * rng.normal(size=z.shape)

        def first_moment(latents, factors):
            return float(latents[:, 0].mean())

        comparison = dm.compare(
            {"a": z + 0.1, "b": other}, np.arange(80) % 2, metrics=first_moment, n_resamples=24, rng=seed
        )
        held += comparison.differences[0]["low"] <= 0.1 <= comparison.differences[0]["high"]
    # Two standard errors of this simulation.
    assert held / sets >= size(0.88, 0.75)


def test_all_pairs_or_those_with_a_baseline():
    models, factors = _models()
    models["noise"] = np.random.default_rng(3).normal(size=(300, 4))
    pairs = {(row["first"], row["second"]) for row in dm.compare(models, factors, metrics="mig", **FEW).differences}
    assert pairs == {("clean", "mixed"), ("clean", "noise"), ("mixed", "noise")}
    to_noise = dm.compare(models, factors, metrics="mig", baseline="noise", **FEW).differences
    assert [(row["first"], row["second"]) for row in to_noise] == [("clean", "noise"), ("mixed", "noise")]


# --------------------------------------------------------------------------------------------------------------- runs


def test_runs_add_their_own_variance():
    rng = np.random.default_rng(0)
    parts = [Parts(rng.normal(size=(64, 2, 1)), rng.normal(size=(16, 4, 1)) * np.sqrt(2)) for _ in range(2)]
    first, second = rng.normal(size=(5, 1)), 1 + rng.normal(size=(8, 1))
    gap = difference(Measured(first, parts[0]), Measured(second, parts[1]), 0.95)
    assert gap.value[0] == pytest.approx(first.mean() - second.mean())
    assert gap.run_error[0] ** 2 == pytest.approx(first.var(ddof=1) / 5 + second.var(ddof=1) / 8)
    assert gap.over == "rows and runs"
    assert gap.of(0)["over"] == gap.over
    # Without rows it is Welch's interval.
    alone = difference(Measured(first, None), Measured(second, None), 0.95)
    welch = stats.ttest_ind(first[:, 0], second[:, 0], equal_var=False).confidence_interval(0.95)
    assert (alone.low[0], alone.high[0]) == pytest.approx((welch.low, welch.high))
    assert alone.over == "runs"
    mean = estimate(Measured(first, None), 0.95)
    half = stats.t.ppf(0.975, 4) * first.std(ddof=1) / np.sqrt(5)
    assert mean.high[0] - mean.value[0] == pytest.approx(half)
    # One run of the other model says nothing of the scatter of its runs.
    single = difference(Measured(first, parts[0]), Measured(second[:1], parts[1]), 0.95)
    assert single.over == "rows"
    nothing = difference(Measured(first, None), Measured(second[:1], None), 0.95)
    assert nothing.over == ""
    assert np.isnan(nothing.low[0])


def test_a_list_of_latents_is_a_list_of_runs():
    models, factors = _models()
    rng = np.random.default_rng(5)
    runs = {name: [z + 0.1 * rng.normal(size=z.shape) for _ in range(3)] for name, z in models.items()}
    comparison = dm.compare(runs, factors, metrics="mig", **FEW)
    for row in comparison.scores:
        assert row["score"] == pytest.approx(np.mean([dm.mig(z, factors).score for z in runs[row["model"]]]))
        assert (row["n_runs"], row["over"]) == (3, "rows and runs")
    assert len(comparison.runs["mig"]) == 6
    as_lists = dm.compare({name: z.tolist() for name, z in models.items()}, factors, metrics="mig", **FEW)
    assert [row["n_runs"] for row in as_lists.scores] == [1, 1]


def test_a_full_grid_leaves_the_runs_alone():
    grid = np.indices((4, 5, 4)).reshape(3, -1).T
    rng = np.random.default_rng(0)
    runs = {name: [grid + s * rng.normal(size=grid.shape) for _ in range(3)] for name, s in (("a", 0.3), ("b", 0.6))}
    comparison = dm.compare(runs, grid, metrics="mig", **FEW)
    assert comparison.differences[0]["over"] == "runs"
    assert "full grid" in comparison.note
    assert "full grid" in str(comparison)
    single = dm.compare({name: each[0] for name, each in runs.items()}, grid, metrics="mig", **FEW)
    assert np.isnan(single.differences[0]["low"])
    assert json.loads(single.to_json())["differences"][0]["low"] is None


# ---------------------------------------------------------------------------------------------------------- agreement


def test_rank_correlations_are_scipys():
    rng = np.random.default_rng(0)
    columns = {name: rng.integers(0, 6, 12).astype(float) for name in "abc"}  # with ties
    for statistic, function in (("kendall", stats.kendalltau), ("spearman", stats.spearmanr)):
        agreement = dm.rank_agreement(columns, statistic=statistic)
        for i, one in enumerate(columns.values()):
            for j, other in enumerate(columns.values()):
                assert agreement.coefficient[i, j] == pytest.approx(function(one, other).statistic)
        assert (agreement.low <= agreement.coefficient).all()
        assert (agreement.coefficient <= agreement.high).all()
        assert (agreement.low >= -1).all()
        assert (agreement.high <= 1).all()


def test_intervals_of_kendalls_tau_hold_it():
    # Bivariate normal scores of correlation r have tau = 2 arcsin(r) / pi.
    rng, held = np.random.default_rng(0), 0
    for _ in range(400):
        x = rng.normal(size=20)
        y = 0.7 * x + np.sqrt(1 - 0.7**2) * rng.normal(size=20)
        agreement = dm.rank_agreement({"x": x, "y": y})
        held += agreement.low[0, 1] <= 2 * np.arcsin(0.7) / np.pi <= agreement.high[0, 1]
    assert 0.92 <= held / 400 <= 0.98


def test_agreement_turns_what_is_better_when_low_and_says_what_it_cannot():
    rising = list(range(12))
    turned = dm.rank_agreement({"a": rising, "b": rising[::-1]}, lower_is_better=["b"])
    assert turned.coefficient[0, 1] == 1.0
    assert turned.low[0, 1] < 1.0
    few = dm.rank_agreement({"a": rising[:9], "b": rising[:9]})
    assert few.low is None
    assert np.isnan(dm.rank_agreement({"a": rising, "b": [1.0] * 12}).coefficient[0, 1])
    with pytest.raises(ValueError, match="at least 3 models"):
        dm.rank_agreement({"a": [1, 2], "b": [1, 2]})
    with pytest.raises(ValueError, match="lengths"):
        dm.rank_agreement({"a": [1, 2, 3], "b": [1, 2]})
    with pytest.raises(ValueError, match="'b' are not all finite"):
        dm.rank_agreement({"a": [1, 2, 3], "b": [1, 2, np.nan]})
    assert "12 models (kendall)" in str(turned)
    assert "kendall" in turned._repr_html_()
    assert turned.to_dict()["metrics"] == ["a", "b"]


def test_agreement_is_over_the_models_compared():
    models, factors = _models()
    models["noise"] = np.random.default_rng(3).normal(size=(300, 4))
    comparison = dm.compare(models, factors, metrics=["mig", "mig_sup", spread], **FEW)
    agreement = comparison.agreement(statistic="spearman", metrics=["mig", "mig_sup"])
    assert agreement.metrics == ("mig", "mig_sup")
    assert agreement.n_models == 3
    assert "rank agreement over 3 models" in str(comparison)
    assert json.loads(comparison.to_json())["agreement"]["statistic"] == "kendall"
    with pytest.raises(ValueError, match="'sap', which not every model has"):
        comparison.agreement(metrics=["sap"])


# ------------------------------------------------------------------------------------------------------ what is odd


def test_failures_fill_cells_on_request():
    models, factors = _models()

    def choosy(latents, factors):
        if latents[0, 0] == models["mixed"][0, 0]:
            raise RuntimeError("no luck")
        return 0.5

    with pytest.raises(RuntimeError, match="no luck"):
        dm.compare(models, factors, metrics=choosy, **FEW)
    comparison = dm.compare(models, factors, metrics=[choosy, "mig"], errors="report", **FEW)
    by_model = {row["model"]: row for row in comparison.scores if row["metric"] == "choosy"}
    # Its parts fail as well where the first row is not the one that it minds.
    assert by_model["mixed"]["score"] is None
    assert "no luck" in by_model["mixed"]["note"]
    assert "no luck" in str(comparison.difference_table())
    assert list(comparison.runs) == ["mig"]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda models: models["clean"], TypeError, "a mapping of the models' names"),
        (lambda models: {"clean": models["clean"]}, ValueError, "at least two"),
        (lambda models: models | {"none": []}, ValueError, "'none' is an empty list"),
        (lambda models: models | {"short": models["clean"][:-1]}, ValueError, "299 samples"),
        (
            lambda models: models | {"posterior": dm.GaussianPosterior(models["clean"], models["clean"])},
            ValueError,
            "some latents are posteriors and some are points",
        ),
    ],
)
def test_models_that_cannot_be_compared_are_named(change, error, message):
    models, factors = _models()
    with pytest.raises(error, match=message):
        dm.compare(change(models), factors, metrics="mig", **FEW)


def test_posteriors_and_points_go_together_under_one_estimator():
    models, factors = _models()
    posterior = dm.GaussianPosterior.from_scale(models["clean"], np.full((300, 2), 0.1))
    options = {"mig": {"estimator": "histogram"}}
    comparison = dm.compare(
        {"posterior": posterior, "points": models["clean"]}, factors, metrics="mig", options=options, **FEW
    )
    assert comparison.differences[0]["difference"] == 0.0


def test_without_factors_rows_are_compared_with_each_other():
    def width(latents):
        return float(np.ptp(latents))

    rng = np.random.default_rng(0)
    comparison = dm.compare({"a": rng.normal(size=(60, 2)), "b": rng.normal(size=(60, 3))}, metrics=width, **FEW)
    assert comparison.provenance["n_latents"] == {"a": [2], "b": [3]}
    with pytest.raises(ValueError, match="'b' has 59 rows and 'a' has 60"):
        dm.compare({"a": np.eye(60), "b": np.eye(60)[:59]}, metrics=width, **FEW)
    with pytest.raises(ValueError, match="baseline="):
        dm.compare({"a": np.eye(60), "b": np.eye(60)}, metrics=width, baseline="c", **FEW)


def test_csv_and_html_hold_the_differences():
    models, factors = _models()
    comparison = dm.compare(models, factors, metrics="mig", **FEW)
    rows = list(csv.DictReader(io.StringIO(comparison.to_csv())))
    assert float(rows[0]["difference"]) == comparison.differences[0]["difference"]
    assert "clean" in comparison._repr_html_()
