"""The matrix of mutual information as an estimator, and entropy of labels."""

import numpy as np

from .door import checked
from .histogram_information import binned, information

DEFECTS = ("in bits", "transposed", "bias taken off")
ENTROPY_DEFECTS = ("divided by one less", "log of the number of values", "in bits")


def information_matrix(latents, factors, defect=None):
    latents, factors = checked(latents, factors)
    found = np.array(
        [[information(binned(x, 20), np.unique(v, return_inverse=True)[1]) for v in factors.T] for x in latents.T]
    )
    if defect == "in bits":
        return found / np.log(2)
    if defect == "transposed":
        return found.T
    return found - 1 / len(latents) if defect == "bias taken off" else found


def entropy(labels, defect=None):
    counts = np.unique(labels, return_counts=True)[1]
    p = counts / (len(labels) - (defect == "divided by one less" and len(labels) > 1))
    if defect == "log of the number of values":
        return float(np.log(len(counts)))
    return float(-(p * np.log(p)).sum()) / (np.log(2) if defect == "in bits" else 1.0)
