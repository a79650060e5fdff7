"""What a report is of, from a file: told by what is in it."""

import json
import os
from pathlib import Path
from typing import Any

from dismetrics.evaluated import Evaluation
from dismetrics.report.stored import stored_evaluation
from dismetrics.study import Study, read_study

__all__ = ["read_source"]

_WANTED = (
    "what `dismetrics score --format json` writes is wanted, or the table.json of a study, or the folder that it is in"
)


def read_source(path: str | os.PathLike[str]) -> Evaluation | Study:
    """An evaluation that `dismetrics score --format json` wrote, or a study, which may be a folder."""
    name, file = os.fspath(path), Path(path)
    if not file.exists():
        raise ValueError(f"{name} does not exist")
    if file.is_dir():
        return _study(file, name)
    try:
        content: Any = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"{name} cannot be read as JSON ({error}); {_WANTED}") from error
    keys = set(content) if isinstance(content, dict) else set()
    if "study" in keys:
        return _study(file, name)
    if "results" in keys:
        return stored_evaluation(content, name)
    held = f"it has {', '.join(sorted(keys))}" if keys else f"it holds {type(content).__name__}"
    raise ValueError(f"{name} is neither an evaluation nor a study ({held}); {_WANTED}")


def _study(file: Path, name: str) -> Study:
    try:
        study = read_study(file)
    except (AttributeError, TypeError) as error:
        raise ValueError(f"{name} is no study: its rows are no rows of a table ({error})") from error
    except ValueError as error:
        # What is wrong with a row is said without the file.
        if name in str(error):
            raise
        raise ValueError(f"{name} is no study: {error}") from error
    if not isinstance(study.provenance, dict):
        raise ValueError(f"{name} is no study: its 'provenance' is {type(study.provenance).__name__}")
    for row in study.rows:
        odd = [column for column in ("objective", "case") if not isinstance(row[column], str)]
        if odd or isinstance(row["beta"], bool) or not isinstance(row["beta"], (int, float)):
            column = odd[0] if odd else "beta"
            wanted = "a text" if odd else "a number"
            raise ValueError(f"{name} is no study: {column} of {row['cell']!r} is {row[column]!r}; {wanted} is wanted")
    return study
