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
        `function(latents, factors, *, ...)`, or `function(latents, *, ...)` where no factors are needed. It is called
        with `rng=seed` if it has a parameter `rng`; without factors also with `weights=`, if it has that parameter and
        there are weights; and latents are then a matrix or a posterior, both checked. With factors, latents and factors
        come as `LabelledLatents` and its `factors`, which hold the weights. Its result has the headline number in
        `score`, and entries for the factors, if any, in `per_factor` and `factor_names`.
    title, paper : str
        What it is called, and where it was published.
    lowest, highest : float
        Range of the score; infinite where there is no bound.
    higher_is_better : bool
        Direction.
    chance : str
        What latents score that are independent of the factors.
    needs : str
        What the latents may be: `"posteriors or points"`, `"posteriors"` or `"points"`; posteriors given where points
        are needed stand for their point codes.
    cost : str
        Growth with samples N, latents D and factors K.
    groups : tuple of str, default ()
        Names that stand for several metrics in `evaluate`; `"all"`, `"supervised"` and `"unsupervised"` follow from
        the rest and need not be named.
    supervised : bool, default True
        Whether factors are needed.
    null : str, default "factors"
        What is permuted for the chance level: `"factors"` (their rows), `"latents"` (each column by itself), or
        `"none"` where no permutation says what chance is.
    numbers : tuple of str
        Further numbers of the result that count as scores, by attribute: rows `name.number` of an evaluation. Their
        direction and their best value are the headline's.
    fewest_latents, fewest_factors : int
        Below these, factors with more than one value counted, the metric is not defined and raises.
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
    groups: tuple[str, ...] = ()
    supervised: bool = True
    null: str = "factors"
    numbers: tuple[str, ...] = ()
    fewest_latents: int = 1
    fewest_factors: int = 1
