"""The settings of predictors from one latent, as one value that can be compared, kept and printed."""

from dataclasses import dataclass, fields
from typing import Any, TypedDict

from dismetrics.validation import as_choice, as_flag, as_positive_number

__all__ = ["PREDICTORS", "SCORINGS", "PredictabilityOptions", "PredictabilitySettings"]

PREDICTORS = ("linear_svm", "tree")
SCORINGS = ("accuracy", "balanced_accuracy")

# What each predictor of labels reads; anything else that is set has no part in it and is refused.
_USED_BY: dict[str, tuple[str, ...]] = {"linear_svm": ("scoring", "cost", "standardise"), "tree": ("scoring",)}


class PredictabilityOptions(TypedDict, total=False):
    """What a metric that rests on predictability takes as keywords; see `predictability` for each."""

    predictor: str
    scoring: str
    cost: float
    standardise: bool


@dataclass(frozen=True, slots=True)
class PredictabilitySettings:
    """How labels are predicted from one latent; see `predictability`."""

    predictor: str = "linear_svm"
    scoring: str = "accuracy"
    cost: float = 0.01
    standardise: bool = True

    def __post_init__(self) -> None:
        as_choice(self.predictor, "predictor", PREDICTORS)
        as_choice(self.scoring, "scoring", SCORINGS)
        as_positive_number(self.cost, "cost")
        as_flag(self.standardise, "standardise")
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name not in ("predictor", *_USED_BY[self.predictor]) and value != field.default:
                raise ValueError(f"{field.name}={value!r} has no part in predictor={self.predictor!r}: leave it out")

    def used(self) -> dict[str, Any]:
        """The settings that have a part in this predictor, for the record."""
        return {name: getattr(self, name) for name in ("predictor", *_USED_BY[self.predictor])}
