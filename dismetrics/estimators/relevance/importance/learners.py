"""Four learners: what each takes a latent's part in predicting a factor to be, and what it predicts."""

from typing import Any

import numpy as np

from dismetrics.estimators.relevance.importance.boosting import boost_labels, boost_quantity, sort_columns
from dismetrics.estimators.relevance.importance.settings import ImportanceSettings
from dismetrics.estimators.relevance.importance.trial import Trial
from dismetrics.typing import FloatArray

__all__ = ["LEARN"]

_SINGLE_PRECISION_GAP = 1e-7
"""Values closer than this are one to scikit-learn's trees."""

_MOST_ITERATIONS = 10_000


def _learn_boosting(trial: Trial, settings: ImportanceSettings) -> tuple[FloatArray, Any]:
    """Gains of all splits of a latent, summed, as shares of those of all latents."""
    rng = np.random.default_rng(trial.seed)
    train, test, gap = trial.train, trial.test, 0.0
    if settings.precision == "single":
        with np.errstate(over="ignore"):
            train, test = train.astype(np.float32).astype(float), test.astype(np.float32).astype(float)
        gap = _SINGLE_PRECISION_GAP
    columns = sort_columns(train, gap)
    options: dict[str, Any] = {"n_trees": settings.n_trees, "learning_rate": settings.learning_rate, "rng": rng}
    if trial.labels is not None:
        boosted = boost_labels(columns, trial.labels, trial.weights, **options)
        return _shares(boosted.gains), boosted.labels(test)
    assert trial.quantities is not None
    each = [boost_quantity(columns, quantity, trial.weights, **options) for quantity in trial.quantities.T]
    # Gains are squared errors in one unit, so those of cosine and sine add up.
    gains = np.sum([boosted.gains for boosted in each], axis=0)
    return _shares(gains), np.column_stack([boosted.scores(test)[0] for boosted in each])


def _shares(gains: FloatArray) -> FloatArray:
    total = gains.sum()
    return gains / total if total > 0 else np.zeros_like(gains)


def _learn_forest(trial: Trial, settings: ImportanceSettings) -> tuple[FloatArray, Any]:
    """Mean decrease of impurity, as shares; scikit-learn's random forests."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    # Its trees see single precision, so an offset must be gone before.
    train, test = trial.standardised()
    options = {"n_estimators": settings.n_trees, "max_depth": settings.max_depth, "random_state": trial.seed}
    if trial.labels is not None:
        forest = RandomForestClassifier(**options).fit(train, trial.labels, trial.weights)
    else:
        target = trial.quantities
        assert target is not None
        forest = RandomForestRegressor(**options).fit(
            train, target[:, 0] if target.shape[1] == 1 else target, trial.weights
        )
    predicted = forest.predict(test)
    return forest.feature_importances_, predicted if trial.labels is not None else predicted.reshape(len(test), -1)


def _learn_lasso(trial: Trial, settings: ImportanceSettings) -> tuple[FloatArray, Any]:
    """Absolute coefficients between standardised latents and quantities, in the mean over cosine and sine."""
    from sklearn.linear_model import Lasso

    train, test = trial.standardised()
    assert trial.quantities is not None
    each = [
        Lasso(alpha=settings.alpha, max_iter=_MOST_ITERATIONS).fit(train, quantity, trial.weights)
        for quantity in trial.quantities.T
    ]
    coefficients = np.mean([np.abs(model.coef_) for model in each], axis=0)
    return coefficients, np.column_stack([model.predict(test) for model in each])


def _learn_logistic(trial: Trial, settings: ImportanceSettings) -> tuple[FloatArray, Any]:
    """Absolute coefficients between standardised latents and logits, in the mean over labels."""
    from sklearn.linear_model import LogisticRegression

    train, test = trial.standardised()
    model = LogisticRegression(C=settings.inverse_penalty, max_iter=_MOST_ITERATIONS)
    model.fit(train, trial.labels, trial.weights)
    return np.abs(model.coef_).mean(axis=0), model.predict(test)


LEARN = {
    "boosting": _learn_boosting,
    "forest": _learn_forest,
    "lasso": _learn_lasso,
    "logistic": _learn_logistic,
}
"""Learner -> function of a trial and settings; it returns importances (n_latents,) and what it predicts."""
