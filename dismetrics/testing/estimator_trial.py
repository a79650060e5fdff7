"""One run of a check of an estimator, and what can be asked of one."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.testing.search import Search
from dismetrics.testing.statistics import Margin
from dismetrics.testing.subject import Subject, named_number
from dismetrics.testing.trial import Outcome, failed, held, raised
from dismetrics.typing import FloatArray

__all__ = ["EstimatorProperty", "EstimatorTrial", "same_call", "short"]


@dataclass(frozen=True, eq=False)
class EstimatorTrial:
    """An estimator under test.

    Attributes
    ----------
    subject : Subject
        The estimator; its `number` is what is estimated.
    families : tuple of str
        Families of posteriors that it takes.
    tolerance : float
        How closely it agrees with the truth, beside what chance explains.
    settings : dict
        What it is declared to compute, where that is a choice.
    randomised : bool
        Whether it takes a seed that matters, or differs from call to call.
    n_repeats : int
        Repeats of a statistical test.
    search : Search
        For how long, and from which seed.
    margin : Margin
        Of statistical tests.
    """

    subject: Subject
    families: tuple[str, ...]
    tolerance: float
    settings: dict[str, Any]
    randomised: bool
    n_repeats: int
    search: Search
    margin: Margin

    @property
    def estimates(self) -> str:
        """What is estimated."""
        return self.subject.number

    def until(self, deadline: float) -> "EstimatorTrial":
        """The same trial with another deadline."""
        return dataclasses.replace(self, search=dataclasses.replace(self.search, deadline=deadline))

    def value(self, *data: Any, seed: int | None = 0, **more: Any) -> FloatArray:
        """What is estimated, as an array."""
        return np.asarray(named_number(self.subject.raw(*data, seed=seed, **more), self.estimates), float)

    def complaint(self, wanted: Any, *data: Any, **more: Any) -> str | None:
        """How the estimate of this data differs from what is wanted, if it does."""
        repeats = range(self.n_repeats) if self.randomised else [0]
        try:
            found = [self.value(*data, seed=seed, **more) for seed in repeats]
        except Exception as error:
            return f"{raised(error)} where {short(wanted)} is right"
        if found[0].shape != np.shape(wanted):
            return f"an array of shape {found[0].shape} where {np.shape(wanted)} is wanted"
        off = np.abs(np.mean(found, axis=0) - wanted)
        bound = self.tolerance * np.maximum(1.0, np.abs(wanted))
        if self.randomised:
            margins = [self.margin.of(list(values)) for values in np.reshape(found, (len(found), -1)).T]
            bound = bound + np.reshape(margins, off.shape)
        same = np.isneginf(wanted) & np.isneginf(np.mean(found, axis=0))
        if (same | (off <= bound)).all():
            return None
        mean = "in the mean " if self.randomised else ""
        return f"{mean}{short(np.mean(found, axis=0))} where {short(wanted)} is right"


def short(value: Any) -> str:
    """Numbers in a line."""
    return np.array2string(np.asarray(value, float), precision=6, threshold=12, separator=", ").replace("\n", "")


@dataclass(frozen=True)
class EstimatorProperty:
    """Something that can hold of an estimator.

    Attributes
    ----------
    name : str
        How `holds` and `fails` name it.
    what : str
        The whole sentence.
    check : callable
        What became of it in a trial.
    statistical : bool
        Whether chance can make it fail of a right estimator.
    """

    name: str
    what: str
    check: Callable[[EstimatorTrial], Outcome]
    statistical: bool = True
    of_every_metric: bool = True


def same_call(trial: EstimatorTrial, *data: Any) -> Outcome:
    """The same call with the same seed, three times."""
    values = [trial.value(*data, seed=5) for _ in range(3)]
    if any(not np.array_equal(values[0], other, equal_nan=True) for other in values[1:]):
        argument = trial.subject.seed_argument
        remedy = f"{argument}=5 each time" if argument else "it takes no rng, random_state or seed"
        return failed(f"{short(values[0])} and {short(values[1])} from the same call; {remedy}")
    return held("on three calls")
