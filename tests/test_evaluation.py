"""evaluate(): shared work, failures, provenance, output."""

import csv
import dataclasses
import importlib
import io
import json

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.evaluation import Failure, Omitted
from dismetrics.inputs import as_labelled
from dismetrics.results import Result
from dismetrics.scoring import selection
from odd_data import CHEAPER, seeded
from sizes import size

# The package exports the function of this name, which hides the module.
module = importlib.import_module("dismetrics.estimators.relevance.mutual_information")


def _data():
    rng = np.random.default_rng(0)
    v = np.column_stack([rng.integers(0, 3, 300), rng.integers(0, 5, 300)])
    return v + 0.2 * rng.normal(size=v.shape), dm.Factors(v, names=["shape", "size"])


def test_every_result_equals_the_metric_called_alone():
    z, factors = _data()
    evaluation = dm.evaluate(z, factors, metrics="all", options=CHEAPER, rng=7)
    for spec in dm.METRICS:
        if spec.needs == "posteriors":
            assert isinstance(evaluation[spec.name], Omitted)
            continue
        data = (z, factors) if spec.supervised else (z,)
        alone = seeded(spec.function, 7)(*data, **CHEAPER.get(spec.name, {}))
        assert evaluation[spec.name].to_dict() == alone.to_dict()


@pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning")
def test_posteriors_alone_have_the_metrics_that_need_no_factors():
    z, factors = _data()
    rows = np.arange(size(300, 60))
    z, factors, weights = z[rows], factors.take(rows), rows.astype(float)
    posterior = dm.GaussianPosterior.from_scale(z, np.full_like(z, 0.4))
    alone = [spec for spec in dm.METRICS if not spec.supervised]
    assert {spec.name for spec in alone} >= {"elbo_decomposition", "gaussian_total_correlation"}
    cheaper = {spec.name: CHEAPER[spec.name] for spec in alone if spec.name in CHEAPER}
    settings = {"metrics": "unsupervised", "options": cheaper, "weights": weights, "rng": 7}
    evaluation = dm.evaluate(posterior, None, **settings)
    assert list(evaluation) == [spec.name for spec in alone]
    for spec in alone:
        expected = seeded(spec.function, 7)(posterior, weights=weights, **CHEAPER.get(spec.name, {}))
        assert evaluation[spec.name].to_dict() == expected.to_dict()
        rows = {row["metric"]: row["score"] for row in evaluation.rows()}
        for number in spec.numbers:
            assert rows[f"{spec.name}.{number}"] == getattr(expected, number)
    # Factors change nothing of them.
    beside = dm.evaluate(posterior, factors, **settings)
    assert beside.to_dict()["results"] == evaluation.to_dict()["results"]


def test_the_matrix_is_computed_once_for_all_metrics(monkeypatch):
    z, factors = _data()
    calls = []
    real = module.histogram_information
    monkeypatch.setattr(module, "histogram_information", lambda *a: calls.append(1) or real(*a))
    dm.evaluate(z, factors, metrics=["mig", "mig_sup"])
    assert len(calls) == 1
    dm.evaluate(z, factors, metrics=["mig", "mig_sup"], options={"mig": {"n_bins": 5}})
    assert len(calls) == 3


def test_random_estimates_are_shared_for_one_seed_only():
    z, factors = _data()
    options = {name: {"correction": "shuffle"} for name in ("mig", "mig_sup")}
    evaluation = dm.evaluate(z, factors, options=options, rng=5)
    assert evaluation["mig"].score == dm.mig(z, factors, correction="shuffle", rng=5).score
    assert np.array_equal(evaluation["mig"].mutual_information, evaluation["mig_sup"].mutual_information)


def test_groups_names_and_functions_of_ones_own():
    z, factors = _data()

    def spread(latents, factors):
        return float(np.std(latents))

    evaluation = dm.evaluate(z, factors, metrics=["mig_sup", spread])
    assert list(evaluation) == ["mig_sup", "spread"]
    assert float(evaluation["spread"]) == pytest.approx(np.std(z))
    assert evaluation.to_dict()["results"]["spread"]["score"] == pytest.approx(np.std(z))
    assert list(dm.evaluate(z, factors, metrics="all", options=CHEAPER)) == [spec.name for spec in dm.METRICS]
    assert list(dm.evaluate(z, factors, metrics="mig")) == ["mig"]


