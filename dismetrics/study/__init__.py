"""Many trained models as one table: medians over seeds, paired differences, and how two numbers go together."""

from dismetrics.study.files import read_study
from dismetrics.study.median import median_interval
from dismetrics.study.table import Study

__all__ = ["Study", "median_interval", "read_study"]
