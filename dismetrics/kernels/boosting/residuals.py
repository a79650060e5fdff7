"""What the next trees are fitted to: minus the gradient of the loss in the raw scores, times the rows' weights."""

from numba import njit

from dismetrics.kernels.exp2 import exp2

__all__ = ["label_residuals", "quantity_residuals"]

_LOG2_E = 1.4426950408889634


@njit(nogil=True, cache=True, error_model="numpy")
def label_residuals(raw, labels, weights, out, largest, total):
    """w_n (1[y_n = k] - p_k(n)), p the softmax of the raw scores (n_outputs, n_rows).

    With a single output there are two labels, and p is the logistic function of its score. `largest` and `total` are
    room for a number a row.
    """
    n_outputs, n = raw.shape
    if n_outputs == 1:
        for i in range(n):
            e = exp2(-abs(raw[0, i]) * _LOG2_E)
            out[0, i] = weights[i] * (labels[i] - (1.0 if raw[0, i] >= 0 else e) / (1.0 + e))
        return
    for i in range(n):
        largest[i] = raw[0, i]
        total[i] = 0.0
    for k in range(1, n_outputs):
        for i in range(n):
            largest[i] = max(largest[i], raw[k, i])
    for k in range(n_outputs):
        for i in range(n):
            out[k, i] = exp2((raw[k, i] - largest[i]) * _LOG2_E)
            total[i] += out[k, i]
    for i in range(n):
        total[i] = weights[i] / total[i]
    for k in range(n_outputs):
        for i in range(n):
            out[k, i] = -out[k, i] * total[i]
    for i in range(n):
        out[labels[i], i] += weights[i]


@njit(nogil=True, cache=True)
def quantity_residuals(raw, quantity, weights, out):
    """w_n (y_n - score_n): half the squared error."""
    for i in range(quantity.size):
        out[0, i] = weights[i] * (quantity[i] - raw[0, i])
