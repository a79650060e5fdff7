"""Train and score the model of one cell, in a folder that only one process at a time has."""

import json
import math
import os
import shutil
import socket
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock

import dismetrics
from dismetrics.estimators.activity import ACTIVE_INFORMATION
from dismetrics.io import write_text
from dismetrics.provenance import versions
from dismetrics.results import to_plain
from reference_models import trainer
from reference_models.checkpoints import keep_weights_alone
from reference_models.runs import build_data, new_model, write_run
from reference_models.scoring import Scores, score
from reference_models.study.cells import Cell

__all__ = ["finished_row", "iterations_done", "run_cell", "tidy", "write_failure"]

_DONE, _FAILED = "row.json", "failed.json"

_HEADLINES = ("mig", "index_code_mi", "total_correlation", "dimension_wise_kl", "log_likelihood")

# Random state is the process's, and a thread of a cluster's worker may have a neighbour.
_one_at_a_time = threading.Lock()


def run_cell(cell: Cell, folder: Path, parent: tuple[str, int]) -> dict[str, Any]:
    """The row of a cell: read where it is finished, else trained, from the last checkpoint on, and scored.

    Parameters
    ----------
    cell : Cell
        What to train.
    folder : path
        Of the cell.
    parent : tuple of str and int
        Host and number of the process that runs the study.

    Returns
    -------
    dict
        The row of the table. A cell that fails has `status` "failed" and the reason, and is tried again by the next
        run of the study.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time, FileLock(folder / "lock"):
        _stop_without(parent)
        before = finished_row(cell, folder)
        if before is not None and before["status"] == "done":
            return before
        # What a kill left half written has a hidden name, and nobody else writes here.
        for left in folder.glob(".*"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        try:
            numbers = _numbers(cell, folder, parent)
        except Exception as error:  # whatever it is, it is told in the table, and the other models go on
            reason = " ".join(str(error).split()) or "no reason was given"
            return write_failure(cell, folder, f"{type(error).__name__}: {reason}")
        row = _written(folder / _DONE, {**_setting(cell), "status": "done", "error": None, **numbers})
        tidy(folder)
        return row


def tidy(folder: Path) -> None:
    """Drop what a cell that is done needs no more."""
    (folder / _FAILED).unlink(missing_ok=True)
    keep_weights_alone(folder)


def finished_row(cell: Cell, folder: Path) -> dict[str, Any] | None:
    """What is known of a cell: the row of a model that is done, or that failed; None if there is none yet.

    A model that was scored by other metrics, or with another number of draws, is to be scored again.
    """
    for name in (_DONE, _FAILED):
        try:
            row: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except json.JSONDecodeError as error:
            raise ValueError(
                f"{folder / name} cannot be read ({error}); remove it, to score the model again"
            ) from error
        if name == _FAILED or all(row.get(key) == value for key, value in _scored_by(cell).items()):
            return row
    return None


def _scored_by(cell: Cell) -> dict[str, Any]:
    return {"metrics": ",".join(cell.metrics), "n_draws": cell.n_draws}


def iterations_done(folder: Path) -> int:
    """How far the training of a cell has come, by its log."""
    try:
        lines = (folder / "metrics.jsonl").read_text().splitlines()
        return int(json.loads(lines[-1])["iteration"])
    except (FileNotFoundError, IndexError, json.JSONDecodeError):  # not yet, or half a line
        return 0


def write_failure(cell: Cell, folder: Path, reason: str) -> dict[str, Any]:
    """Record that a cell failed, and why; its row."""
    return _written(folder / _FAILED, {**_setting(cell), "status": "failed", "error": reason})


def _written(path: Path, row: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(row)
    write_text(path, json.dumps(plain, indent=2, allow_nan=False) + "\n")
    return plain


def _setting(cell: Cell) -> dict[str, Any]:
    """The columns that say what a model is."""
    run = cell.run
    return {
        "cell": cell.name,
        "objective": run.model.objective,
        "beta": run.model.beta,
        "case": cell.case,
        "seed": run.training.seed,
        "data": run.data.name,
        "network": run.model.network,
        "hidden": run.model.hidden,
        "decoder_layers": run.model.decoder_layers,
        "n_latents": run.model.n_latents,
        "estimator": run.model.estimator,
        "iterations": run.training.iterations,
        "batch_size": run.training.batch_size,
        "learning_rate": run.training.learning_rate,
        "alpha": run.model.alpha,
        "gamma": run.model.gamma,
        "posterior": run.model.posterior,
        "prior": run.model.prior,
        "device": run.training.device,
        "precision": run.training.precision,
        **_scored_by(cell),
    }


def _numbers(cell: Cell, folder: Path, parent: tuple[str, int]) -> dict[str, Any]:
    threads = torch.get_num_threads()
    # Cells share the processor, and results depend on the number of threads.
    torch.set_num_threads(1)
    try:
        numbers = _trained_and_scored(cell, folder, parent)
    finally:
        torch.set_num_threads(threads)
    unknown = [name for name in _HEADLINES if not math.isfinite(numbers[name])]
    if unknown:
        raise FloatingPointError(f"{unknown[0]} of the trained model is {numbers[unknown[0]]}")
    return numbers


def _trained_and_scored(cell: Cell, folder: Path, parent: tuple[str, int]) -> dict[str, Any]:
    run = cell.run
    data = build_data(run.data)
    model = new_model(run, data)
    write_run(folder, run)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        trainer.train(model, data, run.training, folder, resume=True, on_log=lambda _: _stop_without(parent))
        start = time.perf_counter()
        scores = score(model, data, folder / "latents.npz", n_draws=cell.n_draws, seed=run.training.seed)
        others = _other_metrics(cell, folder)
        seconds = time.perf_counter() - start
    log = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    said = dict.fromkeys(f"{one.category.__name__}: {one.message}" for one in caught)
    return {
        **_of_scores(scores),
        **others,
        "n_images": len(data),
        "train_seconds": sum(line["seconds"] for line in log),
        "score_seconds": seconds,
        "warnings": "; ".join(said) or None,
        "torch": torch.__version__,
        "dismetrics": versions()["dismetrics"],
    }


def _of_scores(scores: Scores) -> dict[str, Any]:
    found = scores.decomposition
    return {
        "mig": scores.mig.score,
        **{f"mig.{name}": gap for name, gap in zip(scores.mig.factor_names, scores.mig.per_factor, strict=True)},
        "mig_without_shape": scores.mig_without_shape,
        "index_code_mi": found.index_code_mi,
        "total_correlation": found.total_correlation,
        "dimension_wise_kl": found.dimension_wise_kl,
        "mean_kl": found.mean_kl,
        "total_correlation_se": found.standard_error["total_correlation"],
        "index_code_mi_se": found.standard_error["index_code_mi"],
        "n_active_latents": int((found.index_information_per_latent > ACTIVE_INFORMATION).sum()),
        "index_code_mi_ceiling": found.index_code_mi_ceiling,
        "log_likelihood": scores.log_likelihood,
        "elbo": scores.log_likelihood - found.mean_kl,
    }


def _other_metrics(cell: Cell, folder: Path) -> dict[str, Any]:
    if not cell.metrics:
        return {}
    read = dismetrics.read_npz(folder / "latents.npz")
    rng = cell.run.training.seed
    evaluation = dismetrics.evaluate(read.latents, read.factors, metrics=cell.metrics, progress=False, rng=rng)
    return {row["metric"]: row["score"] for row in evaluation.rows()}


def _stop_without(parent: tuple[str, int]) -> None:
    """End a worker whose study was killed: the study that goes on with the folder is waiting for it."""
    host, number = parent
    # On another machine, the cluster sees to it.
    if host == socket.gethostname() and not _runs(number):
        raise KeyboardInterrupt("the study that this model is part of was killed")


def _runs(number: int) -> bool:
    # On Windows, asking in this way would interrupt it.
    if number in (os.getpid(), os.getppid()) or os.name == "nt":
        return True
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is somebody else's, and there
        return True
    return True
