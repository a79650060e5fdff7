"""Mutual information by joint counts of binned latents and factor values."""

import numpy as np

from dismetrics.estimators.discretize import discretise, discretise_factors
from dismetrics.estimators.entropy import factor_entropies
from dismetrics.estimators.groups import Groups
from dismetrics.estimators.relevance.information import InformationMatrix, information_ceiling
from dismetrics.estimators.relevance.settings import InformationSettings
from dismetrics.inputs import LabelledLatents
from dismetrics.kernels.counts import count_pairs, pair_information, weigh_pairs
from dismetrics.typing import FloatArray, IntArray

__all__ = ["histogram_information"]


def histogram_information(
    data: LabelledLatents, settings: InformationSettings, rng: np.random.Generator
) -> InformationMatrix:
    """The plug-in estimate, with the correction asked for."""
    points = data.as_points()
    factors = discretise_factors(points.factors, settings.factor_bins, labels_too=settings.bin_labels)
    if settings.correction != "none" and factors.weights is not None:
        raise ValueError(f"correction={settings.correction!r} counts samples and knows no weights; drop one of them")
    bins, n_bins = discretise(points.points, n_bins=settings.n_bins, discretisation=settings.discretisation)
    groups = Groups.of(factors)
    weights = factors.weights
    information, entropy, occupied = _matrices(bins, n_bins, groups, weights)
    factor_entropy = factor_entropies(factors)
    if settings.correction == "miller_madow":
        # H + (occupied cells - 1) / 2N for each of H(z), H(v) and H(z, v).
        n_known = (factors.codes >= 0).sum(axis=0)
        n_latent_cells, n_factor_cells, n_joint_cells = occupied
        information = information + (n_latent_cells + n_factor_cells - n_joint_cells - 1) / (2 * n_known)
        entropy = entropy + (n_latent_cells - 1) / (2 * n_known)
        factor_entropy = factor_entropy + (n_factor_cells[0] - 1) / (2 * n_known)
    elif settings.correction == "shuffle":
        shuffled = [
            _matrices(np.ascontiguousarray(rng.permutation(bins, axis=1)), n_bins, groups, weights)[0]
            for _ in range(settings.n_shuffles)
        ]
        information = information - np.mean(shuffled, axis=0)
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


def _matrices(
    bins: IntArray, n_bins: IntArray, groups: Groups, weights: FloatArray | None
) -> tuple[FloatArray, FloatArray, tuple[IntArray, IntArray, IntArray]]:
    """I(z_j; v_k), H(z_j), and the occupied cells of latents, factors and pairs, over each factor's known rows."""
    shape = (len(bins), groups.n_factors)
    information, entropy = np.empty(shape), np.empty(shape)
    latent_cells, factor_cells, joint_cells = (np.empty(shape, np.int64) for _ in range(3))
    for j, column in enumerate(bins):
        size = int(n_bins[j])
        if weights is None:
            table = count_pairs(column, groups.codes, groups.n_groups, size).astype(np.float64)
        else:
            table = weigh_pairs(column, groups.codes, weights, groups.n_groups, size)
        for k in range(groups.n_factors):
            cells = table[groups.values_of(k)]
            information[j, k], entropy[j, k], joint_cells[j, k] = pair_information(cells)
            latent_cells[j, k] = np.count_nonzero(cells.sum(axis=0))
            factor_cells[j, k] = np.count_nonzero(cells.sum(axis=1))
    return information, entropy, (latent_cells, factor_cells, joint_cells)
