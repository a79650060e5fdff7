"""Hypothesis profiles, and the rule that nothing may skip where everything is installed."""

import os

import hypothesis
import pytest

# No deadline anywhere: the first call of a kernel compiles it.
_COMMON = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
hypothesis.settings.register_profile("dev", max_examples=50, **_COMMON)
hypothesis.settings.register_profile("ci", max_examples=60, derandomize=True, database=None, print_blob=True, **_COMMON)
hypothesis.settings.register_profile("nojit", parent=hypothesis.settings.get_profile("ci"), max_examples=8)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if "CI" in os.environ else "dev"))

_NOTHING_MAY_SKIP = os.environ.get("DISMETRICS_FULL") == "1"


def _fail_where_skipped(report):
    """Turn a skip, of a test or by `importorskip` of a file, into a failure; an expected failure stays."""
    if _NOTHING_MAY_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: nothing may skip here (DISMETRICS_FULL=1): {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    return _fail_where_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    return _fail_where_skipped((yield))
