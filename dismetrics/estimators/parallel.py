"""Many threads for independent tasks, which share no result; one for linear algebra on small matrices."""

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import numba

from dismetrics.progress import report

__all__ = ["map_tasks", "one_thread_of_linear_algebra"]

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


def one_thread_of_linear_algebra() -> AbstractContextManager[Any]:
    """A single thread for the matrix products of numpy and scipy, inside `with`.

    On matrices of a few columns several wait for each other far longer than they compute: a logistic regression of
    1,000 samples takes ten times as long with two. What is computed does not depend on the machine then, either.
    """
    controller: AbstractContextManager[Any] = _linear_algebra().limit(limits=1, user_api="blas")
    return controller


@functools.cache
def _linear_algebra() -> Any:
    """What sets the threads of the libraries that are loaded, which are looked for once in a process."""
    import scipy.linalg  # noqa: F401  # loads a library of its own, that scikit-learn uses
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
