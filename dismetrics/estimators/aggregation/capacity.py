"""How simple a model is enough: the area under a curve of loss over capacity (Eastwood et al. 2023, section 4)."""

import numpy as np

from dismetrics.typing import FloatArray

__all__ = ["curve_explicitness"]


def curve_explicitness(capacity: FloatArray, loss: FloatArray, baseline: FloatArray) -> FloatArray:
    """One less the area between the lowest loss so far and the lowest of all, over that of a triangle.

    E = 1 - A / Z, A = integral of l(c) - min l over the capacities c by the trapezoidal rule, l(c) the lowest loss of
    any capacity up to c, and Z = (c_max - c_min) l_baseline / 2 (Eastwood et al. 2023, section 4, with a loss of 0 for
    the best possible one, as in the authors' code). 1 where the smallest capacity does as well as any, 0 where the loss
    falls from the baseline to zero in a straight line, -1 where it stays at the baseline up to the end.

    Parameters
    ----------
    capacity : ndarray of float64, shape (n_capacities,)
        Increasing capacities, at least two.
    loss : ndarray of float64, shape (n_capacities, n_factors)
        Loss of the model of each capacity.
    baseline : ndarray of float64, shape (n_factors,)
        Loss above 0 of a model that knows nothing; larger losses count as this.

    Returns
    -------
    ndarray of float64, shape (n_factors,)
        Explicitness of each factor, -1 to 1.

    Examples
    --------
    >>> capacity = np.array([1.0, 2.0, 3.0])
    >>> loss = np.array([[0.0, 1.0, 1.0], [0.0, 0.5, 1.0], [0.0, 0.0, 0.0]])
    >>> curve_explicitness(capacity, loss, np.ones(3))
    array([ 1. ,  0. , -0.5])
    """
    so_far = np.minimum(np.minimum.accumulate(loss, axis=0), baseline)
    excess = so_far - so_far[-1]
    area = (np.diff(capacity)[:, None] * (excess[1:] + excess[:-1]) / 2.0).sum(axis=0)
    return 1.0 - 2.0 * area / ((capacity[-1] - capacity[0]) * baseline)
