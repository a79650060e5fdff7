"""Mutual information of binned latents, for metrics that add it to entropies: those of bins, which are bounded."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dismetrics.estimators.discretize import discretise
from dismetrics.estimators.relevance.normalised import NormalisedInformation, normalised_information
from dismetrics.inputs import LabelledLatents
from dismetrics.posteriors import SampledPosterior, TablePosterior
from dismetrics.typing import RandomState
from dismetrics.validation import as_choice

__all__ = ["BINNED_ESTIMATORS", "binned_information", "number_of_bins"]

BINNED_ESTIMATORS = ("bin_masses", "histogram")

_BINS = 100
_RANGE = (-4.0, 4.0)
"""Bins of a density, as in Do & Tran 2020: of a latent whose prior is the standard normal distribution."""


def binned_information(
    data: LabelledLatents, settings: Mapping[str, Any], rng: RandomState = None
) -> NormalisedInformation:
    """The matrix by masses in bins for posteriors, by counts for points, and as shares of the factors' entropies.

    Bins of densities are, unless said otherwise, 100 over [-4, 4]; bins of points those of `mutual_information`.
    """
    only_points = data.posterior is None or isinstance(data.posterior, SampledPosterior)
    chosen = {"estimator": "histogram" if only_points else "bin_masses", **settings}
    as_choice(chosen["estimator"], "estimator", BINNED_ESTIMATORS)
    if chosen["estimator"] == "bin_masses" and not isinstance(data.posterior, TablePosterior):
        chosen = {"n_bins": _BINS, "bin_range": _RANGE, **chosen}
    return normalised_information(data, chosen, rng)


def number_of_bins(data: LabelledLatents, normalised: NormalisedInformation) -> int:
    """How many bins a latent has that has most."""
    settings = normalised.settings
    if "n_bins" in settings:
        return int(settings["n_bins"])
    return int(np.max(discretise(data.as_points().points, discretisation=settings["discretisation"])[1]))
