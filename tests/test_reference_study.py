"""A study: its grid, cells that are finished once, failures that are told, kills, a cluster."""

import json
import math
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace

import cloudpickle
import joblib
import numba
import pytest

torch = pytest.importorskip("torch")

from typer.testing import CliRunner

import dismetrics as dm
from dismetrics.report import report_html
from reference_models import runs, study
from reference_models.cli import app
from reference_models.data import CASES
from reference_models.models import ModelConfig
from reference_models.study import PRESETS, Block, StudyConfig, one_cell, runner
from reference_models.study.cells import cells_of
from reference_models.trainer import TrainConfig

TRAINING = TrainConfig(iterations=20, batch_size=64, precision="fp32", device="cpu", log_every=5, checkpoint_every=10)
TINY = StudyConfig(
    (Block("vae"), Block("beta_tcvae", (2.0, 4.0), (CASES[0], CASES[3]))),
    seeds=(0,),
    data=runs.DataConfig("small_sprites"),
    model=ModelConfig(hidden=8, n_latents=2),
    training=TRAINING,
    metrics=(),
    n_draws=64,
)

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="3,072 posteriors need compiled kernels")


def numbers(table):
    """Rows without what depends on the clock."""
    return [{k: v for k, v in row.items() if not k.endswith("_seconds")} for row in table.rows]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A small study that ran through, and its table."""
    folder = tmp_path_factory.mktemp("study") / "tiny"
    return folder, study.run_study(TINY, folder)


# ----------------------------------------------------------------------------------------------------------------- grid


def test_the_grid_is_every_combination_with_seeds_outermost():
    config = replace(TINY, seeds=(3, 4))
    cells = cells_of(config)
    assert len({cell.name for cell in cells}) == len(cells) == 10
    assert [cell.run.training.seed for cell in cells] == [3] * 5 + [4] * 5
    settings = [(cell.run.model.objective, cell.run.model.beta, cell.case) for cell in cells[:5]]
    assert settings == [
        ("vae", 1.0, CASES[0]),
        ("beta_tcvae", 2.0, CASES[0]),
        ("beta_tcvae", 4.0, CASES[0]),
        ("beta_tcvae", 2.0, CASES[3]),
        ("beta_tcvae", 4.0, CASES[3]),
    ]
    assert {cell.run.data.case for cell in cells} == {None, CASES[3]}


def test_a_cells_name_changes_with_what_its_numbers_depend_on():
    name = cells_of(TINY)[0].name
    for other in (
        replace(TINY, training=replace(TRAINING, log_every=7, checkpoint_every=3)),
        replace(TINY, seeds=(0, 1)),
        # Scored otherwise, it is the same model; and 1 is 1.0.
        replace(TINY, metrics=("mig_sup",)),
        replace(TINY, n_draws=65),
        replace(TINY, model=ModelConfig(hidden=8, n_latents=2, gamma=1)),
    ):
        assert cells_of(other)[0].name == name
    for other in (
        replace(TINY, training=replace(TRAINING, iterations=21)),
        replace(TINY, training=replace(TRAINING, device="cuda")),
        replace(TINY, training=replace(TRAINING, precision="bf16")),
        replace(TINY, model=ModelConfig(hidden=9, n_latents=2)),
    ):
        assert cells_of(other)[0].name != name


@pytest.mark.parametrize("config", [TINY, *PRESETS.values()])
def test_a_configuration_is_read_as_it_was_written(tmp_path, config):
    (tmp_path / "study.json").write_text(config.to_json())
    assert study.read_config(tmp_path / "study.json") == config
    assert cells_of(config)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is no configuration of a study"),
        ('{"objective": "vae"}', "no list named 'blocks'"),
        ('{"blocks": [{"objective": "gan"}]}', "objective='gan' is not known"),
        ('{"blocks": [{"objective": "vae", "betas": [4]}]}', "whose weight is 1"),
        ('{"blocks": [{"objective": "beta_vae", "cases": ["skewed"]}]}', "cases='skewed' is not known"),
        ('{"blocks": [{"objective": "beta_vae"}]}', "no betas"),
        ('{"blocks": [{"objective": "vae"}], "model": {"beta": 4}}', "model.beta=4"),
        ('{"blocks": [{"objective": "vae"}], "training": {"seed": 4}}', "training.seed=4"),
        ('{"blocks": [{"objective": "vae"}], "metrics": ["mig_supp"]}', "metrics='mig_supp' is not known"),
        ('{"blocks": []}', "no blocks"),
        ('{"blocks": [{"objective": "vae"}], "epochs": 3}', "unexpected keyword argument 'epochs'"),
        ('{"blocks": [{"objective": "vae"}], "data": {"case": "dependent_uniform"}}', "those of its blocks"),
    ],
)
def test_a_wrong_configuration_is_refused_in_a_sentence(tmp_path, content, message):
    (tmp_path / "grid.json").write_text(content)
    with pytest.raises(ValueError, match=message):
        study.read_config(tmp_path / "grid.json")


def test_the_presets_have_what_they_promise():
    for name, n_seeds in (("laptop", 5), ("chen2018", 5)):
        cells = cells_of(PRESETS[name])
        assert len(PRESETS[name].seeds) >= n_seeds
        assert {cell.case for cell in cells if cell.run.model.objective == "beta_tcvae"} == set(CASES)
        assert {"vae", "beta_vae", "beta_tcvae"} <= {cell.run.model.objective for cell in cells}
    chen = PRESETS["chen2018"]
    assert (chen.training.batch_size, chen.training.iterations, chen.model.hidden) == (2048, 18_000, 1200)


# ------------------------------------------------------------------------------------------------------------- running


def test_rows_hold_the_numbers_of_their_models(tiny):
    folder, table = tiny
    assert len(table.done) == 5
    for row in table.rows:
        place = folder / "cells" / row["cell"]
        read = dm.read_npz(place / "latents.npz")
        assert row["mig"] == dm.mig(read.latents, read.factors).score
        assert (read.factors.weights is not None) == (row["case"] == CASES[3])
        parts = row["index_code_mi"] + row["total_correlation"] + row["dimension_wise_kl"]
        assert parts == pytest.approx(row["mean_kl"], abs=1e-6)
        assert row["elbo"] == row["log_likelihood"] - row["mean_kl"]
        assert row["mig"] == pytest.approx(sum(row[f"mig.{name}"] for name in ("scale", "pos_x", "pos_y")) / 3)
        assert row["n_images"] == 3072
        # What only a resumed run needs is gone, and the weights can still be used.
        assert [path.name for path in place.glob("checkpoint-*/*")] == ["weights.safetensors"]
        assert runs.load_run(place)[0].model.beta == row["beta"]
    assert dm.read_study(folder).rows == table.rows
    assert len((folder / "table.csv").read_text().splitlines()) == 6
    assert study.read_config(folder / "study.json") == TINY


def test_what_is_finished_is_not_done_again(tiny, monkeypatch):
    folder, table = tiny

    def trained(*_, **__):
        raise AssertionError("trained again")

    monkeypatch.setattr(one_cell.trainer, "train", trained)
    seen = []
    again = study.run_study(TINY, folder, on_row=lambda *told: seen.append(told))
    assert again.rows == table.rows
    assert seen == []
    # Nor where its row was lost and only the cell is left.
    (folder / "table.json").unlink()
    assert study.run_study(TINY, folder).rows == table.rows


def test_another_grid_in_the_same_folder_adds_to_the_table(tmp_path):
    one = replace(TINY, blocks=TINY.blocks[:1])
    other = replace(TINY, blocks=(Block("beta_vae", (4.0,)),))
    first = study.run_study(one, tmp_path / "a")
    both = study.run_study(other, tmp_path / "a")
    assert [row["objective"] for row in both.rows] == ["beta_vae", "vae"]
    study.run_study(other, tmp_path / "b")
    merged = study.merge_into(tmp_path / "b", first)
    assert {row["cell"] for row in merged.rows} == {row["cell"] for row in both.rows}
    # A study that goes on keeps what was merged into it.
    assert len(study.run_study(other, tmp_path / "b")) == 2
    done = CliRunner().invoke(app, ["study", str(tmp_path / "c"), "--merge", str(tmp_path / "b")])
    assert done.exit_code == 0, done.output
    assert numbers(dm.read_study(tmp_path / "c")) == numbers(merged)


def test_a_model_of_the_grid_that_was_merged_is_not_trained(tiny, tmp_path, monkeypatch):
    _, table = tiny
    study.merge_into(tmp_path, table)
    monkeypatch.setattr(one_cell.trainer, "train", None)
    assert study.run_study(TINY, tmp_path).rows == table.rows


def test_other_metrics_are_scored_without_training_anew(tiny, tmp_path, monkeypatch):
    folder, table = tiny
    shutil.copytree(folder, tmp_path / "copy")
    found = study.run_study(replace(TINY, metrics=("mig_sup",)), tmp_path / "copy")
    assert [row["mig"] for row in found.rows] == [row["mig"] for row in table.rows]
    assert all(row["mig_sup"] >= 0 for row in found.rows)
    # A lost row is scored again, too, from the weights that are left.
    place = tmp_path / "copy" / "cells" / table.rows[0]["cell"]
    (place / "row.json").unlink()
    again = study.run_study(replace(TINY, metrics=("mig_sup",)), tmp_path / "copy")
    assert numbers(again) == numbers(found)


def test_what_a_kill_left_half_written_is_swept(tiny, tmp_path):
    folder, table = tiny
    shutil.copytree(folder, tmp_path / "copy")
    place = tmp_path / "copy" / "cells" / table.rows[0]["cell"]
    (place / "row.json").unlink()
    (place / ".row.json.0123").write_text("{")
    (place / ".checkpoint-00000010.part").mkdir()
    (tmp_path / "copy" / ".table.json.0123").write_text("{")
    assert numbers(study.run_study(TINY, tmp_path / "copy")) == numbers(table)
    assert not [path for path in (tmp_path / "copy").rglob(".*") if path.name != ".lock"]


def test_a_number_that_is_not_finite_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(
        one_cell, "_of_scores", lambda scores: {**dict.fromkeys(one_cell._HEADLINES, 1.0), "mig": math.nan}
    )
    table = study.run_study(replace(TINY, blocks=TINY.blocks[:1]), tmp_path)
    assert table.rows[0]["status"] == "failed"
    assert table.rows[0]["error"] == "FloatingPointError: mig of the trained model is nan"


def test_a_worker_stops_where_its_study_is_gone():
    here = socket.gethostname()
    one_cell._stop_without((here, os.getpid()))
    one_cell._stop_without(("another machine", 1))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with pytest.raises(KeyboardInterrupt, match="was killed"):
        one_cell._stop_without((here, gone.pid))


def test_two_processes_give_the_table_of_one(tiny, tmp_path):
    _, table = tiny
    told = []
    found = study.run_study(TINY, tmp_path / "study", n_jobs=2, on_row=lambda row, *counts: told.append(counts))
    assert numbers(found) == numbers(table)
    assert told == [(done, 5) for done in range(1, 6)]


def test_iterations_of_a_cell_are_read_from_its_log(tmp_path):
    assert one_cell.iterations_done(tmp_path) == 0
    log = tmp_path / "metrics.jsonl"
    log.write_text("")
    assert one_cell.iterations_done(tmp_path) == 0
    log.write_text('{"iteration": 5}\n{"iteration": 10}\n')
    assert one_cell.iterations_done(tmp_path) == 10
    with log.open("a") as file:
        file.write('{"iter')
    assert one_cell.iterations_done(tmp_path) == 0


# ------------------------------------------------------------------------------------------------------------ failures


def test_a_model_that_diverges_is_a_row_and_the_others_go_on(tmp_path, monkeypatch):
    good = cells_of(TINY)
    bad = replace(good[1], run=replace(good[1].run, training=replace(TRAINING, learning_rate=1e30)))
    monkeypatch.setattr(runner, "cells_of", lambda _: [good[0], bad, good[2]])
    table = study.run_study(TINY, tmp_path)
    assert [row["status"] for row in table.rows] == ["done", "failed", "done"]
    assert "FloatingPointError" in table.rows[1]["error"]
    assert "iteration" in table.rows[1]["error"]
    assert "FloatingPointError" in (tmp_path / "table.csv").read_text()
    assert dm.read_study(tmp_path).rows == table.rows
    # It is tried again, and a success takes its place.
    monkeypatch.setattr(runner, "cells_of", lambda _: [good[0], replace(bad, run=good[1].run), good[2]])
    (tmp_path / "cells" / bad.name / "training.json").unlink()
    (tmp_path / "cells" / bad.name / "config.json").unlink()
    table = study.run_study(TINY, tmp_path)
    assert [row["status"] for row in table.rows] == ["done", "done", "done"]


def test_two_configurations_of_one_setting_keep_their_rows_and_have_no_median(tiny, tmp_path):
    _, table = tiny
    other = replace(TINY, blocks=TINY.blocks[:1], training=replace(TRAINING, iterations=10))
    (tmp_path / "grid.json").write_text(other.to_json())
    study.merge_into(tmp_path / "both", table)
    command = ["study", str(tmp_path / "both"), "--config", str(tmp_path / "grid.json"), "--jobs", "1"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert "no medians and no report: two models of vae, beta 1" in done.output
    assert "differ in iterations" in done.output
    assert len(dm.read_study(tmp_path / "both")) == 6


class Deadly(tuple):
    """Metrics that end whatever process asks for them."""

    def __bool__(self):
        os._exit(9)


def test_a_process_that_dies_costs_its_own_model_alone(tmp_path, monkeypatch):
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    cells = cells_of(TINY)
    cells[1] = replace(cells[1], metrics=Deadly())
    monkeypatch.setattr(runner, "cells_of", lambda _: cells)
    table = study.run_study(TINY, tmp_path, n_jobs=2)
    assert [row["status"] for row in table.rows] == ["done", "failed", "done", "done", "done"]
    assert "its process died (TerminatedWorkerError), out of memory perhaps" in table.rows[1]["error"]
    assert json.loads((tmp_path / "cells" / cells[1].name / "failed.json").read_text()) == table.rows[1]


def test_the_command_tells_of_failures_and_of_wrong_options(tmp_path, monkeypatch):
    config = tmp_path / "grid.json"
    config.write_text(replace(TINY, training=replace(TRAINING, learning_rate=1e30)).to_json())
    command = ["study", str(tmp_path / "study"), "--config", str(config), "--jobs", "1"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1
    assert done.output.count("FloatingPointError") >= 5
    for options, message in (
        ([], "one of --preset"),
        (["--preset", "desktop"], "--preset='desktop' is not known"),
        (["--preset", "smoke", "--merge", str(tmp_path)], "--merge trains nothing"),
        (["--config", str(tmp_path / "none.json")], "is no configuration of a study"),
    ):
        refused = CliRunner().invoke(app, ["study", str(tmp_path / "other"), *options])
        assert isinstance(refused.exception, ValueError)
        assert message in str(refused.exception)


# --------------------------------------------------------------------------------------------------------------- kills


def smoke(folder, **options):
    command = [sys.executable, "-m", "reference_models", "study", str(folder), "--preset", "smoke", "--jobs", "2"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def test_smoke_killed_twice_gives_the_table_of_one_that_was_not(tmp_path):
    process = smoke(tmp_path / "whole")
    output, _ = process.communicate()
    assert process.returncode == 0, output
    assert "MIG of beta_tcvae less that of beta_vae" in output
    whole = dm.read_study(tmp_path / "whole")
    assert len(whole.done) == 8
    pytest.importorskip("matplotlib")
    assert (tmp_path / "whole" / "report.html").read_text() == report_html(whole)
    done = {}
    moments = random.Random(int(os.environ.get("STUDY_KILL_SEED", "2018")))
    for _ in range(2):
        process = smoke(tmp_path / "killed")
        begun = list((tmp_path / "killed").glob("cells/*/metrics.jsonl"))
        # From the first sign of work on, so that there is something to lose.
        while process.poll() is None and list((tmp_path / "killed").glob("cells/*/metrics.jsonl")) == begun:
            time.sleep(0.05)
        time.sleep(moments.uniform(0.0, 4.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        rows = {path: path.stat().st_mtime_ns for path in (tmp_path / "killed").glob("cells/*/row.json")}
        assert done.items() <= rows.items()
        done = rows
    process = smoke(tmp_path / "killed")
    output, _ = process.communicate()
    assert process.returncode == 0, output
    assert numbers(dm.read_study(tmp_path / "killed")) == numbers(whole)
    assert (
        done.items()
        <= {path: path.stat().st_mtime_ns for path in (tmp_path / "killed").glob("cells/*/row.json")}.items()
    )
    names = [
        {path.relative_to(tmp_path / name) for path in (tmp_path / name).rglob("*")} for name in ("whole", "killed")
    ]
    assert names[0] == names[1]


# ------------------------------------------------------------------------------------------------------------- cluster


@pytest.mark.filterwarnings("ignore")  # a cluster's own, of its shutdown
def test_a_dask_cluster_gives_the_same_table(tiny, tmp_path):
    distributed = pytest.importorskip("distributed")
    _, table = tiny
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        found = study.run_study(TINY, tmp_path / "study")
    assert numbers(found) == numbers(table)
