"""The terms as a training loop has them, from minibatches, and how far from the truth they can be."""

import math

import numpy as np

from dismetrics.estimators.aggregate_posterior.priors import Prior
from dismetrics.estimators.decomposition.terms import DecompositionTerms, Parts
from dismetrics.estimators.minibatch import offset_range
from dismetrics.estimators.minibatch.batches import batch_means, most_batches
from dismetrics.posteriors import FactorisedPosterior

__all__ = ["minibatch_decomposition"]

_BATCH_SIZE = 1024
_BATCHES = 20


def minibatch_decomposition(
    posterior: FactorisedPosterior,
    prior: Prior,
    terms: Parts,
    *,
    estimator: str,
    placement: str,
    batch_size: int | None,
    n_batches: int | None,
    rng: np.random.Generator,
) -> DecompositionTerms:
    """All terms, as means over minibatches of shuffled epochs.

    Parameters
    ----------
    posterior : FactorisedPosterior
        Posteriors with densities or tables.
    prior : Prior
        Factorised or joint.
    terms : Parts
        The terms wanted.
    estimator, placement : str
        See `minibatch_terms`.
    batch_size, n_batches : int, optional
        1,024 rows, or all where there are fewer; 20 minibatches, or as many as there are stored draws for.
    rng : numpy.random.Generator
        Shuffles the rows and draws z.

    Returns
    -------
    DecompositionTerms
        Intervals are of the true terms: the standard error and all of the offset's range are in them.
    """
    from scipy.special import stdtrit

    n_samples, n_latents = posterior.n_samples, posterior.n_latents
    batch_size = min(_BATCH_SIZE, n_samples) if batch_size is None else batch_size
    # Checks the sizes and words before any work.
    ends = offset_range(n_samples, batch_size, n_latents, estimator, placement=placement)
    n_batches = _as_count(posterior, batch_size, n_batches)
    means = batch_means(
        posterior,
        prior.at_draws,
        estimator=estimator,
        placement=placement,
        batch_size=batch_size,
        n_batches=n_batches,
        rng=rng,
    )
    lowest_mi, highest_mi = ends.index_code_mi
    ranges = {
        # H(z) has the error of I(z; n), and KL(q(z) || p(z)) the opposite one; what is left has none.
        "joint_entropy": ends.index_code_mi,
        "index_code_mi": ends.index_code_mi,
        "total_correlation": ends.total_correlation,
        "marginal_kl": (0.0 - highest_mi, 0.0 - lowest_mi),
        "dimension_wise_kl": ends.dimension_wise_kl,
    }
    log_prior = means.log_prior.sum(axis=1) if prior.factorises else means.log_prior
    by_batch = np.stack([means.log_joint, means.own.sum(axis=1), means.log_marginals.sum(axis=1), log_prior])
    quantile = float(stdtrit(n_batches - 1, 0.975))
    totals, standard_error, interval = {}, {}, {}
    for name, parts in terms.items():
        each = np.array(parts) @ by_batch
        totals[name], standard_error[name] = float(each.mean()), float(each.std(ddof=1)) / math.sqrt(n_batches)
        lowest, highest = ranges.get(name, (0.0, 0.0))
        half_width = quantile * standard_error[name]
        interval[name] = (totals[name] - highest - half_width, totals[name] - lowest + half_width)
    settings = {"batch_size": batch_size, "n_batches": n_batches}
    return DecompositionTerms(
        totals=totals,
        own=means.own.mean(axis=0),
        marginal=means.log_marginals.mean(axis=0),
        log_prior=means.log_prior.mean(axis=0) if prior.factorises else None,
        standard_error=standard_error,
        interval=interval,
        numerical_bound=None,
        carrying=math.inf,
        n_draws=n_batches * batch_size,
        n_controls=0,
        settings=settings | ({"placement": placement} if estimator == "mss" else {}),
        offset_range={name: ranges[name] for name in terms if name in ranges},
    )


def _as_count(posterior: FactorisedPosterior, batch_size: int, n_batches: int | None) -> int:
    most = most_batches(posterior, batch_size)
    if n_batches is None:
        n_batches = _BATCHES if most is None else min(_BATCHES, most)
    if (most is not None and n_batches > most) or n_batches < 2:
        raise ValueError(
            f"n_batches={n_batches} of batch_size={batch_size}, but the posterior holds draws for {most}, each used "
            "once, and a standard error takes at least 2: pass a smaller batch_size, or a posterior with more "
            "draws of each sample"
        )
    return n_batches
