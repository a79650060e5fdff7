"""Independent tasks over threads: the kernels release the interpreter lock, and no result is shared."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numba

from dismetrics.progress import report

__all__ = ["map_tasks"]

Each = TypeVar("Each")

_MOST_WORKERS = 8
"""Every task holds its own grids, so more workers would trade memory for little time."""


def map_tasks(task: Callable[[int], Each], n_tasks: int, what: str) -> list[Each]:
    """The result of every task, in order; the same for any number of threads."""
    results = []
    with ThreadPoolExecutor(min(n_tasks, _MOST_WORKERS, int(numba.config.NUMBA_NUM_THREADS))) as pool:
        for result in pool.map(task, range(n_tasks)):
            results.append(result)
            report(what, len(results), n_tasks)
    return results
