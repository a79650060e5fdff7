"""The parts of `dismetrics.testing`: cases, strategies, the search, margins, reports, the command."""

import math
import random
import subprocess
import sys
import textwrap
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from hypothesis import given

import dismetrics as dm
from dismetrics.testing import cases, check_estimator, check_metric, parametrise, strategies
from dismetrics.testing.__main__ import main
from dismetrics.testing.report import Counterexample
from dismetrics.testing.search import fewer_columns, fewer_rows
from dismetrics.testing.statistics import FALSE_ALARM_RATE, Margin
from dismetrics.testing.truth import posterior_terms
from oracles import linear_gaussian
from sizes import size

FEW = hypothesis.settings(max_examples=min(size(20, 5), hypothesis.settings.default.max_examples))


# ----------------------------------------------------------------------------------------------------------- cases


@pytest.mark.parametrize("case", cases.code_cases(), ids=lambda case: case.name)
@pytest.mark.filterwarnings("ignore::dismetrics.warnings.DegenerateDataWarning")
def test_what_is_said_of_a_code_is_true(case):
    result = dm.mig(case.latents, case.factors)
    truth = dict(case.truth)
    if "mutual_information" in truth:
        known = truth.pop("mutual_information")
        np.testing.assert_allclose(result.mutual_information, known.value, rtol=0, atol=known.tolerance)
        np.testing.assert_allclose(result.factor_entropy, truth.pop("factor_entropy").value, rtol=0, atol=1e-12)
    if "correlation" in truth:
        known = truth.pop("correlation").value
        found = np.corrcoef(case.latents.T, case.factors.T)[:2, 2:]
        np.testing.assert_allclose(found, known, rtol=0, atol=1e-12)
    for name, known in truth.items():
        assert known.how
        assert getattr(dm, name)(case.latents, case.factors).score == pytest.approx(known.value, abs=known.tolerance)


@pytest.mark.parametrize("case", cases.posterior_cases(), ids=lambda case: case.name)
def test_what_is_said_of_posteriors_is_true(case):
    if case.posterior.n_latents > 2:
        assert {known.value for known in case.truth.values()} == {0.0, case.truth["joint_entropy"].value}
        return
    if case.posterior.n_samples > 20:  # quadrature over the plane takes minutes of so many
        result = dm.elbo_decomposition(case.posterior, weights=case.weights, rng=0)
        found = {name: getattr(result, name) for name in case.truth}
    else:
        found = posterior_terms(case.posterior, case.weights)
    for name, known in case.truth.items():
        assert found[name] == pytest.approx(known.value, abs=known.tolerance), name
        assert known.how


def test_the_linear_gaussian_model_is_that_of_its_oracle():
    terms = linear_gaussian.exact_terms(np.array([[0.8, 0.0], [0.5, 0.6]]), np.array([0.9, 0.8]))
    for name, known in cases.linear_gaussian().truth.items():
        assert known.value == pytest.approx(terms[name], abs=1e-12), name


def test_a_rotated_code_is_known_at_any_angle():
    for degrees in (0, 10, 45, 60, 90, 135, 180):
        case = cases.rotated(math.radians(degrees))
        found = np.corrcoef(case.latents.T, case.factors.T)[:2, 2:]
        np.testing.assert_allclose(found, case.truth["correlation"].value, rtol=0, atol=1e-12)
        assert ("mig" in case.truth) == (degrees % 45 == 0)


# ------------------------------------------------------------------------------------------------------ strategies


@FEW
@given(strategies.codes(relation="perfect", n_latents=2, n_factors=2))
def test_a_perfect_code_is_told_by_its_values(data):
    latents, factors = data
    assert np.array_equal(np.floor(latents), factors)
    assert all(len(np.unique(column)) > 1 for column in factors.T)


@FEW
@given(strategies.latents(), strategies.weights(5), strategies.joint_distributions())
def test_drawn_numbers_are_what_is_said(latents, weights, joint):
    assert all(len(np.unique(column)) == len(latents) for column in latents.T)
    assert (weights >= 0).all()
    assert weights.any()
    assert joint.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("labels", strategies.LABELS)
