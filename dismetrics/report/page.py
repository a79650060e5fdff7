"""The frame of every page: head, style, contents. Nothing is fetched, and nothing runs."""

import re
from html import escape
from importlib import resources

from dismetrics.provenance import versions

__all__ = ["page"]

# The browser itself sees to it that the page asks for nothing and runs nothing, whatever a name in it may be.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(title: str, lead: str, sections: list[str]) -> str:
    """A page of sections, which come with headings and anchors, with contents before them."""
    style = resources.files("dismetrics.report").joinpath("style.css").read_text(encoding="utf-8")
    headings = re.findall(r'<section id="([^"]*)"><h2>(.*?)</h2>', "\n".join(sections))
    contents = "".join(f'<li><a href="#{anchor}">{heading}</a></li>' for anchor, heading in headings)
    body = "\n\n".join(sections)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">
<link rel="icon" href="data:,">
<title>{escape(title)}</title>
<style>
{style}</style>
</head>
<body>
<main>
<header>
<h1>{escape(title)}</h1>
<p class="lead">{escape(lead)}</p>
</header>
<nav aria-label="Contents"><ul>{contents}</ul></nav>

{body}

<footer><p>Written by dismetrics {escape(versions()["dismetrics"])}. Entropies, information and divergences are in \
nats.</p></footer>
</main>
</body>
</html>
"""
