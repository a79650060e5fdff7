"""Means under the aggregate posterior of several quantities at the same draws, with control variates."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from dismetrics.estimators.aggregate_posterior.draws import FEWEST_DRAWS, DrawSource
from dismetrics.estimators.control_variates import controlled_means
from dismetrics.progress import report
from dismetrics.typing import FloatArray, IntArray
from dismetrics.validation import as_positive_integer, as_positive_number

__all__ = ["AtDraws", "Place", "SampledMeans", "number_of_draws", "sampled_means"]

_DRAWS = 4096
_FIRST_DRAWS = 512
_MOST_DRAWS = 2**22

_DRAWS_PER_CONTROL = 16
"""Draws that each control must be worth: more controls than that would fit noise."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A number, and the entries of `SampledMeans` that its errors are those of: an index, or a slice.

    `sign` is -1 where the number is what is exact less the mean: its interval lies the other way round.
    """

    value: Any
    entries: int | slice
    sign: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class AtDraws:
    """What is known at some draws, a row each: quantities, controls, and how far components left out may move them."""

    quantities: FloatArray
    quantity_bounds: FloatArray
    controls: FloatArray
    control_bounds: FloatArray
    evaluated: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class SampledMeans:
    """Estimates of means, with their errors; one entry a quantity.

    Attributes
    ----------
    mean, standard_error : ndarray of float64
        Estimates, and their standard errors; 0 where a mean is exact.
    below, above : ndarray of float64
        How far the 95 % interval reaches to either side, the numerical bound included.
    numerical_bound : ndarray of float64
        The most that components left out of log densities can have changed the estimate, to first order.
    n_draws, n_controls : int
        Draws and controls used; 0 where all is exact.
    evaluated : float
        Share of the pairs of draw and component that were evaluated.
    carrying : ndarray of float64
        How many draws, at equal shares, carry the variance of each; infinite where all is exact.
    """

    mean: FloatArray
    standard_error: FloatArray
    below: FloatArray
    above: FloatArray
    numerical_bound: FloatArray
    n_draws: int
    n_controls: int
    evaluated: float
    carrying: FloatArray

    @classmethod
    def exact(cls, mean: FloatArray) -> "SampledMeans":
        """Means that needed no sampling."""
        none = np.zeros(len(mean))
        return cls(mean, none, none, none, none, 0, 0, 1.0, np.full(len(mean), np.inf))

    def shifted(self, known: FloatArray) -> "SampledMeans":
        """The same, with what is known exactly added to the means."""
        return replace(self, mean=self.mean + known)

    def standard_errors(self, places: Mapping[str, Place]) -> dict[str, Any]:
        """The standard error of every number."""
        return {name: _plain(self.standard_error[place.entries]) for name, place in places.items()}

    def intervals(self, places: Mapping[str, Place]) -> dict[str, tuple[Any, Any]]:
        """The 95 % interval of every number."""
        found = {}
        for name, place in places.items():
            sides = [_plain(side[place.entries]) for side in (self.below, self.above)][:: place.sign]
            found[name] = (place.value - sides[0], place.value + sides[1])
        return found


def _plain(value: Any) -> Any:
    return value if np.ndim(value) else float(value)


def number_of_draws(n_draws: int | None, target_se: float | None) -> int | None:
    """The draws asked for; None where a standard error decides, or nothing was asked for."""
    if target_se is None:
        return None if n_draws is None else as_positive_integer(n_draws, "n_draws", at_least=FEWEST_DRAWS)
    if n_draws is not None:
        raise ValueError("n_draws and target_se are both given; one decides how many draws there are")
    as_positive_number(target_se, "target_se")
    return None


def sampled_means(
    source: DrawSource,
    evaluate: Callable[[IntArray, FloatArray], AtDraws],
    control_means: FloatArray,
    selections: Sequence[FloatArray],
    *,
    n_draws: int | None,
    target_se: float | None,
) -> SampledMeans:
    """Means of quantities over z ~ q(z), with as many draws as asked for, or as the standard error asked for takes.

    Parameters
    ----------
    source : DrawSource
        Where draws come from.
    evaluate : callable
        From the samples that draws come from, and the draws (n, n_latents), to `AtDraws`.
    control_means : ndarray of float64, shape (n_controls,)
        Exact means of the controls.
    selections : sequence of ndarray of float64, shape (n_controls, n_selected)
        Which controls, or sums of them, to use: the first whose number the draws can bear, at 16 draws a control. The
        choice looks at numbers alone, never at values. The last must bear the least number of draws, 32.
    n_draws : int or None
        Draws. With neither this nor `target_se` 4,096, or all that there are.
    target_se : float or None
        Draw until no standard error is above this, or there are no more draws.

    Returns
    -------
    SampledMeans
        One entry a quantity.

    Raises
    ------
    ValueError
        If more draws are asked for than there are.
    """
    most = _MOST_DRAWS if source.most is None else source.most
    if n_draws is not None and source.most is not None and n_draws > source.most:
        raise ValueError(
            f"n_draws={n_draws}, but the posterior holds {most} draws that can be used, and none is used twice: pass "
            f"n_draws={most} or fewer, or a posterior with more draws of each sample"
        )
    wanted = n_draws if n_draws is not None else min(_DRAWS if target_se is None else _FIRST_DRAWS, most)
    drawn: AtDraws | None = None
    while True:
        more = evaluate(*source.take(wanted if drawn is None else wanted - len(drawn.quantities)))
        drawn = more if drawn is None else _joined(drawn, more)
        found = _means(drawn, control_means, selections)
        largest = float(found.standard_error.max())
        if target_se is None or largest <= target_se or wanted >= most:
            return found
        # By the square of the error, a little more for good measure, and never more than four times at once.
        needed = wanted * (largest / target_se) ** 2
        wanted = int(min(most, max(1.2 * wanted, min(1.05 * needed, 4.0 * wanted))))
        report("draws", found.n_draws, max(wanted, int(min(needed, most))))


def _joined(one: AtDraws, other: AtDraws) -> AtDraws:
    return AtDraws(
        *(np.concatenate([getattr(one, field.name), getattr(other, field.name)]) for field in fields(AtDraws))
    )


def _means(drawn: AtDraws, control_means: FloatArray, selections: Sequence[FloatArray]) -> SampledMeans:
    n = len(drawn.quantities)
    most = n // _DRAWS_PER_CONTROL
    selection = next(chosen for chosen in selections if chosen.shape[1] <= most)
    estimate = controlled_means(drawn.quantities, drawn.controls @ selection, control_means @ selection)
    # What is left out moves the quantities, and the controls by as much as they count.
    of_controls = drawn.control_bounds.mean(axis=0) @ np.abs(selection)
    bound = drawn.quantity_bounds.mean(axis=0) + of_controls @ np.abs(estimate.slopes)
    return SampledMeans(
        estimate.mean,
        estimate.standard_error,
        estimate.mean - estimate.lower + bound,
        estimate.upper - estimate.mean + bound,
        bound,
        n,
        estimate.n_controls,
        float(drawn.evaluated.mean()),
        estimate.carrying,
    )
