"""The mean of a sampled quantity, with the help of others whose means are known."""

from dataclasses import dataclass

import numpy as np

from dismetrics.typing import FloatArray

__all__ = ["ControlledMean", "controlled_mean"]

_RANK_TOLERANCE = 1e-10
"""Share of the largest diagonal of R below which a control says nothing that others have not said."""


@dataclass(frozen=True, slots=True)
class ControlledMean:
    """An estimate of a mean, its standard error, and the factor that makes it a 95 % interval."""

    mean: float
    standard_error: float
    quantile: float
    n_controls: int


def controlled_mean(sample: FloatArray, controls: FloatArray, control_means: FloatArray) -> ControlledMean:
    """The mean of a sample, regressed on controls with known means.

    The regression y = a + b (c - mean c) has the mean of y as its intercept at the controls' true means. Its variance
    is that of least squares in full, s^2 (1/n + d' (C'C)^-1 d) with d the difference of sample and true means: the
    residual variance over n alone forgets that b is estimated too, and its intervals cover too little.

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
    from scipy.linalg import qr, solve_triangular
    from scipy.special import stdtrit

    n = len(sample)
    centred = controls - controls.mean(axis=0)
    spread = centred.std(axis=0)
    useful = spread > _RANK_TOLERANCE * np.maximum(np.abs(controls).max(axis=0, initial=0.0), 1.0)
    centred = centred[:, useful] / spread[useful]
    offset = (controls.mean(axis=0) - control_means)[useful] / spread[useful]
    y = sample - sample.mean()
    rank = 0
    shift, leverage = 0.0, 0.0
    residual = y
    if centred.shape[1]:
        q, r, pivots = qr(centred, mode="economic", pivoting=True)
        diagonal = np.abs(np.diag(r))
        rank = int((diagonal > _RANK_TOLERANCE * diagonal[0]).sum())
        q, r = q[:, :rank], r[:rank, :rank]
        projected = q.T @ y
        d = solve_triangular(r, offset[pivots[:rank]], trans="T")
        shift, leverage = float(projected @ d), float(d @ d)
        residual = y - q @ projected
    freedom = n - 1 - rank
    variance = float(residual @ residual) / freedom * (1.0 / n + leverage)
    return ControlledMean(float(sample.mean()) - shift, float(np.sqrt(variance)), float(stdtrit(freedom, 0.975)), rank)
