"""Loss over capacity: how well forests of growing depth predict each factor."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.parallel import map_tasks
from dismetrics.estimators.relevance.importance.depth import forest_by_depth
from dismetrics.estimators.relevance.importance.trial import prepare_trial
from dismetrics.inputs import LabelledLatents
from dismetrics.typing import FloatArray, RandomState
from dismetrics.validation import as_generator

__all__ = ["CapacityCurves", "capacity_curves"]


@dataclass(frozen=True, slots=True, eq=False)
class CapacityCurves:
    """Held-out losses of models of growing capacity.

    Attributes
    ----------
    loss : ndarray of float64, shape (n_capacities, n_factors)
        Share of wrong labels, or 1 - R^2; nan for a factor with a single value.
    baseline : ndarray of float64, shape (n_factors,)
        Loss of the most frequent label, or of the mean; nan likewise.
    importance : ndarray of float64, shape (n_capacities, n_latents, n_factors)
        Importances of the latents.
    """

    loss: FloatArray
    baseline: FloatArray
    importance: FloatArray


def capacity_curves(
    data: LabelledLatents, depths: Sequence[int], n_trees: int, n_train: int, n_test: int, rng: RandomState
) -> CapacityCurves:
    """The curves of forests whose trees are of these depths, in increasing order."""
    seed = int(as_generator(rng).integers(2**32))
    data.as_points()  # before the threads, which would all make them

    def of_factor(k: int) -> tuple[FloatArray, float, FloatArray]:
        trial = prepare_trial(data, k, n_train, n_test, seed)
        importance = np.zeros((len(depths), data.n_latents))
        if trial is None:
            return np.full(len(depths), np.nan), np.nan, importance
        baseline = 1.0 - trial.chance()
        loss = np.full(len(depths), baseline)
        if trial.is_learnable:
            importance, predictions = forest_by_depth(trial, depths, n_trees)
            loss = np.array([1.0 - trial.held_out(each) for each in predictions])
        return loss, baseline, importance

    each = map_tasks(of_factor, data.factors.n_factors, "factors")
    return CapacityCurves(
        loss=np.column_stack([one[0] for one in each]),
        baseline=np.array([one[1] for one in each]),
        importance=np.stack([one[2] for one in each], axis=2),
    )
