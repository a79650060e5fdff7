"""What scores of a matrix of importances need: two latents, and two factors that vary."""

from dismetrics.estimators.varying import check_varying
from dismetrics.typing import BoolArray

__all__ = ["check_size", "check_two_vary"]


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


def check_two_vary(varying: BoolArray, names: tuple[str, ...]) -> None:
    """Warn of factors with a single value; raise where fewer than two are left."""
    if varying.sum() == 1:
        constant = ", ".join(name for name, varies in zip(names, varying, strict=True) if not varies)
        raise ValueError(
            f"disentanglement is not defined for a single factor, and only {names[int(varying.argmax())]} has more "
            f"than one value, not {constant}"
        )
    check_varying(varying, names, stacklevel=3)
