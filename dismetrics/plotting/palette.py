"""Colours that people with any colour vision can tell apart, the same for an objective in every figure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["COLOURS", "FRAME", "GREY", "Style", "line_styles", "markers", "objective_styles", "styles"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito (2008), without the yellow, which is lost on white."""

GREY = "#777777"
FRAME = "#D55E00"

_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_DASHES = ("-", "--", ":", "-.")

# The well-known ones keep their places, so that their colours are the same in a part of a study and in the whole.
_OBJECTIVES = ("beta_tcvae", "vae", "beta_vae", "factor_vae", "capacity_vae")


@dataclass(frozen=True, slots=True)
class Style:
    """How one series is drawn."""

    colour: str
    marker: str


def styles(count: int) -> list[Style]:
    """Colours and markers that differ together for 56 series; the colours alone for seven."""
    return [Style(COLOURS[k % len(COLOURS)], _MARKERS[k % len(_MARKERS)]) for k in range(count)]


def markers(count: int) -> list[str]:
    """A marker each; they repeat after eight."""
    return [_MARKERS[k % len(_MARKERS)] for k in range(count)]


def line_styles(count: int) -> list[str]:
    """A kind of line each; they repeat after four."""
    return [_DASHES[k % len(_DASHES)] for k in range(count)]


def objective_styles(objectives: Iterable[str]) -> dict[str, Style]:
    """A style for each objective: a fixed one for those of the papers, the next free one for others."""
    names: Sequence[str] = list(dict.fromkeys([*_OBJECTIVES, *objectives]))
    return dict(zip(names, styles(len(names)), strict=True))
