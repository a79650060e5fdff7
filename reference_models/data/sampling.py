"""How frequent each combination of factor values is: the four cases of Chen et al. 2018, section 5.2, and any other.

A table of weights over the grid of factors goes to `Sprites(weights=...)` or `with_weights`: training draws images by
it, and metrics take it as sample weights.
"""

from collections.abc import Mapping

import numpy as np

from dismetrics.typing import FloatArray
from dismetrics.validation import as_choice, as_positive_number

__all__ = ["CASES", "joint_weights"]

CASES = ("independent_uniform", "independent_nonuniform", "dependent_uniform", "dependent_nonuniform")
"""Two factors that are independent or not, with marginal distributions that are uniform or not."""


def joint_weights(
    sizes: Mapping[str, int],
    case: str,
    *,
    factors: tuple[str, str] = ("pos_x", "pos_y"),
    ratio: float = 4.0,
    width: float = 0.25,
) -> FloatArray:
    """Weights of a grid in which two factors are distributed as one of the four cases says, the others uniformly.

    The paper shows its distributions as pictures; these are ours, with the same properties.

    Parameters
    ----------
    sizes : mapping
        Names of the factors and the number of their values, such as `Sprites().sizes`.
    case : str
        One of `CASES`.
    factors : tuple of two str
        The two factors.
    ratio : float, default 4.0
        For marginals that are not uniform: how many times as frequent the last value is as the first, in a straight
        line.
    width : float, default 0.25
        For dependent factors, in units of their range: p(a, b) = r(a) s(b) exp(-(a - b)^2 / (2 width^2)), with r and s
        such that the marginals are as they should be.

    Returns
    -------
    ndarray of float64, shape (size, ...)
        Probabilities, which add up to 1.

    Raises
    ------
    ValueError
        If the case or a factor is not known.

    Examples
    --------
    >>> weights = joint_weights({"scale": 2, "pos_x": 3, "pos_y": 3}, "dependent_uniform")
    >>> weights.sum(axis=(0, 2))
    array([0.3333, 0.3333, 0.3333])
    >>> bool(weights[0, 0, 0] > weights[0, 0, 2])
    True
    """
    as_choice(case, "case", CASES)
    as_positive_number(ratio, "ratio")
    as_positive_number(width, "width")
    names = list(sizes)
    for name in factors:
        as_choice(name, "factors", names)
    if len(set(factors)) != 2:
        raise ValueError(f"factors={factors!r}; two different factors are wanted")
    first, second = (_marginal(sizes[name], ratio if case.endswith("nonuniform") else 1.0) for name in factors)
    table = np.outer(first, second)
    if case.startswith("dependent"):
        distance = np.linspace(0, 1, len(first))[:, None] - np.linspace(0, 1, len(second))
        table = _fitted(np.exp(-0.5 * (distance / width) ** 2), first, second)
    # The two axes into their places among the others, which are uniform.
    if names.index(factors[0]) > names.index(factors[1]):
        table = table.T
    shape = [size if name in factors else 1 for name, size in sizes.items()]
    full = np.broadcast_to(table.reshape(shape), tuple(sizes.values()))
    return full / full.sum()


def _marginal(size: int, ratio: float) -> FloatArray:
    weights = np.linspace(1.0, ratio, size)
    return weights / weights.sum()


def _fitted(table: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
    """The table with rows and columns scaled until its marginals are these (Sinkhorn 1967)."""
    while True:
        table = table * (first / table.sum(1))[:, None]
        table = table * (second / table.sum(0))
        if abs(table.sum(1) - first).max() < 1e-14:
            return table
