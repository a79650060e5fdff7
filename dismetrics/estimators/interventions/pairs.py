"""Mean absolute differences of pairs that share a factor's value, and a linear classifier on them."""

from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.interventions.experiment import Experiment, random_labels
from dismetrics.estimators.parallel import one_thread_of_linear_algebra
from dismetrics.kernels.interventions import mean_differences
from dismetrics.typing import FloatArray, IntArray

__all__ = ["LinearClassification", "classify_linearly", "difference_features"]

_MOST_ITERATIONS = 10_000
"""Far more than features of one size need."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearClassification:
    """How well a linear classifier tells the held factor; factors are those that vary, latents the active ones.

    Attributes
    ----------
    train_accuracy, test_accuracy : float
        Share of votes whose factor is told.
    per_factor : ndarray of float64, shape (n_factors,)
        Likewise of the test votes of each factor; nan for a factor without any.
    confusion : ndarray of int, shape (n_factors, n_factors)
        Test votes by the factor held (rows) and the factor told (columns).
    coefficients : ndarray of float64, shape (n_latents, n_factors)
        Weights of the features as they went into the classifier.
    mean_difference : ndarray of float64, shape (n_latents, n_factors)
        Mean feature of the training votes of each factor.
    """

    train_accuracy: float
    test_accuracy: float
    per_factor: FloatArray
    confusion: IntArray
    coefficients: FloatArray
    mean_difference: FloatArray


def difference_features(
    experiment: Experiment, n_votes: int, n_pairs: int, rng: np.random.Generator
) -> tuple[FloatArray, IntArray]:
    """Mean absolute differences over pairs, (n_votes, n_active), and the factor held by its place among the varying."""
    features, labels = [], []
    counts = random_labels(len(experiment.factors), n_votes, rng)
    for place, (k, count) in enumerate(zip(experiment.factors, counts, strict=True)):
        pairs = experiment.pairs((k,), count, n_pairs, rng)
        features += [mean_differences(values, n_pairs)[:, experiment.active] for values in pairs]
        labels.append(np.full(count, place))
    return np.concatenate(features), np.concatenate(labels)


def classify_linearly(
    train: tuple[FloatArray, IntArray], test: tuple[FloatArray, IntArray], n_factors: int, scale: FloatArray | None
) -> LinearClassification:
    """Multinomial logistic regression on features that are standardised, or multiplied by a scale if one is given."""
    from sklearn.linear_model import LogisticRegression

    features, labels = train
    if scale is None:
        origin, spread = features.mean(axis=0), features.std(axis=0)
        scale = 1.0 / np.where(spread > 0, spread, 1.0)
    else:
        origin = np.zeros(features.shape[1])
    present = np.unique(labels)
    coefficients = np.zeros((features.shape[1], n_factors))
    if len(present) < 2:  # a handful of votes, all of one factor
        told = [np.full(len(each), present[0]) for _, each in (train, test)]
    else:
        model = LogisticRegression(max_iter=_MOST_ITERATIONS)
        with one_thread_of_linear_algebra():
            model.fit((features - origin) * scale, labels)
        told = [model.predict((each - origin) * scale) for each, _ in (train, test)]
        # Of two factors there is one row, the weights of the second against the first.
        coefficients[:, present] = model.coef_.T if len(present) > 2 else np.outer(model.coef_[0], [-0.5, 0.5])
    confusion = np.zeros((n_factors, n_factors), np.int64)
    np.add.at(confusion, (test[1], told[1]), 1)
    counts = confusion.sum(axis=1)
    per_factor = np.divide(np.diag(confusion), counts, out=np.full(n_factors, np.nan), where=counts > 0)
    means = np.full((features.shape[1], n_factors), np.nan)
    for k in present:
        means[:, k] = features[labels == k].mean(axis=0)
    return LinearClassification(
        train_accuracy=float((told[0] == labels).mean()),
        test_accuracy=float((told[1] == test[1]).mean()),
        per_factor=per_factor,
        confusion=confusion,
        coefficients=coefficients,
        mean_difference=means,
    )