def test_a_failing_metric_fills_its_row_and_leaves_the_others():
    z, factors = _data()

    def broken(latents, factors):
        raise RuntimeError("no luck")

    with pytest.raises(RuntimeError, match="no luck"):
        dm.evaluate(z, factors, metrics=[broken, "mig"])
    evaluation = dm.evaluate(z, factors, metrics=[broken, "mig"], errors="report")
    assert "RuntimeError: no luck" in str(evaluation)
    assert evaluation.rows()[0]["score"] is None
    assert evaluation["mig"].score > 0
    assert evaluation.to_dict()["results"]["broken"] == {"error": "RuntimeError: no luck"}


def test_a_function_of_ours_is_known_as_such(monkeypatch):
    z, factors = _data()
    options = {name: {"correction": "shuffle"} for name in ("mig", "mig_sup")}
    calls = []
    real = module.histogram_information
    monkeypatch.setattr(module, "histogram_information", lambda *a: calls.append(1) or real(*a))
    evaluation = dm.evaluate(z, factors, metrics=[dm.mig, "mig_sup"], options=options, rng=5)
    assert len(calls) == 1
    assert evaluation["mig"].score == dm.mig(z, factors, correction="shuffle", rng=5).score
    assert list(dm.evaluate(z, factors, metrics=dm.mig)) == ["mig"]
    assert list(dm.evaluate(z, factors, metrics=["mig_sup", dm.mig_sup, "fast"]))[:2] == ["mig_sup", "mig"]


def test_two_functions_of_one_name_are_refused():
    z, factors = _data()
    with pytest.raises(ValueError, match="named '<lambda>', a name that another function has"):
        dm.evaluate(z, factors, metrics=[lambda latents, factors: 1.0, lambda latents, factors: 2.0])

    def mig(latents, factors):
        return 0.5

    for metrics in (mig, ["mig", mig], [mig, "mig"]):
        with pytest.raises(ValueError, match="named 'mig', a name that a metric of dismetrics has"):
            dm.evaluate(z, factors, metrics=metrics)

    def once(latents, factors):
        return 0.5

    assert list(dm.evaluate(z, factors, metrics=[once, once])) == ["once"]


@pytest.mark.parametrize(
    ("returned", "seen"),
    [
        (None, "NoneType was returned"),
        ("0.5", "str was returned"),
        (np.array([0.5]), r"an array of shape \(1,\) was returned"),
        (np.zeros((2, 2)), r"an array of shape \(2, 2\) was returned"),
        ({}, "dict was returned"),
    ],
)
def test_a_function_that_returns_no_number_fails_as_one_that_raises(returned, seen):
    z, factors = _data()

    def own(latents, factors):
        return returned

    with pytest.raises(TypeError, match=seen):
        dm.evaluate(z, factors, metrics=own)
    evaluation = dm.evaluate(z, factors, metrics=[own, "mig"], errors="report")
    assert evaluation.rows()[0]["error"].startswith("TypeError: ")
    assert evaluation["mig"].score > 0
    for text in (str(evaluation), evaluation.to_csv(), evaluation.to_json()):
        assert "was returned" in text


def test_a_result_of_ones_own_needs_a_score_alone():
    z, factors = _data()

    class Own:
        score = np.float32(0.25)

    def own(latents, factors):
        return Own()

    evaluation = dm.evaluate(z, factors, metrics=own)
    assert isinstance(evaluation["own"], Own)
    assert evaluation.rows()[0]["score"] == 0.25
    assert evaluation.to_dict()["results"] == {"own": {"score": 0.25}}


def test_factors_that_one_metric_leaves_out_are_dashes():
    z, factors = _data()

    def of_size(latents, factors):
        return dm.mig(latents, factors, factor_subset=["size"])

    table = dm.evaluate(z, factors, metrics=[of_size, "mig"]).factor_table()
    by_factor = {row[0]: row[1:] for row in table.rows}
    assert by_factor["shape"][:4] == ("-", "-", "-", "-")
    assert by_factor["size"][0] == by_factor["size"][4]


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"metrics": 3}, TypeError, "metrics=3"),
        ({"metrics": ["mig", 3]}, TypeError, "metrics holds 3"),
        ({"metrics": [["mig"]]}, TypeError, r"metrics holds \['mig'\]"),
        ({"options": {"mig": {"rng": 3}}}, ValueError, r"hold 'rng', which all metrics share: pass it to evaluate\(\)"),
        ({"options": {"mig": {"weights": [1.0]}}}, ValueError, "hold 'weights'"),
        ({"options": {"mig": 3}}, TypeError, "options="),
        ({"options": 3}, TypeError, "options=3"),
    ],
)
def test_settings_of_the_wrong_type_are_named(settings, error, message):
    z, factors = _data()
    for errors in ("raise", "report"):
        with pytest.raises(error, match=message):
            dm.evaluate(z, factors, errors=errors, **settings)


