"""The command line, in processes of its own."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import dismetrics as dm

RNG = np.random.default_rng(0)
V = np.column_stack([RNG.integers(0, 3, 400), RNG.integers(0, 4, 400)])
MEAN = V + 0.1 * RNG.normal(size=V.shape)
LOG_VAR = np.full(MEAN.shape, -3.0)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("cli") / "model.npz"
    np.savez(path, mean=MEAN, log_var=LOG_VAR, factors=V, factor_names=["shape", "size"])
    return path


def run(*arguments, cwd=None):
    """Exit status, standard output and standard error of `python -m dismetrics ...`."""
    command = [sys.executable, "-m", "dismetrics", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=dict(os.environ))
    return done.returncode, done.stdout, done.stderr


def test_score_prints_scores_and_gaps(file):
    status, out, err = run("score", file)
    result = dm.mig(dm.GaussianPosterior(MEAN, LOG_VAR), dm.Factors(V, names=["shape", "size"]))
    assert (status, err) == (0, "")
    assert f"{result.score:.3f}" in out
    for name, gap in zip(result.factor_names, result.per_factor, strict=True):
        assert name in out
        assert f"{gap:.3f}" in out


def test_score_writes_json_with_the_same_numbers_as_python(file, tmp_path):
    target = tmp_path / "scores.json"
    status, out, err = run("score", file, "--format", "json", "--output", target, "--metrics", "mig")
    assert (status, out, err) == (0, "", "")
    read = json.loads(target.read_text())
    result = dm.mig(dm.GaussianPosterior(MEAN, LOG_VAR), V)
    assert read["results"]["mig"]["score"] == result.score
    assert read["provenance"]["arrays"] == {
        "mean": "mean",
        "log_var": "log_var",
        "factors": "factors",
        "names": "factor_names",
    }


def test_score_takes_settings(file):
    status, out, _ = run(
        "score", file, "--latents", "mean", "--preset", "dent", "--factor-subset", "size", "--format", "csv"
    )
    assert status == 0
    expected = dm.mig(MEAN, V[:, [1]], preset="dent").score
    assert f"mig,{expected}" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["score", "nothing.npz"], "nothing.npz does not exist"),
        (["score", "{file}", "--metrics", "mug"], "neither a metric"),
        (["score", "{file}", "--format", "xml"], "--format"),
        (["score", "{file}", "--latents", "nope"], "no array 'nope'"),
        (["score", "{file}", "--estimator", "guess"], "estimator='guess'"),
        (["score", "{file}", "--factor-subset", "colour"], "colour"),
        (["score", "{file}", "--kind", "shape"], "NAME=KIND"),
        (["score", "{file}", "--output", "no/such/folder/out.txt"], "no/such/folder"),
    ],
)
def test_bad_input_is_one_sentence_and_status_two(file, arguments, message):
    status, out, err = run(*[argument.format(file=file) for argument in arguments])
    assert status == 2
    assert out == ""
    assert message in err
    assert "Traceback" not in err
    assert err.count("\n") == 1


def test_bad_usage_is_status_two():
    assert run("score")[0] == 2
    assert run("score", "a.npz", "--colour", "red")[0] == 2
    assert run("paint")[0] == 2


def test_a_warning_is_one_line(tmp_path):
    path = tmp_path / "constant.npz"
    np.savez(path, latents=MEAN, factors=np.column_stack([V, np.zeros(len(V), int)]))
    status, _, err = run("score", path)
    assert status == 0
    assert "DegenerateDataWarning: factors with a single value" in err
    assert all(line.startswith("DegenerateDataWarning") for line in err.splitlines())


def test_metrics_lists_the_registry():
    status, out, _ = run("metrics")
    assert status == 0
    assert all(spec.name in out and spec.paper in out for spec in dm.METRICS)


def test_version():
    status, out, _ = run("--version")
    assert (status, out.strip()) == (0, dm.__version__)
