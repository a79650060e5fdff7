"""The settings of importances, as one value that can be compared, kept and printed."""

from dataclasses import asdict, dataclass, fields
from typing import Any, TypedDict

from dismetrics.validation import as_choice, as_positive_integer, as_positive_number

__all__ = ["LEARNERS", "ImportanceOptions", "ImportanceSettings"]

LEARNERS = ("boosting", "forest", "lasso", "logistic")
_PRECISIONS = ("double", "single")

# What each learner reads; anything else that is set has no part in it and is refused.
_USED_BY = {
    "boosting": ("n_trees", "learning_rate", "precision"),
    "forest": ("n_trees", "max_depth"),
    "lasso": ("alpha",),
    "logistic": ("inverse_penalty",),
}
_USED_BY_ALL = ("learner", "n_train", "n_test")


class ImportanceOptions(TypedDict, total=False):
    """What a metric that rests on importances takes as keywords; see `importance` for each."""

    learner: str
    n_train: int
    n_test: int
    n_trees: int
    learning_rate: float
    precision: str
    max_depth: int | None
    alpha: float
    inverse_penalty: float


@dataclass(frozen=True, slots=True)
class ImportanceSettings:
    """How factors are predicted from latents; see `importance`."""

    learner: str = "boosting"
    n_train: int = 10_000
    n_test: int = 5_000
    n_trees: int = 100
    learning_rate: float = 0.1
    precision: str = "double"
    max_depth: int | None = None
    alpha: float = 0.02
    inverse_penalty: float = 1.0

    def __post_init__(self) -> None:
        as_choice(self.learner, "learner", LEARNERS)
        as_choice(self.precision, "precision", _PRECISIONS)
        for name in ("n_train", "n_test", "n_trees"):
            as_positive_integer(getattr(self, name), name)
        if self.max_depth is not None:
            as_positive_integer(self.max_depth, "max_depth")
        for name in ("learning_rate", "alpha", "inverse_penalty"):
            as_positive_number(getattr(self, name), name)
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name not in (*_USED_BY_ALL, *_USED_BY[self.learner]) and value != field.default:
                raise ValueError(f"{field.name}={value!r} has no part in learner={self.learner!r}: leave it out")

    def used(self) -> dict[str, Any]:
        """The settings that have a part in this learner, for the record."""
        everything = asdict(self)
        return {name: everything[name] for name in (*_USED_BY_ALL, *_USED_BY[self.learner])}
