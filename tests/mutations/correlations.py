"""A mean correlation over matched latents and factors, of any scale; no kind of `dismetrics` is declared for it."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from .door import checked

DEFECTS = ("absolute threshold", "labels as numbers", "first match")


def matched_ratio(latents, factors, defect=None):
    """The mean over factors of the correlation ratio with the latent matched to it."""
    latents, factors = checked(latents, factors)
    ratios = np.zeros((latents.shape[1], factors.shape[1]))
    for j, x in enumerate(latents.T):
        spread = x.var()
        if np.ptp(x) == 0 or (defect == "absolute threshold" and spread < 1e-3):
            continue
        for k, v in enumerate(factors.T):
            if defect == "labels as numbers" and v.dtype.kind == "i" and len(np.unique(v)) > 1:
                ratios[j, k] = np.corrcoef(x, v.astype(float))[0, 1] ** 2
                continue
            means = np.array([x[v == label].mean() for label in v.tolist()])
            ratios[j, k] = means.var() / spread
    if defect == "first match":
        n = min(ratios.shape)
        return float(np.mean(np.diag(ratios[:n, :n])))
    rows, columns = linear_sum_assignment(-ratios)
    return float(ratios[rows, columns].sum() / factors.shape[1])
