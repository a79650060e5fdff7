"""Hypothesis strategies for data of metrics and estimators; they shrink to few rows of small numbers.

Rows are drawn one by one, and so can be left out of a counterexample. Latents of `codes` are
multiples of 1/8 plus a small fixed fraction that differs from entry to entry: no two values are equal, and none
lies on the edge of a bin, where right implementations may round apart.
"""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from dismetrics.factors import Factors
from dismetrics.posteriors import (
    BernoulliPosterior,
    CategoricalPosterior,
    FactorisedPosterior,
    GaussianPosterior,
    LaplacePosterior,
)
from dismetrics.typing import FloatArray, IntArray

__all__ = [
    "FAMILIES",
    "LABELS",
    "RELATIONS",
    "codes",
    "factors",
    "grids",
    "joint_distributions",
    "latents",
    "posteriors",
    "weights",
]

LABELS = ("integers", "negative", "spread", "strings", "booleans", "floats", "objects")
"""What labels may be."""

RELATIONS = ("independent", "perfect", "noisy", "merged", "redundant", "inactive")
"""How latents may hang together with factors."""

FAMILIES = ("gaussian", "laplace", "bernoulli", "categorical")
"""Families of posteriors."""

_NAMES = {
    "integers": np.arange(8),
    "negative": np.array([-1, 3, -2, 0, 7, -5, 1, 12]),
    "spread": np.array([7, -40, 10**9, 0, 3, 11, 2, -1]),
    "strings": np.array(["b", "a", "zz", "B", "", "c", "ab", "d"]),
    "booleans": np.array([False, True]),
    "floats": np.array([-1.0, 5.0, -7.0, 0.0, 2.0, 4.0, 3.0, 9.0]),
    "objects": np.array(["b", 2, "a", b"b", "d", -3, "c", 7], object),
}


def _fractions(shape: tuple[int, ...]) -> FloatArray:
    """A small number for each entry, seven decimals, no two alike in a column.

    Of cubes no three are in arithmetic progression, and so none is on the edge of a bin between two others.
    """
    rows, columns = np.indices(shape)
    return np.round(0.05 * (((rows + 1) ** 3 * 0.6180339887 + (columns + 1) * 0.4142135624) % 1.0), 7)


def _rows(draw: st.DrawFn, n_rows: int | tuple[int, int], *columns: tuple[int, int, int]) -> list[IntArray]:
    """Blocks of integers with the same rows: for each (width, lowest, highest) an array (n_rows, width).

    A row is drawn as a whole, so that shrinking can leave it out, and as wide as can be: what is not wanted of it is
    not used, so that fewer columns are the same draws.
    """
    entries = [st.integers(lowest, highest) for width, lowest, highest in columns for _ in range(width)]
    least, most = (n_rows, n_rows) if isinstance(n_rows, int) else n_rows
    found = np.array(draw(st.lists(st.tuples(*entries), min_size=least, max_size=most)), np.int64)
    found = found.reshape(-1, len(entries))
    return np.split(found, np.cumsum([width for width, _, _ in columns])[:-1], axis=1)


def _most(given: int | tuple[int, int]) -> int:
    return given if isinstance(given, int) else given[1]


def _size(given: int | tuple[int, int]) -> st.SearchStrategy[int]:
    return st.just(given) if isinstance(given, int) else st.integers(*given)


@st.composite
def latents(
    draw: st.DrawFn,
    n_samples: int | tuple[int, int] = (2, 24),
    n_latents: int | tuple[int, int] = (1, 4),
    *,
    distinct: bool = True,
) -> FloatArray:
    """Latents: small multiples of 1/8, with a fraction that makes them distinct.

    Parameters
    ----------
    draw : callable
        Given by hypothesis.
    n_samples, n_latents : int or pair of int, optional
        Size, or least and largest size.
    distinct : bool, default True
        Whether to add the fraction; without it values repeat.

    Returns
    -------
    strategy of ndarray of float64, shape (n_samples, n_latents)
        The latents.
    """
    width = draw(_size(n_latents))
    values = _rows(draw, n_samples, (_most(n_latents), -16, 16))[0][:, :width] / 8.0
    return values + _fractions(values.shape) if distinct else values


