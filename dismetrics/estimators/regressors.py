"""Linear and kernel regression of several columns on all latents, with weighted rows."""

from dataclasses import dataclass

import numpy as np

from dismetrics.typing import FloatArray

__all__ = ["KernelRidge", "LinearRegression"]

_RIDGES = 10.0 ** np.arange(-6, 2)
_WIDTHS = (0.1, 1.0, 10.0)
"""Ridges, and inverse squared widths in units of 1 / n_latents, that leave-one-out errors choose from."""

_AT_ONCE = 4096
"""Rows predicted at a time, since each has a kernel with every row learnt from."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearRegression:
    """Least squares with an intercept; of several solutions the shortest."""

    slopes: FloatArray
    intercept: FloatArray

    @classmethod
    def fit(cls, x: FloatArray, y: FloatArray, weights: FloatArray) -> "LinearRegression":
        """Fit y, shape (n_rows, n_columns), on x, shape (n_rows, n_latents), with weights of the rows."""
        shares = weights / weights.sum()
        x_mean, y_mean = shares @ x, shares @ y
        root = np.sqrt(shares)[:, None]
        slopes = np.linalg.lstsq(root * (x - x_mean), root * (y - y_mean), rcond=None)[0]
        return cls(slopes, y_mean - x_mean @ slopes)

    def predict(self, x: FloatArray) -> FloatArray:
        """The columns at these rows."""
        return x @ self.slopes + self.intercept


@dataclass(frozen=True, slots=True, eq=False)
class KernelRidge:
    """Kernel ridge regression with a Gaussian kernel exp(-gamma d^2) (Saunders et al. 1998).

    Width and ridge are those with the smallest leave-one-out error, which a decomposition of the kernel gives for all
    ridges at once.
    """

    rows: FloatArray
    coefficients: FloatArray
    mean: FloatArray
    gamma: float
    ridge: float

    @classmethod
    def fit(cls, x: FloatArray, y: FloatArray, weights: FloatArray) -> "KernelRidge":
        """Fit y, shape (n_rows, n_columns), on x, shape (n_rows, n_latents), with weights of the rows."""
        shares = weights / weights.mean()
        root = np.sqrt(shares)
        mean = shares @ y / shares.sum()
        target = root[:, None] * (y - mean)
        best, smallest = None, np.inf
        for width in _WIDTHS:
            gamma = width / max(1, x.shape[1])
            kernel = root[:, None] * _gaussian(x, x, gamma) * root
            sizes, vectors = np.linalg.eigh(kernel)
            sizes, turned = np.maximum(sizes, 0.0), vectors.T @ target
            for ridge in _RIDGES:
                inverse = 1.0 / (sizes + ridge)
                coefficients = vectors @ (inverse[:, None] * turned)
                # What a row misses by if it is left out: its coefficient over its entry in the inverse's diagonal.
                left_out = coefficients / (vectors**2 @ inverse)[:, None]
                error = float((left_out**2).sum())
                if error < smallest:
                    smallest, best = error, cls(x, root[:, None] * coefficients, mean, gamma, float(ridge))
        assert best is not None
        return best

    def predict(self, x: FloatArray) -> FloatArray:
        """The columns at these rows."""
        blocks = [x[start : start + _AT_ONCE] for start in range(0, len(x), _AT_ONCE)]
        return (
            np.concatenate([_gaussian(block, self.rows, self.gamma) @ self.coefficients for block in blocks])
            + self.mean
        )


def _gaussian(x: FloatArray, rows: FloatArray, gamma: float) -> FloatArray:
    """exp(-gamma d^2) for every pair of rows."""
    squared = (x**2).sum(axis=1)[:, None] + (rows**2).sum(axis=1) - 2.0 * x @ rows.T
    return np.exp(-gamma * np.maximum(squared, 0.0))
