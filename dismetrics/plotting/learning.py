"""The numbers of a training log against iterations."""

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dismetrics.plotting.axes import Axes, add_legend, axes_or_new, set_title
from dismetrics.plotting.palette import COLOURS, line_styles
from dismetrics.plotting.words import in_nats, number_words, with_unit
from dismetrics.typing import FloatArray

__all__ = ["learning_curves"]

Log = Sequence[Mapping[str, Any]] | str | os.PathLike[str]

_NO_TERMS = ("iteration", "seconds", "averaged")
"""What a log says of itself."""


def learning_curves(
    log: Log | Mapping[str, Log], terms: str | Sequence[str] | None = None, *, ax: Axes | None = None
) -> Axes:
    """How the numbers of a training log went.

    Parameters
    ----------
    log : list of dict, path, or mapping of str to such
        Lines with `iteration` and numbers by name; or the path of a file with such a line of JSON each, such as
        `metrics.jsonl` of the reference models; or several runs by name.
    terms : str or sequence of str, optional
        Numbers to draw; by default `elbo` where all runs have it, and else every number of the first run.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Several terms have a colour each, and runs a kind of line; runs of a single term have the colours. Where a
        number is missing, or is not finite, its line has a gap, and the title says how often.

    Raises
    ------
    TypeError, ValueError
        If a log cannot be read, has no such number, or its iterations do not grow; if there are more than seven curves
        of one kind, more than can be told apart.
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> from dismetrics import plotting
    >>> log = [{"iteration": 100, "elbo": -90.0}, {"iteration": 200, "elbo": -60.0}]
    >>> ax = plotting.learning_curves(log)
    >>> ax.lines[0].get_ydata(), ax.get_ylabel()
    (array([-90., -60.]), 'ELBO (nats)')
    """
    given = log if isinstance(log, Mapping) else {"": log}
    runs = {str(name): _lines(one, str(name)) for name, one in given.items()}
    if not runs:
        raise ValueError("log has no runs")
    names = _terms(runs, terms)
    if max(len(names), len(runs) if len(names) == 1 else 0) > len(COLOURS) or len(runs) > len(COLOURS):
        raise ValueError(
            f"{len(names)} terms of {len(runs)} runs are more than can be told apart; name at most {len(COLOURS)} in "
            f"terms, there is {', '.join(names)}, and give at most {len(COLOURS)} runs"
        )

    ax = axes_or_new(ax)
    missing = 0
    for run, lines in runs.items():
        iterations = _iterations(lines, run)
        for term in names:
            values = _values(lines, term)
            missing += int(np.isnan(values).sum())
            of_run = list(runs).index(run)
            of_term = names.index(term)
            ax.plot(
                iterations,
                values,
                color=COLOURS[of_run if len(names) == 1 else of_term],
                linestyle="-" if len(names) == 1 else line_styles(len(runs))[of_run],
                # A line of one point would not be seen.
                marker="o" if len(values) == 1 else None,
                label=", ".join(part for part in (run, number_words(term) if len(names) > 1 else "") if part) or None,
            )
    ax.set_xlabel("iteration")
    if len(names) == 1:
        ax.set_ylabel(with_unit(names[0]))
    else:
        ax.set_ylabel("nats" if all(map(in_nats, names)) else "value")
    set_title(ax, f"gaps: {missing} entries are missing or not finite" if missing else None)
    add_legend(ax)
    return ax


def _lines(log: Log, run: str) -> list[Mapping[str, Any]]:
    what = f"the log {run!r}" if run else "log"
    if isinstance(log, (str, os.PathLike)):
        what = str(log)
        lines = _read(Path(log))
    else:
        lines = list(log)
    if not lines:
        raise ValueError(f"{what} has no lines")
    for number, line in enumerate(lines, 1):
        if not isinstance(line, Mapping) or not isinstance(line.get("iteration"), (int, float, np.number)):
            raise ValueError(f"{what}: line {number} is no mapping with a number under 'iteration'")
    return lines


def _read(file: Path) -> list[Any]:
    lines = []
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{file} cannot be read: {error}") from error
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                lines.append(json.loads(line))
            except json.JSONDecodeError as error:
                raise ValueError(f"{file}: line {number} is no JSON ({error})") from error
    return lines


def _terms(runs: Mapping[str, list[Mapping[str, Any]]], terms: str | Sequence[str] | None) -> list[str]:
    found = {
        run: list(dict.fromkeys(name for line in lines for name, value in line.items() if _is_number(value)))
        for run, lines in runs.items()
    }
    if terms is None:
        if all("elbo" in names for names in found.values()):
            return ["elbo"]
        names = [name for name in next(iter(found.values())) if name not in _NO_TERMS]
    else:
        names = [terms] if isinstance(terms, str) else list(dict.fromkeys(terms))
    if not names:
        raise ValueError("terms is empty, or the log has no numbers besides its iterations")
    for name in names:
        for run, known in found.items():
            if name not in known:
                of_run = f" of {run!r}" if run else ""
                raise ValueError(f"the log{of_run} has no number {name!r}; there is {', '.join(known)}")
    return names


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def _iterations(lines: Sequence[Mapping[str, Any]], run: str) -> FloatArray:
    iterations = np.array([float(line["iteration"]) for line in lines])
    back = np.flatnonzero(np.diff(iterations) <= 0)
    if len(back):
        what = f"the log {run!r}" if run else "the log"
        raise ValueError(
            f"{what} goes from iteration {iterations[back[0]]:g} to {iterations[back[0] + 1]:g}, not forwards: it "
            "holds several runs, which are to be given by name"
        )
    return iterations


def _values(lines: Sequence[Mapping[str, Any]], term: str) -> FloatArray:
    values = [float(line[term]) if _is_number(line.get(term)) else math.nan for line in lines]
    return np.array([value if math.isfinite(value) else math.nan for value in values])
