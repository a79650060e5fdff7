"""Separated information of latents.

K. Do and T. Tran, Theory and Evaluation Metrics for Learning Disentangled Representations, 2020, section 4.

SEP_j   = I(z_j; z_-j)                       what latent j shares with the others
SEPIN_j = I(x; z_j | z_-j)                   what it tells of the sample that the others do not
INDIN_j = I(x; z_j) - I(z_j; z_-j)           what it tells, less what it shares
WSEPIN  = sum_j rho_j SEPIN_j,  WINDIN = sum_j rho_j INDIN_j,  rho_j = I(x; z_j) / sum_i I(x; z_i)

Where latents are independent given the sample, as in all posteriors here, z_-j can tell of z_j only through the
sample: I(x; z_j) = I(x, z_-j; z_j) = I(z_j; z_-j) + I(x; z_j | z_-j). So INDIN equals SEPIN, and WINDIN WSEPIN.
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
from dismetrics.validation import as_choice, as_generator, as_positive_integer, as_positive_number

__all__ = ["SEPINResult", "sepin"]

_NO_INFORMATION = 1e-7
"""Nats a latent that the quadrature cannot tell from none."""


@dataclass(frozen=True, slots=True, eq=False)
class SEPINResult(Result):
    """Separated information, in total and by latent; everything in nats.

    Attributes
    ----------
    wsepin, windin : float
        Means of SEPIN and INDIN over the latents, weighted by `weight_per_latent`. They are equal here: see `sepin`.
    sepin_per_latent : ndarray of float64, shape (n_latents,)
        ``I(x; z_j | z_-j)``, between 0 and I(x; z_j).
    indin_per_latent : ndarray of float64, shape (n_latents,)
        ``I(x; z_j) - I(z_j; z_-j)``.
    sep_per_latent : ndarray of float64, shape (n_latents,)
        ``I(z_j; z_-j)``.
    index_information_per_latent : ndarray of float64, shape (n_latents,)
        I(x; z_j), exact.
    weight_per_latent : ndarray of float64, shape (n_latents,)
        Shares of the latents in the sum of I(x; z_j); all 0 where no latent tells anything of the samples.
    index_code_mi : float
        I(x; z), of all latents together.
    index_code_mi_ceiling : float
        The entropy of the sample weights (log n_samples for equal ones), which I(x; z) cannot exceed.
    standard_error : dict
        Of each sampled number: floats, and arrays (n_latents,) for those by latent; 0 where it is exact.
    interval : dict
        95 % intervals of the same, lower and upper ends, the numerical bound included.
    numerical_bound : float
        The most that components left out of log densities can have changed any of them.
    n_samples, n_draws, n_controls : int
        Components of q(z), draws, and control variates.
    settings : dict
        Method, tolerance, and the share of components evaluated.
    """

    wsepin: float
    windin: float
    sepin_per_latent: FloatArray
    indin_per_latent: FloatArray
    sep_per_latent: FloatArray
    index_information_per_latent: FloatArray
    weight_per_latent: FloatArray
    index_code_mi: float
    index_code_mi_ceiling: float
    standard_error: dict[str, Any]
    interval: dict[str, tuple[Any, Any]]
    numerical_bound: float
    n_samples: int
    n_draws: int
    n_controls: int
    settings: dict[str, Any]

    @property
    def score(self) -> float:  # type: ignore[override]
        """WSEPIN."""
        return self.wsepin

    def sepin_at(self, k: int) -> float:
        """SEPIN@k of the paper, the mean SEPIN of the k latents that tell most of the sample; INDIN@k is equal.

        Parameters
        ----------
        k : int
            How many latents, from 1 to n_latents.

        Returns
        -------
        float
            In nats.
        """
        as_positive_integer(k, "k")
        if k > len(self.sepin_per_latent):
            raise ValueError(f"k={k!r}, but there are {len(self.sepin_per_latent)} latents")
        most = np.argsort(-self.index_information_per_latent, kind="stable")[:k]
        return float(self.sepin_per_latent[most].mean())


def sepin(
    posterior: FactorisedPosterior,
    *,
    n_draws: int | None = None,
    target_se: float | None = None,
    log_density: str = "auto",
    tolerance: float = 1e-8,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
) -> SEPINResult:
    """How much each latent tells of the sample that the other latents do not, ``I(x; z_j | z_-j)``.

    The information of one latent, I(x; z_j), comes from quadrature, to 1e-7 nats. ``I(x; z_j | z_-j)`` and I(x; z) are
    sampled from the same draws z ~ q(z), with densities over all samples and without a floor, and regressed on control
    variates whose means quadrature knows. A few discrete latents, or a single one, need no sampling. For a single
    latent nothing is left without it: SEP is 0, and SEPIN is I(x; z_1).

    Higher is better; 0 for a code that tells nothing, or whose latents all repeat each other. There is no upper end
    but log n_samples, as more informative latents score higher.

    Parameters
    ----------
    posterior : FactorisedPosterior
        Posteriors q(z|x) of the samples, with densities and supports or probability tables.
    n_draws : int, optional
        Draws, at least 32; 4,096 by default. The paper's authors take 10,000.
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
    SEPINResult
        WSEPIN, and all that is known by latent, with standard errors and intervals.

    Raises
    ------
    TypeError, ValueError
        For a posterior without densities or tables, or settings that make no sense.

    Warns
    -----
    SaturationWarning
        If I(x; z) is at its ceiling: the other latents then tell the samples apart whatever is left out, and SEPIN
        depends on how many samples there are.
    FewDrawsWarning
        If fewer than three draws carry the standard error of the score; its interval may then be too short.

    Examples
    --------
    The first two latents repeat one bit, the third has a bit of its own:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> bits = np.repeat([[0.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 1.0]], 4, axis=0)
    >>> result = dm.sepin(dm.BernoulliPosterior(bits))
    >>> result.sepin_per_latent.round(4)
    array([0.    , 0.    , 0.6931])
    >>> result.sep_per_latent.round(4)
    array([0.6931, 0.6931, 0.    ])
    >>> round(result.wsepin, 4)
    0.231
    """
    posterior, shares = as_weighted_posterior(posterior, weights)
    as_choice(log_density, "log_density", METHODS)
    as_positive_number(tolerance, "tolerance", zero_allowed=True)
    n_draws = number_of_draws(n_draws, target_se)
    generator = as_generator(rng)

    n_latents = posterior.n_latents
    of_latents = marginals(posterior, shares)
    alone = np.array([marginal.entropy for marginal in of_latents]) - shares @ matrix_of(posterior, "entropy")
    told = np.maximum(alone, 0.0)
    share = told / told.sum() if told.sum() > _NO_INFORMATION * n_latents else np.zeros(n_latents)
    found = conditional_information(
        posterior,
        shares,
        of_latents,
        np.append(share, 0.0),
        n_draws=n_draws,
        target_se=target_se,
        method=log_density,
        tolerance=tolerance,
        rng=generator,
    )

    separated, (index_code_mi, wsepin) = found.mean[:n_latents], found.mean[n_latents:]
    shared = alone - separated
    indin = alone - shared
    ceiling = -float(shares @ np.log(shares))
    warn_if_few_draws_carry(float(found.standard_error[-1]), float(found.carrying[-1]), found.n_draws)
    warn_if_index_is_saturated(float(index_code_mi), ceiling, posterior.n_samples)
    by_latent, in_all, weighted = slice(0, n_latents), n_latents, n_latents + 1
    places = {
        "wsepin": Place(float(wsepin), weighted),
        "windin": Place(float(share @ indin), weighted),
        "sepin_per_latent": Place(separated, by_latent),
        "indin_per_latent": Place(indin, by_latent),
        "sep_per_latent": Place(shared, by_latent, sign=-1),
        "index_code_mi": Place(float(index_code_mi), in_all),
    }
    return SEPINResult(
        **{name: place.value for name, place in places.items()},
        index_information_per_latent=alone,
        weight_per_latent=share,
        index_code_mi_ceiling=ceiling,
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
