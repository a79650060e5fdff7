"""What the command line says and where it goes: one sentence for bad input, results to a stream or a file."""

import functools
import re
import sys
import warnings
from collections.abc import Callable
from typing import Any, ParamSpec

import typer

__all__ = ["check_output", "in_one_sentence", "print_out", "write"]

P = ParamSpec("P")

_CLOSED_PIPE = 141
"""Exit status where the reader has gone: that of a program which the signal for it ends (128 + SIGPIPE)."""

# What messages advise is written for Python.
_REMEDIES = (
    (
        re.compile(r"leave them out, and samples that do not count too, with posterior\.take\(rows\)"),
        lambda _: "leave them out of the file",
    ),
    (re.compile(r'keys=\{"(\w+)": "([^"]*)"\}'), lambda found: f"--{found[1].replace('_', '-')} {found[2]}"),
    (re.compile(r"Factors\(\.\.\., missing='nan'\)"), lambda _: "--missing-nan"),
    (re.compile(r"Factors\(\.\.\., names=\.\.\.\)"), lambda _: "--names"),
    (re.compile(r"kinds=\{\.\.\.: '(\w+)'\}"), lambda found: f"--kind NAME={found[1]}"),
    (re.compile(r"with factor_subset\b"), lambda _: "with --factor-subset"),
    (re.compile(r"population='rows'"), lambda _: "--population rows"),
    (re.compile(r"errors='report'"), lambda _: "--errors report"),
)


def in_one_sentence(command: Callable[P, None]) -> Callable[P, None]:
    """Bad input ends with one sentence on standard error and exit status 2; warnings are a line each."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            try:
                command(*args, **kwargs)
            except BrokenPipeError:
                raise typer.Exit(_CLOSED_PIPE) from None
            # ImportError: an extra that is not installed, and the message says which.
            except (ImportError, ValueError, TypeError, KeyError, ArithmeticError, OSError, MemoryError) as error:
                text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
                text = ". ".join([text, *getattr(error, "__notes__", [])])
                typer.echo(f"dismetrics: {_with_options(text) or type(error).__name__}", err=True)
                raise typer.Exit(2) from None

    return run


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    typer.echo(f"{category.__name__}: {_with_options(str(message))}", err=True)


def _with_options(text: str) -> str:
    """A message in one line, with options in place of the keyword arguments that it advises."""
    for pattern, option in _REMEDIES:
        text = pattern.sub(option, text)
    return " ".join(text.split())


def print_out(text: str) -> None:
    """To standard output, which may be closed."""
    out = sys.stdout
    if out is None:  # the shell closed it
        return
    # A buffer of its own: without one (PYTHONUNBUFFERED), Python takes half a write to a closed pipe for a whole one;
    # and what could not be written must not be tried again at exit.
    with open(out.fileno(), "w", encoding=out.encoding, errors=out.errors, closefd=False) as file:
        file.write(text.rstrip("\n") + "\n")


def check_output(format: str, formats: tuple[str, ...], output: str | None) -> None:
    """Raise before the work where its result could not be written."""
    from dismetrics.io import check_target
    from dismetrics.validation import as_choice

    as_choice(format, "--format", formats)
    if output is not None:
        check_target(output, "--output")


def write(text: str, output: str | None) -> None:
    """To a file, whole or not at all, or to standard output."""
    from dismetrics.io import write_text

    if output is None:
        print_out(text)
    else:
        write_text(output, text.rstrip("\n") + "\n")
