"""Unsupervised disentanglement ranking (Duan et al. 2020, "Unsupervised Model Selection for Variational ...")."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.activity import ACTIVE_KL
from dismetrics.estimators.units import Units
from dismetrics.inputs import as_weighted_points
from dismetrics.posteriors import FactorisedPosterior, SampledPosterior
from dismetrics.posteriors.checked import matrix_of
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, BoolArray, FloatArray
from dismetrics.validation import as_choice, as_kl_by_model, as_positive_number

__all__ = ["UDRResult", "udr"]

_RELATIONS = ("lasso", "spearman")
_AVERAGES = ("latents", "models")
_TOLERANCE = 1e-8
_MOST_ITERATIONS = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class UDRResult(Result):
    """Unsupervised disentanglement ranking of several models.

    Attributes
    ----------
    score : float
        Median of `per_model`.
    per_model : ndarray of float64, shape (n_models,)
        Median of each model's `pairwise` scores against the others; 0 or above, higher is better. Models that agree
        score 1 by `"spearman"`, and 1 - alpha by `"lasso"`, whose penalty shrinks the coefficients.
    pairwise : ndarray of float64, shape (n_models, n_models)
        Entry (i, j): how alike the latents of models i and j are up to permutation and sign, where j is told from i;
        nan on the diagonal.
    relations : tuple of tuples of ndarray or None
        `relations[i][j]`: shape (latents of i, latents of j), relations of every latent of i to every one of j; 0 for
        uninformative ones. None where i is j.
    informative : tuple of ndarray of bool
        For each model the latents that count.
    settings : dict
        Every setting used.
    """

    score: float
    per_model: FloatArray
    pairwise: FloatArray
    relations: tuple[tuple[FloatArray | None, ...], ...]
    informative: tuple[BoolArray, ...]
    settings: dict[str, Any]


def udr(
    models: Sequence[ArrayLike | FactorisedPosterior],
    *,
    relation: str = "lasso",
    alpha: float = 0.1,
    kl: Sequence[ArrayLike] | None = None,
    min_kl: float = ACTIVE_KL,
    average: str = "latents",
) -> UDRResult:
    """Rank models without factors: latents of models that are disentangled agree up to permutation and sign.

    Of models a and b let R be the relation of every informative latent of a to every one of b. Their agreement is

        (sum_b r_b^2 / sum_a R(a, b) + sum_a r_a^2 / sum_b R(a, b)) / (d_a + d_b)

    with r_b and r_a the largest entries of columns and rows and d the numbers of informative latents (Duan et al. 2020,
    section 4). A model's score is the median over all other models. Higher is better; a score says nothing of one model
    alone, and models that fail in the same way agree too.

    Parameters
    ----------
    models : sequence of array-like of shape (n_samples, n_latents), or of posteriors
        The latents of the same samples, in the same order, by each model; at least two. They may differ in width.
    relation : {"lasso", "spearman"}, default "lasso"
        Absolute coefficients of a lasso regression of the standardised latents of b on those of a, or absolute rank
        correlations.
    alpha : float, default 0.1
        Penalty of the lasso, as in the authors' code.
    kl : sequence of array-like of shape (n_latents,), optional
        For models given as points: the mean divergence of each latent's posterior from the prior, in nats. Posteriors
        know theirs. Without, every latent counts that is not constant.
    min_kl : float, default 0.01
        Latents with a divergence above this are informative; the paper's threshold.
    average : {"latents", "models"}, default "latents"
        Divide by the number of informative latents of both, as the paper does; or take the mean over the latents of
        each model and then of the two, as disentanglement_lib does. The same where both have equally many.

    Returns
    -------
    UDRResult
        Scores of the models, of all pairs, relations and informative latents.

    Raises
    ------
    TypeError, ValueError
        For fewer than two models, models of different samples, or data that cannot be scored.

    Notes
    -----
    A latent that relates to none of the other model has a share of 0 and counts. A model without informative latents
    agrees with none: 0.

    Examples
    --------
    Two models agree up to a permutation, the third is a rotation of them:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> z = np.indices((6, 6)).reshape(2, -1).T - 2.5
    >>> rotated = z @ np.array([[1, 1], [1, -1]])
    >>> dm.udr([z, -z[:, ::-1], rotated], relation="spearman").pairwise.round(2)
    array([[ nan, 1.  , 0.35],
           [1.  ,  nan, 0.35],
           [0.35, 0.35,  nan]])
    """
    as_choice(relation, "relation", _RELATIONS)
    as_choice(average, "average", _AVERAGES)
    as_positive_number(alpha, "alpha")
    as_positive_number(min_kl, "min_kl", zero_allowed=True)
    points, divergences = _points_of(models)
    given = as_kl_by_model(kl, [each.shape[1] for each in points])
    informative = [
        Units.by(each).varies & (True if known is None else known > min_kl)
        for each, known in zip(points, divergences if kl is None else given, strict=True)
    ]
    ready = [
        _standardised(_ranks(each[:, counts]) if relation == "spearman" else each[:, counts])
        for each, counts in zip(points, informative, strict=True)
    ]
    n_models = len(points)
    pairwise = np.full((n_models, n_models), np.nan)
    relations: list[list[FloatArray | None]] = [[None] * n_models for _ in range(n_models)]
    for i, one in enumerate(ready):
        gram = one.T @ one
        for j, other in enumerate(ready):
            if i == j:
                continue
            if relation == "lasso":
                among = _lasso(one, gram, other, alpha)
            else:
                among = np.abs(one.T @ other) / len(one)
            pairwise[i, j] = _agreement(among, average)
            whole = np.zeros((points[i].shape[1], points[j].shape[1]))
            whole[np.ix_(informative[i], informative[j])] = among
            relations[i][j] = whole
    per_model = np.nanmedian(pairwise, axis=0)
    settings: dict[str, Any] = {"relation": relation, "min_kl": min_kl, "average": average}
    if relation == "lasso":
        settings["alpha"] = alpha
    return UDRResult(
        score=float(np.median(per_model)),
        per_model=per_model,
        pairwise=pairwise,
        relations=tuple(map(tuple, relations)),
        informative=tuple(informative),
        settings=settings,
    )


def _points_of(models: Any) -> tuple[list[FloatArray], list[FloatArray | None]]:
    """The points of every model, and the mean divergences of those that are posteriors."""
    if isinstance(models, (str, bytes, FactorisedPosterior)) or not hasattr(models, "__len__") or len(models) < 2:
        seen = type(models).__name__ if not hasattr(models, "__len__") else f"{len(models)} of {type(models).__name__}"
        raise ValueError(f"models is {seen}; a sequence of the latents of at least two models is wanted")
    points: list[FloatArray] = []
    divergences: list[FloatArray | None] = []
    for number, model in enumerate(models):
        if isinstance(model, FactorisedPosterior):
            points.append(as_weighted_points(matrix_of(model, "point_codes"), None)[0])
            # Draws alone have no divergence.
            known = not isinstance(model, SampledPosterior)
            divergences.append(matrix_of(model, "kl_to_prior", largest=np.inf).mean(axis=0) if known else None)
        else:
            points.append(as_weighted_points(model, None)[0])
            divergences.append(None)
        if len(points[-1]) != len(points[0]):
            raise ValueError(
                f"model {number} has {len(points[-1])} samples and model 0 has {len(points[0])}: the latents of the "
                "same samples are wanted"
            )
    return points, divergences


def _ranks(columns: FloatArray) -> FloatArray:
    from scipy.stats import rankdata

    return np.asarray(rankdata(columns, axis=0), np.float64)


def _standardised(columns: FloatArray) -> FloatArray:
    """Columns of mean 0 and variance 1."""
    if columns.shape[1] == 0:
        return columns
    centred = Units.by(columns).of(columns)
    centred = centred - centred.mean(axis=0)
    return centred / np.sqrt((centred**2).mean(axis=0))


def _lasso(one: FloatArray, gram: FloatArray, other: FloatArray, alpha: float) -> FloatArray:
    """Absolute coefficients (latents of one, latents of the other)."""
    from sklearn.linear_model import Lasso

    if one.shape[1] == 0 or other.shape[1] == 0:
        return np.zeros((one.shape[1], other.shape[1]))
    model = Lasso(alpha=alpha, precompute=gram, fit_intercept=False, tol=_TOLERANCE, max_iter=_MOST_ITERATIONS)
    coefficients = model.fit(one, other).coef_
    return np.abs(np.reshape(coefficients, (other.shape[1], one.shape[1])).T)


def _agreement(among: FloatArray, average: str) -> float:
    """How near a matrix of relations is to one relation a row and a column."""
    if 0 in among.shape:
        return 0.0
    shares = []
    for axis in (0, 1):
        total = among.sum(axis=axis)
        shares.append(np.divide(among.max(axis=axis) ** 2, total, out=np.zeros_like(total), where=total > 0))
    if average == "models":
        return float((shares[0].mean() + shares[1].mean()) / 2.0)
    return float((shares[0].sum() + shares[1].sum()) / sum(among.shape))
