"""The axis-alignment metric, from a matrix of mutual information (D, K).

Defined by the code of the repository YannDubs/disentangling-vae (2019): for each factor
max(0, I_(1) - sum of all smaller) / I_(1), and 0 where I_(1) is 0; the score is the mean over factors.
"""

import math

import numpy as np

from .gaps import mean_of_defined


def aam(information: np.ndarray, factor_entropy: np.ndarray) -> tuple[float, np.ndarray]:
    """Score and per factor (K,); a single-valued factor has nan and is left out of the mean."""
    per_factor = np.full(information.shape[1], math.nan)
    for k in range(information.shape[1]):
        if factor_entropy[k] == 0.0:
            continue
        ordered = sorted(information[:, k].tolist(), reverse=True)
        rest = math.fsum(ordered[1:])
        per_factor[k] = max(0.0, ordered[0] - rest) / ordered[0] if ordered[0] > 0.0 else 0.0
    return mean_of_defined(per_factor), per_factor
