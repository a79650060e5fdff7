"""How often intervals hold the expected score, and how often noise leaves its chance band, for every metric.

Prints the tables of docs/uncertainty.md; with 100 data sets that took 22 minutes of one core. Not one of those that
`tox -e bench` runs, since that is long:

    python benchmarks/calibration.py [--metrics mig,mig_sup] [--data-sets 70] [--resamples 32] [--rows 400] [--jobs 1]

A slow metric gets two fifths of the data sets and half of the resamples; the table says which did.
"""

import argparse
import time
import warnings

import numpy as np
import sklearn.linear_model  # noqa: F401  # loads what threadpool_limits is to find
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

import dismetrics as dm
from dismetrics.tables import Table

SIZES = (3, 4)
N_LATENTS = 4
# Any fixed rotation; no axis keeps a factor to itself.
ROTATION = np.linalg.qr(np.random.default_rng(1).normal(size=(N_LATENTS, N_LATENTS)))[0]

# Fewer votes, trees, subsets and draws than by default: what is calibrated is not how precise the metrics are.
VOTES = {"n_train": 200, "n_test": 200}
CHEAPER = {
    "beta_vae_score": {"n_train": 100, "n_test": 100},
    "factor_vae_score": VOTES,
    "relevance_factor_vae_score": VOTES,
    "dci": {"n_trees": 5},
    "dci_es": {"n_trees": 5, "capacities": (1, 3, 5)},
    "hausdorff_factorised_support": {"n_subsets": 2, "subset_size": 32},
    "elbo_decomposition": {"n_draws": 256},
}
SLOW = 0.0025
"""Seconds of a single score above which a metric is slow."""


def drawn_factors(n_rows, rng):
    """Independent factors, and the same with mean 0 and variance 1."""
    factors = np.column_stack([rng.integers(size, size=n_rows) for size in SIZES])
    deviations = np.sqrt((np.square(SIZES) - 1) / 12)
    return factors, (factors - (np.array(SIZES) - 1) / 2) / deviations


def noise(n_rows, rng):
    """Latents that have nothing to do with the factors, nor with each other."""
    return rng.normal(size=(n_rows, N_LATENTS)), drawn_factors(n_rows, rng)[0]


def code(n_rows, rng):
    """A latent for each factor, with noise of half its deviation; the others are noise."""
    factors, unit = drawn_factors(n_rows, rng)
    latents = rng.normal(size=(n_rows, N_LATENTS))
    latents[:, : len(SIZES)] = unit + 0.5 * latents[:, : len(SIZES)]
    return latents, factors


def rotated(n_rows, rng):
    """The same code, rotated so that every latent holds a part of every factor."""
    latents, factors = code(n_rows, rng)
    return latents @ ROTATION, factors


CASES = {each.__name__: each for each in (noise, code, rotated)}


def evaluated(case, specs, n_rows, seed, **settings):
    """Points, or posteriors around them where a metric knows no other; factors where there is a metric of them."""
    latents, factors = CASES[case](n_rows, np.random.default_rng(seed))
    if specs[0].needs == "posteriors":
        latents = dm.GaussianPosterior.from_scale(latents, np.full_like(latents, 0.5))
    names = [spec.name for spec in specs]
    options = {name: CHEAPER[name] for name in names if name in CHEAPER}
    if not any(spec.supervised for spec in specs):
        factors = None
    with warnings.catch_warnings(action="ignore"):
        return dm.evaluate(latents, factors, metrics=names, options=options, rng=seed[-1], progress=False, **settings)


def scores_of(*arguments):
    return {row["metric"]: row["score"] for row in evaluated(*arguments).rows()}


