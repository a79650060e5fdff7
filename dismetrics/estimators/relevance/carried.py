"""How much every latent says of the samples themselves, I(z_j; x)."""

import numpy as np

from dismetrics.estimators.relevance.information import InformationMatrix
from dismetrics.inputs import LabelledLatents
from dismetrics.posteriors.checked import matrix_of
from dismetrics.typing import FloatArray

__all__ = ["carried_information"]


def carried_information(data: LabelledLatents, information: InformationMatrix) -> FloatArray:
    """I(z_j; x) in nats, by the estimate that the matrix is of.

    Points have no noise, so it is the entropy of their bins. Posteriors have: H(z_j) less the mean of H(q(z_j|x)).

    Parameters
    ----------
    data : LabelledLatents
        The latents and factors that the matrix is of.
    information : InformationMatrix
        By histogram or of posteriors.

    Returns
    -------
    ndarray of float64, shape (n_latents, n_factors)
        Over the samples where factor k is known, at least 0; 0 for a factor that is known nowhere.

    Raises
    ------
    ValueError
        For an estimate by neighbours, which has no entropy.
    """
    entropy = information.latent_entropy
    if entropy is None:
        raise ValueError(
            f"estimator={information.settings['estimator']!r} has no entropy of latents to divide by; choose "
            "'histogram', or 'posterior' for posteriors"
        )
    if information.settings["estimator"] != "posterior":
        return entropy
    assert data.posterior is not None
    weights = data.factors.normalised_weights[:, None] * ~data.factors.missing
    total = weights.sum(axis=0)
    noise = matrix_of(data.posterior, "entropy").T @ np.divide(
        weights, total, out=np.zeros_like(weights), where=total > 0
    )
    return np.where(total > 0, np.maximum(entropy - noise, 0.0), 0.0)
