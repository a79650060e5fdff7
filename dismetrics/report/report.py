"""The two things that can be done with a report: have it, and write it."""

import os

from dismetrics.evaluated import Evaluation
from dismetrics.io import check_target, write_text
from dismetrics.report.evaluation_page import evaluation_page
from dismetrics.report.source import read_source
from dismetrics.report.stored import stored_evaluation
from dismetrics.report.study_page import study_page
from dismetrics.study import Study

__all__ = ["report_html", "write_report"]


def report_html(source: Evaluation | Study | str | os.PathLike[str]) -> str:
    """One page of HTML that tells of an evaluation or a study, with all that it needs inside.

    The numbers with their intervals, chance levels and ceilings, pictures, settings, where it all came from, and what
    to beware of, in words that follow from the numbers. The page asks for nothing from anywhere and runs no script.

    Parameters
    ----------
    source : Evaluation, Study, str or path
        What `evaluate` or `read_study` returned, or a path: of the JSON that `Evaluation.to_json` or
        `dismetrics score --format json` wrote, of a study's `table.json`, or of the folder that this is in.

    Returns
    -------
    str
        The page. The same source gives the same page, whether it was in a file in between or not.

    Raises
    ------
    TypeError, ValueError
        If the source is neither, or its file cannot be read.
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> import numpy as np
    >>> import dismetrics as dm
    >>> from dismetrics.report import report_html
    >>> factors = np.indices((5, 5)).reshape(2, -1).T
    >>> html = report_html(dm.evaluate(factors, factors, metrics="mig", rng=0))
    >>> "<h1>Evaluation</h1>" in html, 'id="caveat-one-model"' in html
    (True, True)
    """
    if isinstance(source, (str, os.PathLike)):
        source = read_source(source)
    if isinstance(source, Study):
        return study_page(source)
    if isinstance(source, Evaluation):
        # Through the same door as from a file, so that the page is the same.
        return evaluation_page(stored_evaluation(source.to_dict(), "the evaluation"))
    raise TypeError(
        f"source is {type(source).__name__}; an Evaluation, a Study, or the path of a file of either is wanted"
    )


def write_report(source: Evaluation | Study | str | os.PathLike[str], path: str | os.PathLike[str]) -> None:
    """Write `report_html` to a file, whole or not at all.

    Parameters
    ----------
    source : Evaluation, Study, str or path
        As for `report_html`.
    path : str or path
        Where to; a file that is there is replaced.

    Raises
    ------
    TypeError, ValueError
        As for `report_html`, or if the path cannot be written.
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> from dismetrics.report import write_report
    >>> write_report("runs/laptop", "laptop.html")  # doctest: +SKIP
    """
    check_target(path, "path")
    write_text(path, report_html(source))
