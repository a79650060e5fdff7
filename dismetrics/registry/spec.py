"""What there is to say of a metric, as data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["MetricSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSpec:
    """What there is to say of a metric.

    Attributes
    ----------
    name : str
        Name of the function.
    function : callable
        `function(latents, factors, ...)`; its result has the headline number in `score`.
    title, paper : str
        What it is called, and where it was published.
    lowest, highest : float
        Range of the score.
    higher_is_better : bool
        Direction.
    chance : str
        What latents score that are independent of the factors.
    needs : str
        What the latents may be: `"posteriors or points"`, `"posteriors"` or `"points"`; posteriors given where points
        are needed stand for their point codes.
    cost : str
        Growth with samples N, latents D and factors K.
    groups : tuple of str
        Names that stand for several metrics in `evaluate`.
    numbers : tuple of str
        Further numbers of the result that count as scores, by attribute.
    fewest_latents, fewest_factors : int
        Below these the metric is not defined.
    """

    name: str
    function: Callable[..., Any]
    title: str
    paper: str
    lowest: float
    highest: float
    higher_is_better: bool
    chance: str
    needs: str
    cost: str
    groups: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    fewest_latents: int = 1
    fewest_factors: int = 1
