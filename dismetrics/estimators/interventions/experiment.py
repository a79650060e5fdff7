"""An intervention experiment: a sampler, the factors that can be held, and the latents that vary."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.activity import active_latents
from dismetrics.estimators.interventions.sampler import FactorSampler, latents_of, names_of
from dismetrics.estimators.interventions.table import TableSampler
from dismetrics.estimators.units import Units
from dismetrics.estimators.varying import check_varying, varying_factors
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior, SampledPosterior
from dismetrics.typing import ArrayLike, BoolArray, FloatArray
from dismetrics.validation import as_choice, as_positive_integer, as_positive_number
from dismetrics.warnings import DegenerateDataWarning

__all__ = ["Experiment", "experiment_on", "random_labels", "scaled_accuracy"]

_ROWS_AT_ONCE = 2**16
"""Observations asked of a sampler in one call, where there are more."""

_VARIANCE_DRAWS = 10_000
"""Observations by which the spread of a sampler's latents is judged, as in Locatello et al. 2019."""


@dataclass(frozen=True, slots=True, eq=False)
class Experiment:
    """What a vote needs.

    Attributes
    ----------
    sampler : FactorSampler
        Where rows come from, in units in which the latents are of size one.
    scale : ndarray of float64, shape (n_latents,)
        These units, in those of the latents as they were given.
    factor_names : tuple of str
        All factors.
    varying : ndarray of bool, shape (n_factors,)
        Factors with more than one value: those that are held or left free.
    variance : ndarray of float64, shape (n_latents,)
        Var(z_j) over all rows, in these units.
    active : ndarray of bool, shape (n_latents,)
        Latents that take part.
    """

    sampler: FactorSampler
    scale: FloatArray
    factor_names: tuple[str, ...]
    varying: BoolArray
    variance: FloatArray
    active: BoolArray

    @property
    def factors(self) -> tuple[int, ...]:
        """The factors that vary, by index."""
        return tuple(np.flatnonzero(self.varying).tolist())

    @property
    def chance(self) -> float:
        """Accuracy of a guess."""
        return 1.0 / len(self.factors)

    def groups(
        self, fixed: tuple[int, ...], n_groups: int, group_size: int, rng: np.random.Generator
    ) -> Iterator[FloatArray]:
        """Latents, (some groups, group_size, n_latents) at a time."""
        for size in _batches(n_groups, group_size):
            yield latents_of(self.sampler, fixed, size, group_size, rng)

    def pairs(
        self, fixed: tuple[int, ...], n_votes: int, n_pairs: int, rng: np.random.Generator
    ) -> Iterator[FloatArray]:
        """Latents of pairs, (n_pairs of some votes, 2, n_latents) at a time; each pair has values of its own."""
        for size in _batches(n_votes, 2 * n_pairs):
            yield latents_of(self.sampler, fixed, size * n_pairs, 2, rng)

    def left_out(self, held: Callable[[int], tuple[int, ...]]) -> FloatArray:
        """The share of a table's rows that no group has, where `held(k)` are held for factor k; warns of the largest.

        Shape (n_factors,), nan for a factor with a single value.
        """
        shares = np.full(len(self.varying), np.nan)
        for k in self.factors:
            shares[k] = self.sampler.left_out(held(k)) if isinstance(self.sampler, TableSampler) else 0.0
        worst = int(np.nanargmax(shares))
        if 0 < shares[worst] < 1:  # where all are left out, the first draw raises
            names = ", ".join(repr(self.factor_names[k]) for k in held(worst))
            warnings.warn(
                f"{shares[worst]:.2%} of the samples share their value of {names} with no other that differs in "
                "another factor, and are left out where it is held; if it is a quantity, pass kinds=, or use fewer "
                "bins (n_factor_bins)",
                DegenerateDataWarning,
                stacklevel=4,
            )
        return shares