def test_labels_of_every_sort_are_taken(labels):
    @FEW
    @given(strategies.factors(labels=labels, n_samples=(4, 8)))
    def taken(factors):
        assert (dm.Factors(factors).n_values >= 2).all()

    taken()


@FEW
@given(
    strategies.factors(kind="continuous"),
    strategies.factors(kind="circular"),
    strategies.factors(missing=True, labels="integers", n_samples=(4, 8)),
    strategies.factors(single_valued=True),
)
def test_factors_of_every_kind(continuous, circular, missing, single):
    assert set(continuous.kinds) == {"continuous"}
    assert set(circular.kinds) == {"circular"}
    assert not missing.missing.all(axis=0).any()
    assert len(set(single[:, 0].tolist())) == 1


@pytest.mark.parametrize("coverage", ["full", "partial", "non-uniform"])
def test_grids(coverage):
    @FEW
    @given(strategies.grids(coverage=coverage))
    def covered(grid):
        n_values = grid.max(axis=0) + 1
        counts = np.unique(grid, axis=0, return_counts=True)[1]
        assert (n_values >= 2).all()
        assert coverage == "partial" or len(counts) == n_values.prod()
        assert coverage == "non-uniform" or (counts == 1).all()

    covered()


@pytest.mark.parametrize("family", strategies.FAMILIES)
def test_posteriors(family):
    @FEW
    @given(strategies.posteriors(family=family))
    def terms(posterior):
        found = posterior_terms(posterior)
        assert found["mean_kl"] == pytest.approx(posterior.kl_to_prior().sum(axis=1).mean(), abs=1e-7)
        assert found["total_correlation"] > -1e-7

    terms()


def test_examples_shrink_to_few_rows():
    _, labels = hypothesis.find(
        strategies.codes(n_samples=(4, 12), n_latents=(1, 2), n_factors=(1, 2)),
        lambda data: len(np.unique(data[1][:, 0])) > 2,
        random=random.Random(0),
    )
    assert len(labels) <= 8
    assert labels.shape[1] == 1


# -------------------------------------------------------------------------------------------------- the machinery


def test_rows_and_columns_that_do_not_matter_are_left_out():
    rng = np.random.default_rng(0)
    latents, factors = rng.normal(size=(300, 4)), rng.integers(0, 3, (300, 2))
    latents[137, 2] = 9.0

    def fails(latents, factors):
        return "there" if (latents == 9.0).any() else None

    data, _ = fewer_columns((latents, factors), fails, "", (1, 1))
    data, message = fewer_rows(data, fails, "", math.inf)
    assert message == "there"
    assert data[0].shape == (2, 1)
    assert data[1].shape == (2, 1)


def test_a_margin_is_what_students_distribution_says():
    rng = np.random.default_rng(0)
    margin = Margin(1, rate=0.05)
    outside = [abs(values.mean()) > margin.of(list(values)) for values in rng.normal(size=(4000, 8))]
    # Binomial: 3.5 standard errors.
    assert np.mean(outside) == pytest.approx(0.05, abs=3.5 * math.sqrt(0.05 * 0.95 / 4000))
    assert margin.of([1.0]) == math.inf
    assert FALSE_ALARM_RATE < 1e-3


def test_right_metrics_pass_whatever_the_seed():
    for seed in range(size(10, 2)):
        report = check_metric(dm.mig, seed=seed, holds=("noise latent", "rotation lowers"), max_examples=1, n_repeats=8)
        assert report.passed, str(report)


def test_a_counterexample_has_a_dozen_rows_at_most():
    text = str(Counterexample({"latents": np.zeros((100, 2)), "factors": np.zeros((100, 1), int)}))
    assert "the first 12 of 100 rows" in text
    assert len(text.splitlines()) == 2 + 2 + 12


def broken(latents, factors):
    """Labels are taken for numbers."""
    if len(latents) != len(factors) or not len(latents) or not np.isfinite(latents).all():
        raise ValueError("bad input")
    told = np.abs(np.nan_to_num(np.corrcoef(latents.T, factors.astype(float).T)))[
        : latents.shape[1], latents.shape[1] :
    ]
    return float(told.max(axis=0).mean())


