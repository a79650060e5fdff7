"""Pieces of a page. Text goes in as it is and comes out escaped; only what a function here returned is markup."""

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from dismetrics.tables import Table

__all__ = ["bullets", "data_table", "details", "figure", "paragraph", "section", "terms", "text_of"]

_LONG = 40
"""Cells with more characters than this may be broken into lines."""

_PIXELS = 115
"""Of an inch of a drawing, where there is room: letters of ten points then are as large as those of the text."""

_WIDE = 6.5
"""Inches; wider drawings scroll where there is no room for them."""

_MANY_ROWS = 25
"""Tables with more rows than this scroll in a box that is lower than the window."""


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph."""
    return f"<p{_class(kind)}>{escape(text)}</p>"


def bullets(items: Sequence[str]) -> str:
    """A list of texts."""
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def section(heading: str, anchor: str, *markup: str) -> str:
    """A part of the page under a heading of the second level, which the contents can point to."""
    return f'<section id="{escape(anchor)}"><h2>{escape(heading)}</h2>\n' + "\n".join(markup) + "\n</section>"


def details(summary: str, *markup: str) -> str:
    """What a reader may open."""
    return f"<details><summary>{escape(summary)}</summary>\n" + "\n".join(markup) + "\n</details>"


def data_table(table: Table) -> str:
    """A table with its title as caption, in a box of its own that scrolls where it is too wide, or too long."""
    numeric = table.numeric_columns()
    kinds = ["number" if flush else "" for flush in numeric]
    head = "".join(
        f'<th scope="col"{_class(kind)}>{escape(name)}</th>' for name, kind in zip(table.columns, kinds, strict=True)
    )
    body = "\n".join(
        f'<tr><th scope="row">{_breakable(row[0])}</th>'
        + "".join(_cell(text, kind) for text, kind in zip(row[1:], kinds[1:], strict=True))
        + "</tr>"
        for row in table.rows
    )
    kind = "scroll long" if len(table.rows) > _MANY_ROWS else "scroll"
    # With a place in the order of the tabulator key, so that it scrolls without a mouse too.
    return (
        f'<div class="{kind}" tabindex="0" role="region" aria-label="{escape(table.title)}">\n<table>'
        f"<caption><span>{escape(table.title)}</span></caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>"
        "</table>\n</div>"
    )


def terms(content: Mapping[str, Any]) -> str:
    """Names and what they are; what is nested is named by its path."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in _flat("", content))
    return f"<dl>{rows}</dl>"


def figure(svg: bytes, size: tuple[float, float], alt: str, caption: str) -> str:
    """A picture of so many inches, in the page: an image, since names in one drawing must not meet those of another."""
    width, height = (round(_PIXELS * inches) for inches in size)
    data = base64.b64encode(svg).decode("ascii")
    image = f'<img src="data:image/svg+xml;base64,{data}" width="{width}" height="{height}" alt="{escape(alt)}">'
    if size[0] > _WIDE:
        # Made to fit, its letters could not be read on a phone.
        image = f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">{image}</div>'
    return f"<figure>{image}<figcaption>{escape(caption)}</figcaption></figure>"


def text_of(value: Any) -> str:
    """A setting, as text: numbers without digits that say nothing, lists with commas, a dash for nothing."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(text_of, value)) or "-"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {text_of(entry)}" for name, entry in value.items()) or "-"
    return str(value)


def _flat(path: str, content: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for name, value in content.items():
        here = f"{path}{name}"
        if isinstance(value, Mapping) and value:
            found += _flat(f"{here}: ", value)
        else:
            found.append((here.replace("_", " "), text_of(value)))
    return found


def _breakable(name: str) -> str:
    """A name that a narrow column may break after the joints of its words."""
    return escape(name).replace("_", "_<wbr>").replace(".", ".<wbr>")


def _cell(text: str, kind: str) -> str:
    return f"<td{_class(kind if len(text) <= _LONG else 'text')}>{escape(text)}</td>"


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
