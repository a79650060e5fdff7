"""How often intervals hold the expected score, and how often noise leaves its chance band, for every metric.

Prints the tables of docs/uncertainty.md. Not one of the benchmarks that `tox -e bench` runs, since it takes long:

    python benchmarks/calibration.py [--metrics mig,mig_sup] [--data-sets 400] [--rows 1000] [--jobs 2]
"""

import argparse
import warnings

import numpy as np
from joblib import Parallel, delayed

import dismetrics as dm
from dismetrics.tables import Table

SIZES = (3, 6, 10)
N_LATENTS = 6
# Any fixed rotation; no axis keeps a factor to itself.
ROTATION = np.linalg.qr(np.random.default_rng(1).normal(size=(N_LATENTS, N_LATENTS)))[0]


def drawn_factors(n_rows, rng):
    """Independent factors, and the same with mean 0 and variance 1."""
    factors = np.column_stack([rng.integers(size, size=n_rows) for size in SIZES])
    deviations = np.sqrt((np.square(SIZES) - 1) / 12)
    return factors, (factors - (np.array(SIZES) - 1) / 2) / deviations


def noise(n_rows, rng):
    """Latents that have nothing to do with the factors, nor with each other."""
    return rng.normal(size=(n_rows, N_LATENTS)), drawn_factors(n_rows, rng)[0]


def code(n_rows, rng):
    """A latent for each factor, with noise of a quarter of its deviation; the others are noise."""
    factors, unit = drawn_factors(n_rows, rng)
    latents = rng.normal(size=(n_rows, N_LATENTS))
    latents[:, : len(SIZES)] = unit + 0.25 * latents[:, : len(SIZES)]
    return latents, factors


def rotated(n_rows, rng):
    """The same code, rotated so that every latent holds a part of every factor."""
    latents, factors = code(n_rows, rng)
    return latents @ ROTATION, factors


CASES = {each.__name__: each for each in (noise, code, rotated)}


def data_of(case, metric_needs, n_rows, seed):
    """Points, or posteriors around them where a metric knows no other."""
    latents, factors = CASES[case](n_rows, np.random.default_rng(seed))
    if metric_needs == "posteriors":
        return dm.GaussianPosterior.from_scale(latents, np.full_like(latents, 0.3)), factors
    return latents, factors


def evaluated(case, needs, names, n_rows, seed, **settings):
    latents, factors = data_of(case, needs, n_rows, seed)
    with warnings.catch_warnings(action="ignore"):
        return dm.evaluate(latents, factors, metrics=names, rng=seed[-1], progress=False, **settings)


def scores_of(*arguments):
    return {row["metric"]: row["score"] for row in evaluated(*arguments).rows()}


def coverage(case, needs, names, n_rows, n_sets, parallel):
    """By number: mean score, its standard deviation, the root mean square of the standard errors, coverage."""
    # The expected score is known to a twentieth of the scatter of one score, or better.
    truth = parallel(delayed(scores_of)(case, needs, names, n_rows, [0, i]) for i in range(4 * n_sets))
    rows = parallel(
        delayed(lambda i: evaluated(case, needs, names, n_rows, [1, i], intervals=True))(i) for i in range(n_sets)
    )
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


def left_band(needs, names, n_rows, n_sets, parallel):
    """By number: how often the score of noise leaves its chance band; None where there is no chance level."""
    rows = parallel(
        delayed(lambda i: evaluated("noise", needs, names, n_rows, [2, i], chance=True).rows())(i)
        for i in range(n_sets)
    )
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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metrics", default="all")
    parser.add_argument("--data-sets", type=int, default=400)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    wanted = [spec for spec in dm.METRICS if given.metrics == "all" or spec.name in given.metrics.split(",")]
    by_needs = {}
    for spec in wanted:
        by_needs.setdefault("posteriors" if spec.needs == "posteriors" else "points", []).append(spec.name)
    cells = {}
    with Parallel(n_jobs=given.jobs) as parallel:
        for needs, names in by_needs.items():
            for case in CASES:
                for number, (mean, scatter, error, held) in coverage(
                    case, needs, names, given.rows, given.data_sets, parallel
                ).items():
                    ratio = "-" if scatter < 1e-12 else f"{error / scatter:.2f}"
                    cells.setdefault(number, []).extend([f"{mean:.3f}", ratio, f"{100 * held:.1f}"])
            for number, share in left_band(needs, names, given.rows, given.data_sets // 2, parallel).items():
                cells[number].append("-" if share is None else f"{100 * share:.1f}")
    columns = [f"{case}: {what}" for case in CASES for what in ("score", "error / scatter", "coverage %")]
    columns.append("noise outside its chance band %")
    print(f"{given.rows} rows, {given.data_sets} data sets, {given.data_sets // 2} for the chance band\n")
    print(Table(("metric", *columns), [[number, *row] for number, row in cells.items()]).to_markdown())


if __name__ == "__main__":
    main()
