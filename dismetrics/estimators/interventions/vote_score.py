"""The score of a majority vote: settings, experiment, votes and what becomes of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dismetrics.estimators.interventions.experiment import Experiment, experiment_on, scaled_accuracy
from dismetrics.estimators.interventions.sampler import FactorSampler
from dismetrics.estimators.interventions.votes import Choose, majority_vote
from dismetrics.estimators.presets import intervention_settings
from dismetrics.factors import Factors
from dismetrics.inputs import LabelledLatents
from dismetrics.posteriors import FactorisedPosterior
from dismetrics.results import Result
from dismetrics.typing import ArrayLike, BoolArray, FloatArray, IntArray, RandomState
from dismetrics.validation import as_flag, as_generator, as_positive_integer

__all__ = ["VoteResult", "score_by_votes"]

_OF_ROWS = ("balanced_values", "replace", "n_factor_bins", "bin_labels", "inactive", "min_std")


@dataclass(frozen=True, slots=True, eq=False)
class VoteResult(Result):
    """The score of `factor_vae_score` or `relevance_factor_vae_score`, and what explains it.

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
        How often each latent was voted for in groups of each factor.
    classifier : ndarray of int, shape (n_latents,)
        The factor that each latent stands for; -1 for a latent that no training vote went to.
    active : ndarray of bool, shape (n_latents,)
        Latents that took part.
    left_out : ndarray of float64, shape (n_factors,)
        Share of the samples that took no part in the groups of the factor, since no other shares the values that are
        held and differs in something else.
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


def score_by_votes(
    metric: str,
    latents: ArrayLike | FactorisedPosterior | LabelledLatents | FactorSampler,
    factors: ArrayLike | Factors | None,
    held: Callable[[Experiment, int], tuple[int, ...]],
    choose: Choose,
    given: Mapping[str, Any],
    *,
    preset: str | None,
    factor_subset: Sequence[str | int] | None,
    kinds: str | Mapping[Any, str] | None,
    weights: ArrayLike | None,
    rng: RandomState,
) -> VoteResult:
    """Hold `held(experiment, k)` for factor k, let `choose` pick the latent that a group votes for, and score that."""
    settings = intervention_settings(metric, preset, given)
    wants_scaled = as_flag(settings["scaled"], "scaled")
    sizes = {name: as_positive_integer(settings[name], name) for name in ("n_train", "n_test")}
    sizes["group_size"] = as_positive_integer(settings["group_size"], "group_size", at_least=2)
    generator = as_generator(rng)
    experiment = experiment_on(
        latents,
        factors,
        **{name: settings[name] for name in _OF_ROWS},
        factor_subset=factor_subset,
        kinds=kinds,
        weights=weights,
        rng=generator,
    )
    vote = majority_vote(experiment, lambda k: held(experiment, k), choose, **sizes, rng=generator)
    chance_scaled = scaled_accuracy(vote.test_accuracy, experiment.chance)
    return VoteResult(
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
