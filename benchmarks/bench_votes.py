"""FactorVAE votes and beta-VAE differences against the papers' procedures in plain numpy, in one run, on one table.

There one vote is made at a time: factors are drawn, one of them is set equal, and the samples are encoded, which here
is to look them up in a full grid.
"""

import numpy as np
from measure import heading, medians, row
from profiles import factor_grid

import dismetrics as dm
from dismetrics.estimators.interventions.experiment import experiment_on
from dismetrics.estimators.interventions.pairs import difference_features
from dismetrics.estimators.interventions.presets import INTERVENTION_DEFAULTS
from dismetrics.estimators.interventions.votes import majority_vote

N_TRAIN, N_TEST, GROUP = 10_000, 5_000, 64
SIZES = (3, 6, 8, 8, 9)


def data(n_latents):
    """Latents that mix factors with noise, for every combination of factors."""
    rng = np.random.default_rng(0)
    v = factor_grid(SIZES)
    mixing = np.eye(len(SIZES), n_latents) + 0.5 * rng.standard_normal((len(SIZES), n_latents))
    return (v / np.array(SIZES)) @ mixing + 0.1 * rng.standard_normal((len(v), n_latents)), v


def encoded(z, factors):
    """The latents of these factors."""
    return z[np.ravel_multi_index(factors.T, SIZES)]


def loop_of_votes(z, seed):
    """Kim and Mnih 2018: accuracy of the majority vote."""
    rng = np.random.default_rng(seed)
    spread = z.var(axis=0, ddof=1)
    votes = []
    for n_votes in (N_TRAIN, N_TEST):
        counts = np.zeros((z.shape[1], len(SIZES)), int)
        for _ in range(n_votes):
            k = rng.integers(len(SIZES))
            factors = rng.integers(SIZES, size=(GROUP, len(SIZES)))
            factors[:, k] = factors[0, k]
            counts[np.argmin(encoded(z, factors).var(axis=0, ddof=1) / spread), k] += 1
        votes.append(counts)
    classifier = votes[0].argmax(axis=1)
    return votes[1][np.arange(z.shape[1]), classifier].sum() / N_TEST


def loop_of_differences(z, seed):
    """Higgins et al. 2017: features and labels of the classifier."""
    rng = np.random.default_rng(seed)
    features, labels = np.empty((N_TRAIN + N_TEST, z.shape[1])), np.empty(N_TRAIN + N_TEST, int)
    for vote in range(len(labels)):
        labels[vote] = k = rng.integers(len(SIZES))
        one, other = (rng.integers(SIZES, size=(GROUP, len(SIZES))) for _ in range(2))
        other[:, k] = one[:, k]
        features[vote] = np.abs(encoded(z, one) - encoded(z, other)).mean(axis=0)
    return features, labels


def experiment(z, v, rng):
    """What the metrics set up before they draw."""
    names = ("balanced_values", "replace", "n_factor_bins", "bin_labels", "inactive", "min_std")
    settings = {name: INTERVENTION_DEFAULTS["factor_vae_score"][name] for name in names}
    return experiment_on(z, v, **settings, factor_subset=None, kinds=None, weights=None, rng=rng)


def compare(n_latents, repeats):
    """One size."""
    z, v = data(n_latents)

    def votes(seed=0):
        rng = np.random.default_rng(seed)
        sizes = {"n_train": N_TRAIN, "n_test": N_TEST, "group_size": GROUP}
        return majority_vote(
            experiment(z, v, rng), lambda k: (k,), lambda spread: spread.argmin(axis=1), **sizes, rng=rng
        )

    def differences(seed=0):
        rng = np.random.default_rng(seed)
        prepared = experiment(z, v, rng)
        parts = [difference_features(prepared, n_votes, GROUP, rng) for n_votes in (N_TRAIN, N_TEST)]
        features, labels = (np.concatenate(each) for each in zip(*parts, strict=True))
        return features * prepared.scale, labels

    print(f" {len(z)} samples, {n_latents} latents, {len(SIZES)} factors, {N_TRAIN + N_TEST} votes of {GROUP}")
    fast, slow = medians([votes, lambda: loop_of_votes(z, 0)], repeats)
    seeds = range(3)
    ours, theirs = ([call(seed) for seed in seeds] for call in (votes, lambda seed: loop_of_votes(z, seed)))
    apart = abs(np.mean([each.test_accuracy for each in ours]) - np.mean(theirs))
    row("FactorVAE votes in a loop, CPU-s", f"{slow:.2f}")
    row("FactorVAE votes, checks included, CPU-s", f"{fast:.3f}")
    row("  difference of accuracies, three seeds", f"{apart:.4f}", "<= 0.02", apart <= 0.02)
    row("ratio", f"{slow / fast:.0f}x", ">= 8x", slow / fast >= 8)

    fast, slow = medians([differences, lambda: loop_of_differences(z, 0)], repeats)
    means = [
        np.array([features[labels == k].mean(axis=0) for k in range(v.shape[1])])
        for features, labels in (differences(), loop_of_differences(z, 1))
    ]
    apart = np.abs(means[0] / means[1] - 1).max()
    row("beta-VAE differences in a loop, CPU-s", f"{slow:.2f}")
    row("beta-VAE differences, checks included, CPU-s", f"{fast:.3f}")
    row("  largest relative difference of mean features", f"{apart:.4f}", "<= 0.02", apart <= 0.02)
    row("ratio", f"{slow / fast:.0f}x", ">= 8x", slow / fast >= 8)
    for name in ("factor_vae_score", "beta_vae_score", "irs"):
        seed = {} if name == "irs" else {"rng": 0}
        (whole,) = medians([lambda name=name, seed=seed: getattr(dm, name)(z, v, **seed)], repeats)
        row(f"the whole of {name}(), CPU-s", f"{whole:.3f}")


if __name__ == "__main__":
    heading("Votes while factors are held")
    compare(10, repeats=3)
