"""`python -m dismetrics.testing MODULE:FUNCTION`: test a function, print what held and what failed."""

import argparse
import ast
import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dismetrics.testing.adapters import from_parameters, transposed
from dismetrics.testing.checks import LATENTS, check_estimator, check_metric
from dismetrics.testing.estimator_properties import ESTIMATES

__all__ = ["main"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dismetrics.testing", description=__doc__)
    parser.add_argument("target", metavar="MODULE:FUNCTION", help="importable from here")
    parser.add_argument("--kind", help="the metric of dismetrics that it is")
    parser.add_argument("--estimates", choices=sorted(ESTIMATES), help="what it estimates, if it is no metric")
    parser.add_argument("--families", default="gaussian", help="posteriors of an estimator: gaussian,laplace,...")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="of our metric of the kind")
    parser.add_argument(
        "--holds", action="append", default=[], metavar="PROPERTY", help="a further property to ask for"
    )
    parser.add_argument("--fails", action="append", default=[], metavar="PROPERTY", help="one known not to hold")
    parser.add_argument("--latents", choices=sorted(LATENTS), default="points", help="what a metric takes")
    parser.add_argument("--number", default="score", help="attribute or key of a metric's result")
    parser.add_argument("--transposed", action="store_true", help="a metric takes (n_latents, n_samples)")
    parser.add_argument(
        "--spread", choices=("log_var", "variance", "scale"), help="an estimator takes means, and these of Gaussians"
    )
    parser.add_argument("--budget", type=float, default=15.0, metavar="SECONDS")
    parser.add_argument("--seed", type=int, default=0)
    return parser


def _function(target: str) -> Callable[..., Any]:
    module, _, name = target.partition(":")
    if not name:
        raise SystemExit(f"{target!r}: MODULE:FUNCTION is wanted, such as my_metric:score")
    sys.path.insert(0, str(Path.cwd()))
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    if not callable(found):
        raise SystemExit(f"{target} is of type {type(found).__name__}; a function is wanted")
    return found


def _options(given: Sequence[str]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for option in given:
        name, equals, text = option.partition("=")
        if not equals:
            raise SystemExit(f"--option {option}: NAME=VALUE is wanted")
        try:
            options[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            options[name] = text  # a word without quotes
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the check that the arguments describe; 1 if a property failed.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the command line.

    Returns
    -------
    int
        0 if nothing failed, else 1.
    """
    given = _parser().parse_args(arguments)
    function, settings = _function(given.target), _options(given.option)
    if given.transposed:
        function = transposed(function)
    common = {"fails": given.fails, "budget": given.budget, "seed": given.seed, **settings}
    if given.estimates is None:
        report = check_metric(
            function, kind=given.kind, holds=given.holds, number=given.number, latents=given.latents, **common
        )
    else:
        if given.spread is not None:
            function = from_parameters(function, given.spread)
        report = check_estimator(
            function, estimates=given.estimates, posterior_families=given.families.split(","), **common
        )
    print(report)
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
