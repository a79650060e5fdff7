"""The FactorVAE score (Kim and Mnih 2018, "Disentangling by Factorising", section 4)."""

from collections.abc import Mapping, Sequence
from typing import Any

from dismetrics.estimators.interventions import FactorSampler
from dismetrics.estimators.interventions.vote_score import VoteResult, score_by_votes
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.typing import ArrayLike, RandomState

__all__ = ["factor_vae_score"]


def factor_vae_score(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents | FactorSampler,
    factors: ArrayLike | Factors | None = None,
    *,
    n_train: int | None = None,
    n_test: int | None = None,
    group_size: int | None = None,
    inactive: str | None = None,
    min_std: float | None = None,
    balanced_values: bool | None = None,
    replace: bool | None = None,
    n_factor_bins: int | None = None,
    bin_labels: bool | None = None,
    scaled: bool | None = None,
    factor_subset: Sequence[str | int] | None = None,
    preset: str | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
) -> VoteResult:
    """FactorVAE score: how well the latent that varies least tells which factor was held.

    A factor k is drawn, and a group of samples that share its value. The latent j with the least Var(z_j in the group)
    / Var(z_j) gets a vote for k. A classifier that assigns each latent to the factor of most of its training votes is
    tested on further votes; the score is its accuracy (Kim and Mnih 2018, section 4). Between 0 and 1, higher is
    better. A guess scores one over the number of factors.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), posterior, or FactorSampler
        Point codes, or posteriors, of which the point codes are taken (of a `SampledPosterior` all draws); or a sampler
        that encodes on demand, in place of latents and factors.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors, at least two with more than one value. Continuous and circular ones are binned.
    n_train, n_test : int, optional
        Votes to train and to test on; by default 10,000 and 5,000, as in Locatello et al. 2019.
    group_size : int, optional
        Samples in a group; by default 64, as there.
    inactive : {"exclude", "include"}, optional
        Whether latents take part whose posteriors are within 0.01 nats of the prior; by default they do not. Constant
        latents never do: they have no relative variance.
    min_std : float, optional
        Latents whose standard deviation is below take no part, for presets; by default 0. It depends on the scale.
    balanced_values : bool, optional
        Hold each value of a factor equally often; by default as often as it occurs.
    replace : bool, optional
        Draw samples with replacement; by default so. Without, none comes again before all others of its value have.
    n_factor_bins : int, optional
        Bins of a continuous or circular factor, whose samples share no value otherwise; by default 20.
    bin_labels : bool, optional
        Bin labels as well, for presets; by default not.
    scaled : bool, optional
        Let `score` be 0 for a guess and 1 at best; by default it is the accuracy.
    factor_subset : sequence of str or int, optional
        Score these factors only, by name or index.
    preset : {"disentanglement_lib", "ubisoft"}, optional
        Settings of another implementation (`estimators.PRESETS`); settings given beside it go first.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.
    weights : array-like of shape (n_samples,), optional
        Sample weights >= 0: by these, values are held and samples drawn.
    rng : None, int or numpy.random.Generator
        Draws factors, values and samples.

    Returns
    -------
    VoteResult
        Score, accuracies, chance level, votes, classifier, active latents and settings.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be scored, such as a single factor; the message names the remedy.

    Warns
    -----
    DegenerateDataWarning
        If a factor has a single value, or samples are left out since no other shares their value.

    See Also
    --------
    relevance_factor_vae_score : The latent that varies most while all other factors are held.
    beta_vae_score : A linear classifier on differences of pairs.

    Notes
    -----
    Where no latent is active the score is that of a guess. Equal variances, such as those of a latent and its copy,
    give their votes to the first.

    Examples
    --------
    A perfect code, and an independent one:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.indices((5, 5, 4)).reshape(3, -1).T
    >>> dm.factor_vae_score(factors, factors, rng=0).score
    1.0
    >>> noise = np.random.default_rng(0).normal(size=(10_000, 3))
    >>> dm.factor_vae_score(noise, np.tile(factors, (100, 1)), rng=0).score < 0.4
    True
    """
    return score_by_votes(
        "factor_vae_score",
        latents,
        factors,
        lambda _, k: (k,),
        lambda spread: spread.argmin(axis=1),
        {
            "n_train": n_train,
            "n_test": n_test,
            "group_size": group_size,
            "inactive": inactive,
            "min_std": min_std,
            "balanced_values": balanced_values,
            "replace": replace,
            "n_factor_bins": n_factor_bins,
            "bin_labels": bin_labels,
            "scaled": scaled,
        },
        preset=preset,
        factor_subset=factor_subset,
        kinds=kinds,
        weights=weights,
        rng=rng,
    )
