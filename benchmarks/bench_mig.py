"""Posterior MIG at the size of dSprites against the paper's Monte Carlo method, and how the cost grows."""

import functools
import tempfile

import numpy as np
from measure import cpu_seconds, exponent, heading, medians, peak_memory, row
from profiles import N_LATENTS, PROFILES, any_scale, factor_grid, posterior

import dismetrics as dm
from dismetrics.estimators import aggregate_entropies, sampled_entropies
from dismetrics.estimators.aggregate_posterior.panels import GAUSSIAN_PANELS, panel_mixture_integrals
from dismetrics.estimators.groups import Groups

N_SAMPLES = 10_000  # entropies are averaged over this many draws in the authors' code
BATCH = 10


def paper_entropies(z, mean, log_scale):
    """Mean of -log q(z_j) with q the mixture of all components: the authors' method, plainly, in float32.

    z has shape (n_draws, D); densities of a batch of draws under all components are formed whole, as theirs are.
    """
    total = np.zeros(mean.shape[1])
    log_n = np.log(len(mean))
    for start in range(0, len(z), BATCH):
        draws = z[start : start + BATCH, None, :]
        t = (draws - mean) * np.exp(-log_scale)
        log_density = -0.5 * (t * t + np.float32(np.log(2 * np.pi))) - log_scale
        largest = log_density.max(axis=1)
        log_q = largest + np.log(np.exp(log_density - largest[:, None]).sum(axis=1)) - log_n
        total -= log_q.sum(axis=0)
    return total / len(z)


def paper_cost(q, factors):
    """CPU-s that the method would take in full, from slices: it is linear in draws, and components dominate."""
    mean, log_scale = q.mean.astype(np.float32), np.log(q.scale).astype(np.float32)
    z = q.sample(np.random.default_rng(0)).astype(np.float32)
    slice_size = 2 * BATCH
    cost = cpu_seconds(lambda: paper_entropies(z[:slice_size], mean, log_scale)) * N_SAMPLES / slice_size
    for k in range(factors.n_factors):
        rows = np.flatnonzero(factors.codes[:, k] == 0)
        n_draws = min(N_SAMPLES, len(rows))
        part = cpu_seconds(lambda rows=rows: paper_entropies(z[rows[:slice_size]], mean[rows], log_scale[rows]))
        cost += factors.n_values[k] * part * n_draws / slice_size
    return cost


def compare(profile):
    """Cost, error and memory of one profile."""
    q, factors = posterior(profile)
    n = q.n_samples
    mean, scale = q.mean.copy(), q.scale.copy()

    def whole():
        dm.mig(dm.GaussianPosterior.from_scale(mean, scale), factors)

    (ours,) = medians([whole], repeats=5)
    theirs = paper_cost(q, factors)
    found = aggregate_entropies(q, factors)
    groups = Groups.of(factors)
    error = 0.0
    for j in range(q.n_latents):
        of_group, known = panel_mixture_integrals(q.mean[:, j], q.scale[:, j], groups, GAUSSIAN_PANELS)
        by_panels = np.log(groups.mass) - of_group / groups.mass
        by_grid = np.concatenate([values[j] for values in found.of_value])
        error = max(error, np.abs(by_panels - by_grid).max(), np.abs(-known - found.marginal[j]).max())
    sampled = sampled_entropies(q, factors.select(["shape"]), 200, np.random.default_rng(0))
    their_error = sampled.standard_error.max() * np.sqrt(200 / N_SAMPLES)

    print(f" {profile}: {n} posteriors, {N_LATENTS} latents, {factors.n_factors} factors, {groups.n_groups} values")
    row("posterior MIG, CPU-s", f"{ours:.3f}")
    row("  per sample and latent, ns", f"{ours / n / N_LATENTS * 1e9:.1f}", "<= 60", ours / n / N_LATENTS * 1e9 <= 60)
    row("  largest error of an entropy against adaptive panels, nats", f"{error:.1e}", "<= 1e-6", error <= 1e-6)
    row(f"the paper's method, {N_SAMPLES} draws, CPU-s (from slices of {2 * BATCH} draws)", f"{theirs:.0f}")
    row("  its standard error of a mutual information, nats", f"{their_error:.1e}")
    row("ratio", f"{theirs / ours:.0f}x", ">= 5000x", theirs / ours >= 5000)


SCORE_FILE = """
import numpy as np, dismetrics as dm
data = np.load({path!r})
dm.mig(dm.GaussianPosterior.from_scale(data["mean"], data["scale"]), data["factors"])
"""


def memory():
    """Peak memory of whole processes that load posteriors from a file and score them."""
    cases = {name: functools.partial(posterior, name) for name in PROFILES}
    cases["scales from 1e-6 to 10 in every latent"] = any_scale
    with tempfile.TemporaryDirectory() as folder:
        for name, make in cases.items():
            path = f"{folder}/posteriors.npz"
            q, factors = make()
            np.savez(path, mean=q.mean, scale=q.scale, factors=factors.codes)
            peak = peak_memory(SCORE_FILE.format(path=path))
            row(f"peak memory of a process that scores a file, {name}, GB", f"{peak:.2f}", "< 1", peak < 1)
    q, factors = any_scale()
    cost = cpu_seconds(lambda: aggregate_entropies(q, factors))
    row("  cost of that last case, CPU-s", f"{cost:.1f}")


def growth():
    """Cost against the number of samples, latents and factors: the exponents of a power law."""
    q, factors = posterior("wide")
    rng = np.random.default_rng(0)
    order = rng.permutation(q.n_samples)
    sizes = [len(order) // 100, len(order) // 10, len(order)]
    parts = [(q.take(order[:n]), factors.take(order[:n])) for n in sizes]
    costs = medians([functools.partial(aggregate_entropies, *part) for part in parts], repeats=5)
    power = exponent(sizes, costs)
    row(f"cost over N = {sizes}, CPU-s", " ".join(f"{c:.3f}" for c in costs))
    row("  exponent in N", f"{power:.2f}", "<= 1.05", power <= 1.05)
    small, labels = q.take(order[:100_000]), factors.take(order[:100_000])
    widths = [1, 10, 100]
    wide = [
        dm.GaussianPosterior.from_scale(np.tile(small.mean[:, :1], d), np.tile(small.scale[:, :1], d)) for d in widths
    ]
    costs = medians([functools.partial(aggregate_entropies, part, labels) for part in wide], repeats=3)
    power = exponent(widths, costs)
    row(f"cost over D = {widths}, CPU-s", " ".join(f"{c:.3f}" for c in costs))
    row("  exponent in D", f"{power:.2f}", "<= 1.05", power <= 1.05)


if __name__ == "__main__":
    heading(f"Posterior MIG, {len(factor_grid())} posteriors")
    for name in PROFILES:
        compare(name)
    memory()
    growth()
