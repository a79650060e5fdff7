"""What a training run logged, against the iteration."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dismetrics.plotting.canvas import colours_of, label_of, new_axes

__all__ = ["learning_curves"]


def learning_curves(log: Any, term: str = "loss", *, ax: Any = None) -> Any:
    """A term of one training log, or of several, against the iteration.

    Parameters
    ----------
    log : path, sequence of mapping, or mapping of name to such
        The `metrics.jsonl` of a run, its lines as mappings with `iteration`, or several of them by name. Names that are
        objectives have their colours.
    term : str, default "loss"
        What to draw. The parts of the KL in a training log are biased by many nats; see `dismetrics.estimators`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        With the picture.

    Raises
    ------
    ValueError
        If a log cannot be read, or has no such term.

    Examples
    --------
    >>> from dismetrics.plotting import learning_curves
    >>> ax = learning_curves([{"iteration": 10, "loss": 3.0}, {"iteration": 20, "loss": 2.0}])
    >>> ax.lines[0].get_ydata().tolist()
    [3.0, 2.0]
    """
    logs = dict(log) if isinstance(log, Mapping) else {"": log}
    lines = {name: _points(one, term, name) for name, one in logs.items()}
    ax = new_axes(ax)
    for (name, (x, y)), colour in zip(lines.items(), colours_of(logs).values(), strict=True):
        ax.plot(x, y, color=colour, label=label_of(name))
    ax.set_xlabel("iteration")
    ax.set_ylabel(label_of(term))
    if len(logs) > 1 or "" not in logs:
        ax.legend()
    return ax


def _points(log: str | os.PathLike[str] | Sequence[Mapping[str, Any]], term: str, name: str) -> tuple[Any, Any]:
    what = f"the log of {name!r}" if name else "the log"
    if isinstance(log, (str, os.PathLike)):
        try:
            entries = [json.loads(line) for line in Path(log).read_text(encoding="utf-8").splitlines()]
        except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise ValueError(f"{what} cannot be read: {error}") from error
    else:
        entries = list(log)
    found = [entry for entry in entries if term in entry]
    if not found:
        known = list(dict.fromkeys(key for entry in entries for key in entry))
        raise ValueError(f"{what} has no {term!r}; there is {', '.join(known) or 'nothing'}")
    return [entry["iteration"] for entry in found], [entry[term] for entry in found]