def test_the_old_names_of_results_still_stand():
    evaluation, evaluated = (importlib.import_module(f"dismetrics.{name}") for name in ("evaluation", "evaluated"))
    assert evaluation.Evaluation is evaluated.Evaluation is dm.Evaluation
    assert evaluation.evaluate is dm.evaluate


def test_chance_levels_are_those_of_the_registry():
    rng = np.random.default_rng(0)
    n, repeats = 4000, 20
    chance = {"mig": [], "rmig": [], "mig_sup": []}
    for _ in range(repeats):
        few, many = rng.integers(0, 2, n), rng.integers(0, 40, n)
        chance["mig"].append(dm.mig(rng.uniform(size=(n, 1)), many).score)
        chance["rmig"].append(dm.rmig(rng.uniform(size=(n, 1)), many).score)
        chance["mig_sup"].append(dm.mig_sup(rng.uniform(size=(n, 1)), np.column_stack([few, many])).score)

    def bias(values):
        return 19 * (values - 1) / (2 * n * np.log(values))

    assert np.mean(chance["mig"]) == pytest.approx(bias(40), rel=0.1)
    assert np.mean(chance["rmig"]) == pytest.approx(bias(40), rel=0.1)
    assert np.mean(chance["mig_sup"]) == pytest.approx(bias(40) - bias(2), rel=0.1)
    for spec in dm.METRICS:
        assert ("(bins - 1)(values - 1) / (2 N H(v))" in spec.chance) == (spec.name in chance)


def test_a_group_leaves_out_what_is_not_defined_for_so_few_latents_or_factors():
    z, factors = _data()
    for latents, known, few in ((z, factors.select(["size"]), "fewest_factors"), (z[:, :1], factors, "fewest_latents")):
        left_out = {spec.name for spec in dm.METRICS if getattr(spec, few) > 1}
        assert left_out
        found = dm.evaluate(latents, known, metrics="supervised")
        assert {name for name in found if isinstance(found[name], Failure)} == left_out
        assert all(found[name].error.startswith("not defined: ") for name in left_out)
        for name in left_out:
            with pytest.raises(ValueError, match=r"two or more|at least two|not defined"):
                dm.evaluate(latents, known, metrics=["supervised", name])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"metrics": "migg"}, "neither a metric"),
        ({"metrics": []}, "empty"),
        ({"errors": "ignore"}, "errors="),
        ({"metrics": "mig", "options": {"mig_sup": {}}}, "not evaluated"),
        ({"factor_subset": ["colour"]}, "colour"),
    ],
)
def test_bad_settings_are_named(settings, message):
    z, factors = _data()
    with pytest.raises(ValueError, match=message):
        dm.evaluate(z, factors, **settings)


def test_a_result_that_was_not_asked_for_is_named():
    z, factors = _data()
    with pytest.raises(KeyError, match="mig_sup"):
        dm.evaluate(z, factors, metrics="mig")["mig_sup"]


def test_json_holds_provenance_and_no_nan():
    z, _ = _data()
    v = np.column_stack([np.arange(300) % 3, np.zeros(300, int)])
    with pytest.warns(dm.warnings.DegenerateDataWarning):
        evaluation = dm.evaluate(z, v, rng=3)
    read = json.loads(evaluation.to_json())
    assert read["provenance"]["seed"] == 3
    assert read["provenance"]["n_samples"] == 300
    assert set(read["provenance"]["versions"]) == {"python", "dismetrics", "numpy", "scipy", "scikit-learn", "numba"}
    assert read["provenance"]["factors"]["factor_0"] == {"kind": "categorical", "n_values": 3, "n_missing": 0}
    assert read["results"]["mig"]["per_factor"][1] is None
    assert read["results"]["mig"]["settings"]["estimator"] == "histogram"


def test_csv_has_full_precision():
    z, factors = _data()
    evaluation = dm.evaluate(z, factors)
    rows = list(csv.DictReader(io.StringIO(evaluation.to_csv())))
    assert [row["metric"] for row in rows] == list(evaluation)
    assert float(rows[0]["score"]) == evaluation["mig"].score


def test_text_and_html_show_scores_factors_and_latents():
    z, factors = _data()
    evaluation = dm.evaluate(z, factors)
    for text in (str(evaluation), evaluation._repr_html_()):
        for word in ("mig_sup", "shape", "size", "best latent", f"{evaluation['mig'].score:.3f}"):
            assert word in text


