"""Sizes of test data: smaller where kernels run as plain Python."""

import numba


def size(compiled: int, interpreted: int) -> int:
    """The first where kernels are compiled, the second with NUMBA_DISABLE_JIT=1."""
    return interpreted if numba.config.DISABLE_JIT else compiled
