"""Scores made of a matrix of relevance (D, K) alone: modularity, DCIMIG, InfoM, InfoC, MED. Loops over the entries."""

import math

import numpy as np


def modularity_of_latent(row: np.ndarray) -> float:
    """1 - sum of (m_k - t_k)^2 / (t^2 (K - 1)) with t_k = max m at the largest entry, else 0; 0 for a row of zeros.

    K. Ridgeway and M. C. Mozer, Learning Deep Disentangled Embeddings with the F-Statistic Loss, 2018, section 3.
    """
    largest = max(row)
    if largest == 0:
        return 0.0
    best = list(row).index(largest)
    deviation = sum((m - (largest if k == best else 0.0)) ** 2 for k, m in enumerate(row))
    return 1.0 - deviation / (largest**2 * (len(row) - 1))


def dcimig(information: np.ndarray, factor_entropy: np.ndarray) -> tuple[float, list[float]]:
    """Sum over factors of the best gap among the latents that know most of it, over the sum of entropies; gaps in nats.

    A. Sepliarskaia, J. Kiseleva and M. de Rijke, How to Not Measure Disentanglement, 2019.
    """
    gaps = [0.0] * information.shape[1]
    for row in information:
        ordered = sorted(row, reverse=True)
        best = list(row).index(ordered[0])
        gaps[best] = max(gaps[best], ordered[0] - (ordered[1] if len(ordered) > 1 else 0.0))
    return math.fsum(gaps) / math.fsum(factor_entropy), gaps


def largest_share(row: np.ndarray) -> float:
    """(max / sum - 1/n) / (1 - 1/n) of a row of n entries that are not all zero: K. Hsu et al., Disentanglement via
    Latent Quantization, 2023, section 4 (InfoM along latents, InfoC along factors).
    """
    n = len(row)
    return (max(row) / math.fsum(row) - 1 / n) / (1 - 1 / n)


def med(information: np.ndarray, selected: list[int] | None = None) -> float:
    """Disentanglement of DCI with importance I(z_j; v_k) / sum_j I(z_j; v_k), over all latents or some.

    J. Cao et al., An Empirical Study on Disentanglement of Negative-free Contrastive Learning, 2022; C. Eastwood and
    C. Williams, A Framework for the Quantitative Evaluation of Disentangled Representations, 2018.
    """
    importance = information / information.sum(axis=0)
    rows = range(len(importance)) if selected is None else selected
    return math.fsum(importance[j].sum() * disentanglement_of_latent(importance[j]) for j in rows) / math.fsum(
        importance[j].sum() for j in rows
    )


def disentanglement_of_latent(importance: np.ndarray) -> float:
    """1 - H(p) / log K with p the shares of one latent's importance."""
    shares = importance / importance.sum()
    return 1.0 + math.fsum(p * math.log(p) for p in shares if p > 0) / math.log(len(shares))
