"""Run the cells of a study, here or on a cluster, and keep the table of all that is known up to date."""

import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any

import joblib

from dismetrics import Study
from dismetrics.io import write_text
from dismetrics.progress import report
from reference_models.study.cells import Cell, cells_of
from reference_models.study.config import StudyConfig
from reference_models.study.one_cell import finished_row, iterations_done, run_cell, tidy, write_failure
from reference_models.study.shared_table import add_rows, merged_rows

__all__ = ["run_study"]

_SECONDS_BETWEEN_LOOKS = 1.0


def run_study(
    config: StudyConfig,
    folder: str | os.PathLike[str],
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
    folder = Path(folder).resolve()
    (folder / "cells").mkdir(parents=True, exist_ok=True)
    write_text(folder / "study.json", config.to_json())
    cells = cells_of(config)
    places = {cell.name: folder / "cells" / cell.name for cell in cells}
    rows = {cell.name: row for cell in cells if (row := finished_row(cell, places[cell.name])) is not None}
    # A model that was merged from elsewhere has a row and no folder. Where there is a folder, what is in it counts.
    rows |= {name: row for name, row in merged_rows(folder).items() if name in places and not places[name].exists()}
    done = {name for name, row in rows.items() if row["status"] == "done"}
    for name in done:
        if places[name].exists():
            tidy(places[name])
    study = add_rows(folder, [rows[cell.name] for cell in cells if cell.name in rows], order=list(places))
    pending = [cell for cell in cells if cell.name not in done]
    with _watched(cells, places, done):
        while pending:
            for row in _rows_of(pending, places, n_jobs):
                done.add(row["cell"])
                study = add_rows(folder, [row], order=list(places))
                if on_row is not None:
                    on_row(row, len(done), len(cells))
            pending = [cell for cell in pending if cell.name not in done]
    return study


def _rows_of(cells: Sequence[Cell], places: dict[str, Path], n_jobs: int | None) -> Iterator[dict[str, Any]]:
    """Rows as they are finished; of those that a worker's death has stopped, some may be left out."""
    returned = set[str]()
    running = _parallel(cells, places, n_jobs)
    while True:
        try:
            row = next(running)
        except StopIteration:
            return
        except (OSError, ValueError):  # a full disk, or a row that somebody has edited
            raise
        except Exception:
            # Cells return their own errors, so this is a worker that died, and joblib has lost all that ran beside it.
            # One of the cells that were begun is the reason: each of them has a worker to itself now.
            begun = [cell for cell in cells if cell.name not in returned and places[cell.name].exists()]
            if not begun:
                raise
            break
        returned.add(row["cell"])
        yield row
    for cell in begun:
        yield _alone(cell, places[cell.name], n_jobs)


def _alone(cell: Cell, place: Path, n_jobs: int | None) -> dict[str, Any]:
    try:
        (row,) = _parallel([cell], {cell.name: place}, n_jobs)
    except (OSError, ValueError):
        raise
    except BrokenExecutor as error:
        return write_failure(cell, place, f"its process died ({type(error).__name__}), out of memory perhaps")
    except Exception as error:
        return write_failure(cell, place, f"{type(error).__name__}: {' '.join(str(error).split())}")
    return row


def _parallel(cells: Sequence[Cell], places: dict[str, Path], n_jobs: int | None) -> Iterator[dict[str, Any]]:
    parent = socket.gethostname(), os.getpid()
    # One cell at a time to a worker: they are long, and differ in length.
    parallel = joblib.Parallel(n_jobs=n_jobs, return_as="generator_unordered", batch_size=1, pre_dispatch="all")
    return iter(parallel(joblib.delayed(run_cell)(cell, places[cell.name], parent) for cell in cells))


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
