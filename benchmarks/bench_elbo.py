"""The decomposition of the ELBO at the size of dSprites against the paper's method, and the joint density's kernel."""

import functools

import numpy as np
from measure import cpu_seconds, exponent, heading, medians, row
from numba import njit
from profiles import N_LATENTS, PROFILES, posterior

import dismetrics as dm
from dismetrics.estimators.aggregate_posterior.joint_density import joint_log_density
from dismetrics.estimators.aggregate_posterior.marginals import marginals
from dismetrics.kernels.exp2 import FASTMATH, exp2, prefer_wide_vectors

N_DRAWS = 10_000  # the authors' default
BATCH = 10
TARGET = 0.01
# What the tree may evaluate at most, by profile.
MOST_EVALUATED = {"wide": 0.15, "sharp": 0.01, "noisy": 0.40}


def paper_terms(z, mean, log_scale):
    """log q(z) and all log q(z_j) at draws z; densities formed whole for a batch of draws, in float32, as theirs."""
    joint, marginal = np.empty(len(z)), np.empty(z.shape)
    log_n = np.log(len(mean))
    for start in range(0, len(z), BATCH):
        draws = z[start : start + BATCH, None, :]
        t = (draws - mean) * np.exp(-log_scale)
        log_density = -0.5 * (t * t + np.float32(np.log(2 * np.pi))) - log_scale
        largest = log_density.max(axis=1)
        marginal[start : start + BATCH] = largest + np.log(np.exp(log_density - largest[:, None]).sum(axis=1)) - log_n
        whole = log_density.sum(axis=2)
        largest = whole.max(axis=1)
        joint[start : start + BATCH] = largest + np.log(np.exp(whole - largest[:, None]).sum(axis=1)) - log_n
    return joint, marginal


def compare(profile):
    """Cost at the authors' error or less, and at a standard error of 0.01."""
    q, _ = posterior(profile)
    mean, log_scale = q.mean.astype(np.float32), np.log(q.scale).astype(np.float32)
    z = q.sample(np.random.default_rng(0)).astype(np.float32)
    slice_size = 2 * BATCH
    theirs = cpu_seconds(lambda: paper_terms(z[:slice_size], mean, log_scale)) * N_DRAWS / slice_size
    # Their error of the total correlation: the spread of log q(z) - sum_j log q(z_j), from draws of ours.
    rows = np.random.default_rng(1).integers(0, q.n_samples, 512)
    points = q.take(rows).sample(np.random.default_rng(2))
    log_q = joint_log_density(q, np.full(q.n_samples, 1 / q.n_samples))(points).log_density
    own = q.take(rows)
    log_own = (-0.5 * (((points - own.mean) / own.scale) ** 2 + np.log(2 * np.pi)) - np.log(own.scale)).sum(axis=1)
    their_error = np.std(log_own - log_q) / np.sqrt(N_DRAWS)

    def at(target):
        return dm.elbo_decomposition(q, target_se=target, rng=0)

    result = at(their_error)
    ours, loose = medians([functools.partial(at, their_error), functools.partial(at, TARGET)], repeats=3)
    print(f" {profile}: {q.n_samples} posteriors, {N_LATENTS} latents")
    row(f"the paper's method, {N_DRAWS} draws, CPU-s (from a slice of {slice_size})", f"{theirs:.0f}")
    row("  standard error of its index-code MI, nats", f"{their_error:.1e}")
    row(f"elbo_decomposition at that error, CPU-s ({result.n_draws} draws)", f"{ours:.2f}")
    row("ratio", f"{theirs / ours:.0f}x", ">= 500x", theirs / ours >= 500)
    row(f"elbo_decomposition at a standard error of {TARGET}, CPU-s", f"{loose:.2f}")
    tree = joint_log_density(q, np.full(q.n_samples, 1 / q.n_samples), method="tree", tolerance=1e-6)(points)
    most, bound = MOST_EVALUATED[profile], tree.bound.max()
    row("log q(z) by the tree: components evaluated", f"{tree.evaluated:.1%}", f"<= {most:.0%}", tree.evaluated <= most)
    row("  largest bound on its error, nats", f"{bound:.1e}", "<= 1e-06", bound <= 1e-6)


