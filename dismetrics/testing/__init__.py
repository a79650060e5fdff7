"""Tests for anybody's metric or estimator of disentanglement; needs hypothesis (the extra `testing`).

`check_metric` and `check_estimator` run all that applies to a function, and report what held, what failed on which
smallest data, and what did not apply. `python -m dismetrics.testing MODULE:FUNCTION` does the same. Strategies draw
data that shrink to a few rows; `cases` are data whose truth is known.
"""

from dismetrics.testing import cases, strategies
from dismetrics.testing.adapters import from_parameters, transposed
from dismetrics.testing.checks import check_estimator, check_metric
from dismetrics.testing.estimator_properties import ESTIMATES
from dismetrics.testing.estimator_trial import EstimatorProperty
from dismetrics.testing.properties import PROPERTIES
from dismetrics.testing.property import Property
from dismetrics.testing.pytest_cases import parametrise
from dismetrics.testing.report import CheckReport, Counterexample, Row

__all__ = [
    "ESTIMATES",
    "PROPERTIES",
    "CheckReport",
    "Counterexample",
    "EstimatorProperty",
    "Property",
    "Row",
    "cases",
    "check_estimator",
    "check_metric",
    "from_parameters",
    "parametrise",
    "strategies",
    "transposed",
]
