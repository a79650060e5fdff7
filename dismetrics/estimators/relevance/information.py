"""What every estimator of mutual information returns."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.typing import FloatArray, IntArray

__all__ = ["InformationMatrix", "information_ceiling"]


@dataclass(frozen=True, slots=True, eq=False)
class InformationMatrix:
    """Mutual information of every latent with every factor, in nats, and the entropies it comes from.

    Attributes
    ----------
    mutual_information : ndarray of float64, shape (n_latents, n_factors)
        I(z_j; v_k) >= 0 over the samples whose label of factor k is known; estimates below zero are set to zero.
    factor_entropy : ndarray of float64, shape (n_factors,)
        H(v_k).
    latent_entropy : ndarray of float64, shape (n_latents, n_factors), or None
        H(z_j) over the samples whose label of factor k is known: of the bins for `"histogram"`, of the aggregate
        posterior for `"posterior"` (differential for densities, so it may be negative); None for `"knn"`.
    conditional_entropy : ndarray of float64, shape (n_latents, n_factors), or None
        H(z_j | v_k), likewise.
    ceiling : ndarray of float64, shape (n_factors,)
        A bound on I(z; v_k) of any code under this estimator: H(v_k), or the logarithm of the number of values a code
        can take, if that is smaller.
    overlap : ndarray of float64, shape (n_latents, n_factors), or None
        For `"posterior"`: how many samples of one factor value share their place on the latent, in the geometric mean.
        1 where every sample sees only itself, which is when I(z; v) runs into H(v) for want of data.
    standard_error : ndarray of float64, shape (n_latents, n_factors), or None
        Of the mutual information, where it was sampled.
    settings : dict
        The estimator and every setting that it used.
    """

    mutual_information: FloatArray
    factor_entropy: FloatArray
    latent_entropy: FloatArray | None
    conditional_entropy: FloatArray | None
    ceiling: FloatArray
    overlap: FloatArray | None
    standard_error: FloatArray | None
    settings: dict[str, Any]


def information_ceiling(factor_entropy: FloatArray, n_values: IntArray, n_codes: int) -> FloatArray:
    """A bound on the mutual information of each factor with a code that takes `n_codes` values, in nats."""
    return np.where(n_codes >= n_values, factor_entropy, np.minimum(factor_entropy, np.log(n_codes)))
