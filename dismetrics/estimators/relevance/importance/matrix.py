"""The importance of every latent for predicting every factor: one door to all learners."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.parallel import map_tasks
from dismetrics.estimators.rare_labels import warn_of_rare_labels
from dismetrics.estimators.relevance.importance.learners import LEARN
from dismetrics.estimators.relevance.importance.settings import ImportanceSettings
from dismetrics.estimators.relevance.importance.trial import prepare_trial
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray, RandomState
from dismetrics.validation import as_generator

__all__ = ["ImportanceMatrix", "importance", "importance_matrix"]

_RARE = "a label that occurs once cannot be both learnt and tested"


@dataclass(frozen=True, slots=True, eq=False)
class ImportanceMatrix:
    """How much each latent counts in predicting each factor, and how well the prediction does.

    Attributes
    ----------
    importance : ndarray of float64, shape (n_latents, n_factors)
        Not below 0. For trees the entries of a factor add up to 1, unless nothing could be learnt. A factor with a
        single value has zeros.
    held_out : ndarray of float64, shape (n_factors,)
        On rows that were not learnt from: accuracy for labels (0 to 1), R^2 for quantities (at most 1, below 0 where
        the mean is a better prediction). nan for a factor with a single value.
    chance : ndarray of float64, shape (n_factors,)
        Likewise of the prediction that takes no latents: the most frequent label, or the mean.
    n_train, n_test : ndarray of int, shape (n_factors,)
        Rows used.
    settings : dict
        The learner and every setting that it used.
    """

    importance: FloatArray
    held_out: FloatArray
    chance: FloatArray
    n_train: IntArray
    n_test: IntArray
    settings: dict[str, Any]

    @property
    def varying(self) -> BoolArray:
        """Factors with more than one value."""
        return ~np.isnan(self.held_out)


def importance(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    learner: str = "boosting",
    n_train: int = 10_000,
    n_test: int = 5_000,
    n_trees: int = 100,
    learning_rate: float = 0.1,
    precision: str = "double",
    max_depth: int | None = None,
    alpha: float = 0.02,
    inverse_penalty: float = 1.0,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
) -> ImportanceMatrix:
    """Importance of every latent for predicting every factor, each factor by a model of its own.

    Labels are classified, quantities regressed, angles by their cosine and sine at once. Each factor uses the rows
    where it is known; these are split at random, labels in proportion.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors, which stand for their point codes.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors.
    learner : {"boosting", "forest", "lasso", "logistic"}, default "boosting"
        `"boosting"`: trees of depth 3 by gradient boosting, as scikit-learn defines it (Locatello et al. 2019); the
        importance is the share of the gain. `"forest"`: scikit-learn's random forests; the share of the decrease of
        impurity. `"lasso"` for quantities and ordinal labels: absolute coefficients of standardised variables (Eastwood
        & Williams 2018). `"logistic"` for labels: absolute coefficients of standardised latents, in the mean over
        labels.
    n_train, n_test : int, default 10,000 and 5,000
        Rows to learn from and rows to test on, as in Locatello et al. 2019. Where there are fewer rows than both
        together, all are used in the same proportion.
    n_trees : int, default 100
        For `"boosting"` (rounds) and `"forest"`; scikit-learn's default.
    learning_rate : float, default 0.1
        For `"boosting"`; scikit-learn's default.
    precision : {"double", "single"}, default "double"
        For `"boosting"`: `"single"` rounds latents to float32 and takes values within 1e-7 of each other as equal, as
        scikit-learn does; the result then depends on the scale and offset of latents.
    max_depth : int, optional
        For `"forest"`: depth of the trees; by default they grow until their leaves are pure, as in scikit-learn.
    alpha : float, default 0.02
        For `"lasso"`: weight of the penalty; the default is that of Eastwood & Williams 2018.
    inverse_penalty : float, default 1.0
        For `"logistic"`: scikit-learn's `C`, with its default.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0: in learning and in testing, not in the choice of rows.
    rng : None, int or numpy.random.Generator
        Decides which rows are learnt from, which of several equally good latents a tree splits, and what is random in
        a forest. Every factor has the same seed.

    Returns
    -------
    ImportanceMatrix
        The matrix, shape (n_latents, n_factors), and what is predicted on held-out rows.

    Raises
    ------
    TypeError, ValueError
        For an unknown setting, data that cannot be used, or a factor that the learner has no model for.

    Warns
    -----
    DegenerateDataWarning
        If a factor has fewer than two samples a label.

    Examples
    --------
    >>> import numpy as np
    >>> factors = np.tile(np.indices((3, 4)).reshape(2, -1).T, (20, 1))
    >>> result = importance(factors[:, ::-1], factors, rng=0)
    >>> result.importance
    array([[0., 1.],
           [1., 0.]])
    >>> result.held_out
    array([1., 1.])
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights)
    settings = ImportanceSettings(
        learner=learner,
        n_train=n_train,
        n_test=n_test,
        n_trees=n_trees,
        learning_rate=learning_rate,
        precision=precision,
        max_depth=max_depth,
        alpha=alpha,
        inverse_penalty=inverse_penalty,
    )
    return importance_matrix(data, settings, rng)


