"""The command line, in processes of its own."""

import json
import os
import stat
import subprocess
import sys
import threading

import numpy as np
import pytest
import typer

import dismetrics as dm
from dismetrics import cli_speech

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
    settings = ["--metrics", "mig", "--preset", "dent", "--factor-subset", "size"]
    status, out, _ = run("score", file, "--latents", "mean", *settings, "--format", "csv")
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
        (["score", "{file}", "--preset", "dent"], "--preset dent is known to mig and dci, not to mig_sup"),
        (["score", "{file}", "--preset", "mine"], "ubisoft for mig_sup"),
        (["score", "{file}", "--n-bins", "5"], "n_bins=5 has no part in estimator='posterior'"),
        (["decompose", "{file}", "--format", "csv"], "--format"),
        (["decompose", "{file}", "--log-density", "guess"], "log_density='guess'"),
        (["decompose", "{file}", "--n-draws", "64", "--target-se", "0.1"], "n_draws and target_se"),
        (["decompose", "{file}", "--log-var", "nope"], "no array 'nope'"),
        (["decompose", "{file}", "--estimator", "mvs"], "estimator='mvs' is not known"),
        (["decompose", "{file}", "--batch-size", "8"], "batch_size=8 has no part in estimator='exact'"),
        (
            ["decompose", "{file}", "--estimator", "mws", "--n-draws", "64"],
            "n_draws=64 has no part in estimator='mws'",
        ),
    ],
)
def test_bad_input_is_one_sentence_and_status_two(file, arguments, message):
    status, out, err = run(*[argument.format(file=file) for argument in arguments])
    assert status == 2
    assert out == ""
    assert message in err
    assert "Traceback" not in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["score", "decompose"])
@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("", "--output is empty"),
        ("folder", "--output folder is a folder"),
        ("new/", "--output new/ is a folder"),
        ("no/such/out.txt", "--output no/such/out.txt cannot be written"),
        ("plain/out.txt", "--output plain/out.txt cannot be written"),
        ("loop", "--output loop cannot be written"),
    ],
)
def test_where_output_cannot_go_is_said_before_any_work(tmp_path, command, output, message):
    (tmp_path / "folder").mkdir()
    (tmp_path / "plain").touch()
    (tmp_path / "loop").symlink_to("loop")
    # The file to score is not looked at: there is none.
    status, out, err = run(command, "nothing.npz", "--output", output, cwd=tmp_path)
    assert (status, out) == (2, "")
    assert err.startswith(f"dismetrics: {message}")
    assert err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "loop", "plain"]


def test_output_goes_through_links_and_into_pipes_and_streams(file, tmp_path):
    expected = run("score", file)[1]
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "real.txt").chmod(0o640)
    (tmp_path / "link.txt").symlink_to("real.txt")
    assert run("score", file, "--output", tmp_path / "link.txt") == (0, "", "")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == expected
    assert stat.S_IMODE((tmp_path / "real.txt").stat().st_mode) == 0o640

    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    assert run("score", file, "--output", pipe) == (0, "", "")
    reader.join(60)
    assert read == [expected]
    assert stat.S_ISFIFO(pipe.stat().st_mode)

    # Not /dev/stdout: were it taken for a file, root would replace it for the whole machine.
    assert run("score", file, "--output", "/dev/fd/1") == (0, expected, "")
    # What others write to the same file stays.
    log = tmp_path / "log.txt"
    log.write_text("before\n")
    with log.open("a") as stream:
        command = [sys.executable, "-m", "dismetrics", "score", file, "--output", "/dev/fd/1"]
        subprocess.run(command, stdout=stream, check=True)
    assert log.read_text() == f"before\n{expected}"


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("n_factors", [2, 3000])
def test_a_pipe_that_is_closed_early_ends_the_command_in_silence(tmp_path, n_factors, unbuffered):
    path = tmp_path / "model.npz"
    np.savez(path, latents=MEAN[:50], factors=RNG.integers(0, 2, (50, n_factors)))
    command = [sys.executable, "-m", "dismetrics", "score", path]
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        if n_factors > 2:  # more than a pipe holds: the reader goes in the middle of it
            process.stdout.read(1)
        process.stdout.close()
        error = process.stderr.read()
    assert (process.returncode, error) == (141, b"")


