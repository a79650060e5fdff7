"""The mutual information of every two latents that are points: by counts of bins, or by nearest neighbours."""

import itertools

import numpy as np

from dismetrics.estimators.discretize import discretise
from dismetrics.estimators.pairwise.information import PairEstimate, PairInformation, assemble
from dismetrics.estimators.parallel import map_tasks
from dismetrics.estimators.relevance.histogram import histogram_information
from dismetrics.estimators.relevance.knn import quantity_information
from dismetrics.estimators.relevance.settings import InformationSettings
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents, LabelledPoints

__all__ = ["histogram_pairs", "neighbour_pairs"]


def histogram_pairs(points: LabelledPoints, settings: InformationSettings, rng: np.random.Generator) -> PairInformation:
    """The plug-in estimate: that of latents with factors, the factors being the bins of the latents themselves."""
    bins, _ = discretise(points.points, n_bins=settings.n_bins, discretisation=settings.discretisation)
    names = [f"latent_{j}" for j in range(len(bins))]
    factors = Factors(bins.T, names=names, weights=points.factors.weights)
    matrix = histogram_information(LabelledLatents(points.points, None, factors), settings, rng)
    information = matrix.mutual_information
    assert matrix.latent_entropy is not None
    # Either triangle would do; they are two sums of the same terms, or two sets of shuffles.
    estimates = {
        (i, j): PairEstimate(float(information[i, j])) for i, j in itertools.combinations(range(len(names)), 2)
    }
    return assemble(estimates, len(names), matrix.latent_entropy[:, 0].copy(), discrete=True)


def neighbour_pairs(points: LabelledPoints, n_neighbours: int) -> PairInformation:
    """Kraskov, Stögbauer & Grassberger (2004), algorithm 1, for every pair."""
    if points.factors.weights is not None:
        raise ValueError("estimator='knn' counts neighbours and knows no weights; use 'histogram', or drop the weights")
    n_latents = points.points.shape[1]
    pairs = list(itertools.combinations(range(n_latents), 2))
    columns = [np.ascontiguousarray(column) for column in points.points.T]

    def of_pair(index: int) -> PairEstimate:
        i, j = pairs[index]
        return PairEstimate(quantity_information(columns[i], columns[j], n_neighbours))

    estimates = dict(zip(pairs, map_tasks(of_pair, len(pairs), "pairs of latents"), strict=True))
    return assemble(estimates, n_latents, None, discrete=False)