def test_a_generator_or_nothing_gives_a_seed_that_is_recorded():
    z, factors = _data()
    options = {"mig": {"correction": "shuffle"}}
    for rng in (None, np.random.default_rng(1)):
        evaluation = dm.evaluate(z, factors, metrics="mig", options=options, rng=rng)
        again = dm.evaluate(z, factors, metrics="mig", options=options, rng=evaluation.provenance["seed"])
        assert again["mig"].score == evaluation["mig"].score


def test_progress_goes_to_standard_error_on_request(capsys):
    z, factors = _data()
    dm.evaluate(z, factors, progress=True)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "metrics" in captured.err
    dm.evaluate(z, factors)
    assert capsys.readouterr().err == ""


def test_results_are_frozen_and_stand_for_their_number():
    z, factors = _data()
    result = dm.mig(z, factors)
    assert float(result) == result.score
    with pytest.raises((AttributeError, TypeError)):
        result.score = 1.0
    assert "score" in result._repr_html_()


# ------------------------------------------------------------------------- metrics of every kind, by the registry alone


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Several(Result):
    score: float
    further: float
    per_factor: np.ndarray
    factor_names: tuple[str, ...]


def _several(latents, factors, *, rng=None):
    data = as_labelled(latents, factors)
    place = data.as_points().points.mean() + np.random.default_rng(rng).normal()
    names = data.factors.names
    return Several(float(place), float(place) / 2, np.full(len(names), float(place)), names)


def _alone(latents, *, weights=None, rng=None):
    points = latents if isinstance(latents, np.ndarray) else latents.point_codes()
    return Several(float(np.average(points[:, 0], weights=weights)), 0.0, np.empty(0), ())


def _unweighted(latents):
    return Several(float(np.mean(latents)), 0.0, np.empty(0), ())


def _spec(name, function, **more):
    given = {"supervised": True, "needs": "posteriors or points", "groups": ("fast",), "highest": 1.0}
    common = {"title": "", "paper": "", "lowest": 0.0, "higher_is_better": True, "chance": "", "cost": ""}
    return dm.MetricSpec(name=name, function=function, **(common | given | more))


@pytest.fixture
def registry(monkeypatch):
    """One metric of each kind that the registry knows."""
    specs = (
        _spec("several", _several, numbers=("further",)),
        _spec("alone", _alone, supervised=False, null="latents", highest=np.inf, higher_is_better=False),
        _spec("unweighted", _unweighted, supervised=False, null="none"),
        _spec("of_posteriors", _alone, supervised=False, needs="posteriors"),
        _spec("wide", _several, fewest_latents=3),
        _spec("many", _several, fewest_factors=3),
    )
    monkeypatch.setattr(selection, "METRICS", specs)
    return specs


def test_groups_follow_from_what_metrics_need(registry):
    z, factors = _data()
    supervised = {"several", "wide", "many"}
    for group in ("fast", "all"):
        assert list(dm.evaluate(z, factors, metrics=group)) == [spec.name for spec in registry]
    assert set(dm.evaluate(z, factors, metrics="supervised")) == supervised
    assert set(dm.evaluate(z, factors, metrics="unsupervised")) == {s.name for s in registry} - supervised


def test_what_a_group_leaves_out_has_a_row_with_the_reason(registry):
    z, factors = _data()
    evaluation = dm.evaluate(z, factors, metrics="all", rng=0)
    errors = {row["metric"]: row["error"] for row in evaluation.rows()}
    assert errors["several"] is None
    assert "posteriors" in errors["of_posteriors"]
    assert "at least 3 latents, not 2" in errors["wide"]
    assert "at least 3 factors with more than one value, not 2" in errors["many"]
    assert "at least 3 latents" in str(evaluation)
    assert evaluation.to_dict()["results"]["many"]["omitted"].startswith("not defined: it needs at least 3")
    constant = dm.Factors(np.column_stack([factors.codes, np.zeros(300, int)]))
    assert "value, not 2" in dm.evaluate(z, constant, metrics="all").rows()[-1]["error"]
    # By name it is called, and says itself what it needs.
    named = dm.evaluate(z, factors, metrics=["all", "many"], rng=0)
    assert named["many"].score == _several(z, factors, rng=0).score


