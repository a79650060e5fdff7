"""Sphinx configuration. Nothing is fetched while building, so it works offline."""

import importlib
import importlib.metadata
import inspect
import re
import shutil
import sys
from pathlib import Path

from sphinx.ext.autosummary.generate import find_autosummary_in_files
from sphinx.util import logging

# Python in safe path mode leaves it off; gallery.py lies here.
sys.path.insert(0, str(Path(__file__).parent))

project = "dismetrics"
author = "The dismetrics developers"
copyright = f"2026, {author}"
release = importlib.metadata.version("dismetrics")

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]

html_theme = "furo"
html_title = "dismetrics"

myst_enable_extensions = ["amsmath", "deflist", "dollarmath"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say types and shapes
numpydoc_show_class_members = False
# Every public function has these sections; `tox -e lint` checks what stands in them.
numpydoc_validation_checks = {"PR01", "RT01", "EX01"}
numpydoc_validation_exclude = {r"^(?!dismetrics\.[a-z]\w*$)"}

# Copy what a reader types, not the prompt nor the output.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

nitpicky = True
# Other projects' objects, which only intersphinx could resolve.
nitpick_ignore_regex = [("py:.*", r"(abc|collections|enum|matplotlib|np|numpy|pandas|scipy|sklearn|torch|typing)\..*")]

# Modules whose __all__ must be on api.md, each name once.
PUBLIC_MODULES = [
    "dismetrics",
    "dismetrics.estimators",
    "dismetrics.plotting",
    "dismetrics.report",
    "dismetrics.testing",
    "dismetrics.testing.cases",
    "dismetrics.testing.strategies",
    "dismetrics.warnings",
]


def _check_api_page(app):
    """Warn, and so fail, where api.md and the public names differ."""
    listed = [entry.name for entry in find_autosummary_in_files([Path(app.srcdir) / "api.md"])]
    public = []
    for name in PUBLIC_MODULES:
        module = importlib.import_module(name)
        public += [
            f"{name}.{attribute}"
            for attribute in module.__all__
            if not (attribute.startswith("__") or inspect.ismodule(getattr(module, attribute)))
        ]
    for problem, names in {
        "misses": set(public) - set(listed),
        "lists what is not public:": {name for name in listed if name.rpartition(".")[0] in PUBLIC_MODULES}
        - set(public),
        "lists twice:": {name for name in listed if listed.count(name) > 1},
    }.items():
        if names:
            logging.getLogger(__name__).warning("api.md %s %s", problem, ", ".join(sorted(names)))


def _escape_bars(_app, _what, _name, _obj, _options, lines):
    """Formulas write |x|, which reStructuredText takes for a substitution; no docstring means one."""
    lines[:] = [re.sub(r"\|(?=\S)([^|`]*[^|`\s])\|", r"\\|\1\\|", line) for line in lines]


def _remove_stubs(app, _config):
    """Start afresh: the page of a name that went would be a warning."""
    shutil.rmtree(Path(app.srcdir) / "generated", ignore_errors=True)


def _draw_gallery(app):
    gallery, source = importlib.import_module("gallery"), Path(app.srcdir)
    gallery.draw(source / "examples" / "figures.py", source / "generated_gallery")
    gallery.draw(source / "examples" / "study.py", source / "generated_study")


def setup(app):
    app.connect("config-inited", _remove_stubs)
    app.connect("builder-inited", _check_api_page)
    app.connect("builder-inited", _draw_gallery)
    app.connect("autodoc-process-docstring", _escape_bars)
