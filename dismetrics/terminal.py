"""A progress bar on standard error, where that is a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from dismetrics.progress import listening

__all__ = ["progress_bar"]


@contextmanager
def progress_bar(show: bool | None = None) -> Iterator[None]:
    """Show what is reported inside; by default only where standard error is a terminal."""
    # Python has no standard error where the shell closed it.
    is_terminal = sys.stderr is not None and sys.stderr.isatty()
    if not (is_terminal if show is None else show):
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True, force_terminal=show), transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def listener(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done, total=total)

        with listening(listener):
            yield
