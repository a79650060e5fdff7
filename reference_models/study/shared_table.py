"""The table of a study's folder, which several processes may add to."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock

from dismetrics import Study, read_study
from dismetrics.io import write_text
from dismetrics.provenance import versions

__all__ = ["add_rows", "merge_into", "merged_rows"]


def add_rows(folder: Path, rows: Sequence[dict[str, Any]], *, order: Sequence[str] = ()) -> Study:
    """Put rows in place of what the table has of their cells; the cells of `order` come first."""
    with FileLock(folder / "table.lock"):
        found = {row["cell"]: row for row in _table_of(folder).rows} | {row["cell"]: row for row in rows}
        first = {name: found[name] for name in order if name in found}
        return _written(folder, Study(tuple((first | found).values()), _provenance()))


def merged_rows(folder: Path) -> dict[str, dict[str, Any]]:
    """Rows of the table of models that are done, by the names of their cells."""
    return {row["cell"]: row for row in _table_of(folder).done}


def merge_into(folder: str | os.PathLike[str], *others: Study, keep: str | None = None) -> Study:
    """Add the rows of other studies to the table of a folder.

    Parameters
    ----------
    folder : path
        Of a study; a new one is made.
    *others : Study
        Further rows.
    keep : {"first", "other"}, optional
        Which row counts where scores of one model differ: the table's, or the other's.

    Returns
    -------
    Study
        All rows.

    Raises
    ------
    ValueError
        If a model has different scores in two of them, and `keep` is not given.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "table.lock"):
        return _written(folder, _table_of(folder).merged(*others, keep=keep))


def _table_of(folder: Path) -> Study:
    return read_study(folder) if (folder / "table.json").exists() else Study((), _provenance())


def _written(folder: Path, study: Study) -> Study:
    # What a kill has left half written; nobody else writes here.
    for left in folder.glob(".table.*"):
        left.unlink()
    write_text(folder / "table.json", study.to_json() + "\n")
    write_text(folder / "table.csv", study.to_csv())
    return study


def _provenance() -> dict[str, Any]:
    return {"versions": {**versions(), "torch": torch.__version__}}
