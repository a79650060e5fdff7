"""The mutual-information matrix of latents and factors: one door to all estimators."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dismetrics.estimators.relevance.bin_masses import bin_mass_information
from dismetrics.estimators.relevance.histogram import histogram_information
from dismetrics.estimators.relevance.information import InformationMatrix
from dismetrics.estimators.relevance.knn import knn_information
from dismetrics.estimators.relevance.posterior import posterior_information
from dismetrics.estimators.relevance.settings import InformationSettings
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, as_labelled
from dismetrics.posteriors import FactorisedPosterior, SampledPosterior
from dismetrics.typing import ArrayLike, RandomState
from dismetrics.validation import as_generator

__all__ = ["information_matrix", "mutual_information"]

_MOST_DRAWS = 10_000
"""Draws for each entropy of a SampledPosterior, unless said otherwise: as many as the paper takes."""


def mutual_information(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents,
    factors: ArrayLike | Factors,
    *,
    estimator: str | None = None,
    discretisation: str = "equal_width",
    n_bins: int = 20,
    bin_range: tuple[float, float] | str | None = None,
    n_factor_bins: int | None = None,
    bin_labels: bool = False,
    correction: str = "none",
    n_shuffles: int = 10,
    n_neighbours: int = 3,
    n_draws: int | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
) -> InformationMatrix:
    """Mutual information of every latent with every factor.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Point codes, or posteriors q(z|x).
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors.
    estimator : {"posterior", "bin_masses", "histogram", "knn"}, optional
        `"posterior"` (default for posteriors): I = H(z_j) - H(z_j | v_k) of the aggregate posterior, by quadrature or
        exact sums. `"bin_masses"`: of the aggregate posterior in bins, from the exact mass of every posterior in every
        bin. `"histogram"` (default for arrays): plug-in estimate on binned latents. `"knn"`: Ross (2014) for labels,
        Kraskov et al. (2004) for quantities. The last two take posteriors by their point codes (all draws of a
        SampledPosterior).
    discretisation : {"equal_width", "quantile", "unique"}, default "equal_width"
        How latents are binned for `"histogram"`; see `estimators.bin_edges`.
    n_bins : int, default 20
        Bins of each latent for `"histogram"` and `"bin_masses"`; a probability table has its own.
    bin_range : tuple of float, or "own", optional
        Ends of the bins of equal width, for all latents alike; what lies outside goes to the first or last bin. By
        default each latent's own: its smallest and largest point, for `"bin_masses"` point code.
    n_factor_bins : int, optional
        Bins of equal width for continuous and circular factors, where labels are needed; `n_bins` by default.
    bin_labels : bool, default False
        For `"histogram"`: bin the factors' labels as if they were quantities. Some libraries do; it merges labels.
    correction : {"none", "miller_madow", "shuffle"}, default "none"
        For `"histogram"`: correct each entropy by (occupied cells - 1) / 2N, or subtract the mean over shuffled rows.
    n_shuffles : int, default 10
        Shuffles of the rows for `correction="shuffle"`.
    n_neighbours : int, default 3
        Neighbours for `"knn"`.
    n_draws : int, optional
        For `"posterior"`: sample the entropies from this many draws, as the paper does, in place of the exact ones.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0; not for `"knn"`.
    rng : None, int or numpy.random.Generator
        Used by `n_draws` and `correction="shuffle"` only.

    Returns
    -------
    InformationMatrix
        The matrix, shape (n_latents, n_factors), in nats, with entropies, ceiling, overlap and settings.

    Raises
    ------
    ValueError
        For an unknown setting, mismatched or non-finite data, or a posterior without the density it needs.

    Examples
    --------
    >>> import numpy as np
    >>> v = np.arange(8) % 2
    >>> mutual_information(np.column_stack([v, np.arange(8) // 4]), v).mutual_information.round(4).ravel()
    array([0.6931, 0.    ])
    """
    data = as_labelled(latents, factors, kinds=kinds, weights=weights)
    settings = InformationSettings(
        estimator=default_estimator(data) if estimator is None else estimator,
        discretisation=discretisation,
        n_bins=n_bins,
        bin_range=bin_range,
        n_factor_bins=n_factor_bins,
        bin_labels=bin_labels,
        correction=correction,
        n_shuffles=n_shuffles,
        n_neighbours=n_neighbours,
        n_draws=n_draws,
    )
    return information_matrix(data, settings, rng)


def default_estimator(data: LabelledLatents) -> str:
    """The posterior estimator where there are posteriors, the histogram where there are points."""
    return "histogram" if data.posterior is None else "posterior"


def information_matrix(
    data: LabelledLatents, settings: InformationSettings, rng: RandomState = None
) -> InformationMatrix:
    """The matrix for these settings, computed once for all metrics that ask for it with the same seed."""
    if settings.estimator == "posterior" and settings.n_draws is None and isinstance(data.posterior, SampledPosterior):
        # Draws are all that is known of its support, so there is nothing to lay a quadrature on.
        settings = replace(settings, n_draws=min(data.posterior.n_samples, _MOST_DRAWS))

    def compute() -> InformationMatrix:
        if settings.estimator == "posterior":
            return posterior_information(data, settings, as_generator(rng))
        if settings.estimator == "bin_masses":
            return bin_mass_information(data, settings)
        if settings.estimator == "histogram":
            return histogram_information(data, settings, as_generator(rng))
        return knn_information(data, settings)

    if settings.is_random and not isinstance(rng, int):
        return compute()
    return data.once(("mutual_information", settings, rng if settings.is_random else None), compute)