def _batches(n_parts: int, rows_each: int) -> Iterator[int]:
    """How many parts to ask for at a time, so that no request is for many more rows than it need be."""
    at_once = max(_ROWS_AT_ONCE // rows_each, 1)
    for start in range(0, n_parts, at_once):
        yield min(at_once, n_parts - start)


class _Measured:
    """A sampler whose latents are seen in units."""

    def __init__(self, sampler: FactorSampler, units: Units) -> None:
        self._sampler, self._units = sampler, units

    @property
    def n_factors(self) -> int:
        return self._sampler.n_factors

    def sample(self, fixed: tuple[int, ...], n_groups: int, group_size: int, rng: np.random.Generator) -> FloatArray:
        drawn = latents_of(self._sampler, fixed, n_groups, group_size, rng)
        if drawn.shape[2] != len(self._units.scale):
            raise ValueError(
                f"{type(self._sampler).__name__}.sample returned {drawn.shape[2]} latents for factors {fixed} held, "
                f"and {len(self._units.scale)} before"
            )
        return self._units.of(drawn)


def experiment_on(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents | FactorSampler,
    factors: ArrayLike | Factors | None,
    *,
    balanced_values: bool,
    replace: bool,
    n_factor_bins: int,
    bin_labels: bool,
    inactive: str,
    min_std: float,
    factor_subset: Sequence[str | int] | None,
    kinds: str | Mapping[Any, str] | None,
    weights: ArrayLike | None,
    rng: np.random.Generator,
) -> Experiment:
    """The experiment on a table of rows, or on a sampler given in place of latents.

    Latents are active where they are not constant, where their standard deviation is at least `min_std`, and, unless
    `inactive` is `"include"`, where posteriors are not within 0.01 nats of the prior.
    """
    as_choice(inactive, "inactive", ("exclude", "include"))
    as_positive_number(min_std, "min_std", zero_allowed=True)
    if isinstance(latents, FactorSampler):
        given = {
            "factors": factors,
            "kinds": kinds,
            "weights": weights,
            "factor_subset": factor_subset,
            "balanced_values": balanced_values or None,
            "replace": None if replace else replace,
            "bin_labels": bin_labels or None,
        }
        for name, value in given.items():
            if value is not None:
                raise ValueError(f"{name} is given beside a sampler, which decides that by itself: leave it out")
        return _on_sampler(latents, min_std, rng)
    if factors is None:
        raise TypeError(
            "factors has shape (): (n_samples,) or (n_samples, n_factors) is wanted, or a FactorSampler in place of "
            "latents"
        )
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset)

    def prepare() -> tuple[TableSampler, Units, FloatArray]:
        table = TableSampler(
            data,
            data.factors,
            balanced_values=balanced_values,
            replace=replace,
            n_factor_bins=n_factor_bins,
            bin_labels=bin_labels,
        )
        units = Units.by(table.points)
        shares = table.factors.normalised_weights
        points = units.of(table.points)
        # Summed in one order whatever the number of threads, which a matrix product is not.
        mean = np.einsum("n,nj->j", shares, points)
        return table.with_points(points), units, np.einsum("n,nj->j", shares, (points - mean) ** 2)

    as_positive_integer(n_factor_bins, "n_factor_bins")
    table, units, variance = data.once(("table", balanced_values, replace, n_factor_bins, bin_labels), prepare)
    active = units.varies & (variance > 0) & (units.scale * np.sqrt(variance) >= min_std)
    if inactive == "exclude" and data.posterior is not None and not isinstance(data.posterior, SampledPosterior):
        active &= active_latents(data, of_posterior=True)
    varying = varying_factors(table.factors)
    check_varying(varying, table.factor_names, stacklevel=3)
    _refuse_one(varying, table.factor_names)
    return Experiment(table, units.scale, table.factor_names, varying, variance, active)


def _on_sampler(sampler: FactorSampler, min_std: float, rng: np.random.Generator) -> Experiment:
    names = names_of(sampler)
    if len(names) != as_positive_integer(sampler.n_factors, "n_factors"):
        raise ValueError(f"{type(sampler).__name__} has {sampler.n_factors} factors but {len(names)} factor_names")
    varying = np.ones(len(names), bool)
    _refuse_one(varying, names)
    drawn = latents_of(sampler, (), _VARIANCE_DRAWS, 1, rng)[:, 0]
    units = Units.by(drawn)
    variance = units.of(drawn).var(axis=0)
    active = units.varies & (variance > 0) & (units.scale * np.sqrt(variance) >= min_std)
    return Experiment(_Measured(sampler, units), units.scale, names, varying, variance, active)


def _refuse_one(varying: BoolArray, names: tuple[str, ...]) -> None:
    if varying.sum() < 2:
        only = names[int(np.argmax(varying))]
        raise ValueError(
            f"{only!r} is the only factor with more than one value: the score is the accuracy of telling which of "
            "several factors was held, and that of one is known without looking; give at least two"
        )


def scaled_accuracy(accuracy: float, chance: float) -> float:
    """An accuracy on a scale where a guess has 0 and no error 1."""
    return (accuracy - chance) / (1.0 - chance)


def random_labels(n_factors: int, n_votes: int, rng: np.random.Generator) -> list[int]:
    """How many of the votes go to each of the factors, drawn at random."""
    counts: list[int] = np.bincount(rng.integers(n_factors, size=n_votes), minlength=n_factors).tolist()
    return counts
