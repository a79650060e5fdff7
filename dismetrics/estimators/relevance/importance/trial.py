"""One factor to be predicted: rows to learn from, rows to be tested on, and what a prediction is worth."""

from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.relevance.importance.split import numbered_as_met, split_rows
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents
from dismetrics.typing import FloatArray, IntArray

__all__ = ["Trial", "prepare_trial", "standardised"]


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Latents and values of one factor, in two parts.

    Attributes
    ----------
    train, test : ndarray of float64, shape (n_rows, n_latents)
        Latents as they are.
    labels : ndarray of int, shape (n_train,), or None
        Labels of the rows to learn from, numbered 0, 1, ... as they occur there.
    test_labels : ndarray of int, shape (n_test,), or None
        Likewise; -1 for one that does not occur in the rows to learn from.
    quantities, test_quantities : ndarray of float64, shape (n_rows, n_quantities), or None
        One quantity, or cosine and sine of an angle; standardised together by the rows to learn from.
    weights, test_weights : ndarray of float64, shape (n_rows,), or None
        Weights of the rows.
    seed : int
        For what is random in a learner; below 2**32.
    """

    train: FloatArray
    test: FloatArray
    labels: IntArray | None
    test_labels: IntArray | None
    quantities: FloatArray | None
    test_quantities: FloatArray | None
    weights: FloatArray | None
    test_weights: FloatArray | None
    seed: int

    @property
    def is_learnable(self) -> bool:
        """Whether the rows to learn from have more than one value."""
        if self.labels is not None:
            return bool(self.labels.max() > 0)
        assert self.quantities is not None
        return bool(self.quantities.any())

    def standardised(self) -> tuple[FloatArray, FloatArray]:
        """Latents of mean 0 and deviation 1 in the rows to learn from, in both parts; constant ones are 0."""
        return standardised(self.train, self.test, self.weights)

    def held_out(self, prediction: FloatArray | IntArray) -> float:
        """Accuracy of predicted labels (n_test,), or R^2 of predicted quantities (n_test, n_quantities)."""
        if self.test_labels is not None:
            return float(np.average(prediction == self.test_labels, weights=self.test_weights))
        truth = self.test_quantities
        assert truth is not None
        missed = np.average(((prediction - truth) ** 2).sum(axis=1), weights=self.test_weights)
        centre = np.average(truth, axis=0, weights=self.test_weights)
        spread = np.average(((truth - centre) ** 2).sum(axis=1), weights=self.test_weights)
        # Of a single value there is no share to tell: it is right or not.
        return float(1.0 - missed / spread) if spread > 0 else float(missed == 0)

    def chance(self) -> float:
        """What the most frequent label scores, or the mean of quantities."""
        if self.labels is None:
            return 0.0
        most_frequent = int(np.bincount(self.labels, self.weights).argmax())
        return self.held_out(np.full(len(self.test), most_frequent))


def standardised(
    train: FloatArray, test: FloatArray, weights: FloatArray | None, *, together: bool = False
) -> tuple[FloatArray, FloatArray]:
    """Both parts less the mean of the first and over its deviation: of each column, or of all in the mean square."""
    # Brought near 1 by a power of two first: squares of large or small numbers are none any more.
    largest = np.abs(train).max(axis=0)
    exponent = -np.frexp(largest.max() if together else largest)[1]
    with np.errstate(over="ignore"):  # what is not in the rows to learn from may be of any size
        near, near_test = np.ldexp(train, exponent), np.ldexp(test, exponent)
    centre = np.average(near, axis=0, weights=weights)
    near, near_test = near - centre, near_test - centre
    variance = np.average(near**2, axis=0, weights=weights)
    # Nothing can be learnt from a constant column, whatever it is elsewhere.
    constant = train.min(axis=0) == train.max(axis=0)
    variance[constant] = 0.0
    if together:
        variance = np.where(constant, 0.0, variance.mean())
    inverse = np.divide(1.0, np.sqrt(variance), out=np.zeros_like(variance), where=variance > 0)
    return near * inverse, near_test * inverse


def prepare_trial(
    data: LabelledLatents, factor: int, n_train: int, n_test: int, seed: int, *, as_numbers: bool = False
) -> Trial | None:
    """Split the samples whose value of a factor is known; None where there is a single value.

    `as_numbers` takes the numbers of labels for quantities.
    """
    factors = data.factors
    known = np.flatnonzero(~factors.missing[:, factor])
    codes, values = factors.codes[known, factor], factors.values[known, factor]
    if factors.kinds[factor] == "circular":
        values = np.mod(values, 2 * np.pi)
    if (codes == codes[0]).all() and (values == values[0]).all():
        return None
    latents = data.as_points().points
    n_draws = len(latents) // factors.n_samples
    # All draws of one sample go to the same part: the others would give it away.
    parts = split_rows(codes, max(n_train // n_draws, 1), max(n_test // n_draws, 1), np.random.default_rng(seed))
    train, rows = _all_draws(known[parts[0]], n_draws, factors.n_samples)
    test, test_rows = _all_draws(known[parts[1]], n_draws, factors.n_samples)
    weights = test_weights = labels = test_labels = quantities = test_quantities = None
    # Equal weights are none: a learner may draw its random numbers in another way for weights.
    if factors.weights is not None and (factors.weights != factors.weights[0]).any():
        weights, test_weights = _with_mean_one(factors.weights[train]), _with_mean_one(factors.weights[test])
    if factors.is_label(factor) and not as_numbers:
        labels, test_labels = _numbered(factors.codes[train, factor], factors.codes[test, factor])
    else:
        given = _quantities(factors, factor)
        quantities, test_quantities = standardised(given[train], given[test], weights, together=True)
    return Trial(
        latents[rows], latents[test_rows], labels, test_labels, quantities, test_quantities, weights, test_weights, seed
    )


def _all_draws(samples: IntArray, n_draws: int, n_samples: int) -> tuple[IntArray, IntArray]:
    """Each sample once for every draw, and the rows of latents that hold them."""
    rows = (samples + n_samples * np.arange(n_draws)[:, None]).ravel()
    return np.tile(samples, n_draws), rows


def _with_mean_one(weights: FloatArray) -> FloatArray:
    """In this unit a penalty weighs as much as without weights."""
    scaled = weights / weights.max()
    return scaled / scaled.mean()


def _numbered(train: IntArray, test: IntArray) -> tuple[IntArray, IntArray]:
    """Labels numbered as they occur in the first part."""
    labels = numbered_as_met(train)
    number = np.full(int(max(train.max(), test.max())) + 1, -1)
    number[train] = labels
    return labels, number[test]


def _quantities(factors: Factors, factor: int) -> FloatArray:
    """Columns to regress: a quantity, the numbers of labels, or the place of an angle on the circle."""
    if factors.is_label(factor):
        return factors.codes[:, [factor]].astype(float)
    values = factors.values[:, factor]
    return np.column_stack([np.cos(values), np.sin(values)] if factors.kinds[factor] == "circular" else [values])
