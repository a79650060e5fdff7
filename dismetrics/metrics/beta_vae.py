"""The beta-VAE score (Higgins et al. 2017, "beta-VAE: Learning Basic Visual Concepts", section 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dismetrics.estimators.interventions import FactorSampler
from dismetrics.estimators.interventions.experiment import Experiment, experiment_on, scaled_accuracy
from dismetrics.estimators.interventions.pairs import LinearClassification, classify_linearly, difference_features
from dismetrics.estimators.presets import intervention_settings
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray, RandomState
from dismetrics.validation import as_flag, as_generator, as_positive_integer

__all__ = ["BetaVAEResult", "beta_vae_score"]


@dataclass(frozen=True, slots=True, eq=False)
class BetaVAEResult(Result):
    """The beta-VAE score and what explains it.

    Attributes
    ----------
    score : float
        Accuracy of the linear classifier on the test votes, or `chance_scaled` where `scaled` asks for it.
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
    confusion : ndarray of int, shape (n_factors, n_factors)
        Test votes by the factor that was held (rows) and the factor that was told (columns).
    mean_difference : ndarray of float64, shape (n_latents, n_factors)
        Mean of abs(z_j - z_j') over pairs that share factor k; small where latent j tells of factor k. nan for a
        factor with a single value.
    coefficients : ndarray of float64, shape (n_latents, n_factors)
        Weights of the classifier, for standardised features unless `standardise` is off; 0 for latents and factors
        that took no part.
    active : ndarray of bool, shape (n_latents,)
        Latents that took part: those that are not constant.
    left_out : ndarray of float64, shape (n_factors,)
        Share of the samples that took no part where the factor is held, since no other shares their value.
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
    confusion: IntArray
    mean_difference: FloatArray
    coefficients: FloatArray
    active: BoolArray
    left_out: FloatArray
    settings: dict[str, Any]


def beta_vae_score(
    latents: ArrayLike | FactorisedPosterior | LabelledLatents | FactorSampler,
    factors: ArrayLike | Factors | None = None,
    *,
    n_train: int | None = None,
    n_test: int | None = None,
    n_pairs: int | None = None,
    standardise: bool | None = None,
    balanced_values: bool | None = None,
    n_factor_bins: int | None = None,
    bin_labels: bool | None = None,
    scaled: bool | None = None,
    factor_subset: Sequence[str | int] | None = None,
    preset: str | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    weights: ArrayLike | None = None,
    rng: RandomState = None,
) -> BetaVAEResult:
    """Score of the beta-VAE paper: how well a linear classifier tells which factor the samples of a pair share.

    A factor k is drawn, and pairs of samples that share a value of it, each pair a value of its own. The mean of
    abs(z - z') over the pairs is one vote, and a linear classifier is trained to tell k from it and tested on further
    votes; the score is its accuracy (Higgins et al. 2017, section 3). Between 0 and 1, higher is better. A guess scores
    one over the number of factors. The classifier sees all latents at once, so a rotation of a perfect code may score
    well too.

    Parameters
    ----------
    latents : array-like of shape (n_samples, n_latents), posterior, or FactorSampler
        Point codes, or posteriors, of which the point codes are taken, as the paper takes the means (of a
        `SampledPosterior` all draws); or a sampler that encodes on demand, in place of latents and factors.
    factors : array-like of shape (n_samples,) or (n_samples, n_factors), or Factors
        The true factors, at least two with more than one value. Continuous and circular ones are binned.
    n_train, n_test : int, optional
        Votes to train and to test on; by default 10,000 and 5,000, as in Locatello et al. 2019.
    n_pairs : int, optional
        Pairs behind a vote; by default 64, as there.
    standardise : bool, optional
        Standardise the features by the training votes; by default so, or the penalty of the classifier would see the
        scale of the latents.
    balanced_values : bool, optional
        Hold each value of a factor equally often; by default as often as it occurs.
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
    BetaVAEResult
        Score, accuracies, chance level, confusions, mean differences, coefficients and settings.

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
    factor_vae_score : A vote for the latent that varies least, which no linear map leaves as it is.

    Notes
    -----
    The classifier is scikit-learn's `LogisticRegression` with its default penalty. The two samples of a pair are never
    the same row of the table: how often they were would tell the factor by itself, from latents of pure noise. Where
    all latents are constant the score is that of a guess. Of 40 intervals by `confidence_interval` in simulations, of
    95 % each, all held the expected score of noise, and 38 that of a rotated code.

    Examples
    --------
    A perfect code, and an independent one:

    >>> import numpy as np
    >>> import dismetrics as dm
    >>> factors = np.indices((5, 5, 4)).reshape(3, -1).T
    >>> dm.beta_vae_score(factors, factors, n_train=1_000, n_test=500, rng=0).score
    1.0
    >>> noise = np.random.default_rng(0).normal(size=(10_000, 3))
    >>> dm.beta_vae_score(noise, np.tile(factors, (100, 1)), n_train=1_000, n_test=500, rng=0).score < 0.4
    True
    """
    settings = intervention_settings(
        "beta_vae_score",
        preset,
        {
            "n_train": n_train,
            "n_test": n_test,
            "n_pairs": n_pairs,
            "standardise": standardise,
            "balanced_values": balanced_values,
            "n_factor_bins": n_factor_bins,
            "bin_labels": bin_labels,
            "scaled": scaled,
        },
    )
    wants_scaled = as_flag(settings["scaled"], "scaled")
    wants_standardised = as_flag(settings["standardise"], "standardise")
    n_train, n_test, n_pairs = (as_positive_integer(settings[name], name) for name in ("n_train", "n_test", "n_pairs"))
    generator = as_generator(rng)
    experiment = experiment_on(
        latents,
        factors,
        **{name: settings[name] for name in ("balanced_values", "n_factor_bins", "bin_labels")},
        replace=True,
        inactive="include",
        min_std=0.0,
        factor_subset=factor_subset,
        kinds=kinds,
        weights=weights,
        rng=generator,
    )
    left_out = experiment.left_out(lambda k: (k,))
    if experiment.active.any():
        train = difference_features(experiment, n_train, n_pairs, generator)
        test = difference_features(experiment, n_test, n_pairs, generator)
        scale = None if wants_standardised else experiment.scale[experiment.active]
        told = classify_linearly(train, test, len(experiment.factors), scale)
    else:
        told = _guess(len(experiment.factors))
    chance_scaled = scaled_accuracy(told.test_accuracy, experiment.chance)
    per_factor = np.full(len(experiment.varying), np.nan)
    per_factor[experiment.varying] = told.per_factor
    confusion = np.zeros((len(per_factor), len(per_factor)), np.int64)
    confusion[np.ix_(experiment.factors, experiment.factors)] = told.confusion
    difference = _spread_out(told.mean_difference, experiment, np.where(experiment.varying, 0.0, np.nan))
    return BetaVAEResult(
        score=chance_scaled if wants_scaled else told.test_accuracy,
        accuracy=told.test_accuracy,
        train_accuracy=told.train_accuracy,
        chance=experiment.chance,
        chance_scaled=chance_scaled,
        per_factor=per_factor,
        factor_names=experiment.factor_names,
        confusion=confusion,
        mean_difference=difference * experiment.scale[:, None],
        coefficients=_spread_out(told.coefficients, experiment, np.zeros(len(per_factor))),
        active=experiment.active,
        left_out=left_out,
        settings={**settings, "preset": preset, "seed": rng if isinstance(rng, int) else None},
    )


def _guess(n_factors: int) -> LinearClassification:
    """Where there is nothing to tell the factor by."""
    nothing = np.zeros((0, n_factors))
    return LinearClassification(
        train_accuracy=1.0 / n_factors,
        test_accuracy=1.0 / n_factors,
        per_factor=np.full(n_factors, 1.0 / n_factors),
        confusion=np.zeros((n_factors, n_factors), np.int64),
        coefficients=nothing,
        mean_difference=nothing,
    )


def _spread_out(matrix: FloatArray, experiment: Experiment, elsewhere: FloatArray) -> FloatArray:
    """A matrix of active latents and varying factors among all of them; `elsewhere` holds for the others."""
    whole = np.tile(elsewhere, (len(experiment.active), 1))
    whole[np.ix_(experiment.active, experiment.varying)] = matrix
    return whole
