"""Which entries of a matrix of mutual information are more than independence gives, by permutation."""

import math
from dataclasses import fields
from typing import Any

import numpy as np

from dismetrics.estimators.relevance.information import InformationMatrix
from dismetrics.estimators.relevance.mutual_information import information_matrix
from dismetrics.estimators.relevance.settings import InformationSettings
from dismetrics.inputs import LabelledLatents
from dismetrics.typing import BoolArray, RandomState
from dismetrics.validation import as_generator, as_positive_number

__all__ = ["significant_entries"]


def significant_entries(
    data: LabelledLatents, information: InformationMatrix, level: Any, rng: RandomState = None
) -> BoolArray:
    """Which entries of the matrix are as large in at most this share of the matrices of permuted samples.

    Parameters
    ----------
    data : LabelledLatents
        The latents and factors that the matrix is of; no weights.
    information : InformationMatrix
        The matrix.
    level : float
        Each entry by itself is taken for significant with this probability if latent and factor are independent.
        1 / level permutations are made, less one.
    rng : None, int or numpy.random.Generator
        Decides the permutations.

    Returns
    -------
    ndarray of bool, shape (n_latents, n_factors)
        True where (1 + permuted entries as large) / (1 + permutations) is at most the level.
    """
    if as_positive_number(level, "significance") >= 1.0:
        raise ValueError(f"significance={level!r}; a level between 0 and 1 is wanted, such as 0.01")
    if data.factors.weights is not None:
        raise ValueError("significance counts permuted samples and knows no weights; drop one of them")
    used = {
        field.name: information.settings[field.name]
        for field in fields(InformationSettings)
        if field.name in information.settings
    }
    settings = InformationSettings(**used)
    generator = as_generator(rng)
    n_permutations = math.ceil(1.0 / level) - 1
    as_large = np.zeros(information.mutual_information.shape, np.int64)
    for _ in range(n_permutations):
        factors = data.factors.take(generator.permutation(data.factors.n_samples))
        permuted = information_matrix(LabelledLatents(data.points, data.posterior, factors), settings, generator)
        as_large += permuted.mutual_information >= information.mutual_information
    return (1 + as_large) <= level * (1 + n_permutations) * (1 + 1e-12)
