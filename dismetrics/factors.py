"""Ground-truth factors: columns with names, kinds, labels, missing entries, and the weights of the samples."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray
from dismetrics.validation import (
    absent,
    as_choice,
    as_names,
    as_weights,
    column_index,
    encode_distinct,
    encode_labels,
    finite_column,
    per_column,
    read_only,
    to_numpy,
    unboxed,
    warn_if_degrees,
)

__all__ = ["KINDS", "Factors", "as_factors"]

KINDS = ("categorical", "ordinal", "continuous", "circular")
"""What a factor can be: labels without order, labels with order, a quantity, an angle in radians."""

_LABEL_KINDS = ("categorical", "ordinal")
_QUANTITY_KINDS = ("continuous", "circular")


class Factors:
    """The true factors behind the samples.

    Integers, booleans, strings and categories are labels, and so are floats that are whole numbers. Any other float
    column needs its kind: it is never guessed whether 0.25 is a label or a quantity.

    Parameters
    ----------
    values : array-like of shape (n_samples,) or (n_samples, n_factors), data frame, or mapping of name to column
        The factors. Columns of a data frame or mapping may differ in dtype and bring their names.
    names : sequence of str, optional
        Names of the columns; by default those of the data frame, or `factor_0`, `factor_1`, ...
    kinds : str or mapping, optional
        `"categorical"`, `"ordinal"`, `"continuous"` or `"circular"` (an angle in radians): one word for all columns,
        or a mapping from name or index to one.
    missing : {"nan"}, array of bool (n_samples, n_factors), or mapping of name or index to mask, optional
        Which labels are unknown. `"nan"` takes NaN, None and NaT as unknown; without it they are an error.
    weights : array-like of shape (n_samples,), optional
        Weight of each sample, >= 0; need not add up to 1. Equal by default.

    Attributes
    ----------
    names, kinds : tuple of str
        One a factor.
    codes : ndarray of int32, shape (n_samples, n_factors)
        Number of each sample's label, in sorted order; -1 where missing. 0 for continuous and circular factors.
    values : ndarray of float64, shape (n_samples, n_factors)
        The quantity, for continuous and circular factors; 0 elsewhere and where missing.
    categories : tuple of ndarray
        The label behind each code; empty for continuous and circular factors.
    missing : ndarray of bool, shape (n_samples, n_factors)
        True where the label is unknown.
    weights : ndarray of float64, shape (n_samples,), or None
        As given.

    Raises
    ------
    TypeError, ValueError
        Naming the column, what was seen, what is wanted and the remedy.

    Examples
    --------
    >>> import dismetrics as dm
    >>> dm.Factors({"shape": ["heart", "square", "heart"], "x": [-1, 0, 1]})
    Factors(3 samples; shape: categorical, 2 values; x: categorical, 3 values)
    """

    __slots__ = ("categories", "codes", "kinds", "missing", "names", "values", "weights")

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    codes: IntArray
    values: FloatArray
    categories: tuple[np.ndarray[Any, Any], ...]
    missing: BoolArray
    weights: FloatArray | None

    def __init__(
        self,
        values: ArrayLike,
        *,
        names: Sequence[str] | None = None,
        kinds: str | Mapping[Any, str] | None = None,
        missing: str | ArrayLike | Mapping[Any, ArrayLike] | None = None,
        weights: ArrayLike | None = None,
    ) -> None:
        columns, own_names, orders = _columns(values)
        n_samples, n_factors = len(columns[0]), len(columns)
        self.names = as_names(own_names if names is None else names, n_factors, "factors")
        wanted = dict.fromkeys(orders, "categorical") | _wanted_kinds(kinds, self.names)
        self.missing = _missing_mask(missing, columns, self.names)
        self.codes = np.zeros((n_samples, n_factors), np.int32)
        self.values = np.zeros((n_samples, n_factors))
        categories = []
        for k, column in enumerate(columns):
            unknown, what = self.missing[:, k], f"factor {self.names[k]!r}"
            if unknown.all():
                raise ValueError(f"{what} has no known entry: leave it out")
            values_of_k = unboxed(column, unknown)
            if wanted.get(k) in _QUANTITY_KINDS:
                self.codes[unknown, k] = -1
                self.values[:, k] = finite_column(values_of_k, unknown, what)
                if wanted[k] == "circular":
                    warn_if_degrees(self.values[~unknown, k], what)
                categories.append(np.empty(0))
                continue
            if k in orders:
                self.codes[:, k], labels = encode_distinct(column, unknown, what, orders[k])
            # Where the kind is said, every distinct value is a label, fractions too.
            elif k in wanted and values_of_k.dtype.kind in "fO":
                self.codes[:, k], labels = encode_distinct(values_of_k, unknown, what)
            else:
                self.codes[:, k], labels = encode_labels(values_of_k, unknown, what)
            categories.append(labels)
        self.categories = tuple(categories)
        self.kinds = tuple(wanted.get(k, "categorical") for k in range(n_factors))
        self.weights = as_weights(weights, n_samples)
        for array in (self.codes, self.values, self.missing):
            read_only(array)

    def __repr__(self) -> str:
        columns = "; ".join(
            f"{name}: {kind}" + (f", {len(labels)} values" if kind in _LABEL_KINDS else "")
            for name, kind, labels in zip(self.names, self.kinds, self.categories, strict=True)
        )
        return f"Factors({self.n_samples} samples; {columns})"

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return self.codes.shape[0]

    @property
    def n_factors(self) -> int:
        """Number of factors."""
        return self.codes.shape[1]

    @property
    def n_values(self) -> IntArray:
        """Labels of each factor; 0 for continuous and circular ones."""
        return np.array([len(labels) for labels in self.categories])

    @property
    def normalised_weights(self) -> FloatArray:
        """Weights of the samples that add up to 1."""
        if self.weights is None:
            return np.full(self.n_samples, 1.0 / self.n_samples)
        # Divided by the largest first: a sum of weights may be more than float64 can hold.
        scaled = self.weights / self.weights.max()
        return scaled / scaled.sum()

    def _replaced(self, **changes: Any) -> "Factors":
        other = object.__new__(Factors)
        for slot in Factors.__slots__:
            setattr(other, slot, changes.get(slot, getattr(self, slot)))
        for array in (other.codes, other.values, other.missing):
            read_only(array)
        return other

    def with_weights(self, weights: ArrayLike | None) -> "Factors":
        """The same factors with other sample weights."""
        return self._replaced(weights=as_weights(weights, self.n_samples))

    def take(self, rows: IntArray | BoolArray) -> "Factors":
        """The factors of some of the samples; categories stay as they are."""
        return self._replaced(
            codes=self.codes[rows],
            values=self.values[rows],
            missing=self.missing[rows],
            weights=None if self.weights is None else self.weights[rows],
        )

    def indices_of(self, factors: Any) -> tuple[int, ...]:
        """The columns of some of the factors, given by name or index, one or several."""
        single = isinstance(factors, (str, int, float, np.generic)) or not np.iterable(factors)
        given = [factors] if single else list(factors)
        chosen = tuple(column_index(key, self.names, "factor_subset") for key in given)
        if not chosen:
            raise ValueError("factor_subset is empty; name at least one factor")
        if len(set(chosen)) != len(chosen):
            raise ValueError(f"factor_subset={given!r} names a factor twice")
        return chosen

    def select(self, factors: Any) -> "Factors":
        """Some of the factors, by name or index, in the order given."""
        chosen = list(self.indices_of(factors))
        return self._replaced(
            names=tuple(self.names[k] for k in chosen),
            kinds=tuple(self.kinds[k] for k in chosen),
            codes=self.codes[:, chosen],
            values=self.values[:, chosen],
            missing=self.missing[:, chosen],
            categories=tuple(self.categories[k] for k in chosen),
        )

    def is_label(self, factor: int) -> bool:
        """Whether a factor has labels, in contrast to a quantity or an angle."""
        return self.kinds[factor] in _LABEL_KINDS

    def with_labels(self, factor: int, codes: IntArray, n_values: int) -> "Factors":
        """The same factors with one of them turned into numbered labels, such as bins; missing ones stay missing."""
        all_codes = self.codes.copy()
        all_codes[:, factor] = np.where(self.missing[:, factor], -1, codes)
        labels, kinds = list(self.categories), list(self.kinds)
        labels[factor], kinds[factor] = np.arange(n_values), "ordinal"
        return self._replaced(codes=all_codes, categories=tuple(labels), kinds=tuple(kinds))


def as_factors(
    factors: ArrayLike, *, kinds: str | Mapping[Any, str] | None = None, weights: ArrayLike | None = None
) -> Factors:
    """Factors from anything array-like; a Factors object passes, with its weights replaced if others are given."""
    if isinstance(factors, Factors):
        if kinds is not None:
            raise ValueError("kinds is given, but factors is a Factors object that has its kinds: drop one of them")
        return factors if weights is None else factors.with_weights(weights)
    return Factors(factors, kinds=kinds, weights=weights)


def _columns(
    values: ArrayLike,
) -> tuple[list[np.ndarray[Any, Any]], tuple[str, ...] | None, dict[int, list[Any]]]:
    """The columns of the input, their names where it has any, and the order of those that are categories by dtype."""
    if isinstance(values, Mapping):
        given, names = list(values.values()), tuple(map(str, values))
    elif hasattr(values, "columns") and hasattr(values, "to_numpy"):
        names = tuple(map(str, values.columns))
        if len(set(names)) != len(names):
            raise ValueError(f"names of factors must differ from each other: {names}")
        given = [values[name] for name in values.columns]
    else:
        array = to_numpy(values, "factors")
        if array.ndim not in (1, 2):
            raise ValueError(f"factors has shape {array.shape}; (n_samples,) or (n_samples, n_factors) is wanted")
        order = _declared_order(values) if array.ndim == 1 else None
        return _checked(list(array.T) if array.ndim == 2 else [array]), None, {} if order is None else {0: order}
    columns = [to_numpy(column, f"factor {name!r}") for name, column in zip(names, given, strict=True)]
    orders = {k: _declared_order(column) for k, column in enumerate(given)}
    return _checked(columns), names, {k: order for k, order in orders.items() if order is not None}


def _declared_order(column: Any) -> list[Any] | None:
    """The categories of a data frame's column whose dtype says that its values are labels, in their order."""
    if not str(getattr(column, "dtype", "")).lower().startswith(("category", "categorical", "enum")):
        return None
    holder = getattr(column, "cat", column)
    categories = holder.get_categories() if hasattr(holder, "get_categories") else holder.categories
    return list(categories.tolist() if hasattr(categories, "tolist") else categories)


