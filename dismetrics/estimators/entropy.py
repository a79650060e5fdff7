"""Plug-in entropies of labels."""

import numpy as np

from dismetrics.typing import FloatArray

__all__ = ["discrete_entropy"]


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
