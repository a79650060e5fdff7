"""One page that tells of an evaluation or a study: numbers, pictures, and what to beware of, in a file by itself."""

from dismetrics.report.report import report_html, write_report

__all__ = ["report_html", "write_report"]
