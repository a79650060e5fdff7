"""DCI by gradient boosting against scikit-learn's, and how far apart their numbers are.

scikit-learn takes minutes for all rounds, so it is timed on a tenth of them, which cost the same each, and compared
after these; `python benchmarks/bench_dci.py full` takes them all.
"""

import sys
import time

import numpy as np
from measure import cpu_seconds, heading, medians, row
from profiles import N_LATENTS, PROFILES, posterior
from sklearn.ensemble import GradientBoostingClassifier

import dismetrics as dm
from dismetrics.estimators.relevance.importance.learners import LEARN
from dismetrics.estimators.relevance.importance.settings import ImportanceSettings
from dismetrics.estimators.relevance.importance.trial import prepare_trial
from dismetrics.inputs import as_labelled

N_TRAIN, N_TEST = 10_000, 5_000
ROUNDS = 100
SEED = 0


def sample(profile):
    """Point codes and factors of some rows."""
    q, factors = posterior(profile)
    rows = np.random.default_rng(1).permutation(q.n_samples)[: N_TRAIN + N_TEST]
    return as_labelled(q.mean[rows], factors.take(rows))


def theirs(trial, n_rounds, seed):
    """Importances and accuracy of scikit-learn's booster."""
    model = GradientBoostingClassifier(n_estimators=n_rounds, random_state=seed).fit(trial.train, trial.labels)
    return model.feature_importances_, trial.held_out(model.predict(trial.test))


def ours(trial, n_rounds):
    """Importances and accuracy of ours, in the precision of theirs."""
    importances, prediction = LEARN["boosting"](trial, ImportanceSettings(n_trees=n_rounds, precision="single"))
    return importances, trial.held_out(prediction)


def scores(each):
    """D, C and I of importances and accuracies, one a factor."""
    result = dm.dci_from_importance(np.column_stack([importances for importances, _ in each]))
    return np.array([result.score, result.completeness, np.mean([accuracy for _, accuracy in each])])


def compare(profile, n_rounds):
    """Cost and distance of one profile."""
    data = sample(profile)
    (cost,) = medians([lambda: dm.dci(data.points, data.factors, rng=SEED)], repeats=5)
    trials = [prepare_trial(data, k, N_TRAIN, N_TEST, SEED) for k in range(data.factors.n_factors)]
    found = []
    start = time.process_time()
    found.append([theirs(trial, n_rounds, 0) for trial in trials])
    their_cost = (time.process_time() - start) * ROUNDS / n_rounds
    found.append([theirs(trial, n_rounds, 1) for trial in trials])
    mine = [ours(trial, n_rounds) for trial in trials]
    apart = np.abs(scores(found[0]) - scores(mine)).max()
    importances = [np.column_stack([one for one, _ in each]) for each in (*found, mine)]

    n_values = int(data.factors.n_values.sum())
    of_factors = f"{data.factors.n_factors} factors, {n_values} values"
    print(f" {profile}: {N_TRAIN} + {N_TEST} rows, {N_LATENTS} latents, {of_factors}")
    row(f"dci, {ROUNDS} rounds, CPU-s", f"{cost:.2f}")
    row(f"scikit-learn, fit and predict, CPU-s ({n_rounds} rounds, scaled)", f"{their_cost:.0f}")
    row("ratio", f"{their_cost / cost:.0f}x", ">= 50x", their_cost / cost >= 50)
    for name, a, b, c in zip("DCI", scores(found[0]), scores(found[1]), scores(mine), strict=True):
        row(f"  {name} after {n_rounds} rounds: scikit-learn, another seed, ours", f"{a:.4f} {b:.4f} {c:.4f}")
    row("  largest difference of the three", f"{apart:.4f}", "<= 0.002", apart <= 0.002)
    seeds, difference = np.abs(importances[0] - importances[1]).max(), np.abs(importances[0] - importances[2]).max()
    row("  largest difference of an importance: between their seeds, to ours", f"{seeds:.4f} {difference:.4f}")


def growth():
    """Cost against rows and latents."""
    q, factors = posterior("wide")
    rows = np.random.default_rng(1).permutation(q.n_samples)
    for n in (1_500, 15_000, 150_000):
        mean, known = q.mean[rows[:n]], factors.take(rows[:n])
        sizes = {"n_train": n * 2 // 3, "n_test": n // 3, "n_trees": 10}
        dm.dci(mean[:500], known.take(np.arange(500)), n_trees=1, rng=0)
        row(f"10 rounds of {n} rows, CPU-s", f"{cpu_seconds(lambda: dm.dci(mean, known, rng=0, **sizes)):.2f}")  # noqa: B023


if __name__ == "__main__":
    heading("DCI by gradient boosting")
    for name in PROFILES:
        compare(name, ROUNDS if "full" in sys.argv else ROUNDS // 10)
    growth()
