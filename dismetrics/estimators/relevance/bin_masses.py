"""Mutual information of posteriors in bins, from the exact mass of every posterior in every bin (Do & Tran 2020).

With q(b|x_n) the mass of bin b, the joint distribution of bin and label is p(b, v = a) = sum over n with v_n = a of
w_n q(b|x_n). Nothing is sampled, and unlike that of a density the entropy of a bin is never below zero.
"""

import warnings
from collections.abc import Callable

import numpy as np

from dismetrics.estimators.aggregate_posterior.saturation import ENOUGH_OVERLAP
from dismetrics.estimators.discretize import bin_edges, discretise_factors
from dismetrics.estimators.entropy import discrete_entropy
from dismetrics.estimators.groups import Groups
from dismetrics.estimators.parallel import map_tasks
from dismetrics.estimators.relevance.information import InformationMatrix, information_ceiling
from dismetrics.estimators.relevance.settings import InformationSettings
from dismetrics.inputs import LabelledLatents
from dismetrics.kernels.bin_masses import add_gaussian_masses, add_masses
from dismetrics.kernels.counts import pair_information
from dismetrics.kernels.log import sum_x_log_x
from dismetrics.posteriors import GaussianPosterior, HasCumulative, TablePosterior
from dismetrics.posteriors.checked import cumulative_of, matrix_of, table_of
from dismetrics.typing import FloatArray, IntArray
from dismetrics.warnings import SaturationWarning

__all__ = ["bin_mass_information"]

_ENTRIES_AT_ONCE = 2**21
_EXAMINED = 256
"""Samples whose own entropies are looked at, to see whether bins are shared."""

_SMALLEST_SCALE = 1e-300
"""Smaller scales have an infinite reciprocal; to any bin they are points as this one is."""

Masses = Callable[[IntArray], FloatArray]
"""From row numbers to the masses of their bins, shape (n_rows, n_bins)."""


def bin_mass_information(data: LabelledLatents, settings: InformationSettings) -> InformationMatrix:
    """I(bin of z_j; v_k), and the entropies of the bins."""
    posterior = data.posterior
    if posterior is None:
        raise ValueError(
            "estimator='bin_masses' needs posteriors q(z|x), but latents is an array of points: choose "
            "estimator='histogram'"
        )
    if isinstance(posterior, TablePosterior):
        _refuse_bins(posterior, settings)
    elif not isinstance(posterior, HasCumulative):
        raise TypeError(
            f"estimator='bin_masses' needs the distribution function of a {type(posterior).__name__}: give it a method "
            "cumulative(z, latent), or choose estimator='histogram', which takes its point codes or draws"
        )
    factors = discretise_factors(data.factors, settings.factor_bins)
    groups = Groups.of(factors)
    entropy_of_samples = discrete_entropy(groups.weights)

    def of_latent(latent: int) -> tuple[FloatArray, float]:
        if isinstance(posterior, TablePosterior):
            table_of_rows = table_of(posterior, latent)
            return _summed(lambda rows: table_of_rows[rows], groups), np.inf  # values are few and always shared
        masses, table = _joint_masses(posterior, latent, groups, settings)
        return table, _sharing(masses, table, groups, entropy_of_samples)

    found = map_tasks(of_latent, posterior.n_latents, "masses of bins")
    shape = (posterior.n_latents, groups.n_factors)
    information, entropy = np.empty(shape), np.empty(shape)
    for j, (table, _) in enumerate(found):
        for k in range(groups.n_factors):
            values = groups.values_of(k)
            information[j, k], entropy[j, k], _, _ = pair_information(table, values.start, values.stop)
    _warn_if_bins_are_not_shared(np.array([sharing for _, sharing in found]), settings)
    n_bins = max(table.shape[1] for table, _ in found)
    factor_entropy = groups.factor_entropies()
    return InformationMatrix(
        mutual_information=information,
        factor_entropy=factor_entropy,
        latent_entropy=entropy,
        conditional_entropy=entropy - information,
        ceiling=information_ceiling(factor_entropy, factors.n_values, n_bins),
        overlap=None,
        standard_error=None,
        settings={**settings.used(), "n_bins": n_bins},
    )


