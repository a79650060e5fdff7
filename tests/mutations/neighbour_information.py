"""MIG by nearest neighbours (Ross 2014), brute force."""

import numpy as np
from scipy.special import digamma

from .door import checked

DEFECTS = ("self-information as entropy", "strict radius")


def information(x, v, n_neighbours=3, defect=None):
    """I(x; v): psi(N) + psi(k) - <psi(N_v)> - <psi(m)>, over the samples whose label is not alone."""
    kept = np.array([(v == label).sum() > 1 for label in v])
    x, v = x[kept], v[kept]
    if len(x) == 0:
        return 0.0
    n_of, k_of, m_of = [], [], []
    for i in range(len(x)):
        distance = np.abs(x - x[i])
        same = np.sort(distance[v == v[i]])
        k = min(n_neighbours, len(same) - 1)
        radius = same[k]
        inside = (distance < radius if defect == "strict radius" else distance <= radius).sum() - 1
        n_of.append(len(same))
        k_of.append((same <= radius).sum() - 1)
        m_of.append(max(inside, 1))
    return max(0.0, digamma(len(x)) + np.mean(digamma(k_of)) - np.mean(digamma(n_of)) - np.mean(digamma(m_of)))


def mig(latents, factors, n_neighbours=3, defect=None):
    latents, factors = checked(latents, factors)
    gaps = []
    for v in factors.T:
        labels = np.unique(v, return_inverse=True)[1]
        if labels.max() == 0:
            continue
        p = np.bincount(labels) / len(labels)
        h = -(p * np.log(p)).sum()
        if defect == "self-information as entropy":
            spread = labels + 1e-6 * np.linspace(0, 1, len(labels))
            h = max(information(spread, labels, n_neighbours), 1e-9)
        # A label cannot be told more than it holds.
        shares = [min(information(x, labels, n_neighbours, defect) / h, 1.0) if np.ptp(x) else 0.0 for x in latents.T]
        top = np.sort([*shares, 0.0])[::-1]
        gaps.append(top[0] - top[1])
    return float(np.mean(gaps))
