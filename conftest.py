"""How the examples in docstrings, README.md and docs/ are run, and figures closed; the tests have tests/conftest.py."""

import doctest
import re
import sys

import numpy as np
import pytest

# The parser takes the fence that closes a Markdown code block for the example's last line of output.
_parse = doctest.DocTestParser.parse
_FENCE = re.compile(r"^[ ]*(?:```|~~~).*$", flags=re.MULTILINE)


def _parse_markdown(self, string, name="<string>"):
    return _parse(self, _FENCE.sub("", string), name)


doctest.DocTestParser.parse = _parse_markdown


@pytest.fixture(autouse=True)
def _print_options(request):
    """Print arrays alike on every machine: four digits, no exponents."""
    if not isinstance(request.node, pytest.DoctestItem):
        yield
        return
    with np.printoptions(precision=4, suppress=True, linewidth=88):
        yield


@pytest.fixture(autouse=True)
def _no_figure_stays_open():
    yield
    # pyplot keeps every figure until it is closed, and warns, which is an error here, from the twenty-first on.
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
