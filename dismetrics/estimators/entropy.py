"""Plug-in entropies of labels."""

import numpy as np

from dismetrics.factors import Factors
from dismetrics.typing import FloatArray

__all__ = ["discrete_entropy", "factor_entropies"]


def discrete_entropy(mass: FloatArray) -> float:
    """The entropy of a distribution given by masses.

    Parameters
    ----------
    mass : ndarray of float64
        Masses >= 0 of any total above zero, such as counts.

    Returns
    -------
    float
        -sum p log p in nats; masses of zero add nothing.

    Examples
    --------
    >>> round(discrete_entropy(np.array([1.0, 1.0, 0.0])), 4)
    0.6931
    """
    p = mass[mass > 0] / mass.sum()
    return max(0.0, -float(p @ np.log(p)))


def factor_entropies(factors: Factors) -> FloatArray:
    """The entropy of every factor over the samples whose label is known.

    Parameters
    ----------
    factors : Factors
        Factors that all have labels.

    Returns
    -------
    ndarray of float64, shape (n_factors,)
        H(v_k) in nats, with the sample weights.
    """
    weights = factors.normalised_weights
    entropies = []
    for k in range(factors.n_factors):
        known = factors.codes[:, k] >= 0
        mass = np.bincount(factors.codes[known, k], weights[known]).astype(np.float64)
        entropies.append(discrete_entropy(mass))
    return np.array(entropies)
