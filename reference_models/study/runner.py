"""Run the cells of a study, here or on a cluster, and keep the table of all that is known up to date."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any

import joblib
import torch

from dismetrics import Study, read_study
from dismetrics.io import write_text
from dismetrics.progress import report
from dismetrics.provenance import versions
from reference_models.study.cells import Cell, cells_of
from reference_models.study.config import StudyConfig
from reference_models.study.one_cell import finished_row, iterations_done, run_cell, write_failure

__all__ = ["merge_into", "run_study"]

_SECONDS_BETWEEN_LOOKS = 1.0


def run_study(
    config: StudyConfig,
    folder: Path,
    *,
    n_jobs: int | None = None,
    on_row: Callable[[dict[str, Any], int, int], None] | None = None,
) -> Study:
    """Train, decompose and score every model of a grid that is not finished yet.

    A study is a folder: `study.json`, a folder for each cell under `cells`, and the table of all of them, `table.json`
    and `table.csv`, written anew after every model. It can be stopped or killed at any moment and run again: what was
    finished is read, what was begun goes on from its last checkpoint, what failed is tried again. Another grid in the
    same folder adds to the table, and so do rows that are merged into it.

    Parameters
    ----------
    config : StudyConfig
        The grid.
    folder : path
        Of the study.
    n_jobs : int, optional
        Processes, as joblib counts them: -1 for all cores; None for what `joblib.parallel_config` says around the call,
        such as `backend="dask"` for a cluster that shares the folder, else for this process alone.
    on_row : callable, optional
        Called with every row that is newly known, the number of models that are finished, and of all.

    Returns
    -------
    Study
        All rows of the folder.

    Raises
    ------
    ValueError
        If the folder holds something that cannot be read.
    OSError
        If a file cannot be written.
    """
    folder = folder.resolve()
    (folder / "cells").mkdir(parents=True, exist_ok=True)
    write_text(folder / "study.json", config.to_json())
    cells = cells_of(config)
    places = {cell.name: folder / "cells" / cell.name for cell in cells}
    rows = {cell.name: row for cell in cells if (row := finished_row(places[cell.name])) is not None}
    done = {name for name, row in rows.items() if row["status"] == "done"}
    table = _Table(folder, [cell.name for cell in cells])
    study = table.write(rows)

    def keep(row: dict[str, Any]) -> None:
        nonlocal study
        rows[row["cell"]] = row
        done.add(row["cell"])
        study = table.write(rows)
        if on_row is not None:
            on_row(row, len(done), len(cells))

    with _watched(cells, places, done):
        pending = [cell for cell in cells if cell.name not in done]
        while pending:
            try:
                for row in _parallel(pending, places, n_jobs):
                    keep(row)
            except (OSError, ValueError):  # a full disk, or a row that somebody has edited
                raise
            except Exception:
                # Cells return their own errors, so this is a worker that died, and all others with it. One of the
                # cells that were begun is the reason: each of them has a worker to itself now.
                begun = [cell for cell in pending if cell.name not in done and places[cell.name].exists()]
                if not begun:
                    raise
                for cell in begun:
                    keep(_alone(cell, places[cell.name], n_jobs))
            pending = [cell for cell in pending if cell.name not in done]
    return study


def merge_into(folder: Path, *others: Study) -> Study:
    """Add the rows of other studies to the table of a folder.

    Parameters
    ----------
    folder : path
        Of a study; a new one is made.
    *others : Study
        Further rows.

    Returns
    -------
    Study
        All rows.

    Raises
    ------
    ValueError
        If a model has different scores in two of them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    study = Study((), _provenance()) if not (folder / "table.json").exists() else read_study(folder)
    study = study.merged(*others)
    _write(folder, study)
    return study


def _alone(cell: Cell, place: Path, n_jobs: int | None) -> dict[str, Any]:
    try:
        (row,) = _parallel([cell], {cell.name: place}, n_jobs)
        return row
    except (OSError, ValueError):
        raise
    except Exception as error:
        return write_failure(cell, place, f"its process died ({type(error).__name__}), out of memory perhaps")


def _parallel(cells: Sequence[Cell], places: dict[str, Path], n_jobs: int | None) -> Iterator[dict[str, Any]]:
    # One cell at a time to a worker: they are long, and differ in length.
    parallel = joblib.Parallel(n_jobs=n_jobs, return_as="generator_unordered", batch_size=1, pre_dispatch="all")
    rows: Iterator[dict[str, Any]] = parallel(joblib.delayed(run_cell)(cell, places[cell.name]) for cell in cells)
    return rows


class _Table:
    """The rows of a folder: those of the grid in its order, then what other grids and merges have added."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._folder, self._names = folder, names
        before = read_study(folder).rows if (folder / "table.json").exists() else ()
        self._others = tuple(row for row in before if row["cell"] not in set(names))

    def write(self, rows: dict[str, dict[str, Any]]) -> Study:
        known = tuple(rows[name] for name in self._names if name in rows)
        study = Study((*known, *self._others), _provenance())
        _write(self._folder, study)
        return study


def _write(folder: Path, study: Study) -> None:
    write_text(folder / "table.json", study.to_json() + "\n")
    write_text(folder / "table.csv", study.to_csv())


def _provenance() -> dict[str, Any]:
    return {"versions": {**versions(), "torch": torch.__version__}}


@contextmanager
def _watched(cells: Sequence[Cell], places: dict[str, Path], done: set[str]) -> Iterator[None]:
    """Report how many iterations all models together have behind them, by the logs that their processes write."""
    total = sum(cell.run.training.iterations for cell in cells)
    over = threading.Event()

    def look() -> None:
        while not over.wait(_SECONDS_BETWEEN_LOOKS):
            count = sum(
                cell.run.training.iterations if cell.name in done else iterations_done(places[cell.name])
                for cell in cells
            )
            report(f"iterations of {len(cells)} models", count, total)

    # A thread has no context of its own, and who listens is in the context.
    thread = threading.Thread(target=copy_context().run, args=(look,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
