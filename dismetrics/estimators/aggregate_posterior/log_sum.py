"""Sums over components of what is known of each in logarithms."""

import numpy as np

from dismetrics.typing import FloatArray

__all__ = ["log_sum"]


def log_sum(each: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """log sum exp over the components, the mean of the exponents by their shares, and the shares."""
    largest = each.max(axis=1)
    shares = np.exp(each - largest[:, None])
    total = shares.sum(axis=1)
    shares /= total[:, None]
    return largest + np.log(total), (shares * np.where(shares > 0, each, 0.0)).sum(axis=1), shares
