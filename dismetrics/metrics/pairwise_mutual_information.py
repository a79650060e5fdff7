"""Mutual information between latents (Locatello et al. 2019, "Challenging Common Assumptions ...", section 5.2)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.pairwise import PairInformation, histogram_pairs, neighbour_pairs, posterior_pairs
from dismetrics.estimators.relevance.settings import InformationSettings
from dismetrics.inputs import LabelledLatents, as_unlabelled
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, BoolArray, FloatArray, RandomState
from dismetrics.validation import as_choice, as_generator, as_positive_integer

__all__ = ["PairwiseMutualInformationResult", "pairwise_mutual_information"]

_OF_POSTERIORS = ("auto", "quadrature", "sampled")
_ESTIMATORS = (*_OF_POSTERIORS, "histogram", "knn")
_DRAWS = 4096


@dataclass(frozen=True, slots=True, eq=False)
class PairwiseMutualInformationResult(Result):
    """What the latents tell of each other; everything in nats.

    Attributes
    ----------
    score : float
        Mean of `mutual_information` off the diagonal; at least 0, lower is better.
    mutual_information : ndarray of float64, shape (n_latents, n_latents)
        I(z_i; z_j), symmetric. The diagonal is H(z_j) where latents have finitely many values or bins, and infinite for
        densities and for nearest neighbours: a real number tells itself without limit.
    latent_entropy : ndarray of float64, shape (n_latents,), or None
        H(z_j): of the values or bins, differential for densities; None for nearest neighbours.
    joint_entropy : ndarray of float64, shape (n_latents, n_latents), or None
        H(z_i, z_j) = H(z_i) + H(z_j) - I(z_i; z_j), likewise; minus infinity on the diagonal for densities.
    sampled : ndarray of bool, shape (n_latents, n_latents)
        Pairs whose information was sampled; the others are exact up to `numerical_bound`.
    standard_error : ndarray of float64, shape (n_latents, n_latents)
        Of sampled pairs; 0 elsewhere.
    score_standard_error : float
        Of the score; pairs are sampled independently of each other.
    lower, upper : ndarray of float64, shape (n_latents, n_latents)
        Ends of 95 % intervals, the numerical bound included.
    numerical_bound : ndarray of float64, shape (n_latents, n_latents)
        The most that quadrature, or components left out of log q(z_i, z_j), can have changed a pair; 0 for exact sums
        and for points.
    settings : dict
        The estimator and every setting used.
    """

    score: float
    mutual_information: FloatArray
    latent_entropy: FloatArray | None
    joint_entropy: FloatArray | None
    sampled: BoolArray
    standard_error: FloatArray
    score_standard_error: float
    lower: FloatArray
    upper: FloatArray
    numerical_bound: FloatArray
    settings: dict[str, Any]


def pairwise_mutual_information(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    *,
    estimator: str | None = None,
    n_draws: int | None = None,
    discretisation: str = "equal_width",
    n_bins: int = 20,
    correction: str = "none",
    n_shuffles: int = 10,
    n_neighbours: int = 3,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
) -> PairwiseMutualInformationResult:
    """Mutual information of every two latents: how far they are from independent, pair by pair.

    The score is the mean of I(z_i; z_j) over i != j, in nats and not normalised. At least 0, without an upper end;
    lower is better. With the default settings for arrays it is the `mutual_info_score` of disentanglement_lib
    (Locatello et al. 2019). No factors are needed, so that it says nothing of what the latents stand for.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors q(z|x), for which the information is that of the aggregate posterior,
        q(z_i, z_j) = mean over samples of q(z_i|x) q(z_j|x). At least two latents.
    estimator : {"auto", "quadrature", "sampled", "histogram", "knn"}, optional
        For posteriors, `"auto"` by default: probability tables are summed exactly; densities are integrated, to 1e-7
        nats, or sampled where integration would take long, each pair by itself; the result's `sampled` says which.
        `"quadrature"` and `"sampled"` leave no choice. For arrays, `"histogram"` by default: plug-in estimate on binned
        latents; `"knn"`: Kraskov et al. (2004). These two take posteriors by their point codes (all draws of a
        SampledPosterior).
    n_draws : int, optional
        Draws for each pair that is sampled; 4,096 by default.
    discretisation : {"equal_width", "quantile", "unique"}, default "equal_width"
        How latents are binned for `"histogram"`; see `estimators.bin_edges`.
    n_bins : int, default 20
        Bins of each latent for `"histogram"`, as in Locatello et al. 2019.
    correction : {"none", "miller_madow", "shuffle"}, default "none"
        For `"histogram"`: correct each entropy by (occupied cells - 1) / 2N, or subtract the mean over shuffled rows.
    n_shuffles : int, default 10
        Shuffles of the rows for `correction="shuffle"`.
    n_neighbours : int, default 3
        Neighbours for `"knn"`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0; not for `"knn"`.
    rng : None, int or numpy.random.Generator
        Used by sampling and by `correction="shuffle"` only.

    Returns
    -------
    PairwiseMutualInformationResult
        Score, matrix, entropies, errors and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored; with fewer than two latents; or where `"quadrature"` is asked for
        and cannot be had.

    See Also
    --------
    elbo_decomposition : Its total correlation is what all latents share, of which pairs see a part.

    Notes
    -----
    Independent latents score 0 for posteriors; for the histogram about (n_bins - 1)^2 / 2N, its bias. Two latents that
    repeat each other score the entropy of their bins there, a finite number for posteriors (each latent has its own
    noise), and grow with the number of samples for nearest neighbours.

    Examples
    --------
    >>> import numpy as np
    >>> import dismetrics as dm
    >>> grid = np.indices((4, 4)).reshape(2, -1).T
    >>> dm.pairwise_mutual_information(grid).score
    0.0
    >>> twice = np.column_stack([grid[:, 0], grid[:, 0]])
    >>> round(dm.pairwise_mutual_information(twice).score, 4)  # log 4
    1.3863
    >>> posterior = dm.GaussianPosterior.from_scale(twice, np.ones(twice.shape))
    >>> round(dm.pairwise_mutual_information(posterior).score, 4)
    0.1936
    """
    data = as_unlabelled(latents, weights=weights)
    if data.n_latents < 2:
        raise ValueError("pairwise mutual information needs at least two latents; there is one")
    chosen = ("histogram" if data.posterior is None else "auto") if estimator is None else estimator
    as_choice(chosen, "estimator", _ESTIMATORS)
    settings = InformationSettings(
        estimator="posterior" if chosen in _OF_POSTERIORS else chosen,
        discretisation=discretisation,
        n_bins=n_bins,
        correction=correction,
        n_shuffles=n_shuffles,
        n_neighbours=n_neighbours,
        n_draws=n_draws,
    )
    if chosen in _OF_POSTERIORS:
        pairs, used = _of_posterior(data, chosen, n_draws, rng)
    elif chosen == "histogram":
        pairs, used = histogram_pairs(data.as_points(), settings, as_generator(rng)), settings.used()
        del used["n_factor_bins"], used["bin_labels"]
    else:
        pairs, used = neighbour_pairs(data.as_points(), n_neighbours), settings.used()
    if settings.is_random or pairs.sampled.any():
        used["seed"] = rng if isinstance(rng, int) else None
    return _result(pairs, used)


def _of_posterior(
    data: LabelledLatents, estimator: str, n_draws: int | None, rng: RandomState
) -> tuple[PairInformation, dict[str, Any]]:
    """The pairs of the aggregate posterior, and what was used for them."""
    if data.posterior is None:
        raise ValueError(
            f"estimator={estimator!r} needs posteriors q(z|x), but latents is an array of points: pass e.g. "
            "GaussianPosterior(mean, log_var), or choose estimator='histogram' or 'knn'"
        )
    if n_draws is not None and estimator == "quadrature":
        raise ValueError(f"n_draws={n_draws!r} has no part in estimator='quadrature': leave it out")
    draws = _DRAWS if n_draws is None else as_positive_integer(n_draws, "n_draws", at_least=32)
    pairs = posterior_pairs(data.posterior, data.factors.normalised_weights, estimator, draws, as_generator(rng))
    used: dict[str, Any] = {"estimator": estimator}
    if pairs.sampled.any():
        used["n_draws"] = draws
    return pairs, used


def _result(pairs: PairInformation, settings: dict[str, Any]) -> PairwiseMutualInformationResult:
    information, entropy = pairs.mutual_information, pairs.latent_entropy
    apart = np.triu_indices(len(information), 1)
    return PairwiseMutualInformationResult(
        score=float(information[apart].mean()),
        mutual_information=information,
        latent_entropy=entropy,
        joint_entropy=None if entropy is None else entropy[:, None] + entropy - information,
        sampled=pairs.sampled,
        standard_error=pairs.standard_error,
        score_standard_error=float(np.sqrt((pairs.standard_error[apart] ** 2).sum()) / len(apart[0])),
        lower=information - np.where(pairs.sampled, pairs.below, pairs.numerical_bound),
        upper=information + np.where(pairs.sampled, pairs.above, pairs.numerical_bound),
        numerical_bound=pairs.numerical_bound,
        settings=settings,
    )
