"""Which samples a predictor learns from, and which it is scored on."""

from dataclasses import dataclass

import numpy as np

from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents
from dismetrics.typing import BoolArray, FloatArray, IntArray, RandomState
from dismetrics.validation import as_generator

__all__ = ["TEST_SHARE", "HeldOut", "held_out"]

TEST_SHARE = 1 / 3
"""Share of the samples that are held out: 5,000 beside 10,000 in Locatello et al. 2019."""


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """A split of the rows, one for each factor: stratified by its labels, over the rows where it is known.

    Attributes
    ----------
    train, test : ndarray of bool, shape (n_rows, n_factors)
        Rows to learn from and to be scored on; a row whose label is missing is neither.
    priority : ndarray of float64, shape (n_rows,)
        Random numbers of the rows that decide; who is held out has a low one.
    """

    train: BoolArray
    test: BoolArray
    priority: FloatArray

    @classmethod
    def of(cls, factors: Factors, priority: FloatArray, share: float) -> "HeldOut":
        """The split for these priorities of the samples."""
        test = np.zeros(factors.missing.shape, bool)
        for k in range(factors.n_factors):
            # Quantities are one stratum; the samples of a label are one each.
            strata = np.where(factors.missing[:, k], -1, factors.codes[:, k] if factors.is_label(k) else 0)
            test[:, k] = _tested(strata, priority, share)
        return cls(~test & ~factors.missing, test, priority)

    def tiled(self, n_rows: int) -> "HeldOut":
        """The same split of points of which every sample has several, draw by draw: all go where their sample goes."""
        times = n_rows // len(self.priority)
        return HeldOut(np.tile(self.train, (times, 1)), np.tile(self.test, (times, 1)), np.tile(self.priority, times))

    def some_of_train(self, factor: int, n_rows: int) -> BoolArray:
        """At most so many of the rows to learn from, chosen at random."""
        train = np.flatnonzero(self.train[:, factor])
        # Those of highest priority: the lowest left would be of the labels of which fewer were held out.
        chosen = train[np.argsort(-self.priority[train], kind="stable")[:n_rows]]
        mask = np.zeros(len(self.train), bool)
        mask[chosen] = True
        return mask


def _tested(strata: IntArray, priority: FloatArray, share: float) -> BoolArray:
    """The samples of lowest priority of each stratum: the share nearest to that wanted, but neither all nor none.

    A stratum of one sample is learnt from and not scored. What is chosen depends on the priorities and on who is in
    the stratum, not on the order of strata or the numbers that name them.
    """
    order = np.lexsort((priority, strata))
    ordered = strata[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sizes = np.diff(np.r_[starts, len(ordered)])
    n_tested = np.minimum(np.maximum(np.rint(share * sizes), 1), sizes - 1)
    place = np.arange(len(ordered)) - np.repeat(starts, sizes)
    tested = np.zeros(len(ordered), bool)
    tested[order] = (place < np.repeat(n_tested, sizes)) & (ordered >= 0)
    return tested


def held_out(data: LabelledLatents, rng: RandomState = None, share: float = TEST_SHARE) -> HeldOut:
    """The split for this seed, of the rows of `data.as_points()`; the same for all metrics that ask with one seed.

    Parameters
    ----------
    data : LabelledLatents
        Latents and factors.
    rng : None, int or numpy.random.Generator
        Decides who is held out.
    share : float
        Share of the samples of each label that is held out.

    Returns
    -------
    HeldOut
        Rows to learn from and rows to be scored on, for each factor.
    """

    def compute() -> HeldOut:
        priority = as_generator(rng).random(data.factors.n_samples)
        return HeldOut.of(data.factors, priority, share).tiled(len(data.as_points().points))

    if not isinstance(rng, int):
        return compute()
    return data.once(("held out", share, rng), compute)
