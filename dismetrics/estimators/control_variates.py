"""Means of sampled quantities, with the help of others whose means are known."""

from dataclasses import dataclass

import numpy as np

from dismetrics.typing import FloatArray

__all__ = ["ControlledMean", "ControlledMeans", "controlled_mean", "controlled_means"]

_RANK_TOLERANCE = 1e-10
"""Share of the largest diagonal of R below which a control says nothing that others have not said."""


@dataclass(frozen=True, slots=True)
class ControlledMean:
    """An estimate of a mean, its standard error, and the factor that makes it a 95 % interval."""

    mean: float
    standard_error: float
    quantile: float
    n_controls: int


@dataclass(frozen=True, slots=True, eq=False)
class ControlledMeans:
    """The same for several quantities, (n_quantities,) each, and their slopes, (n_controls given, n_quantities)."""

    mean: FloatArray
    standard_error: FloatArray
    quantile: float
    n_controls: int
    slopes: FloatArray


def controlled_mean(sample: FloatArray, controls: FloatArray, control_means: FloatArray) -> ControlledMean:
    """The mean of a sample, regressed on controls with known means: see `controlled_means`.

    Parameters
    ----------
    sample : ndarray of float64, shape (n,)
        Independent draws of the quantity.
    controls : ndarray of float64, shape (n, n_controls)
        Other quantities at the same draws; collinear ones are dropped.
    control_means : ndarray of float64, shape (n_controls,)
        Their exact means.

    Returns
    -------
    ControlledMean
        Estimate, standard error, Student's t quantile for 95 % and number of controls in use.
    """
    found = controlled_means(sample[:, None], controls, control_means)
    return ControlledMean(float(found.mean[0]), float(found.standard_error[0]), found.quantile, found.n_controls)


def controlled_means(samples: FloatArray, controls: FloatArray, control_means: FloatArray) -> ControlledMeans:
    """The means of several quantities at the same draws, regressed on controls with known means.

    The regression y = a + b (c - mean c) has the mean of y as its intercept at the controls' true means. Its variance
    is that of least squares in full, s^2 (1/n + d' (C'C)^-1 d) with d the difference of sample and true means: the
    residual variance over n alone forgets that b is estimated too, and its intervals cover too little. As all
    quantities share the controls, the estimate of a sum is the sum of the estimates.

    Parameters
    ----------
    samples : ndarray of float64, shape (n, n_quantities)
        Independent draws of the quantities.
    controls : ndarray of float64, shape (n, n_controls)
        Other quantities at the same draws; collinear ones are dropped.
    control_means : ndarray of float64, shape (n_controls,)
        Their exact means.

    Returns
    -------
    ControlledMeans
        Estimates, standard errors, Student's t quantile for 95 %, number of controls in use, and slopes.
    """
    from scipy.linalg import qr, solve_triangular
    from scipy.special import stdtrit

    n = len(samples)
    centred = controls - controls.mean(axis=0)
    spread = centred.std(axis=0)
    useful = np.flatnonzero(spread > _RANK_TOLERANCE * np.maximum(np.abs(controls).max(axis=0, initial=0.0), 1.0))
    centred = centred[:, useful] / spread[useful]
    offset = (controls.mean(axis=0) - control_means)[useful] / spread[useful]
    y = samples - samples.mean(axis=0)
    rank, leverage = 0, 0.0
    residual = y
    slopes = np.zeros((controls.shape[1], samples.shape[1]))
    shift = np.zeros(samples.shape[1])
    if centred.shape[1]:
        q, r, pivots = qr(centred, mode="economic", pivoting=True)
        diagonal = np.abs(np.diag(r))
        rank = int((diagonal > _RANK_TOLERANCE * diagonal[0]).sum())
        q, r, pivots = q[:, :rank], r[:rank, :rank], pivots[:rank]
        projected = q.T @ y
        d = solve_triangular(r, offset[pivots], trans="T")
        shift, leverage = d @ projected, float(d @ d)
        residual = y - q @ projected
        slopes[useful[pivots]] = solve_triangular(r, projected) / spread[useful[pivots], None]
    freedom = n - 1 - rank
    variance = np.einsum("ij,ij->j", residual, residual) / freedom * (1.0 / n + leverage)
    return ControlledMeans(
        samples.mean(axis=0) - shift, np.sqrt(variance), float(stdtrit(freedom, 0.975)), rank, slopes
    )