def _refuse_bins(posterior: TablePosterior, settings: InformationSettings) -> None:
    """The values of a table are its bins."""
    default = InformationSettings(estimator="bin_masses")
    for name in ("n_bins", "bin_range"):
        if getattr(settings, name) != getattr(default, name):
            raise ValueError(
                f"{name}={getattr(settings, name)!r}, but the values of a {type(posterior).__name__} are its bins: "
                "leave it out"
            )


def _joint_masses(
    posterior: HasCumulative, latent: int, groups: Groups, settings: InformationSettings
) -> tuple[Masses, FloatArray]:
    """The masses of every row's bins, and their sums by factor value, shape (n_groups, n_bins)."""
    inner = _inner_edges(posterior, latent, settings)

    def masses(rows: IntArray) -> FloatArray:
        below = cumulative_of(posterior.take(rows), inner, latent).T
        ends = np.zeros((len(rows), 1)), np.ones((len(rows), 1))
        return np.diff(np.concatenate([ends[0], below, ends[1]], axis=1), axis=1)

    if isinstance(posterior, GaussianPosterior) and len(inner) > 0:
        table = np.zeros((groups.n_groups, len(inner) + 1))
        mean = np.ascontiguousarray(posterior.mean[:, latent])
        scale = np.maximum(posterior.scale[:, latent], _SMALLEST_SCALE)
        add_gaussian_masses(table, mean, scale, groups.weights, groups.codes, inner)
        return masses, table
    return masses, _summed(masses, groups)


def _inner_edges(posterior: HasCumulative, latent: int, settings: InformationSettings) -> FloatArray:
    """The edges between bins: the first and the last bin reach to infinity."""
    if settings.bin_ends is not None:
        return np.linspace(*settings.bin_ends, settings.n_bins + 1)[1:-1]
    codes = np.ascontiguousarray(matrix_of(posterior, "point_codes")[:, latent])
    return bin_edges(codes, settings.n_bins)[1:-1]


def _summed(masses: Masses, groups: Groups) -> FloatArray:
    """Masses of all rows added up by factor value, a block of rows at a time."""
    first = masses(np.arange(1))
    table = np.zeros((groups.n_groups, first.shape[1]))
    at_once = max(1, _ENTRIES_AT_ONCE // first.shape[1])
    for start in range(0, len(groups.weights), at_once):
        rows = np.arange(start, min(start + at_once, len(groups.weights)))
        add_masses(table, np.ascontiguousarray(masses(rows)), groups.weights[rows], groups.codes[rows])
    return table


def _sharing(masses: Masses, table: FloatArray, groups: Groups, entropy_of_samples: float) -> float:
    """How many samples share a bin, in the geometric mean: exp(H(n) - I(bin; n)), from some of the samples."""
    n_samples = len(groups.weights)
    rows = np.arange(0, n_samples, max(1, n_samples // _EXAMINED))
    own_entropy = -float(np.average(sum_x_log_x(np.ascontiguousarray(masses(rows))), weights=groups.weights[rows]))
    told = discrete_entropy(table[groups.all_of(0)].sum(axis=0)) - own_entropy
    return float(np.exp(entropy_of_samples - told))


def _warn_if_bins_are_not_shared(sharing: FloatArray, settings: InformationSettings) -> None:
    """Bins that hold one sample each tell every factor in full, whatever the latent encodes."""
    if sharing.min() < ENOUGH_OVERLAP:
        warnings.warn(
            f"a bin of latent {int(sharing.argmin())} is shared by {max(float(sharing.min()), 1.0):.1f} samples, in "
            f"the geometric mean (at least {ENOUGH_OVERLAP:g} are wanted): bins that hold hardly more than one sample "
            f"seem to tell any factor in full; use more samples, or fewer bins than n_bins={settings.n_bins}",
            SaturationWarning,
            stacklevel=3,
        )