def test_a_report_says_what_failed_and_on_what():
    report = check_metric(broken, max_examples=20)
    row = report["label names"]
    assert not report.passed
    assert row.status == "failed"
    assert "after labels" in row.message
    assert row.counterexample.arrays["factors"].shape[0] <= 12
    assert "label names" in str(report)
    with pytest.raises(AssertionError, match="label names"):
        report.raise_if_failed()
    with pytest.raises(KeyError, match="the properties are"):
        report["nothing of the sort"]


def test_what_is_declared_to_fail_does_not_count():
    report = check_metric(broken, fails=["label names"], max_examples=20)
    assert report["label names"].status == "declared to fail"
    # Strings are no numbers.
    assert report.passed
    report = check_metric(dm.mig, fails=["latent order"], max_examples=2)
    assert "although declared to fail" in report["latent order"].message


def test_the_same_seed_gives_the_same_report():
    one, other = (str(check_metric(broken, max_examples=10, budget=None, seed=3)) for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "mgi"}, "kind='mgi'"),
        ({"n_bins": 20}, "pass kind"),
        ({"holds": ["beauty"]}, "'beauty' is no property"),
        ({"latents": "pixels"}, "latents='pixels'"),
    ],
)
def test_settings_that_make_no_sense_raise(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        check_metric(broken, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"estimates": "beauty"}, "estimates='beauty'"),
        ({"estimates": "entropy", "posterior_families": ["cauchy"]}, "posterior_families"),
        ({"estimates": "entropy", "n_bins": 3}, "takes no settings"),
    ],
)
def test_settings_of_estimators_that_make_no_sense_raise(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        check_estimator(broken, **options)


@parametrise(check_metric, dm.aam, kind="aam", max_examples=2)
def test_as_a_parametrisation(row):
    assert row().status != "failed", row().message


# ----------------------------------------------------------------------------------------------------- the command


def test_the_command_prints_the_table_and_says_whether_it_passed(tmp_path, monkeypatch, capsys):
    text = """
    import dismetrics as dm
    def right(latents, factors):
        return dm.mig(latents, factors, n_bins=10)
    def turned(latents, factors):
        return dm.mig(latents.T, factors.T, n_bins=10).score
    """
    (tmp_path / "metric_of_a_stranger.py").write_text(textwrap.dedent(text))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    common = ["--kind", "mig", "--budget", "2"]
    assert main(["metric_of_a_stranger:right", *common, "--option", "n_bins=10"]) == 0
    assert "agrees on cases" in capsys.readouterr().out
    assert main(["metric_of_a_stranger:right", *common]) == 1
    assert "where" in capsys.readouterr().out
    assert main(["metric_of_a_stranger:turned", *common, "--option", "n_bins=10", "--transposed"]) == 0
    with pytest.raises(SystemExit, match="MODULE:FUNCTION"):
        main(["metric_of_a_stranger"])
    with pytest.raises(SystemExit, match="NAME=VALUE"):
        main(["metric_of_a_stranger:right", "--option", "n_bins"])


DOCS = Path(__file__).parent.parent / "docs"


@pytest.mark.skipif(not DOCS.exists(), reason="the page is in the checkout")
def test_the_page_prints_what_the_command_prints(monkeypatch, capsys):
    page = (DOCS / "testing.md").read_text()
    monkeypatch.chdir(DOCS / "examples")
    monkeypatch.syspath_prepend(DOCS / "examples")
    common = ["--kind", "mig", "--option", "n_bins=20", "--budget", "600"]
    assert main(["my_metric:by_code", *common]) == 1
    shown = page.split("```text\n")[1].split("\n```")[0]
    assert shown in capsys.readouterr().out
    assert main(["my_metric:by_factor", *common]) == 0


def test_the_module_runs():
    command = [sys.executable, "-m", "dismetrics.testing", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "MODULE:FUNCTION" in done.stdout
