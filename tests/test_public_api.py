"""What the package exports, what importing it costs, and what is generated from it."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import dismetrics as dm
import dismetrics.plotting
import dismetrics.testing

# The checkout, where the tests run from one; a wheel has neither README nor docs.
README = Path(__file__).parent.parent / "README.md"

HEAVY = ("sklearn", "scipy.stats", "torch", "matplotlib", "pandas", "hypothesis", "rich", "typer", "scipy.spatial")


def test_every_public_name_exists_and_is_documented():
    for module in (dm, dm.estimators, dm.plotting, dm.testing, dm.testing.cases, dm.testing.strategies):
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isclass(thing) or inspect.isroutine(thing):
                assert thing.__doc__, name


def test_importing_loads_nothing_heavy():
    code = f"import dismetrics, sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_version_is_that_of_the_installed_package():
    assert dm.__version__.split(".")[0].isdigit()
    with pytest.raises(AttributeError, match="colour"):
        dm.colour  # noqa: B018


def test_everything_after_the_data_is_by_keyword():
    for spec in dm.METRICS:
        parameters = list(inspect.signature(spec.function).parameters.values())
        data = 2 if spec.supervised else 1
        names = [parameter.name for parameter in parameters[:data]]
        assert names == ["latents", "factors"] or (not spec.supervised and names in (["latents"], ["posterior"]))
        assert all(parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_KEYWORD) for parameter in parameters[data:])


def test_the_registry_names_its_functions():
    names = [spec.name for spec in dm.METRICS]
    assert len(set(names)) == len(names)
    for spec in dm.METRICS:
        assert spec.function is getattr(dm, spec.name)
        assert spec.lowest < spec.highest


def test_the_readme_table_is_the_registrys():
    assert dm.list_metrics().to_markdown() in README.read_text()