def importance_matrix(data: LabelledLatents, settings: ImportanceSettings, rng: RandomState = None) -> ImportanceMatrix:
    """The matrix for these settings, computed once for all metrics that ask for it with the same seed."""
    for k in range(data.factors.n_factors):
        _refuse_kind(data.factors, k, settings.learner)
    data.once("rare labels of learners", lambda: warn_of_rare_labels(data.factors, _RARE, stacklevel=4))
    if not isinstance(rng, int):
        return _importance_matrix(data, settings, rng)
    return data.once(("importance", settings, rng), lambda: _importance_matrix(data, settings, rng))


def _refuse_kind(factors: Factors, k: int, learner: str) -> None:
    """A learner of quantities must not take labels for numbers, nor the other way round."""
    name, kind = factors.names[k], factors.kinds[k]
    if learner == "lasso" and kind == "categorical":
        raise ValueError(
            f"learner='lasso' regresses quantities, and factor {name!r} is categorical: the numbers of its labels mean "
            "nothing; use learner='logistic' or 'boosting', or say that its labels have an order, with "
            "kinds={...: 'ordinal'}"
        )
    if learner == "logistic" and not factors.is_label(k):
        raise ValueError(
            f"learner='logistic' classifies labels, and factor {name!r} is {kind}: use learner='lasso' or 'boosting'"
        )


def _importance_matrix(data: LabelledLatents, settings: ImportanceSettings, rng: RandomState) -> ImportanceMatrix:
    seed = int(as_generator(rng).integers(2**32))
    data.as_points()  # before the threads, which would all make them
    each = map_tasks(lambda k: _one_factor(data, k, settings, seed), data.factors.n_factors, "factors")
    return ImportanceMatrix(
        importance=np.column_stack([one[0] for one in each]),
        held_out=np.array([one[1] for one in each]),
        chance=np.array([one[2] for one in each]),
        n_train=np.array([one[3] for one in each]),
        n_test=np.array([one[4] for one in each]),
        settings={**settings.used(), "seed": rng if isinstance(rng, int) else None},
    )


def _one_factor(
    data: LabelledLatents, k: int, settings: ImportanceSettings, seed: int
) -> tuple[FloatArray, float, float, int, int]:
    """Importances of the latents for factor k, held-out score, chance, and rows used."""
    trial = prepare_trial(data, k, settings.n_train, settings.n_test, seed, as_numbers=settings.learner == "lasso")
    importances = np.zeros(data.n_latents)
    if trial is None:
        return importances, np.nan, np.nan, 0, 0
    chance = held_out = trial.chance()
    if trial.is_learnable:
        importances, prediction = LEARN[settings.learner](trial, settings)
        held_out = trial.held_out(prediction)
    return importances, held_out, chance, len(trial.train), len(trial.test)
