"""Hausdorff factorised support (Roth et al. 2023, "Disentanglement of Correlated Factors via ...")."""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.parallel import map_tasks
from dismetrics.estimators.units import Units
from dismetrics.inputs import as_weighted_points, as_weighted_posterior
from dismetrics.kernels.hausdorff import product_distance
from dismetrics.posteriors import FactorisedPosterior, SampledPosterior
from dismetrics.posteriors.checked import matrix_of
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray, RandomState
from dismetrics.validation import as_flag, as_generator, as_positive_integer

__all__ = ["HausdorffFactorisedSupport", "hausdorff_factorised_support"]


@dataclass(frozen=True, slots=True, eq=False)
class HausdorffFactorisedSupport(Result):
    """How far the support of the latents is from a product of intervals and gaps of each.

    Attributes
    ----------
    score : float
        Sum of `per_pair` over the pairs of latents; 0 or above, lower is better.
    standard_error : float
        Of the score over the choice of samples; nan for a single subset, unless it holds all samples.
    per_pair : ndarray of float64, shape (n_latents, n_latents)
        For each pair the mean over subsets of the squared distance; symmetric, 0 on the diagonal.
    active : ndarray of bool, shape (n_latents,)
        Latents that are not constant.
    settings : dict
        Every setting used, with the number of subsets that there were.
    """

    score: float
    standard_error: float
    per_pair: FloatArray
    active: BoolArray
    settings: dict[str, Any]


def hausdorff_factorised_support(
    latents: ArrayLike | FactorisedPosterior,
    *,
    subset_size: int = 128,
    n_subsets: int = 10,
    standardise: bool = True,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
) -> HausdorffFactorisedSupport:
    """Hausdorff factorised support: how far from any sample the values of two latents can be put together.

    For each pair of latents i < j the largest over samples a, b of the smallest over samples n of
    (z_ai - z_ni)^2 + (z_bj - z_nj)^2, summed over the pairs (Roth et al. 2023, the pairwise criterion): the squared
    Hausdorff distance of the product of the two supports from the joint one. 0 or above, lower is better. It asks for
    no independence: correlated latents score as well as others if all combinations occur. Of a finite sample it is
    above 0 for independent latents too, the more so the smaller `subset_size` is, so scores compare only at one size.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), or posterior
        Points, or posteriors, of which the point codes are taken (of a `SampledPosterior` all draws).
    subset_size : int, default 128
        Samples that are looked at together, drawn without replacement, as many as in the authors' code; all where there
        are no more.
    n_subsets : int, default 10
        Subsets over which the score is averaged.
    standardise : bool, default True
        Divide latents by their standard deviation; without, as in the paper, the score is in squared units of them.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0, by which subsets are drawn.
    rng : None, int or numpy.random.Generator
        Draws the subsets.

    Returns
    -------
    HausdorffFactorisedSupport
        Score, standard error, distances of pairs and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored.

    See Also
    --------
    gaussian_total_correlation : Dependence, where this is about what can occur.

    Notes
    -----
    The largest distance rests on single samples, and an outlier in one latent makes it large. Constant latents are left
    out: their product with any other is what occurs.

    Examples
    --------
    All combinations of two latents, and a diagonal of them:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> grid = np.indices((8, 8)).reshape(2, -1).T
    >>> dm.hausdorff_factorised_support(grid).score
    0.0
    >>> diagonal = np.arange(8.0)[:, None] * [1, 1]
    >>> dm.hausdorff_factorised_support(diagonal, standardise=False).score  # from (0, 7) to (3, 3) or (4, 4)
    25.0
    """
    as_positive_integer(subset_size, "subset_size", at_least=2)
    as_positive_integer(n_subsets, "n_subsets")
    as_flag(standardise, "standardise")
    generator = as_generator(rng)
    points, shares = _rows_of(latents, weights)
    units = Units.by(points)
    seen = units.of(points)
    centre = np.einsum("n,nj->j", shares, seen)
    deviation = np.sqrt(np.einsum("n,nj->j", shares, (seen - centre) ** 2))
    active = units.varies & (deviation > 0)
    seen = seen / np.where(active, deviation, 1.0) if standardise else seen * units.scale
    subsets = _subsets(len(seen), shares, subset_size, n_subsets, generator)
    pairs = list(itertools.combinations(np.flatnonzero(active).tolist(), 2))

    def distance(task: int) -> float:
        subset, (i, j) = subsets[task // len(pairs)], pairs[task % len(pairs)]
        x, y = seen[subset, i], seen[subset, j]
        order = np.argsort(x, kind="stable")
        # An overflow is seen in the result, and refused there; without the compiler numpy would warn of it as well.
        with np.errstate(over="ignore"):
            return float(product_distance(x[order], y[order]))

    found = np.array(map_tasks(distance, len(subsets) * len(pairs), "pairs") if pairs else [])
    by_subset = found.reshape(len(subsets), len(pairs))
    if not np.isfinite(by_subset).all():
        raise ValueError("latents are so far apart that squares of it are beyond float64: rescale them, or standardise")
    per_pair = np.zeros((len(active), len(active)))
    for (i, j), mean in zip(pairs, by_subset.mean(axis=0), strict=True):
        per_pair[i, j] = per_pair[j, i] = mean
    totals = by_subset.sum(axis=1)
    exhaustive = len(subsets[0]) == len(seen)
    spread = float(totals.std(ddof=1) / np.sqrt(len(totals))) if len(totals) > 1 else float("nan")
    return HausdorffFactorisedSupport(
        score=float(totals.mean()),
        standard_error=0.0 if exhaustive else spread,
        per_pair=per_pair,
        active=active,
        settings={
            "subset_size": len(subsets[0]),
            "n_subsets": len(subsets),
            "standardise": standardise,
            "seed": rng if isinstance(rng, int) else None,
        },
    )


def _rows_of(latents: ArrayLike | FactorisedPosterior, weights: ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    if not isinstance(latents, FactorisedPosterior):
        return as_weighted_points(latents, weights)
    posterior, shares = as_weighted_posterior(latents, weights)
    if isinstance(posterior, SampledPosterior):
        draws = posterior.draws.reshape(-1, posterior.n_latents)
        return draws, np.tile(shares, posterior.n_draws) / posterior.n_draws
    return matrix_of(posterior, "point_codes"), shares


def _subsets(
    n_rows: int, shares: FloatArray, subset_size: int, n_subsets: int, rng: np.random.Generator
) -> list[IntArray]:
    """Rows without repetition, by weight; all of them once, where there are no more."""
    if n_rows <= subset_size:
        return [np.arange(n_rows)]
    even = shares.min() == shares.max()
    return [
        rng.choice(n_rows, subset_size, replace=False, p=None if even else shares, shuffle=False)
        for _ in range(n_subsets)
    ]
