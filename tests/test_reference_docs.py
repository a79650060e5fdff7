"""The examples of the page and of the docstrings run."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import reference_models
from reference_models.study import read_config
from reference_models.study.cells import cells_of

# The checkout, where the tests run from one; a wheel has no docs.
PAGE = Path(__file__).parent.parent / "docs" / "reference_models.md"
MODULES = [
    module.name
    for module in pkgutil.walk_packages(reference_models.__path__, "reference_models.")
    if not module.name.endswith("__main__")
]


def _blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)


def test_the_grid_of_the_page_is_one(tmp_path):
    (grid,) = _blocks("json")
    (tmp_path / "grid.json").write_text(grid)
    config = read_config(tmp_path / "grid.json")
    assert len(cells_of(config)) == 5 * (1 + 2 * 2)


def test_the_training_loop_of_the_page_runs():
    code = next(code for code in _blocks("python") if "decomposed_elbo" in code)
    names = {}
    exec(code, names)
    assert np.isfinite(names["terms"].loss.item())


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name):
    with np.printoptions(precision=4, suppress=True):
        found = doctest.testmod(importlib.import_module(name))
    assert found.failed == 0


def test_public_names_exist():
    for name in MODULES:
        module = importlib.import_module(name)
        assert all(hasattr(module, public) for public in getattr(module, "__all__", []))
