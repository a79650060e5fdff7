"""What scores of a matrix of importances need: two latents, and two factors that vary."""

import warnings
from collections.abc import Sequence

from dismetrics.typing import BoolArray
from dismetrics.warnings import DegenerateDataWarning

__all__ = ["check_size", "check_varying"]


def check_size(n_latents: int, n_factors: int) -> None:
    """Entropies to base 1 do not exist."""
    if n_latents < 2:
        raise ValueError(
            "completeness is not defined for a single latent, whose part in each factor is all there is: give two "
            "latents, or take estimators.disentanglement(estimators.importance(...).importance)"
        )
    if n_factors < 2:
        raise ValueError(
            "disentanglement is not defined for a single factor, whose part in each latent is all there is: give two "
            "factors, or take estimators.completeness(estimators.importance(...).importance)"
        )


def check_varying(varying: BoolArray, names: Sequence[str]) -> None:
    """Warn of factors with a single value; raise where fewer than two are left."""
    if not varying.any():
        raise ValueError(
            f"no factor ({', '.join(names)}) has more than one value: there is nothing a latent could tell"
        )
    constant = ", ".join(name for name, varies in zip(names, varying, strict=True) if not varies)
    if varying.sum() < 2:
        raise ValueError(
            f"disentanglement is not defined for a single factor, and only {names[int(varying.argmax())]} has more "
            f"than one value, not {constant}"
        )
    if constant:
        warnings.warn(
            f"factors with a single value are left out of the score: {constant}", DegenerateDataWarning, stacklevel=4
        )
