"""What a reader should beware of, and how it is shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from dismetrics.report.markup import bullets, paragraph, section

__all__ = ["Caveat", "caveats_section"]


@dataclass(frozen=True, slots=True)
class Caveat:
    """One thing to beware of.

    Attributes
    ----------
    kind : str
        Its name, in the page's `id`.
    title, text : str
        In words.
    items : tuple of str
        What it is about, number by number.
    """

    kind: str
    title: str
    text: str
    items: tuple[str, ...] = ()


def caveats_section(found: Iterable[Caveat | None]) -> str:
    """The caveats that there are."""
    shown = "\n".join(
        f'<li id="caveat-{escape(one.kind)}"><strong>{escape(one.title)}</strong>{escape(one.text)}'
        f"{bullets(one.items) if one.items else ''}</li>"
        for one in found
        if one is not None
    )
    lead = paragraph("What the numbers above do not say, or say only with reserve. Each item is here because of them.")
    return section("Caveats", "caveats", lead, f'<ul class="caveats">\n{shown}\n</ul>')