@st.composite
def factors(
    draw: st.DrawFn,
    n_samples: int | tuple[int, int] = (2, 24),
    n_factors: int | tuple[int, int] = (1, 3),
    *,
    labels: str | None = None,
    kind: str = "categorical",
    most_values: int = 5,
    single_valued: bool = False,
    missing: bool = False,
) -> Any:
    """Factors: labels of every dtype, quantities or angles.

    Parameters
    ----------
    draw : callable
        Given by hypothesis.
    n_samples, n_factors : int or pair of int, optional
        Size, or least and largest size.
    labels : str, optional
        One of `LABELS`; by default any.
    kind : {"categorical", "continuous", "circular"}, default "categorical"
        Labels, quantities, or angles in radians.
    most_values : int, default 5
        Largest number of labels of a factor, up to 8; 2 for booleans.
    single_valued : bool, default False
        Whether the first factor has one value; without it every factor has at least two.
    missing : bool, default False
        Whether some entries are unknown; then a `Factors` object is drawn.

    Returns
    -------
    strategy of ndarray, shape (n_samples, n_factors), or of Factors
        The factors.
    """
    width = draw(_size(n_factors))
    most = _most(n_factors)
    absent = (most, 0, 4 if missing else 0)
    if kind == "categorical":
        names = _NAMES[draw(st.sampled_from(LABELS)) if labels is None else labels]
        n_values = min(most_values, len(names))
        found, unknown = _rows(draw, n_samples, (most, 0, n_values - 1), absent)
        found = _varied(found[:, :width], n_values)
        if single_valued:
            found[:, 0] = 0
        values: Any = names[found]
    else:
        found, unknown = _rows(draw, n_samples, (most, -12, 12), absent)
        values = found[:, :width] / 4.0 + _fractions((len(found), width))
        if single_valued:
            values[:, 0] = 0.5
    if not missing:
        return values if kind == "categorical" else Factors(values, kinds=kind)
    mask = unknown[:, :width] == 4
    mask[:2] = False
    return Factors(values, kinds=kind, missing=mask)


def _varied(found: IntArray, most_values: int) -> IntArray:
    """Labels from 0, changed so that each factor has at least two where there are two rows."""
    found = found.copy()
    if len(found) > 1:
        same = (found == found[0]).all(axis=0)
        found[1, same] = (found[0, same] + 1) % most_values
    return found


@st.composite
def codes(
    draw: st.DrawFn,
    n_samples: int | tuple[int, int] = (6, 24),
    n_latents: int | tuple[int, int] = (1, 4),
    n_factors: int | tuple[int, int] = (1, 3),
    *,
    relation: str | None = None,
    most_values: int = 4,
) -> tuple[FloatArray, IntArray]:
    """Latents with factors of a chosen relation.

    Parameters
    ----------
    draw : callable
        Given by hypothesis.
    n_samples, n_latents, n_factors : int or pair of int, optional
        Sizes, or least and largest sizes.
    relation : str, optional
        One of `RELATIONS`; by default any.
    most_values : int, default 4
        Largest number of labels of a factor.

    Returns
    -------
    strategy of (ndarray of float64, ndarray of int)
        Latents (n_samples, n_latents) and labels (n_samples, n_factors), each factor with at least two.
    """
    d, k = draw(_size(n_latents)), draw(_size(n_factors))
    chosen = draw(st.sampled_from(RELATIONS)) if relation is None else relation
    labels, noise = _rows(draw, n_samples, (_most(n_factors), 0, most_values - 1), (_most(n_latents), -8, 8))
    labels = _varied(labels[:, :k], most_values)
    code = _fractions((len(labels), d))
    if chosen in ("independent", "noisy"):
        code += noise[:, :d] / 8.0
    if chosen == "merged":
        code += labels.sum(axis=1, keepdims=True)
    elif chosen == "redundant":
        code += labels[:, :1]
    elif chosen != "independent":
        code += labels[:, np.arange(d) % k]
    if chosen == "inactive":
        code[:, -1] = 0.25
    return code, labels


