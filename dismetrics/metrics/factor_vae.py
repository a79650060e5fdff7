"""The FactorVAE score (Kim and Mnih 2018, "Disentangling by Factorising", section 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dismetrics.estimators.interventions import FactorSampler
from dismetrics.estimators.interventions.experiment import experiment_on, scaled_accuracy
from dismetrics.estimators.interventions.votes import majority_vote
from dismetrics.estimators.presets import intervention_settings
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray, RandomState
from dismetrics.validation import as_flag, as_generator, as_positive_integer

__all__ = ["FactorVAEResult", "factor_vae_score"]


@dataclass(frozen=True, slots=True, eq=False)
class FactorVAEResult(Result):
    """The FactorVAE score and what explains it.

    Attributes
    ----------
    score : float
        Accuracy of the majority classifier on the test votes, or `chance_scaled` where `scaled` asks for it.
    accuracy, train_accuracy : float
        Accuracy on the test votes and on the training votes; 0 to 1, higher is better.
    chance : float
        Accuracy of a guess, one over the number of factors with more than one value.
    chance_scaled : float
        (accuracy - chance) / (1 - chance): 0 for a guess, 1 at best; below 0 where the accuracy is below chance.
    per_factor : ndarray of float64, shape (n_factors,)
        Accuracy on the test votes of each factor; nan for a factor with a single value.
    factor_names : tuple of str
        Names of the factors.
    train_votes, test_votes : ndarray of int, shape (n_latents, n_factors)
        How often each latent varied least while a factor was held.
    classifier : ndarray of int, shape (n_latents,)
        The factor that each latent stands for; -1 for a latent that no training vote went to.
    active : ndarray of bool, shape (n_latents,)
        Latents that took part.
    left_out : ndarray of float64, shape (n_factors,)
        Share of the samples that took no part where the factor is held, since too few others share their value.
    settings : dict
        Every setting used.
    """

    score: float
    accuracy: float
    train_accuracy: float
    chance: float
    chance_scaled: float
    per_factor: FloatArray
    factor_names: tuple[str, ...]
    train_votes: IntArray
    test_votes: IntArray
    classifier: IntArray
    active: BoolArray
    left_out: FloatArray
    settings: dict[str, Any]


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
) -> FactorVAEResult:
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
    FactorVAEResult
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
    settings = intervention_settings(
        "factor_vae_score",
        preset,
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
    )
    wants_scaled = as_flag(settings["scaled"], "scaled")
    sizes = {name: as_positive_integer(settings[name], name) for name in ("n_train", "n_test")}
    sizes["group_size"] = as_positive_integer(settings["group_size"], "group_size", at_least=2)
    generator = as_generator(rng)
    rows = ("balanced_values", "replace", "n_factor_bins", "bin_labels", "inactive", "min_std")
    experiment = experiment_on(
        latents,
        factors,
        **{name: settings[name] for name in rows},
        factor_subset=factor_subset,
        kinds=kinds,
        weights=weights,
        rng=generator,
    )
    vote = majority_vote(experiment, lambda k: (k,), lambda spread: spread.argmin(axis=1), **sizes, rng=generator)
    chance_scaled = scaled_accuracy(vote.test_accuracy, experiment.chance)
    return FactorVAEResult(
        score=chance_scaled if wants_scaled else vote.test_accuracy,
        accuracy=vote.test_accuracy,
        train_accuracy=vote.train_accuracy,
        chance=experiment.chance,
        chance_scaled=chance_scaled,
        per_factor=vote.per_factor,
        factor_names=experiment.factor_names,
        train_votes=vote.train_votes,
        test_votes=vote.test_votes,
        classifier=vote.classifier,
        active=experiment.active,
        left_out=vote.left_out,
        settings={**settings, "preset": preset, "seed": rng if isinstance(rng, int) else None},
    )
