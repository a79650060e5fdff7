"""Latents measured from a row of their own, in powers of two of their range."""

from dataclasses import dataclass

import numpy as np

from dismetrics.typing import BoolArray, FloatArray

__all__ = ["Units"]


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """An origin and a scale for each latent.

    Squares of latents at 1e200 overflow, and means of latents at an offset of 1e6 lose digits. Seen from one of their
    own rows the offset is gone, and a power of two changes no bit but the exponent.

    Attributes
    ----------
    origin, scale : ndarray of float64, shape (n_latents,)
        A latent is seen as (z - origin) / scale.
    varies : ndarray of bool, shape (n_latents,)
        Latents with more than one value.
    """

    origin: FloatArray
    scale: FloatArray
    varies: BoolArray

    @classmethod
    def by(cls, points: FloatArray) -> "Units":
        """Units by these points (n_samples, n_latents), after which every latent is between -1 and 1."""
        span = points.max(axis=0) - points.min(axis=0)
        _, exponent = np.frexp(span)
        # A scale below 2^-1022 would lose bits of its own.
        return cls(points[0].copy(), np.ldexp(1.0, np.clip(exponent, -1021, 1023)), span > 0)

    def of(self, values: FloatArray) -> FloatArray:
        """Values (..., n_latents) in these units."""
        return (values - self.origin) / self.scale
