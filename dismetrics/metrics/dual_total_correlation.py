"""Dual total correlation (Han 1978, "Nonnegative entropy measures of multivariate symmetric correlations").

D(z) = H(z) - sum_j H(z_j | z_-j)

The name is from Austin 2020, "Multi-variate correlation and mixtures of product measures". With latents that are
independent given the sample, D(z) = I(x; z) - sum_j I(x; z_j | z_-j), and TC(z) + D(z) = sum_j I(z_j; z_-j).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.aggregate_posterior.conditional_information import conditional_information
from dismetrics.estimators.aggregate_posterior.few_draws import warn_if_few_draws_carry
from dismetrics.estimators.aggregate_posterior.joint_density import METHODS
from dismetrics.estimators.aggregate_posterior.marginals import marginals
from dismetrics.estimators.aggregate_posterior.sampling import Place, number_of_draws
from dismetrics.estimators.aggregate_posterior.saturation import warn_if_index_is_saturated
from dismetrics.inputs import as_weighted_posterior
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.posteriors.checked import matrix_of
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, FloatArray, RandomState
from dismetrics.validation import as_choice, as_generator, as_positive_number

__all__ = ["DualTotalCorrelation", "dual_total_correlation"]


@dataclass(frozen=True, slots=True, eq=False)
class DualTotalCorrelation(Result):
    """The dual total correlation, and the entropies behind it; everything in nats.

    Attributes
    ----------
    dual_total_correlation : float
        ``H(z) - sum_j H(z_j | z_-j)``.
    total_correlation : float
        sum_j H(z_j) - H(z), from the same draws.
    joint_entropy : float
        H(z), differential for densities.
    conditional_entropy_per_latent : ndarray of float64, shape (n_latents,)
        ``H(z_j | z_-j)``; so the entropy of the other latents, ``H(z_-j)``, is `joint_entropy` less this.
    marginal_entropy_per_latent : ndarray of float64, shape (n_latents,)
        H(z_j), exact.
    standard_error : dict
        Of each sampled number: floats, and an array (n_latents,) for those by latent; 0 where it is exact.
    interval : dict
        95 % intervals of the same, lower and upper ends, the numerical bound included.
    numerical_bound : float
        The most that components left out of log densities can have changed any of them.
    n_samples, n_draws, n_controls : int
        Components of q(z), draws, and control variates.
    settings : dict
        Method, tolerance, and the share of components evaluated.
    """

    dual_total_correlation: float
    total_correlation: float
    joint_entropy: float
    conditional_entropy_per_latent: FloatArray
    marginal_entropy_per_latent: FloatArray
    standard_error: dict[str, Any]
    interval: dict[str, tuple[Any, Any]]
    numerical_bound: float
    n_samples: int
    n_draws: int
    n_controls: int
    settings: dict[str, Any]

    @property
    def score(self) -> float:  # type: ignore[override]
        """The dual total correlation."""
        return self.dual_total_correlation


def dual_total_correlation(
    posterior: FactorisedPosterior,
    *,
    n_draws: int | None = None,
    target_se: float | None = None,
    log_density: str = "auto",
    tolerance: float = 1e-8,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
) -> DualTotalCorrelation:
    """Dual total correlation ``H(z) - sum_j H(z_j | z_-j)`` of the aggregate posterior: what latents hold in common.

    Of n equal bits the total correlation is (n - 1) log 2, one bit for every repetition, and the dual total correlation
    log 2, the one bit that they share. Both are 0 exactly where the latents are independent, and at least 0; lower is
    better. D latents have (D - 1) times as much of the one as of the other at most. For a single latent both are 0.

    Marginal entropies come from quadrature; the rest is sampled as in `sepin`.

    Parameters
    ----------
    posterior : FactorisedPosterior
        Posteriors q(z|x) of the samples, with densities and supports or probability tables.
    n_draws : int, optional
        Draws, at least 32; 4,096 by default.
    target_se : float, optional
        Draw until the standard error of every sampled number is at most this, in nats; in place of `n_draws`.
    log_density : {"auto", "brute", "tree"}, default "auto"
        Evaluate densities over every component, or over those that can matter, with a bound on the rest; by default
        what costs less.
    tolerance : float, default 1e-8
        For the tree: share of a density that may be left out at most.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0.
    rng : None, int or numpy.random.Generator
        Source of the draws.

    Returns
    -------
    DualTotalCorrelation
        The correlation and its parts, with standard errors and intervals.

    Raises
    ------
    TypeError, ValueError
        For a posterior without densities or tables, or settings that make no sense.

    Warns
    -----
    SaturationWarning
        If I(x; z) is at its ceiling: what latents have in common then depends on how many samples there are.
    FewDrawsWarning
        If fewer than three draws carry the standard error of the score; its interval may then be too short.

    Examples
    --------
    >>> import numpy as np
    >>> import dismetrics as dm
    >>> bits = np.repeat([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]], 8, axis=0)
    >>> result = dm.dual_total_correlation(dm.BernoulliPosterior(bits))
    >>> round(result.dual_total_correlation, 4), round(result.total_correlation, 4)
    (0.6931, 1.3863)
    """
    posterior, shares = as_weighted_posterior(posterior, weights)
    as_choice(log_density, "log_density", METHODS)
    as_positive_number(tolerance, "tolerance", zero_allowed=True)
    n_draws = number_of_draws(n_draws, target_se)
    generator = as_generator(rng)

    n_latents = posterior.n_latents
    of_latents = marginals(posterior, shares)
    marginal_entropy = np.array([marginal.entropy for marginal in of_latents])
    posterior_entropy = shares @ matrix_of(posterior, "entropy")
    found = conditional_information(
        posterior,
        shares,
        of_latents,
        np.append(np.full(n_latents, -1.0), 1.0),
        n_draws=n_draws,
        target_se=target_se,
        method=log_density,
        tolerance=tolerance,
        rng=generator,
    )

    separated, (index_code_mi, dual) = found.mean[:n_latents], found.mean[n_latents:]
    joint_entropy = float(index_code_mi + posterior_entropy.sum())
    warn_if_few_draws_carry(float(found.standard_error[-1]), float(found.carrying[-1]), found.n_draws)
    warn_if_index_is_saturated(float(index_code_mi), -float(shares @ np.log(shares)), posterior.n_samples)
    by_latent, in_all = slice(0, n_latents), n_latents
    places = {
        "dual_total_correlation": Place(float(dual), n_latents + 1),
        "total_correlation": Place(float(marginal_entropy.sum()) - joint_entropy, in_all, sign=-1),
        "joint_entropy": Place(joint_entropy, in_all),
        "conditional_entropy_per_latent": Place(separated + posterior_entropy, by_latent),
    }
    return DualTotalCorrelation(
        **{name: place.value for name, place in places.items()},
        marginal_entropy_per_latent=marginal_entropy,
        standard_error=found.standard_errors(places),
        interval=found.intervals(places),
        numerical_bound=float(found.numerical_bound.max()),
        n_samples=posterior.n_samples,
        n_draws=found.n_draws,
        n_controls=found.n_controls,
        settings={
            "log_density": log_density,
            "tolerance": tolerance,
            "target_se": target_se,
            "evaluated": found.evaluated,
        },
    )