@pytest.mark.parametrize("error", [OverflowError("too large"), ZeroDivisionError("by zero"), FloatingPointError()])
def test_arithmetic_that_fails_is_one_sentence(capsys, error):
    @cli_speech.in_one_sentence
    def command():
        raise error

    with pytest.raises(typer.Exit) as caught:
        command()
    assert caught.value.exit_code == 2
    assert capsys.readouterr().err == f"dismetrics: {str(error) or 'FloatingPointError'}\n"


def test_score_adds_intervals_and_chance(file):
    status, out, err = run("score", file, "--latents", "mean", "--metrics", "mig", "--intervals", "--chance")
    assert (status, err) == (0, "")
    interval, chance = dm.confidence_interval("mig", MEAN, V, rng=0), dm.chance_level("mig", MEAN, V, rng=0)
    for value in (interval.low, interval.high, chance.mean, chance.adjusted, interval.low_per_factor[0]):
        assert f"{value:.3f}" in out


def test_compare_prints_differences_of_files(tmp_path):
    noise = np.random.default_rng(1).normal(size=(4, *MEAN.shape))
    paths = {}
    for name, latents in {"a": MEAN, "a1": MEAN + 0.1 * noise[0], "b": MEAN + noise[1], "b1": MEAN + noise[2]}.items():
        paths[name] = tmp_path / f"{name}.npz"
        np.savez(paths[name], latents=latents, factors=V, factor_names=["shape", "size"])
    status, out, err = run("compare", paths["a"], paths["b"], "--metrics", "mig")
    assert (status, err) == (0, "")
    expected = dm.compare({"a": MEAN, "b": MEAN + noise[1]}, V, metrics="mig", rng=0)
    assert out.strip() == str(expected)
    runs = [f"one={paths['a']}", f"one={paths['a1']}", f"two={paths['b']}", f"two={paths['b1']}"]
    status, out, _ = run("compare", *runs, "--baseline", "two", "--format", "json", "--metrics", "mig")
    assert status == 0
    read = json.loads(out)
    assert read["differences"][0]["over"] == "rows and runs"
    assert read["provenance"]["files"]["one"] == [str(paths["a"]), str(paths["a1"])]

    np.savez(tmp_path / "other.npz", latents=MEAN, factors=V[::-1], factor_names=["shape", "size"])
    np.savez(tmp_path / "fewer.npz", latents=MEAN[:-1], factors=V[:-1], factor_names=["shape", "size"])
    np.savez(tmp_path / "renamed.npz", latents=MEAN, factors=V)
    for bad, what in (("other", "factors"), ("fewer", "numbers of rows"), ("renamed", "names of factors")):
        status, out, err = run("compare", paths["a"], tmp_path / f"{bad}.npz")
        assert (status, out) == (2, "")
        assert f"{bad}.npz has other {what} than" in err
    assert "at least two models" in run("compare", paths["a"])[2]


def test_a_preset_goes_to_every_metric_that_is_scored(file):
    status, out, _ = run(
        "score", file, "--latents", "mean", "--preset", "ubisoft", "--format", "json", "--metrics", "mig,mig_sup"
    )
    assert status == 0
    results = json.loads(out)["results"]
    for function in (dm.mig, dm.mig_sup):
        expected = function(MEAN, V, preset="ubisoft").score
        assert results[function.__name__]["score"] == expected
        assert results[function.__name__]["settings"]["preset"] == "ubisoft"


def test_settings_go_to_the_metrics_that_have_them(file):
    status, out, _ = run("score", file, "--latents", "mean", "--n-bins", "5", "--format", "json")
    assert status == 0
    results = json.loads(out)["results"]
    assert results["mig"]["score"] == dm.mig(MEAN, V, n_bins=5).score
    assert results["sap"]["score"] == dm.sap(MEAN, V, rng=0).score
    status, _, err = run("score", file, "--latents", "mean", "--n-bins", "5", "--metrics", "sap,mcc")
    assert status == 2
    assert err == "dismetrics: --n-bins has no part in sap and mcc: leave it out\n"