def test_metrics_without_factors_get_latents_weights_and_a_seed_if_they_take_them(registry):
    z, factors = _data()
    weights = np.arange(300.0)
    evaluation = dm.evaluate(z, factors, metrics="all", weights=weights, rng=0)
    assert evaluation["alone"].score == _alone(z, weights=weights).score
    assert evaluation["unweighted"].error == "not defined: it takes no weights, and weights are given"
    with pytest.raises(ValueError, match="weights are given, but unweighted takes none"):
        dm.evaluate(z, factors, metrics="unweighted", weights=weights)
    alone = dm.evaluate(z, weights=weights)
    assert list(alone) == ["alone", "unweighted", "of_posteriors"]
    assert alone["alone"].score == evaluation["alone"].score
    assert "factors" not in alone.provenance
    posterior = dm.GaussianPosterior(z, z)
    assert dm.evaluate(posterior, metrics="of_posteriors")["of_posteriors"].score == _alone(z).score


def test_without_factors_only_metrics_that_need_none_are_had(registry):
    z, _ = _data()
    for metrics in ("all", "several", ["alone", "several"]):
        with pytest.raises(ValueError, match=r"several needs factors.*metrics='unsupervised'"):
            dm.evaluate(z, metrics=metrics)
    for settings in ({"kinds": "continuous"}, {"factor_subset": [0]}):
        with pytest.raises(ValueError, match="there are no factors that it could speak of"):
            dm.evaluate(z, **settings)

    def own(latents):
        return latents.max()

    assert dm.evaluate(z, metrics=own)["own"] == z.max()
    with pytest.raises(TypeError, match="is no posterior yet"):
        dm.evaluate(type("Half", (), {"n_samples": 3, "n_latents": 2})())


def test_every_number_has_its_row_with_interval_and_chance(registry):
    z, factors = _data()
    evaluation = dm.evaluate(
        z, factors, metrics="all", intervals=True, chance=True, n_resamples=8, n_permutations=39, rng=3
    )
    rows = {row["metric"]: row for row in evaluation.rows()}
    assert list(rows)[:2] == ["several", "several.further"]
    further = rows["several.further"]
    assert further["score"] == evaluation["several"].further == rows["several"]["score"] / 2
    for name in ("low", "high"):
        inside = evaluation.intervals["several"].numbers["further"][name]
        assert further[name] == inside
    assert further["low"] <= further["score"] <= further["high"]
    assert further["chance low"] <= further["chance"] <= further["chance high"]
    assert rows["unweighted"]["chance"] is None
    assert "no permutation" in rows["unweighted"]["note"]
    per_factor = [row for row in evaluation.factor_rows() if row["metric"] == "several"]
    assert [row["factor"] for row in per_factor] == ["shape", "size"]
    assert all(row["low"] <= row["score"] <= row["high"] for row in per_factor)
    stored = json.loads(evaluation.to_json())
    assert stored["intervals"]["several"]["numbers"]["further"]["low"] == further["low"]
    assert stored["chance"]["several"]["per_factor"][0] == per_factor[0]["score"]
    assert "omitted" in stored["chance"]["unweighted"]
    assert stored["provenance"]["intervals"] == {"level": 0.95, "n_resamples": 8}
    read = list(csv.DictReader(io.StringIO(evaluation.to_csv())))
    assert float(read[1]["low"]) == further["low"]
    read = list(csv.DictReader(io.StringIO(evaluation.to_csv(per_factor=True))))
    assert [row["factor"] for row in read[:2]] == ["shape", "size"]
    for word in ("low", "chance", "adjusted", "several.further"):
        assert word in str(evaluation)
        assert word in evaluation._repr_html_()


def test_a_seed_goes_to_functions_that_take_one_and_latents_of_weight_zero_stay(registry):
    z, factors = _data()

    def random(latents, factors, rng):
        return np.random.default_rng(rng).normal()

    assert dm.evaluate(z, factors, metrics=random, rng=4)["random"] == random(z, factors, 4)
    weights = np.where(np.arange(300) < 50, 0.0, 1.0)
    evaluation = dm.evaluate(z, factors, metrics="all", weights=weights)
    assert evaluation["alone"].score == _alone(z, weights=weights).score
    assert evaluation.provenance["n_samples"] == 250


def test_the_seed_that_a_generator_gives_is_recorded():
    rng = np.random.default_rng(0)
    code, factors = rng.normal(size=(40, 3)), rng.integers(0, 3, (40, 2))
    options = {"mig": {"correction": "shuffle"}}
    one, other = (dm.evaluate(code, factors, options=options, rng=np.random.default_rng(9)) for _ in range(2))
    assert one["mig"].to_dict() == other["mig"].to_dict()
    again = dm.mig(code, factors, correction="shuffle", rng=one.provenance["seed"])
    assert again.to_dict() == one["mig"].to_dict()
