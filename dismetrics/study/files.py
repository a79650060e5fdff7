"""A study from its file."""

import json
import os
from pathlib import Path

from dismetrics.study.table import Study

__all__ = ["read_study"]


def read_study(path: str | os.PathLike[str]) -> Study:
    """Read a table of trained models.

    Parameters
    ----------
    path : str or path
        The JSON that `Study.to_json` writes, or a folder that holds it as `table.json`, such as that of
        `python -m reference_models study`.

    Returns
    -------
    Study
        The table.

    Raises
    ------
    ValueError
        If the file cannot be read, or is no study.

    Examples
    --------
    >>> import dismetrics as dm
    >>> dm.read_study("runs/laptop").summary()  # doctest: +SKIP
    """
    file = Path(path)
    if file.is_dir():
        file = file / "table.json"
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is no study: {file.name} cannot be read ({error})") from error
    if not isinstance(content, dict) or not isinstance(content.get("study"), list):
        raise ValueError(f"{path} is no study: {file.name} has no list named 'study'")
    return Study(tuple(content["study"]), content.get("provenance", {}))
