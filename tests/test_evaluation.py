"""evaluate(): shared work, failures, provenance, output."""

import csv
import importlib
import io
import json

import numpy as np
import pytest

import dismetrics as dm

# The package exports the function of this name, which hides the module.
module = importlib.import_module("dismetrics.estimators.relevance.mutual_information")


def _data():
    rng = np.random.default_rng(0)
    v = np.column_stack([rng.integers(0, 3, 300), rng.integers(0, 5, 300)])
    return v + 0.2 * rng.normal(size=v.shape), dm.Factors(v, names=["shape", "size"])


def test_every_result_equals_the_metric_called_alone():
    z, factors = _data()
    evaluation = dm.evaluate(z, factors, rng=7)
    for spec in dm.METRICS:
        alone = spec.function(z, factors, rng=7)
        assert evaluation[spec.name].to_dict() == alone.to_dict()


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
    assert list(dm.evaluate(z, factors, metrics="all")) == [spec.name for spec in dm.METRICS]
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
