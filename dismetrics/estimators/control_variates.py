"""The mean of a sampled quantity, with the help of others whose means are known."""

from dataclasses import dataclass

import numpy as np

from dismetrics.typing import FloatArray

__all__ = ["ControlledMean", "controlled_mean"]

_RANK_TOLERANCE = 1e-10
"""Share of the largest diagonal of R below which a control says nothing that others have not said."""


@dataclass(frozen=True, slots=True)
class ControlledMean:
    """An estimate of a mean and its errors.

    Attributes
    ----------
    mean, standard_error : float
        The estimate, and its standard error.
    interval : tuple of float
        95 % interval; not symmetric where the quantity is skewed.
    n_controls : int
        Controls in use.
    carrying : float
        How many draws, at equal shares, carry the variance: where it is a few, so does the interval rest on a few.
    """

    mean: float
    standard_error: float
    interval: tuple[float, float]
    n_controls: int
    carrying: float


def controlled_mean(sample: FloatArray, controls: FloatArray, control_means: FloatArray) -> ControlledMean:
    """The mean of a sample, regressed on controls with known means.

    The regression y = a + b (c - mean c) has the mean of y as its intercept at the controls' true means. Its variance
    is that of the delete-one jackknife: left out, draw i takes w_i e_i / (1 - h_i) with it, w its weight in the
    intercept, e its residual, h its leverage. That knows that b is estimated too, and that residuals need not be
    equally wide everywhere; the usual formula of least squares takes them to be, and its intervals cover too little
    (.90 at 64 draws). The interval is Student's, corrected for skewness (Hall 1992, "On the removal of skewness by
    transformation", Journal of the Royal Statistical Society B 54, eq. 2.3), with Satterthwaite's degrees of freedom
    where kurtosis less squared skewness is above the normal distribution's. With hardly more draws than controls it is
    too long rather than too short.

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
        Estimate, standard error, 95 % interval and number of controls in use.
    """
    from scipy.linalg import qr, solve_triangular
    from scipy.special import stdtrit

    n = len(sample)
    centred = controls - controls.mean(axis=0)
    spread = centred.std(axis=0)
    useful = spread > _RANK_TOLERANCE * np.maximum(np.abs(controls).max(axis=0, initial=0.0), 1.0)
    centred = centred[:, useful] / spread[useful]
    offset = (controls.mean(axis=0) - control_means)[useful] / spread[useful]
    residual = sample - sample.mean()
    mean, rank = float(sample.mean()), 0
    weight, leverage = np.full(n, 1.0 / n), np.full(n, 1.0 / n)
    if centred.shape[1]:
        q, r, pivots = qr(centred, mode="economic", pivoting=True)
        diagonal = np.abs(np.diag(r))
        rank = int((diagonal > _RANK_TOLERANCE * diagonal[0]).sum())
        q, r = q[:, :rank], r[:rank, :rank]
        projected = q.T @ residual
        shift = solve_triangular(r, offset[pivots[:rank]], trans="T")
        mean -= float(projected @ shift)
        residual = residual - q @ projected
        weight -= q @ shift
        leverage += np.einsum("ij,ij->i", q, q)

    # A draw with a column to itself has leverage 1 and residual 0: left out, it would change nothing that is known.
    share = weight * residual / np.maximum(1.0 - leverage, _RANK_TOLERANCE)
    share -= share.mean()
    largest = float(np.abs(share).max())
    if largest == 0.0:
        return ControlledMean(mean, 0.0, (mean, mean), rank, float(n))
    scaled = share / largest
    second, fourth = float((scaled**2).sum()), float((scaled**4).sum())
    standard_error = largest * float(np.sqrt((n - 1) / n * second))
    skewness = float((scaled**3).sum()) / second**1.5
    carrying = second**2 / fourth
    excess = max(1.0 / carrying - 3.0 / n - skewness**2, 0.0)
    freedom = 1.0 / (1.0 / (n - 1 - rank) + 0.5 * excess)
    quantile = float(stdtrit(freedom, 0.975))
    low, high = (mean - standard_error * _without_skewness(t, skewness) for t in (quantile, -quantile))
    return ControlledMean(mean, standard_error, (low, high), rank, carrying)


def _without_skewness(t: float, skewness: float) -> float:
    """Where the studentised mean lies whose transform is t; `skewness` is that of the mean, gamma / sqrt(n)."""
    if abs(skewness) < 1e-6:
        return t
    return 3.0 / skewness * (float(np.cbrt(1.0 + skewness * (t - skewness / 6.0))) - 1.0)
