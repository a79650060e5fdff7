"""Names for the array types of the package."""

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["ArrayLike", "BoolArray", "FloatArray", "IntArray", "RandomState"]

ArrayLike = Any
"""Anything that `numpy.asarray` takes, or a torch, JAX, CuPy, pandas or polars object."""

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.signedinteger[Any]]
BoolArray = npt.NDArray[np.bool_]

RandomState = int | np.random.Generator | None
"""What `rng` takes (SPEC 7): None for fresh entropy, a seed, or a generator."""
