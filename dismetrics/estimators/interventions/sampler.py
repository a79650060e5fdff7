"""What draws observations whose factors are held, and encodes them."""

from typing import Any, Protocol, runtime_checkable

import numpy as np

from dismetrics.typing import ArrayLike, FloatArray
from dismetrics.validation import to_numpy

__all__ = ["FactorSampler", "latents_of", "names_of"]


@runtime_checkable
class FactorSampler(Protocol):
    """Draws groups of observations that share some factors, and returns their latents.

    What a metric asks for is not a value but a comparison: rows that share whatever value of a factor. So the sampler
    chooses the values, by the distribution that its factors have, and no metric needs to know what they are. A
    sampler for a renderer and an encoder takes a dozen lines; see the page on interventions.
    """

    @property
    def n_factors(self) -> int:
        """Number of factors."""
        ...

    def sample(self, fixed: tuple[int, ...], n_groups: int, group_size: int, rng: np.random.Generator) -> ArrayLike:
        """Latents of groups of observations that share the values of some factors.

        Parameters
        ----------
        fixed : tuple of int
            Factors that all observations of one group share. Each group has values of its own, drawn together from the
            distribution of these factors; every other factor is drawn anew for each observation. Empty for
            observations that share nothing.
        n_groups, group_size : int
            How many groups, and how many observations in each.
        rng : numpy.random.Generator
            Where all randomness comes from.

        Returns
        -------
        array-like of shape (n_groups, group_size, n_latents)
            Point codes, such as posterior means.
        """
        ...


def names_of(sampler: FactorSampler) -> tuple[str, ...]:
    """The sampler's `factor_names`, if it has some."""
    names = getattr(sampler, "factor_names", None)
    return tuple(f"factor_{k}" for k in range(sampler.n_factors)) if names is None else tuple(map(str, names))


def latents_of(
    sampler: FactorSampler, fixed: tuple[int, ...], n_groups: int, group_size: int, rng: np.random.Generator
) -> FloatArray:
    """What a sampler returns, checked: its class may be anybody's."""
    what = f"{type(sampler).__name__}.sample({fixed}, {n_groups}, {group_size}, rng)"
    returned: Any = to_numpy(sampler.sample(fixed, n_groups, group_size, rng), what)
    if returned.dtype.kind not in "biuf":
        raise TypeError(f"{what} returned dtype {returned.dtype}; real numbers are wanted")
    if returned.ndim != 3 or returned.shape[:2] != (n_groups, group_size) or returned.shape[2] == 0:
        raise ValueError(
            f"{what} returned shape {returned.shape}; (n_groups, group_size, n_latents) = "
            f"({n_groups}, {group_size}, ...) is wanted"
        )
    values = np.ascontiguousarray(returned, np.float64)
    if not np.isfinite(values).all():
        group, row, latent = np.argwhere(~np.isfinite(values))[0]
        raise ValueError(
            f"{what} returned {values[group, row, latent]} for latent {latent} (group {group}, observation {row})"
        )
    return values