def _checked(columns: list[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
    """Columns that are one-dimensional, of one length and not empty."""
    if not columns or any(column.size == 0 for column in columns):
        raise ValueError("factors is empty")
    shapes = {column.shape for column in columns}
    if len(shapes) > 1 or len(next(iter(shapes))) != 1:
        raise ValueError(f"factor columns must be one-dimensional and of one length; their shapes are {sorted(shapes)}")
    return columns


def _wanted_kinds(kinds: str | Mapping[Any, str] | None, names: tuple[str, ...]) -> dict[int, str]:
    """The kind of each column that has one said of it."""
    if kinds is None:
        return {}
    if not isinstance(kinds, Mapping):
        kinds = dict.fromkeys(names, kinds)
    return {k: as_choice(kind, "kinds", KINDS) for k, kind in per_column(kinds, names, "kinds").items()}


def _missing_mask(
    missing: str | ArrayLike | Mapping[Any, ArrayLike] | None,
    columns: list[np.ndarray[Any, Any]],
    names: tuple[str, ...],
) -> BoolArray:
    """Which entries are unknown; raises where NaN or None stands and nobody said that it means unknown."""
    mask = np.zeros((len(columns[0]), len(columns)), bool)
    if isinstance(missing, Mapping):
        for k, column in per_column(missing, names, "missing").items():
            mask[:, k] = _as_mask(column, (len(mask),), f"missing[{names[k]!r}]")
    elif missing is not None and not isinstance(missing, str):
        given = to_numpy(missing, "missing")
        mask |= _as_mask(given[:, None] if given.ndim == 1 else given, mask.shape, "missing")
    elif missing is not None:
        as_choice(missing, "missing", ("nan",))
    for k, column in enumerate(columns):
        unknown = absent(column) & ~mask[:, k]
        if isinstance(missing, str):
            mask[:, k] |= unknown
        elif unknown.any():
            raise ValueError(
                f"factor {names[k]!r} holds {int(unknown.sum())} entries that are NaN or None "
                f"(first in row {int(np.argmax(unknown))}); if they are unknown labels, pass "
                "Factors(..., missing='nan')"
            )
    return mask


def _as_mask(mask: ArrayLike, shape: tuple[int, ...], name: str) -> BoolArray:
    array = to_numpy(mask, name)
    if array.dtype.kind != "b" or array.shape != shape:
        raise ValueError(
            f"{name} has dtype {array.dtype} and shape {array.shape}; booleans of shape {shape} are wanted"
        )
    return array