def test_remedies_are_options_of_the_command_line(tmp_path):
    unknown = np.where(np.arange(len(V))[:, None] < 10, np.nan, V)
    np.savez(tmp_path / "nan.npz", latents=MEAN, factors=unknown)
    status, _, err = run("score", "nan.npz", cwd=tmp_path)
    assert status == 2
    assert err.endswith("pass --missing-nan\n")
    status, out, _ = run("score", "nan.npz", "--missing-nan", "--format", "json", cwd=tmp_path)
    assert status == 0
    read = json.loads(out)
    assert read["provenance"]["factors"]["factor_0"]["n_missing"] == 10
    assert read["results"]["mig"]["score"] == dm.mig(MEAN, dm.Factors(unknown, missing="nan")).score

    np.savez(tmp_path / "both.npz", latents=MEAN, mean=MEAN, log_var=LOG_VAR, factors=V)
    status, _, err = run("score", "both.npz", cwd=tmp_path)
    assert status == 2
    assert "with --latents latents or --mean mean" in err
    np.savez(tmp_path / "quantity.npz", latents=MEAN, factors=V / 3)
    status, _, err = run("score", "quantity.npz", cwd=tmp_path)
    assert status == 2
    assert "pass --kind NAME=continuous" in err


def test_a_metric_that_fails_is_named_or_leaves_the_others_alone(tmp_path):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "sparse.npz", latents=rng.normal(size=(40, 3)), factors=rng.integers(0, 30, (40, 3)))
    asked = ("score", "sparse.npz", "--metrics", "mig,relevance_factor_vae_score")
    status, _, err = run(*asked, cwd=tmp_path)
    assert status == 2
    assert "So says relevance_factor_vae_score; --errors report fills its row" in err
    status, out, _ = run(*asked, "--errors", "report", "--format", "json", cwd=tmp_path)
    assert status == 0
    rows = json.loads(out)["results"]
    assert "nothing to compare" in rows["relevance_factor_vae_score"]["error"]
    assert rows["mig"]["score"] > 0


def test_names_stored_as_bytes_are_text(tmp_path):
    np.savez(tmp_path / "bytes.npz", latents=MEAN, factors=V, factor_names=np.array([b"shape", b"size"]))
    status, out, _ = run("score", tmp_path / "bytes.npz", "--factor-subset", "size")
    assert status == 0
    assert "\nsize " in out
    assert "b'" not in out


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        ([], {}),
        (["--n-draws", "600", "--tolerance", "0"], {"n_draws": 600, "tolerance": 0.0}),
        (["--target-se", "0.01", "--log-density", "tree"], {"target_se": 0.01, "log_density": "tree"}),
    ],
)
def test_decompose_prints_terms_with_errors_and_latents(tmp_path, options, settings):
    # No factors: none are needed.
    np.savez(tmp_path / "model.npz", mu=MEAN[:100], logvar=LOG_VAR[:100])
    status, out, err = run("decompose", tmp_path / "model.npz", *options)
    assert (status, err) == (0, "")
    result = dm.elbo_decomposition(dm.GaussianPosterior(MEAN[:100], LOG_VAR[:100]), rng=0, **settings)
    rows = {line[:18].strip(): line[18:].split() for line in out.splitlines()}
    low, high = result.interval["total_correlation"]
    error = result.standard_error["total_correlation"]
    # 0.0 added to a rounded -0.0 is 0.0, as it is printed.
    shown = [f"{round(x, 4) + 0.0:.4f}" for x in (result.total_correlation, error, low, high)]
    assert rows["total correlation"] == [*shown, "-"]
    assert rows["index-code MI"][-1] == f"{result.index_code_mi_ceiling:.4f}"
    assert rows["dimension-wise KL"] == [f"{result.dimension_wise_kl:.4f}", "-", "-", "-", "-"]
    assert rows["sum: mean KL"][0] == f"{result.mean_kl:.4f}"
    assert out.splitlines()[-1].split() == [
        "1",
        f"{result.mean_kl_per_latent[1]:.4f}",
        f"{result.dimension_wise_kl_per_latent[1]:.4f}",
        f"{result.index_information_per_latent[1]:.4f}",
        f"{result.marginal_entropy_per_latent[1]:.4f}",
    ]


