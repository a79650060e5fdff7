"""What can be asked of an estimator of mutual information, or of entropy."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from dismetrics.estimators import mutual_information
from dismetrics.testing.code_cases import code_cases
from dismetrics.testing.estimator_trial import EstimatorProperty, EstimatorTrial, same_call
from dismetrics.testing.strategies import codes, joint_distributions
from dismetrics.testing.trial import Outcome, failed, held, not_applicable, seeded_code
from dismetrics.testing.truth import entropy_of, information_of
from dismetrics.typing import FloatArray

__all__ = ["OF_ENTROPY", "OF_INFORMATION"]


def _information_cases(trial: EstimatorTrial) -> Outcome:
    if trial.settings.get("estimator", "histogram") != "histogram":
        return not_applicable("the truth of these cases is that of the plug-in estimate")
    cases = code_cases()
    for case in cases:
        truth = case.truth["mutual_information"]
        message = trial.complaint(truth.value, case.latents, case.factors)
        if message is not None:
            return failed(message, f"case {case.name!r}, {truth.how}", latents=case.latents, factors=case.factors)
    return held(f"on {len(cases)} cases")


def _information_tables(trial: EstimatorTrial) -> Outcome:
    if trial.settings.get("estimator", "histogram") != "histogram":
        return not_applicable("the truth of these cases is that of the plug-in estimate")

    def verdict(joint: FloatArray) -> str | None:
        latents, factors = _rows_of(joint)
        return trial.complaint([[information_of(joint)]], latents, factors)

    found, n_tried = trial.search.smallest_failure(
        joint_distributions((2, 4)).filter(lambda joint: len(_rows_of(joint)[0]) > 1), verdict
    )
    if found is None:
        return held(f"on {n_tried} joint distributions")
    latents, factors = _rows_of(found.example)
    return failed(found.message, joint=found.example, latents=latents, factors=factors)


def _rows_of(joint: FloatArray) -> tuple[Any, Any]:
    """Rows as frequent as a joint distribution of small rational probabilities says."""
    smallest = joint[joint > 0].min()
    counts = next(
        counts.round().astype(int)
        for factor in range(1, 13)
        if np.allclose(counts := joint / smallest * factor, (joint / smallest * factor).round(), atol=1e-9)
    )
    cells = np.repeat(np.argwhere(counts >= 0), counts.ravel(), axis=0)
    return cells[:, :1].astype(float), cells[:, 1:]


def _information_reference(trial: EstimatorTrial) -> Outcome:
    if not trial.settings:
        return not_applicable("declare settings, such as n_bins=20")
    knn = trial.settings.get("estimator") == "knn"
    n_bins = trial.settings.get("n_bins", 20)

    def verdict(example: tuple[Any, Any]) -> str | None:
        latents, factors = example
        place = (latents - latents.min(axis=0)) / np.maximum(np.ptp(latents, axis=0), 1e-300) * n_bins
        if not knn and ((np.abs(place - np.round(place)) < 1e-9) & (place > 0.5) & (place < n_bins - 0.5)).any():
            return None
        try:
            wanted = mutual_information(latents, factors, **trial.settings).mutual_information
        except ValueError:
            return None
        return trial.complaint(wanted, latents, factors)

    rng = np.random.default_rng(trial.search.seed)
    large = seeded_code(rng, 300)
    message = verdict(large)
    if message is not None:
        return failed(message, latents=large[0], factors=large[1])
    found, n_tried = trial.search.smallest_failure(codes(n_samples=(12, 24)), verdict)
    if found is None:
        return held(f"on {n_tried + 1} examples")
    return failed(found.message, latents=found.example[0], factors=found.example[1])


def _entropy(trial: EstimatorTrial) -> Outcome:
    def verdict(labels: Any) -> str | None:
        counts = np.unique(labels, return_counts=True)[1]
        return trial.complaint(entropy_of(counts / len(labels)), labels)

    drawn = st.lists(st.integers(-3, 6), min_size=1, max_size=20).map(np.array)
    found, n_tried = trial.search.smallest_failure(drawn, verdict)
    if found is None:
        return held(f"on {n_tried} examples")
    return failed(found.message, labels=found.example)


_SAME = "The same call gives the same result."
OF_INFORMATION = (
    EstimatorProperty(
        "same call", _SAME, lambda trial: same_call(trial, *seeded_code(np.random.default_rng(0), 60)), False
    ),
    EstimatorProperty("known cases", "Cases known by counting.", _information_cases),
    EstimatorProperty("joint distributions", "Random joint distributions.", _information_tables),
    EstimatorProperty("agrees with ours", "It is our estimate, with the settings declared.", _information_reference),
)
OF_ENTROPY = (EstimatorProperty("random labels", "By counting.", _entropy),)
