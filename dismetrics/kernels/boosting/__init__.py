"""Gradient boosting of trees of depth three, as scikit-learn defines it, for many outputs on the same few columns.

A tree costs one pass over sums in bins (`histograms`), exact all the same: a bound says which bins could hide a better
cut than all of their edges, and only those are looked into row by row (`cuts`). `tree` grows one, `ensemble` all.
"""

from dismetrics.kernels.boosting.columns import Columns
from dismetrics.kernels.boosting.ensemble import fit_boosting, predict_boosting

__all__ = ["Columns", "fit_boosting", "predict_boosting"]
