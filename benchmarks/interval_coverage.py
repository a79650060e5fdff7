"""How often the 95 % intervals of `elbo_decomposition` hold the truth.

`python interval_coverage.py [seeds] [separation ...]` prints a Markdown table, and how many of its figures lie in 93.5
to 96.5 %.

A case is a mixture of 32 Gaussian components in D latents. Locations are normal with standard deviation separation /
sqrt(D), so that two components are about 1.4 separations apart whatever D is; scales are uniform between 0.6 and 1; a
dead latent, one more, is the standard normal for every component. The truth comes from a thousand times as many draws.
An interval of H(z) holds it exactly where those of the mutual information and of the total correlation do, so one
figure stands for all three. Marginals are computed once a case, since they do not depend on the seed.
"""

import sys
from functools import partial

import numpy as np

import dismetrics as dm
from dismetrics.estimators.aggregate_posterior.joint_entropy import Controls, JointEntropy, joint_entropy
from dismetrics.estimators.aggregate_posterior.marginals import marginals
from dismetrics.estimators.aggregate_posterior.priors import expected_log_prior, prior_of
from dismetrics.inputs import as_weighted_posterior

N_COMPONENTS = 32
N_DRAWS = (64, 256, 1024)
TRUTHS = 8
DRAWS_OF_A_TRUTH = {2: 160_000, 10: 160_000, 64: 80_000}


def mixture(n_latents: int, dead: bool, separation: float) -> dm.GaussianPosterior:
    """One fixed mixture."""
    rng = np.random.default_rng(5)
    mean = rng.normal(size=(N_COMPONENTS, n_latents)) * separation / np.sqrt(n_latents)
    scale = rng.uniform(0.6, 1.0, (N_COMPONENTS, n_latents))
    if dead:
        mean, scale = np.c_[mean, np.zeros(N_COMPONENTS)], np.c_[scale, np.ones(N_COMPONENTS)]
    return dm.GaussianPosterior.from_scale(mean, scale)


def estimator(posterior: dm.GaussianPosterior):
    """The joint entropy as a function of the number of draws and of a generator."""
    known, weights = as_weighted_posterior(posterior, None)
    of_latents, prior = marginals(known, weights), prior_of(None, known)
    own = float(weights @ np.log(weights) - weights @ known.entropy().sum(axis=1))
    means = Controls(
        own,
        -np.array([marginal.entropy for marginal in of_latents]),
        expected_log_prior(prior, known, weights, of_latents),
    )
    settings = {"target_se": None, "method": "brute", "tolerance": 0.0}
    estimate = partial(joint_entropy, known, weights, of_latents, prior, means, **settings)

    def entropy(n_draws: int, rng: np.random.Generator) -> JointEntropy:
        return estimate(n_draws=n_draws, rng=rng)

    return entropy


def main() -> None:
    """The table."""
    n_seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    separations = [float(value) for value in sys.argv[2:]] or [2.0, 3.0]
    print(
        f"coverage of 95 % intervals over {n_seeds} seeds (binomial standard error {np.sqrt(0.0475 / n_seeds):.4f})\n"
    )
    print("| separation | latents | dead | error at 1,024 draws, nats |", *(f"{n:,} draws |" for n in N_DRAWS))
    print("| ---: | ---: | --- | ---: |", *("---: |" for _ in N_DRAWS))
    inside, total = 0, 0
    for separation in separations:
        for n_latents, draws_of_a_truth in DRAWS_OF_A_TRUTH.items():
            for dead in (False, True):
                entropy = estimator(mixture(n_latents, dead, separation))
                truth = np.mean([entropy(draws_of_a_truth, np.random.default_rng([1, s])).value for s in range(TRUTHS)])
                shares = []
                for n_draws in N_DRAWS:
                    found = [entropy(n_draws, np.random.default_rng([2, s])) for s in range(n_seeds)]
                    shares.append(np.mean([f.interval[0] <= truth <= f.interval[1] for f in found]))
                spread = np.std([f.value for f in found])
                inside += sum(0.935 <= share <= 0.965 for share in shares)
                total += len(shares)
                said = "one more" if dead else ""
                figures = (f"{share:.4f} |" for share in shares)
                print(f"| {separation:g} | {n_latents} | {said} | {spread:.4f} |", *figures, flush=True)
    print(f"\n{inside} of {total} in 93.5 to 96.5 %")


main()
