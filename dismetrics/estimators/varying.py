"""Which factors take more than one value, so that there is something to tell."""

import warnings

import numpy as np

from dismetrics.factors import Factors
from dismetrics.typing import BoolArray
from dismetrics.warnings import DegenerateDataWarning

__all__ = ["check_varying", "varying_factors"]


def varying_factors(factors: Factors) -> BoolArray:
    """Which factors take more than one value among the samples where they are known, shape (n_factors,)."""
    varying = np.zeros(factors.n_factors, bool)
    for k in range(factors.n_factors):
        known = ~factors.missing[:, k]
        values = (factors.codes if factors.is_label(k) else factors.values)[known, k]
        if factors.kinds[k] == "circular":
            values = np.mod(values, 2 * np.pi)
        varying[k] = values.size > 0 and values.min() < values.max()
    return varying


def check_varying(varying: BoolArray, names: tuple[str, ...], *, stacklevel: int) -> None:
    """Warn of factors with a single value, which are left out; raise if there is no other."""
    if not varying.any():
        raise ValueError(
            f"no factor ({', '.join(names)}) has more than one value: there is nothing a latent could tell"
        )
    if not varying.all():
        constant = ", ".join(name for name, varies in zip(names, varying, strict=True) if not varies)
        warnings.warn(
            f"factors with a single value are left out of the score: {constant}",
            DegenerateDataWarning,
            stacklevel=stacklevel + 1,
        )
