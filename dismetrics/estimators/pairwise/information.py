"""Mutual information of pairs of latents: what estimators return, and how it follows from masses of cells."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dismetrics.kernels.log import sum_x_log_x
from dismetrics.typing import BoolArray, FloatArray

__all__ = ["CellSums", "PairEstimate", "PairInformation", "assemble", "information_of_cells"]


@dataclass(frozen=True, slots=True)
class PairEstimate:
    """I(z_i; z_j) in nats: a bound on its numerical error, and where it was sampled, the error of that.

    `below` and `above` say how far the 95 % interval of a sampled one reaches, the numerical bound included.
    """

    information: float
    numerical_bound: float = 0.0
    standard_error: float = 0.0
    below: float = 0.0
    above: float = 0.0
    sampled: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PairInformation:
    """All pairs, as symmetric matrices of shape (n_latents, n_latents); everything in nats.

    Attributes
    ----------
    mutual_information : ndarray of float64
        I(z_i; z_j). On the diagonal H(z_j) for latents with finitely many values; infinity for densities and nearest
        neighbours, where a latent would tell itself without limit.
    latent_entropy : ndarray of float64, shape (n_latents,), or None
        H(z_j): of the values or bins, differential for densities; None for nearest neighbours.
    standard_error, below, above, numerical_bound : ndarray of float64
        Of the estimate: see `PairEstimate`; 0 on the diagonal.
    sampled : ndarray of bool
        Pairs that were sampled.
    """

    mutual_information: FloatArray
    latent_entropy: FloatArray | None
    standard_error: FloatArray
    below: FloatArray
    above: FloatArray
    numerical_bound: FloatArray
    sampled: BoolArray


def assemble(
    estimates: Mapping[tuple[int, int], PairEstimate], n_latents: int, entropy: FloatArray | None, *, discrete: bool
) -> PairInformation:
    """Symmetric matrices from one estimate a pair."""

    def matrix(field: str) -> FloatArray:
        values = np.zeros((n_latents, n_latents))
        for (i, j), estimate in estimates.items():
            values[i, j] = values[j, i] = getattr(estimate, field)
        return values

    information = matrix("information")
    np.fill_diagonal(information, entropy if discrete and entropy is not None else np.inf)
    return PairInformation(
        mutual_information=information,
        latent_entropy=entropy,
        standard_error=matrix("standard_error"),
        below=matrix("below"),
        above=matrix("above"),
        numerical_bound=matrix("numerical_bound"),
        sampled=matrix("sampled").astype(bool),
    )


class CellSums:
    """Sums over cells, given a block of rows at a time, from which the information of rows and columns follows.

    With masses m_ab of any total M, I = (sum m log m - sum m_a log m_a - sum m_b log m_b + M log M) / M. Of a density
    on a uniform grid, values serve as masses: the size of a cell cancels.
    """

    def __init__(self, n_columns: int) -> None:
        self.cells = 0.0
        self.rows = 0.0
        self.columns = np.zeros(n_columns)

    def add(self, block: FloatArray) -> None:
        """Add some rows of cells, shape (n_rows, n_columns); what rounding left below zero is set to zero."""
        np.maximum(block, 0.0, out=block)
        self.cells += float(sum_x_log_x(block).sum())
        self.rows += float(sum_x_log_x(block.sum(axis=1)[None])[0])
        self.columns += block.sum(axis=0)

    def information(self) -> float:
        """I in nats, at least 0."""
        mass = float(self.columns.sum())
        columns = float(sum_x_log_x(self.columns[None])[0])
        return max(0.0, (self.cells - self.rows - columns) / mass + float(np.log(mass)))


def information_of_cells(masses: FloatArray) -> float:
    """I in nats of a whole table of cells."""
    sums = CellSums(masses.shape[1])
    sums.add(np.ascontiguousarray(masses))
    return sums.information()