@st.composite
def posteriors(
    draw: st.DrawFn,
    n_samples: int | tuple[int, int] = (2, 4),
    n_latents: int | tuple[int, int] = (1, 2),
    *,
    family: str | None = None,
    scales: tuple[float, float] = (0.125, 2.0),
) -> FactorisedPosterior:
    """Posteriors of a few samples.

    Parameters
    ----------
    draw : callable
        Given by hypothesis.
    n_samples, n_latents : int or pair of int, optional
        Sizes, or least and largest sizes.
    family : str, optional
        One of `FAMILIES`; by default any.
    scales : pair of float, default (0.125, 2.0)
        Range of the scales of densities; they are powers of two inside it.

    Returns
    -------
    strategy of posterior
        The posterior.
    """
    width = draw(_size(n_latents))
    chosen = draw(st.sampled_from(FAMILIES)) if family is None else family
    if chosen == "bernoulli":
        return BernoulliPosterior(_rows(draw, n_samples, (width, 0, 8))[0] / 8.0)
    if chosen == "categorical":
        table = 1.0 + _rows(draw, n_samples, (3 * width, 0, 6))[0]
        table = table.reshape(len(table), width, 3)
        return CategoricalPosterior(table / table.sum(axis=2, keepdims=True))
    lowest, highest = int(np.ceil(np.log2(scales[0]))), int(np.floor(np.log2(scales[1])))
    places, powers = _rows(draw, n_samples, (width, -12, 12), (width, lowest, highest))
    centre, scale = places / 4.0, 2.0**powers
    if chosen == "gaussian":
        return GaussianPosterior.from_scale(centre, scale)
    return LaplacePosterior(centre, scale)


@st.composite
def weights(draw: st.DrawFn, n_samples: int, *, zeros: bool = True) -> FloatArray:
    """Weights of samples: whole numbers, at least one above zero.

    Parameters
    ----------
    draw : callable
        Given by hypothesis.
    n_samples : int
        Number of samples.
    zeros : bool, default True
        Whether some may be zero.

    Returns
    -------
    strategy of ndarray of float64, shape (n_samples,)
        The weights.
    """
    found = _rows(draw, n_samples, (1, 0 if zeros else 1, 5))[0][:, 0].astype(float)
    if not found.any():
        found[0] = 1.0
    return found


@st.composite
def grids(
    draw: st.DrawFn,
    n_factors: int | tuple[int, int] = (1, 3),
    *,
    coverage: str = "full",
    most_values: int = 4,
) -> IntArray:
    """Labels of every combination of values of the factors, of some, or of each several times.

    Parameters
    ----------
    draw : callable
        Given by hypothesis.
    n_factors : int or pair of int, optional
        Number of factors, or least and largest.
    coverage : {"full", "partial", "non-uniform"}, default "full"
        Every combination once; some left out; every one at least once, and some more often.
    most_values : int, default 4
        Largest number of labels of a factor.

    Returns
    -------
    strategy of ndarray of int, shape (n_samples, n_factors)
        The labels; each factor has at least two.
    """
    k = draw(_size(n_factors))
    n_values = draw(st.lists(st.integers(2, most_values), min_size=k, max_size=k))
    grid = np.indices(n_values).reshape(k, -1).T
    if coverage == "full":
        return grid
    counts = _rows(draw, len(grid), (1, 0, 3))[0][:, 0]
    if coverage == "partial":
        kept = counts < 3
        kept[[0, -1]] = True  # they differ in every factor
        return grid[kept]
    return np.repeat(grid, counts + 1, axis=0)


@st.composite
def joint_distributions(
    draw: st.DrawFn,
    n_rows: int | tuple[int, int] = (1, 4),
    n_columns: int | tuple[int, int] = (1, 4),
) -> FloatArray:
    """A joint distribution of two discrete variables.

    Parameters
    ----------
    draw : callable
        Given by hypothesis.
    n_rows, n_columns : int or pair of int, optional
        Numbers of values, or least and largest.

    Returns
    -------
    strategy of ndarray of float64, shape (n_rows, n_columns)
        Probabilities, some of them zero, that add up to 1.
    """
    table = _rows(draw, n_rows, (draw(_size(n_columns)), 0, 6))[0].astype(float)
    if not table.any():
        table[0, 0] = 1.0
    return table / table.sum()
