"""The settings of mutual information, as one value that can be compared, kept and printed."""

from dataclasses import asdict, dataclass, fields
from typing import Any, TypedDict

from dismetrics.estimators.discretize import DISCRETISATIONS
from dismetrics.validation import as_choice, as_flag, as_interval, as_positive_integer

__all__ = ["CORRECTIONS", "ESTIMATORS", "InformationOptions", "InformationSettings"]

ESTIMATORS = ("posterior", "bin_masses", "histogram", "knn")
CORRECTIONS = ("none", "miller_madow", "shuffle")

# What each estimator reads; anything else that is set has no part in it and is refused.
_USED_BY = {
    "posterior": ("n_factor_bins", "n_draws"),
    "bin_masses": ("n_bins", "bin_range", "n_factor_bins"),
    "histogram": ("discretisation", "n_bins", "bin_range", "n_factor_bins", "bin_labels", "correction", "n_shuffles"),
    "knn": ("n_neighbours",),
}


class InformationOptions(TypedDict, total=False):
    """What a metric that rests on mutual information takes as keywords; see `mutual_information` for each."""

    estimator: str
    discretisation: str
    n_bins: int
    bin_range: tuple[float, float] | str | None
    n_factor_bins: int
    bin_labels: bool
    correction: str
    n_shuffles: int
    n_neighbours: int
    n_draws: int | None


@dataclass(frozen=True, slots=True)
class InformationSettings:
    """How mutual information between latents and factors is estimated; see `mutual_information`."""

    estimator: str = "histogram"
    discretisation: str = "equal_width"
    n_bins: int = 20
    bin_range: tuple[float, float] | str | None = None
    n_factor_bins: int | None = None
    bin_labels: bool = False
    correction: str = "none"
    n_shuffles: int = 10
    n_neighbours: int = 3
    n_draws: int | None = None

    def __post_init__(self) -> None:
        as_choice(self.estimator, "estimator", ESTIMATORS)
        as_choice(self.discretisation, "discretisation", DISCRETISATIONS)
        as_choice(self.correction, "correction", CORRECTIONS)
        as_flag(self.bin_labels, "bin_labels")
        as_positive_integer(self.n_bins, "n_bins")
        if isinstance(self.bin_range, str):
            as_choice(self.bin_range, "bin_range", ("own",))
            object.__setattr__(self, "bin_range", None)
        if self.bin_range is not None:
            object.__setattr__(self, "bin_range", as_interval(self.bin_range, "bin_range"))
            if self.discretisation != "equal_width":
                raise ValueError(
                    f"bin_range={self.bin_range!r} has no part in discretisation={self.discretisation!r}: leave it out"
                )
        as_positive_integer(self.n_shuffles, "n_shuffles")
        as_positive_integer(self.n_neighbours, "n_neighbours")
        if self.n_factor_bins is not None:
            as_positive_integer(self.n_factor_bins, "n_factor_bins")
        if self.n_draws is not None:
            as_positive_integer(self.n_draws, "n_draws", at_least=2)
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name not in ("estimator", *_USED_BY[self.estimator]) and value != field.default:
                raise ValueError(f"{field.name}={value!r} has no part in estimator={self.estimator!r}: leave it out")

    @property
    def factor_bins(self) -> int:
        """Bins of a continuous factor: as many as a latent has, unless said otherwise."""
        return self.n_bins if self.n_factor_bins is None else self.n_factor_bins

    @property
    def bin_ends(self) -> tuple[float, float] | None:
        """Ends of the bins of all latents; None where each latent has its own."""
        return None if isinstance(self.bin_range, str) else self.bin_range

    @property
    def is_random(self) -> bool:
        """Whether the estimate depends on random numbers."""
        if self.estimator == "posterior":
            return self.n_draws is not None
        return self.estimator == "histogram" and self.correction == "shuffle"

    def used(self) -> dict[str, Any]:
        """The settings that have a part in this estimator, for the record."""
        everything = asdict(self)
        used = {name: everything[name] for name in ("estimator", *_USED_BY[self.estimator])}
        if "n_factor_bins" in used:
            used["n_factor_bins"] = self.factor_bins
        if self.correction != "shuffle":
            used.pop("n_shuffles", None)
        if self.discretisation == "unique":
            used.pop("n_bins", None)
        return used