def coverage(case, specs, n_rows, n_sets, n_resamples, parallel):
    """By number: mean score, its standard deviation, the root mean square of the standard errors, coverage."""
    # The expected score is known to a fifteenth of the scatter of one score, or better.
    truth = parallel(delayed(scores_of)(case, specs, n_rows, [0, i]) for i in range(max(200, 4 * n_sets)))
    settings = {"intervals": True, "n_resamples": n_resamples}
    rows = parallel(delayed(evaluated)(case, specs, n_rows, [1, i], **settings) for i in range(n_sets))
    found = {}
    for number in truth[0]:
        scores = np.array([each[number] for each in truth])
        mean, name, _, further = scores.mean(), *number.partition(".")
        each = [evaluation.intervals[name] for evaluation in rows]
        said = [interval.numbers[further] if further else interval.to_dict() for interval in each]
        # An interval of no width around the right number is right, but for the rounding of the mean.
        held = [s["low"] - 1e-9 <= mean <= s["high"] + 1e-9 for s in said]
        error = np.sqrt(np.mean([s["standard_error"] ** 2 for s in said]))
        found[number] = (mean, scores.std(), error, np.mean(held))
    return found


def left_band(specs, n_rows, n_sets, parallel):
    """By number: how often the score of noise leaves its chance band; None where there is no chance level."""
    settings = {"chance": True, "n_permutations": 39}
    each = parallel(delayed(evaluated)("noise", specs, n_rows, [2, i], **settings) for i in range(n_sets))
    rows = [evaluation.rows() for evaluation in each]
    found = {}
    for number in [row["metric"] for row in rows[0]]:
        of_number = [row for each in rows for row in each if row["metric"] == number]
        out = [
            not row["chance low"] <= row["score"] <= row["chance high"]
            for row in of_number
            if row["chance"] is not None
        ]
        found[number] = np.mean(out) if out else None
    return found


def seconds_of(spec, n_rows):
    """Of one score: the least of several, once the kernels are compiled."""
    evaluated("code", [spec], n_rows, [3, 0])
    taken = []
    for i in range(9):
        start = time.process_time()
        evaluated("code", [spec], n_rows, [3, i])
        taken.append(time.process_time() - start)
    return min(taken)


def groups_of(specs, n_rows):
    """Metrics that are scored together, and whether they are slow; those are scored by themselves."""
    groups = {}
    for spec in specs:
        slow = seconds_of(spec, n_rows) > SLOW
        key = (slow, spec.name if slow else (spec.needs == "posteriors", spec.supervised))
        groups.setdefault(key, []).append(spec)
    return [(slow, group) for (slow, _), group in groups.items()]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metrics", default="all")
    parser.add_argument("--data-sets", type=int, default=70)
    parser.add_argument("--resamples", type=int, default=32)
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    names = given.metrics.split(",")
    wanted = [spec for spec in dm.METRICS if given.metrics == "all" or spec.name in names]
    columns = [f"{case}: {what}" for case in CASES for what in ("score", "error / scatter", "coverage %")]
    columns = ["metric", "data sets x divisions", *columns, "noise outside its chance band %"]
    print(f"{given.rows} rows, {2 * given.data_sets} data sets for the chance band\n")
    with threadpool_limits(1), Parallel(n_jobs=given.jobs) as parallel:
        for slow, specs in groups_of(wanted, given.rows):
            start = time.process_time()
            n_sets, n_resamples = given.data_sets, given.resamples
            if slow:
                n_sets, n_resamples = max(1, 2 * n_sets // 5), max(8, n_resamples // 2)
            cells = {}
            for case in CASES:
                found = coverage(case, specs, given.rows, n_sets, n_resamples, parallel)
                for number, (mean, scatter, error, held) in found.items():
                    ratio = "-" if scatter < 1e-12 else f"{error / scatter:.2f}"
                    first = cells.setdefault(number, [number, f"{n_sets} x {n_resamples}"])
                    first.extend([f"{mean:.3f}", ratio, f"{100 * held:.0f}"])
            for number, outside in left_band(specs, given.rows, 2 * given.data_sets, parallel).items():
                cells[number].append("-" if outside is None else f"{100 * outside:.1f}")
            # As they come, since all of them take long.
            print(Table(columns, list(cells.values())).to_markdown())
            print(f"{time.process_time() - start:.0f} s of this process\n", flush=True)


if __name__ == "__main__":
    main()
