"""A check as a parametrisation of pytest."""

from collections.abc import Callable
from typing import Any

from dismetrics.testing.checks import check_metric
from dismetrics.testing.estimator_properties import ESTIMATES
from dismetrics.testing.properties import PROPERTIES
from dismetrics.testing.report import CheckReport, Row

__all__ = ["parametrise"]


def parametrise(check: Callable[..., CheckReport], function: Callable[..., Any], **options: Any) -> Any:
    """A pytest parametrisation with a case for every property.

    Parameters
    ----------
    check : callable
        `check_metric` or `check_estimator`.
    function : callable
        The function under test.
    **options : optional
        Passed to the check.

    Returns
    -------
    pytest.MarkDecorator
        Gives a test the argument `row`, which the test passes if `row().status` is not `"failed"`; the check runs
        once, when the first asks for it.

    Examples
    --------
    >>> import dismetrics as dm
    >>> from dismetrics.testing import check_metric, parametrise
    >>> @parametrise(check_metric, dm.mig, kind="mig")
    ... def test_mig(row):
    ...     assert row().status != "failed", row().message
    """
    import pytest

    names = [each.name for each in (PROPERTIES if check is check_metric else ESTIMATES[options["estimates"]])]
    reports: list[CheckReport] = []

    def row_of(name: str) -> Row:
        if not reports:
            reports.append(check(function, **options))
        return reports[0][name]

    rows = [pytest.param(lambda name=name: row_of(name), id=name) for name in names]
    return pytest.mark.parametrize("row", rows)
