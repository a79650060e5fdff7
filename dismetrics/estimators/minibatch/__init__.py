"""Densities of the aggregate posterior from one minibatch, and what they do to the terms of the evidence bound.

For a data set of N samples q(z) = (1/N) sum_n q(z|x_n). A training loop has only B of the samples at a time, and mixes
those with weights:

    log q(z_i) ~ log sum_k W_ik q(z_i|x_k),    log q(z_ij) ~ log sum_k W_ik q(z_ij|x_k).

The estimators differ in W alone. Minibatch weighted sampling (MWS): 1/(N B). Minibatch stratified sampling (MSS): see
`mss_weights`. Plain average: 1/B. Both named ones are from Chen et al. 2018, "Isolating Sources of Disentanglement in
VAEs", section 3.1 and appendix. `offset_range` says how far their terms can be from the truth, `offset_of` how far
they are.
"""

from dismetrics.estimators.minibatch.arguments import ESTIMATORS, PLACEMENTS
from dismetrics.estimators.minibatch.densities import (
    MinibatchDensities,
    MinibatchTerms,
    minibatch_average,
    minibatch_terms,
    mss,
    mss_weights,
    mws,
    pairwise_log_density,
)
from dismetrics.estimators.minibatch.offsets import MinibatchOffset, OffsetRange, offset_of, offset_range

__all__ = [
    "ESTIMATORS",
    "PLACEMENTS",
    "MinibatchDensities",
    "MinibatchOffset",
    "MinibatchTerms",
    "OffsetRange",
    "minibatch_average",
    "minibatch_terms",
    "mss",
    "mss_weights",
    "mws",
    "offset_of",
    "offset_range",
    "pairwise_log_density",
]
