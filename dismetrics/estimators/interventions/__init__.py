"""Groups of rows that share the values of factors: from a table, or encoded on demand."""

from dismetrics.estimators.interventions.sampler import FactorSampler
from dismetrics.estimators.interventions.table import TableSampler

__all__ = ["FactorSampler", "TableSampler"]
