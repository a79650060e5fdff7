"""Make functions of other conventions callable as `function(latents, factors)` or `function(posterior)`."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from dismetrics.posteriors import FactorisedPosterior

__all__ = ["from_parameters", "transposed"]


def transposed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adapt a metric that takes (n_latents, n_samples) and (n_factors, n_samples).

    Parameters
    ----------
    function : callable
        The metric.

    Returns
    -------
    callable
        The same of `(latents, factors)` with samples on the first axis.

    Examples
    --------
    >>> import numpy as np
    >>> from dismetrics.testing import transposed
    >>> transposed(lambda codes, factors: codes.shape)(np.zeros((5, 2)), np.zeros((5, 3)))
    (2, 5)
    """

    @functools.wraps(function)
    def adapted(latents: Any, factors: Any, **settings: Any) -> Any:
        return function(np.asarray(latents).T, np.asarray(factors).T, **settings)

    return adapted


def from_parameters(function: Callable[..., Any], spread: str = "log_var") -> Callable[..., Any]:
    """Adapt an estimator that takes the means and spreads of Gaussian posteriors, each (n_samples, n_latents).

    Parameters
    ----------
    function : callable
        The estimator, `function(mean, spread, ...)`.
    spread : {"log_var", "variance", "scale"}, default "log_var"
        What the second argument is.

    Returns
    -------
    callable
        The same of a `GaussianPosterior`.

    Examples
    --------
    >>> import dismetrics as dm
    >>> from dismetrics.testing import from_parameters
    >>> posterior = dm.GaussianPosterior.from_scale([[1.0], [1.0]], [[3.0], [2.0]])
    >>> from_parameters(lambda mean, variance: variance.ravel(), "variance")(posterior)
    array([9., 4.])
    """
    spreads: dict[str, Callable[[Any], Any]] = {
        "log_var": lambda posterior: 2.0 * np.log(posterior.scale),
        "variance": lambda posterior: posterior.scale**2,
        "scale": lambda posterior: posterior.scale.copy(),
    }
    if spread not in spreads:
        raise ValueError(f"spread={spread!r}; one of {', '.join(map(repr, spreads))} is wanted")

    @functools.wraps(function)
    def adapted(posterior: FactorisedPosterior, *more: Any, **settings: Any) -> Any:
        return function(posterior.mean.copy(), spreads[spread](posterior), *more, **settings)  # type: ignore[attr-defined]

    return adapted
