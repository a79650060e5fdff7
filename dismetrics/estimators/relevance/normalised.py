"""Mutual information as a share of an entropy: what the gap metrics compare."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.aggregate_posterior.saturation import saturated_share, warn_if_saturated
from dismetrics.estimators.discretize import discretise_factors
from dismetrics.estimators.groups import Groups
from dismetrics.estimators.rare_labels import warn_of_rare_labels
from dismetrics.estimators.relevance.information import InformationMatrix
from dismetrics.estimators.relevance.mutual_information import default_estimator, information_matrix
from dismetrics.estimators.relevance.settings import InformationSettings
from dismetrics.estimators.varying import check_varying
from dismetrics.inputs import LabelledLatents
from dismetrics.typing import BoolArray, FloatArray, RandomState
from dismetrics.validation import as_choice

__all__ = ["NORMALISERS", "NormalisedInformation", "examined_saturation", "normalised_information"]

NORMALISERS = ("factor", "latent")
"""Divide I(z_j; v_k) by H(v_k), as the paper does, or by H(z_j)."""

_RARE = "counts cannot tell what latents say of labels that hardly ever occur twice"


@dataclass(frozen=True, slots=True, eq=False)
class NormalisedInformation:
    """A matrix of mutual information and its entries as shares of an entropy.

    Attributes
    ----------
    information : InformationMatrix
        In nats.
    share : ndarray of float64, shape (n_latents, n_factors)
        I(z_j; v_k) / H(v_k), or / H(z_j), at most the ceiling; 0 where the latent's entropy is 0, nan for a
        factor with a single value.
    ceiling : ndarray of float64, shape (n_factors,)
        Largest share that any code could have; nan for a factor with a single value.
    varying : ndarray of bool, shape (n_factors,)
        Factors with more than one value.
    settings : dict
        Every setting used.
    """

    information: InformationMatrix
    share: FloatArray
    ceiling: FloatArray
    varying: BoolArray
    settings: dict[str, Any]


def examined_saturation(data: LabelledLatents, normalised: NormalisedInformation, used: BoolArray) -> FloatArray | None:
    """The share of each factor's samples that hardly overlap, warned about where high; None without posteriors."""
    if data.posterior is None or normalised.settings["estimator"] != "posterior":
        return None
    factors = discretise_factors(data.factors, normalised.settings["n_factor_bins"])
    share = saturated_share(data.posterior, Groups.of(factors), np.nan_to_num(normalised.share), used)
    warn_if_saturated(share, data.factors)
    return share


def normalised_information(
    data: LabelledLatents, settings: Mapping[str, Any], rng: RandomState = None
) -> NormalisedInformation:
    """The matrix for these settings (those of `InformationSettings`, and `normaliser`), normalised.

    Warns of factors with a single value, or with labels that hardly repeat.
    """
    options = dict(settings)
    normaliser = as_choice(options.pop("normaliser", "factor"), "normaliser", NORMALISERS)
    resolved = InformationSettings(**{"estimator": default_estimator(data), **options})
    if normaliser == "latent" and resolved.estimator not in ("histogram", "bin_masses"):
        raise ValueError(
            "normaliser='latent' divides by the entropy of binned latents: use it with estimator='histogram', "
            f"not {resolved.estimator!r}"
        )
    if resolved.estimator == "knn":
        _refuse_quantities(data)
    information = information_matrix(data, resolved, rng)
    varying = _varying_factors(information, data.factors.names)
    if resolved.estimator == "histogram":
        data.once("rare labels", lambda: warn_of_rare_labels(data.factors, _RARE, stacklevel=4))
    matrix, factor_entropy = information.mutual_information, information.factor_entropy
    entropy = information.latent_entropy if normaliser == "latent" else np.broadcast_to(factor_entropy, matrix.shape)
    assert entropy is not None
    share = np.divide(matrix, entropy, out=np.zeros_like(matrix), where=entropy > 0)
    ceiling = np.full(len(varying), np.nan)
    # Any code can carry as much as its own entropy; as much as the factor's only if it has values enough.
    ceiling[varying] = 1.0 if normaliser == "latent" else information.ceiling[varying] / factor_entropy[varying]
    # What is above the ceiling is rounding, or the error of an estimate that is not bounded by construction.
    share = np.minimum(share, ceiling)
    share[:, ~varying] = np.nan
    settings_used = {**information.settings, "normaliser": normaliser}
    if information.standard_error is not None or resolved.is_random:
        settings_used["seed"] = rng if isinstance(rng, int) else None
    return NormalisedInformation(information, share, ceiling, varying, settings_used)


def _refuse_quantities(data: LabelledLatents) -> None:
    """A quantity has no finite entropy to divide by where it is not binned."""
    for k, name in enumerate(data.factors.names):
        if not data.factors.is_label(k):
            raise ValueError(
                f"factor {name!r} is {data.factors.kinds[k]}: by nearest neighbours its mutual information has no "
                "upper bound, so there is no entropy to divide by; use estimator='histogram', which bins it, or "
                "mutual_information(..., estimator='knn') for the matrix alone"
            )


def _varying_factors(information: InformationMatrix, names: tuple[str, ...]) -> BoolArray:
    """Which factors take more than one value; warns of those that do not, raises if none does."""
    varying = information.factor_entropy > 0
    check_varying(varying, names, stacklevel=4)
    return varying