@pytest.mark.parametrize("estimator", ["mws", "mss", "minibatch"])
def test_decompose_prints_what_minibatches_report_and_how_far_it_may_be_off(tmp_path, estimator):
    np.savez(tmp_path / "model.npz", mu=MEAN[:100], logvar=LOG_VAR[:100])
    options = ["--estimator", estimator, "--batch-size", "20", "--n-batches", "6", "--seed", "3"]
    status, out, err = run("decompose", tmp_path / "model.npz", *options)
    assert (status, err) == (0, "")
    posterior = dm.GaussianPosterior(MEAN[:100], LOG_VAR[:100])
    result = dm.elbo_decomposition(posterior, estimator=estimator, batch_size=20, n_batches=6, rng=3)
    header, *lines = out.splitlines()
    assert header.split()[-4:] == ["ceiling", "offset", "from", "to"]
    rows = {line[:18].strip(): line[18:].split() for line in lines}
    for title, name in (("total correlation", "total_correlation"), ("sum: mean KL", "mean_kl")):
        offset = [f"{end + 0.0:.4f}" for end in result.offset_range.get(name, ())] or ["-", "-"]
        shown = (getattr(result, name), result.standard_error[name], *result.interval[name])
        assert rows[title] == [*(f"{round(x, 4) + 0.0:.4f}" for x in shown), "-", *offset]


def test_decompose_tells_that_minibatches_know_no_weights(tmp_path):
    np.savez(tmp_path / "model.npz", mu=MEAN[:100], logvar=LOG_VAR[:100], weights=np.arange(100.0))
    status, out, err = run("decompose", tmp_path / "model.npz", "--estimator", "mws")
    assert (status, out) == (2, "")
    assert "leave them out of the file" in err


def test_decompose_writes_json_with_provenance(file, tmp_path):
    weighted, target = tmp_path / "weighted.npz", tmp_path / "terms.json"
    weights = np.arange(len(V)) % 3
    np.savez(weighted, m=MEAN, s=np.exp(LOG_VAR / 2), w=weights)
    keys = ["--mean", "m", "--scale", "s", "--weights", "w"]
    status, out, err = run(
        "decompose", weighted, *keys, "--seed", "5", "--n-draws", "600", "--format", "json", "--output", target
    )
    assert (status, out, err) == (0, "", "")
    read = json.loads(target.read_text())
    posterior = dm.GaussianPosterior.from_scale(MEAN, np.exp(LOG_VAR / 2))
    expected = dm.elbo_decomposition(posterior, weights=weights, n_draws=600, rng=5)
    assert read["results"] == {"elbo_decomposition": expected.to_dict()}
    provenance = read["provenance"]
    assert provenance["seed"] == 5
    assert provenance["file"] == str(weighted)
    assert provenance["arrays"] == {"mean": "m", "scale": "s", "weights": "w"}
    assert provenance["weighted"] is True
    assert provenance["n_samples"] == np.count_nonzero(weights)
    assert provenance["latents"] == "GaussianPosterior"
    of_score = json.loads(run("score", file, "--format", "json")[1])["provenance"]
    assert set(provenance) == set(of_score) - {"factors"}
    assert set(provenance["versions"]) == set(of_score["versions"])


def test_decompose_refuses_points_without_a_spread(tmp_path):
    np.savez(tmp_path / "points.npz", latents=MEAN, factors=V)
    status, out, err = run("decompose", "points.npz", cwd=tmp_path)
    assert (status, out) == (2, "")
    assert "points.npz holds points (latents), which have no spread" in err
    np.savez(tmp_path / "means.npz", mean=MEAN, factors=V)
    status, out, err = run("decompose", "means.npz", cwd=tmp_path)
    assert (status, out) == (2, "")
    assert "none of log_var, variance, scale" in err
    assert "score" not in err


@pytest.mark.parametrize("command", ["score", "decompose"])
def test_progress_shows_on_a_terminal(file, command):
    ours, theirs = os.openpty()
    arguments = [sys.executable, "-m", "dismetrics", command, file]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 2**16):
                shown += part
        except OSError:  # how a terminal ends
            pass
        os.close(ours)
        out = process.stdout.read()
    assert process.returncode == 0
    assert b"\x1b" in shown
    assert b"/" in shown
    assert b"\x1b" not in out


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
