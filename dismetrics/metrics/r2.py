"""The coefficient of determination of factors given all latents, as the identifiability literature reports it.

Linear: Zimmermann et al. 2021, "Contrastive Learning Inverts the Data Generating Process". Nonlinear, by kernel ridge
regression: von Kügelgen et al. 2021, "Self-Supervised Learning with Data Augmentations Provably Isolates Content from
Style".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.held_out import held_out
from dismetrics.estimators.regressors import KernelRidge, LinearRegression
from dismetrics.estimators.standardise import Standardised, standardised_columns
from dismetrics.estimators.targets import target_columns
from dismetrics.estimators.varying import check_varying, varying_factors
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, LabelledPoints, as_labelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray, RandomState
from dismetrics.validation import as_choice, as_positive_integer

__all__ = ["R2Result", "r2"]

_REGRESSORS = ("linear", "kernel")
_N_KERNEL_ROWS = 1000
_ROUNDING = 1e-20
"""Variance of a factor of unit variance that is left by rounding alone."""


@dataclass(frozen=True, slots=True, eq=False)
class R2Result(Result):
    """Coefficients of determination and what explains them.

    Attributes
    ----------
    score : float
        Mean of `per_factor` over the factors with more than one value; at most 1, higher is better. Below 0 where the
        latents predict worse than the mean does.
    per_factor : ndarray of float64, shape (n_factors,)
        Held-out coefficient of determination of each factor; nan for a factor with a single value.
    factor_names : tuple of str
        Names of the factors scored.
    n_fitted : ndarray of int, shape (n_factors,)
        Samples that each factor's regression was fitted to.
    settings : dict
        The regressor, every setting used, and the seed.
    """

    score: float
    per_factor: FloatArray
    factor_names: tuple[str, ...]
    n_fitted: IntArray
    settings: dict[str, Any]


def r2(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    regressor: str = "linear",
    n_kernel_rows: int = _N_KERNEL_ROWS,
    factor_subset: Sequence[str | int] | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
) -> R2Result:
    """Coefficient of determination: how well all latents together predict each factor.

    The mean over factors of R^2 = 1 - sum (v - predicted)^2 / sum (v - mean)^2 over samples held out, for a regression
    fitted to the others, whose mean is also what is predicted without latents. At most 1, higher is better; independent
    latents score about 0, or a little below. It says nothing of how the factors are spread over the latents: a linear
    map of a perfect code loses nothing.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, which are standardised; posteriors stand for theirs.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors: quantities as they are, angles as cosine and sine, ordinal labels by their number in order,
        categorical labels by an indicator of each; squares are summed over several columns.
    regressor : {"linear", "kernel"}, default "linear"
        Least squares, or ridge regression with a Gaussian kernel, whose width and ridge are chosen by leaving one out.
    n_kernel_rows : int, default 1000
        For `"kernel"`: samples that are fitted to, chosen at random, since the cost grows with their cube.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.
    rng : None, int or numpy.random.Generator
        Decides which third of the samples is held out, and which are fitted to.

    Returns
    -------
    R2Result
        Score, coefficients, numbers of samples and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored, or if all samples held out have the mean value.

    Warns
    -----
    DegenerateDataWarning
        If a factor has a single value: it is left out, and its entry is nan.

    See Also
    --------
    mcc : Correlation with one latent for each factor.
    explicitness : The same question for labels.

    Notes
    -----
    For latents given factors, which some papers report beside it, pass the latents as continuous factors.

    Examples
    --------
    A perfect code, a rotated one, and an independent one:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.random.default_rng(0).normal(size=(900, 2))
    >>> dm.r2(factors, factors, kinds="continuous", rng=0).score
    1.0
    >>> round(dm.r2(factors @ np.array([[1, 1], [-1, 1]]), factors, kinds="continuous", rng=0).score, 6)
    1.0
    >>> noise = np.random.default_rng(1).normal(size=(900, 2))
    >>> abs(dm.r2(noise, factors, kinds="continuous", rng=0).score) < 0.02
    True
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights).select(factor_subset)
    as_choice(regressor, "regressor", _REGRESSORS)
    as_positive_integer(n_kernel_rows, "n_kernel_rows", at_least=2)
    if regressor != "kernel" and n_kernel_rows != _N_KERNEL_ROWS:
        raise ValueError(f"n_kernel_rows={n_kernel_rows!r} has no part in regressor={regressor!r}: leave it out")
    varying = varying_factors(data.factors)
    check_varying(varying, data.factors.names, stacklevel=2)
    points, split = data.as_points(), held_out(data, rng)
    per_factor, n_fitted = np.full(len(varying), np.nan), np.zeros(len(varying), np.int64)
    for k in np.flatnonzero(varying).tolist():
        train = split.some_of_train(k, n_kernel_rows) if regressor == "kernel" else split.train[:, k]
        n_fitted[k] = train.sum()
        per_factor[k] = _determination(points, k, train, split.test[:, k], regressor)
    used: dict[str, Any] = {"regressor": regressor, "seed": rng if isinstance(rng, int) else None}
    if regressor == "kernel":
        used["n_kernel_rows"] = n_kernel_rows
    return R2Result(
        score=float(per_factor[varying].mean()),
        per_factor=per_factor,
        factor_names=data.factors.names,
        n_fitted=n_fitted,
        settings=used,
    )


def _determination(points: LabelledPoints, factor: int, train: BoolArray, test: BoolArray, regressor: str) -> float:
    """Held-out R^2 of one factor, squares summed over its columns."""
    factors = points.factors
    weights = factors.normalised_weights
    standardised = Standardised.of(points.points, weights, train)
    x = standardised.columns[:, standardised.deviation > 0]
    known = np.flatnonzero(~factors.missing[:, factor])
    columns = target_columns(factors, factor, known)
    y = np.zeros((len(x), columns.shape[1]))
    # Of a common unit, since squares of a quantity's own could overflow or vanish.
    y[known] = standardised_columns(columns) if columns.shape[1] == 1 else columns
    method = KernelRidge if regressor == "kernel" else LinearRegression
    predicted = method.fit(x[train], y[train], weights[train]).predict(x[test])
    without = weights[train] @ y[train] / weights[train].sum()
    total = float(weights[test] @ ((y[test] - without) ** 2).sum(axis=1))
    if total <= _ROUNDING * weights[test].sum():
        raise ValueError(
            f"factor {factors.names[factor]!r} has the mean value for all samples held out, so there is nothing to "
            "explain: give more samples, or another rng"
        )
    return 1.0 - float(weights[test] @ ((y[test] - predicted) ** 2).sum(axis=1)) / total
