"""Small tables of text: printed, as HTML, as CSV, as Markdown."""

import csv
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Table", "number"]


def number(value: float | None, digits: int = 3) -> str:
    """A number for people: fixed decimals, a dash where there is none."""
    return "-" if value is None or value != value else f"{value:.{digits}f}"


@dataclass(frozen=True, slots=True)
class Table:
    """A heading, and rows of text cells; columns of numbers are set flush right.

    Attributes
    ----------
    columns : sequence of str
        Column headings.
    rows : sequence of sequence of str
        Cells, as long as `columns`.
    title : str
        Heading above the table; may be empty.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""

    def __str__(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.columns, *self.rows, strict=True)]
        right = self.numeric_columns()
        lines = [self.title] if self.title else []
        lines.append(_line(self.columns, widths, right))
        lines.append("  ".join("-" * width for width in widths))
        lines.extend(_line(row, widths, right) for row in self.rows)
        return "\n".join(lines)

    def to_html(self) -> str:
        """The table as HTML."""
        caption = f"<caption>{html.escape(self.title)}</caption>" if self.title else ""
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.columns)
        right = self.numeric_columns()
        body = "".join("<tr>" + "".join(map(_cell, row, right)) + "</tr>" for row in self.rows)
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _repr_html_(self) -> str:
        return self.to_html()

    def to_csv(self) -> str:
        """The table as comma-separated values, with a heading line."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return out.getvalue()

    def to_markdown(self) -> str:
        """The table in Markdown."""
        rule = ["---:" if right else "---" for right in self.numeric_columns()]
        lines = [self.columns, rule, *([cell.replace("|", "\\|") for cell in row] for row in self.rows)]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)

    def numeric_columns(self) -> list[bool]:
        """For each column, whether all its cells read as numbers, or as none."""
        return [all(map(_reads_as_number, column)) for column in zip(*self.rows, strict=True)] or [False] * len(
            self.columns
        )


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = (
        cell.rjust(width) if flush else cell.ljust(width)
        for cell, width, flush in zip(cells, widths, right, strict=True)
    )
    return "  ".join(padded).rstrip()


def _cell(text: str, right: bool) -> str:
    align = " style='text-align:right'" if right else " style='text-align:left'"
    return f"<td{align}>{html.escape(text)}</td>"


def _reads_as_number(text: str) -> bool:
    if text in ("-", ""):
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True
