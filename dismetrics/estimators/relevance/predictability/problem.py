"""The labels of one factor as a problem of classification, the same for every latent."""

from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.held_out import HeldOut
from dismetrics.factors import Factors
from dismetrics.typing import BoolArray, FloatArray, IntArray

__all__ = ["LabelProblem"]


@dataclass(frozen=True, slots=True, eq=False)
class LabelProblem:
    """The rows of one factor that are known, and who of them is learnt from.

    Attributes
    ----------
    rows : ndarray of int
        Rows where the factor is known; all arrays below are of these.
    train : ndarray of bool, shape (n_rows,)
        Rows to learn from; the others are held out.
    weights : ndarray of float64, shape (n_rows,)
        Weights of the rows, > 0.
    numbers, shares : ndarray of int64 and of float64, shape (n_train,)
        Labels learnt, numbered from 0 without gaps, and weights, 1 in the mean.
    balance : ndarray of float64, shape (n_labels,)
        Factors of the weights that give all labels the same weight in total.
    right, credit : ndarray of int64 and of float64, shape (n_tested,)
        The right answers, -1 for a label that was not learnt, and what each counts.
    """

    rows: IntArray
    train: BoolArray
    weights: FloatArray
    numbers: IntArray
    shares: FloatArray
    balance: FloatArray
    right: IntArray
    credit: FloatArray

    @classmethod
    def of(cls, factors: Factors, split: HeldOut, factor: int, scoring: str) -> "LabelProblem":
        """The problem of one factor, whose answers count alike or, balanced, every label alike."""
        rows = np.flatnonzero(~factors.missing[:, factor])
        codes, weights = factors.codes[rows, factor], factors.normalised_weights[rows]
        train = split.train[rows, factor]
        learnt = np.bincount(codes[train], minlength=int(codes.max()) + 1) > 0
        number = np.where(learnt, np.cumsum(learnt) - 1, -1)
        numbers, shares = number[codes[train]], weights[train] / weights[train].mean()
        balance = len(shares) / (learnt.sum() * np.bincount(numbers, shares))
        credit = weights[~train]
        if scoring == "balanced_accuracy":
            credit = credit / np.bincount(codes[~train], credit)[codes[~train]]
        return cls(rows, train, weights, numbers, shares, balance, number[codes[~train]], credit)

    def accuracy(self, predicted: IntArray) -> float:
        """What the answers count that are right, as a share of all."""
        # Sums of one order, so that all right is exactly 1.
        return float((self.credit * (predicted == self.right)).sum() / self.credit.sum())

    def chance(self) -> float:
        """Of always naming the label that counts most."""
        return float(np.bincount(self.right, self.credit).max() / self.credit.sum())
