"""Labels that hardly ever occur twice."""

import warnings

import numpy as np

from dismetrics.factors import Factors
from dismetrics.warnings import DegenerateDataWarning

__all__ = ["warn_of_rare_labels"]


def warn_of_rare_labels(factors: Factors, why: str, *, stacklevel: int) -> None:
    """Warn of factors with fewer than two samples a label, and why that is too few."""
    for k, name in enumerate(factors.names):
        codes = factors.codes[:, k]
        n_known, n_labels = int((codes >= 0).sum()), len(np.unique(codes[codes >= 0]))
        if factors.is_label(k) and n_labels > 1 and n_known < 2 * n_labels:
            warnings.warn(
                f"factor {name!r} has {n_labels} labels in {n_known} samples: {why}; if it is a quantity, pass "
                "kinds={...: 'continuous'}",
                DegenerateDataWarning,
                stacklevel=stacklevel + 1,
            )
