"""Votes of the latent that varies least or most while factors are held, and a classifier by majority."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.interventions.experiment import Experiment, random_labels
from dismetrics.kernels.interventions import group_variances
from dismetrics.typing import FloatArray, IntArray

__all__ = ["MajorityVote", "majority_vote"]

Choose = Callable[[FloatArray], IntArray]
"""From relative variances (n_votes, n_active) the latent that each vote goes to."""


@dataclass(frozen=True, slots=True, eq=False)
class MajorityVote:
    """Votes, and how well the majority of the training votes tells the factor.

    Attributes
    ----------
    train_votes, test_votes : ndarray of int, shape (n_latents, n_factors)
        How often each latent was voted for in groups of each factor.
    classifier : ndarray of int, shape (n_latents,)
        The factor that most training votes for a latent came from; -1 for a latent without votes.
    train_accuracy, test_accuracy : float
        Share of votes that the classifier assigns to their factor.
    per_factor : ndarray of float64, shape (n_factors,)
        Likewise of the test votes of each factor; nan for a factor without any.
    left_out : ndarray of float64, shape (n_factors,)
        Share of a table's rows that took no part, for want of others to compare with.
    """

    train_votes: IntArray
    test_votes: IntArray
    classifier: IntArray
    train_accuracy: float
    test_accuracy: float
    per_factor: FloatArray
    left_out: FloatArray


def majority_vote(
    experiment: Experiment,
    held: Callable[[int], tuple[int, ...]],
    choose: Choose,
    *,
    n_train: int,
    n_test: int,
    group_size: int,
    rng: np.random.Generator,
) -> MajorityVote:
    """Train a majority classifier on votes and test it on others; `held(k)` are the factors held for factor k.

    Without an active latent there is no vote, and the accuracy is that of a guess.
    """
    shape = (len(experiment.active), len(experiment.factor_names))
    left_out = experiment.left_out(held)
    train, test = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    per_factor = np.full(shape[1], np.nan)
    if not experiment.active.any():
        per_factor[experiment.varying] = experiment.chance
        nobody = np.full(shape[0], -1)
        return MajorityVote(train, test, nobody, experiment.chance, experiment.chance, per_factor, left_out)
    for votes, n_votes in ((train, n_train), (test, n_test)):
        for k, n_groups in zip(experiment.factors, random_labels(len(experiment.factors), n_votes, rng), strict=True):
            votes[:, k] = _count(experiment, held(k), choose, n_groups, group_size, rng)
    classifier = np.where(train.any(axis=1), train.argmax(axis=1), -1)
    right = classifier[:, None] == np.arange(shape[1])
    counts = test.sum(axis=0)
    np.divide((test * right).sum(axis=0), counts, out=per_factor, where=counts > 0)
    return MajorityVote(
        train_votes=train,
        test_votes=test,
        classifier=classifier,
        train_accuracy=float((train * right).sum() / n_train),
        test_accuracy=float((test * right).sum() / n_test),
        per_factor=per_factor,
        left_out=left_out,
    )


def _count(
    experiment: Experiment,
    fixed: tuple[int, ...],
    choose: Choose,
    n_groups: int,
    group_size: int,
    rng: np.random.Generator,
) -> IntArray:
    """Votes for each latent in this many groups."""
    candidates = np.flatnonzero(experiment.active)
    votes = np.zeros(len(experiment.active), np.int64)
    for values in experiment.groups(fixed, n_groups, group_size, rng):
        relative = group_variances(values)[:, candidates] / experiment.variance[candidates]
        votes += np.bincount(candidates[choose(relative)], minlength=len(votes))
    return votes
