"""Mutual information by joint counts of binned latents and factor values."""

import warnings
from dataclasses import dataclass

import numpy as np

from dismetrics.estimators.discretize import discretise, discretise_factors
from dismetrics.estimators.groups import Groups
from dismetrics.estimators.relevance.information import InformationMatrix, information_ceiling
from dismetrics.estimators.relevance.settings import InformationSettings
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents
from dismetrics.kernels.counts import count_pairs, pair_information, weigh_pairs
from dismetrics.typing import FloatArray, IntArray
from dismetrics.warnings import DegenerateDataWarning

__all__ = ["histogram_information", "information_of_bins"]

_MOST_CELLS = 2**28
"""Pairs of bin and label in one table of counts: 2 GiB."""

_SPARSE = 0.5
_FEW_BINS = 20
"""Occupied bins a sample above which counts are too thin, where there are more bins than by default."""


def histogram_information(
    data: LabelledLatents, settings: InformationSettings, rng: np.random.Generator
) -> InformationMatrix:
    """The plug-in estimate, with the correction asked for."""
    points = data.as_points()
    factors = discretise_factors(points.factors, settings.factor_bins, labels_too=settings.bin_labels)
    if settings.correction != "none" and factors.weights is not None:
        raise ValueError(f"correction={settings.correction!r} counts samples and knows no weights; drop one of them")
    edges = None
    if settings.bin_ends is not None:
        edges = [np.linspace(*settings.bin_ends, settings.n_bins + 1)] * points.points.shape[1]
    bins, n_bins = discretise(
        points.points, n_bins=settings.n_bins, discretisation=settings.discretisation, edges=edges
    )
    groups = Groups.of(factors)
    weights = None if factors.weights is None else groups.weights
    plain = information_of_bins(bins, n_bins, groups, weights)
    _warn_of_sparse_bins(plain.latent_cells, n_bins, factors)
    information, entropy, factor_entropy = plain.mutual_information, plain.latent_entropy, groups.factor_entropies()
    if settings.correction == "miller_madow":
        # H + (occupied cells - 1) / 2N for each of H(z), H(v) and H(z, v).
        n_known = 2 * (factors.codes >= 0).sum(axis=0)
        information = information + (plain.latent_cells + plain.factor_cells - plain.joint_cells - 1) / n_known
        entropy = entropy + (plain.latent_cells - 1) / n_known
        factor_entropy = factor_entropy + (plain.factor_cells - 1) / n_known
    elif settings.correction == "shuffle":
        shuffled = [
            information_of_bins(np.ascontiguousarray(rng.permutation(bins, axis=1)), n_bins, groups, weights)
            for _ in range(settings.n_shuffles)
        ]
        information = information - np.mean([each.mutual_information for each in shuffled], axis=0)
    information = np.maximum(information, 0.0)
    return InformationMatrix(
        mutual_information=information,
        factor_entropy=factor_entropy,
        latent_entropy=entropy,
        conditional_entropy=entropy - information,
        ceiling=information_ceiling(factor_entropy, factors.n_values, int(n_bins.max())),
        overlap=None,
        standard_error=None,
        settings=settings.used(),
    )


def _warn_of_sparse_bins(cells: IntArray, n_bins: IntArray, factors: Factors) -> None:
    """Counts say nothing of bins that hold one sample each: any latent then seems to tell everything."""
    n_known = (factors.codes >= 0).sum(axis=0)
    sparse = cells.max(axis=1) > _SPARSE * n_known.min()
    if sparse.any() and n_bins.max() > _FEW_BINS:
        latent = int(np.argmax(sparse))
        warnings.warn(
            f"latent {latent} takes {cells[latent].max()} bins with {n_known.min()} samples: counts cannot tell what "
            "bins say that hold hardly more than one; use fewer bins (n_bins, or another discretisation)",
            DegenerateDataWarning,
            stacklevel=3,
        )


@dataclass(frozen=True, slots=True, eq=False)
class BinnedInformation:
    """I(z_j; v_k) and H(z_j) in nats over each factor's known rows, and how many cells are occupied."""

    mutual_information: FloatArray
    latent_entropy: FloatArray
    latent_cells: IntArray
    factor_cells: IntArray
    joint_cells: IntArray


def information_of_bins(
    bins: IntArray, n_bins: IntArray, groups: Groups, weights: FloatArray | None
) -> BinnedInformation:
    """Plug-in mutual information of binned latents (n_latents, n_samples) with all factors."""
    shape = (len(bins), groups.n_factors)
    information, entropy = np.empty(shape), np.empty(shape)
    latent_cells, joint_cells = np.empty(shape, np.int64), np.empty(shape, np.int64)
    factor_cells = np.array([np.count_nonzero(groups.mass[groups.values_of(k)]) for k in range(groups.n_factors)])
    for j, column in enumerate(bins):
        if groups.n_groups * int(n_bins[j]) > _MOST_CELLS:
            raise ValueError(
                f"latent {j} has {int(n_bins[j])} bins and the factors have {groups.n_groups} labels, too many pairs "
                "to count: use fewer bins (n_bins, or another discretisation), or pass quantities as such with kinds="
            )
        if weights is None:
            table = count_pairs(column, groups.codes, groups.n_groups, int(n_bins[j]))
        else:
            table = weigh_pairs(column, groups.codes, weights, groups.n_groups, int(n_bins[j]))
        for k in range(groups.n_factors):
            values = groups.values_of(k)
            information[j, k], entropy[j, k], latent_cells[j, k], joint_cells[j, k] = pair_information(
                table, values.start, values.stop
            )
    return BinnedInformation(information, entropy, latent_cells, factor_cells, joint_cells)
