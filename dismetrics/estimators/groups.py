"""The mixtures whose entropies are wanted: one per factor value, and the marginals."""

from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.entropy import discrete_entropy
from dismetrics.factors import Factors
from dismetrics.kernels.groups import group_mass, number_groups
from dismetrics.typing import BoolArray, FloatArray, IntArray

__all__ = ["Groups"]


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Rows of the data split by the value of each factor, with normalised weights.

    Every factor partitions the rows: its values first and, where labels are missing, the rows without a label last.
    Group numbers run through all factors, so `codes[n, k]` names one group of one factor.
    """

    codes: IntArray
    first: IntArray
    n_values: IntArray
    has_missing: BoolArray
    weights: FloatArray
    mass: FloatArray

    @classmethod
    def of(cls, factors: Factors) -> "Groups":
        """The groups of labelled factors."""
        n_values = factors.n_values
        has_missing = np.asarray(factors.missing.any(axis=0))
        size = n_values + has_missing
        first = np.concatenate([[0], np.cumsum(size)])
        codes = number_groups(factors.codes, first, n_values)
        weights = factors.normalised_weights
        mass = group_mass(codes, weights, int(first[-1]))
        return cls(codes, first, n_values, has_missing, weights, mass)

    @classmethod
    def single(cls, weights: FloatArray) -> "Groups":
        """All rows in one group, for weights that add up to 1."""
        codes = np.zeros((len(weights), 1), np.int32)
        return cls(codes, np.array([0, 1]), np.array([1]), np.array([False]), weights, np.array([1.0]))

    @property
    def n_groups(self) -> int:
        """Groups of all factors together, those without a label included."""
        return int(self.first[-1])

    def factor_entropies(self) -> FloatArray:
        """H(v_k) in nats over the rows whose label is known, shape (n_factors,)."""
        return np.array([discrete_entropy(self.mass[self.values_of(k)]) for k in range(self.n_factors)])

    @property
    def is_known(self) -> BoolArray:
        """Whether each row's label of each factor is known, shape (n_samples, n_factors)."""
        return self.codes < self.first[:-1] + self.n_values

    @property
    def n_factors(self) -> int:
        """Factors that split the rows."""
        return len(self.n_values)

    def values_of(self, factor: int) -> slice:
        """The groups of one factor's values, missing labels left out."""
        return slice(int(self.first[factor]), int(self.first[factor] + self.n_values[factor]))

    def all_of(self, factor: int) -> slice:
        """The groups of one factor that together hold every row."""
        return slice(int(self.first[factor]), int(self.first[factor + 1]))

    def known_mass(self, factor: int) -> float:
        """Weight of the rows whose label of this factor is known."""
        return float(self.mass[self.values_of(factor)].sum())