@njit(fastmath=FASTMATH)
def _exp_and_fma(values, c):
    """What no kernel of this kind can do without, for ten latents: two multiply-adds each, and one exponential.

    Written out, so that everything stays in registers and vectors.
    """
    prefer_wide_vectors()
    c0, c1, c2, c3, c4, c5, c6, c7, c8, c9 = c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9]
    total = 0.0
    for n in range(values.size):
        x = values[n]
        t = x * c0 + c1
        y = -t * t
        t = x * c1 + c2
        y -= t * t
        t = x * c2 + c3
        y -= t * t
        t = x * c3 + c4
        y -= t * t
        t = x * c4 + c5
        y -= t * t
        t = x * c5 + c6
        y -= t * t
        t = x * c6 + c7
        y -= t * t
        t = x * c7 + c8
        y -= t * t
        t = x * c8 + c9
        y -= t * t
        t = x * c9 + c0
        y -= t * t
        total += exp2(y)
    return total


def kernel(profile):
    """Rate of the brute-force kernel against its arithmetic alone.

    Blocks of components with no part in the sum are spared their exponentials, which the bound counts in full.
    """
    q, _ = posterior(profile)
    weights = np.full(q.n_samples, 1 / q.n_samples)
    points = q.take(np.random.default_rng(0).integers(0, q.n_samples, 128)).sample(np.random.default_rng(0))
    evaluate = joint_log_density(q, weights, method="brute")
    values, coefficients = np.random.default_rng(0).random(4096), np.random.default_rng(1).random(N_LATENTS)
    calls = 2000

    def bound():
        for _ in range(calls):
            _exp_and_fma(values, coefficients)

    cost, least = medians([lambda: evaluate(points), bound], repeats=7)
    rate, most = q.n_samples * len(points) * N_LATENTS / cost, values.size * calls * N_LATENTS / least
    print(f" {profile}: {q.n_samples} posteriors, {len(points)} points")
    row("joint density by brute force, pairs and latents a second", f"{rate:.2e}")
    row("exponential and multiply-adds alone", f"{most:.2e}")
    row("share of the bound", f"{rate / most:.0%}", ">= 50%", rate / most >= 0.5)


def _marginal_terms(q):
    marginals(q, np.full(q.n_samples, 1 / q.n_samples))


def _joint_density(method, n_points, q):
    points = q.take(np.random.default_rng(0).integers(0, q.n_samples, n_points)).sample(np.random.default_rng(0))
    joint_log_density(q, np.full(q.n_samples, 1 / q.n_samples), method=method)(points)


PARTS = {
    "exact marginal terms": _marginal_terms,
    "log q(z) by brute force at 128 points": functools.partial(_joint_density, "brute", 128),
    "log q(z) by the tree at 1,024 points": functools.partial(_joint_density, "tree", 1024),
    "the whole decomposition, 1,024 draws": functools.partial(dm.elbo_decomposition, n_draws=1024, rng=0),
}
LINEAR = {"exact marginal terms"}  # the goal is for all but log q(z)


def growth():
    """Cost against the number of samples and of latents, over two decades each: the exponents of a power law."""
    q, _ = posterior("sharp")
    order = np.random.default_rng(0).permutation(q.n_samples)
    by_samples = {n: q.take(order[:n]) for n in (len(order) // 100, len(order) // 10, len(order))}
    small = q.take(order[:20_000])
    mean, scale = np.tile(small.mean, 10), np.tile(small.scale, 10)
    by_latents = {d: dm.GaussianPosterior.from_scale(mean[:, :d], scale[:, :d]) for d in (1, 10, 100)}
    for letter, cases in (("N", by_samples), ("D", by_latents)):
        print(f" {letter} = {', '.join(f'{size:,}' for size in cases)}")
        for what, task in PARTS.items():
            costs = medians([functools.partial(task, case) for case in cases.values()], repeats=5)
            row(f"{what}, CPU-s", " ".join(f"{cost:.3f}" for cost in costs))
            power = exponent(list(cases), costs)
            goal, met = ("<= 1.05", power <= 1.05) if what in LINEAR else ("", None)
            row(f"  exponent in {letter}", f"{power:.2f}", goal, met)


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore", dm.warnings.SaturationWarning)
    heading("ELBO decomposition")
    for name in PROFILES:
        compare(name)
        kernel(name)
    growth()
