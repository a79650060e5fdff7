"""The figures of the gallery: the page shows these lines, and docs/gallery.py runs them while it is built."""

import numpy as np

import dismetrics as dm
from dismetrics import plotting

# [data]
rng = np.random.default_rng(2018)


def latents_of(shape, size, x, y):
    """Five latents of a model that has learnt positions well, size less, and shape hardly."""
    columns = [
        x + 0.3 * rng.normal(size=len(x)),
        0.6 * np.sin(2.5 * size) + 0.4 * shape + 0.25 * rng.normal(size=len(x)),
        -y + 0.3 * rng.normal(size=len(x)),
        0.8 * size + 0.4 * x + 0.5 * rng.normal(size=len(x)),
        rng.normal(size=len(x)),
    ]
    return np.column_stack(columns)


labels = rng.integers(0, [3, 6, 8, 8], (1500, 4))
factors = dm.Factors(
    {
        "shape": np.array(["square", "ellipse", "heart"])[labels[:, 0]],
        "size": labels[:, 1],
        "x": labels[:, 2],
        "y": labels[:, 3],
    }
)
latents = latents_of(labels[:, 0], labels[:, 1] / 2.5, labels[:, 2] / 2 - 1.75, labels[:, 3] / 2 - 1.75)


def trained(objective, beta, case, seed):
    """One made-up model: total correlation falls with beta, and MIG rises as it falls."""
    draw = np.random.default_rng([len(objective), int(beta), len(case), seed])
    strength = {"vae": 0.0, "beta_vae": 0.6, "beta_tcvae": 1.0}[objective]
    total_correlation = 3.5 * np.exp(-0.25 * strength * (beta - 1)) + 0.2 * draw.normal()
    mig = 0.42 - 0.1 * total_correlation - 0.03 * ("dependent" in case.split("_")) + 0.05 * draw.normal()
    return {
        "cell": f"{objective}-{beta}-{case}-{seed}",
        "objective": objective,
        "beta": beta,
        "case": case,
        "seed": seed,
        "status": "done",
        "mig": max(mig, 0.01),
        "total_correlation": total_correlation,
        "elbo": -40.0 - 3.0 * beta * (1.6 - strength) + 2.0 * draw.normal(),
    }


cases = ["independent_uniform", "independent_nonuniform", "dependent_uniform", "dependent_nonuniform"]
settings = [("vae", 1.0), *((name, beta) for name in ("beta_vae", "beta_tcvae") for beta in (2.0, 4.0, 6.0, 8.0))]
study = dm.Study(
    tuple(trained(name, beta, case, seed) for name, beta in settings for case in cases for seed in range(8)), {}
)
# [end]

# [relevance_heatmap]
result = dm.mig(latents, factors)
figure = plotting.relevance_heatmap(result).figure
# [end]

# [score_bars]
evaluation = dm.evaluate(
    latents,
    factors,
    metrics=["mig", "sap", "modularity", "dcimig"],
    intervals=True,
    chance=True,
    rng=0,
)
figure = plotting.score_bars(evaluation).figure
# [end]

# [latent_against_factor]
figure = plotting.latent_against_factor(latents, factors, latent=1, factor="size", by="shape").figure
# [end]

# [latents_against_factors]
figure = plotting.latents_against_factors(latents, factors, latents_shown=[0, 1, 2, 3])[0, 0].figure
# [end]

# [metric_against_beta]
figure = plotting.metric_against_beta(study, "mig", case="independent_uniform").figure
# [end]

# [metric_scatter]
uniform = study.select(case="independent_uniform")
figure = plotting.metric_scatter(uniform, "total_correlation", "mig").figure
# [end]

# [elbo_scatter]
uniform = study.select(case="independent_uniform")
figure = plotting.metric_scatter(uniform, "elbo", "mig").figure
# [end]

# [seed_distributions]
figure = plotting.seed_distributions(study, "total_correlation", case="independent_uniform").figure
# [end]

# [factor_samplings]
figure = plotting.factor_samplings(study, "mig", beta=[1, 4]).figure
# [end]

# [traversal_grid]
steps = np.linspace(-2, 2, 9)
rows, columns = np.indices((32, 32)) - 15.5


def square(x, y, size):
    """Stands for the decoder."""
    return ((abs(columns - 5 * x) < size) & (abs(rows - 5 * y) < size)).astype(float)


images = [
    [square(step, 0, 6) for step in steps],
    [square(0, step, 6) for step in steps],
    [square(0, 0, 6 + 2 * step) for step in steps],
]
figure = plotting.traversal_grid(images, latent_names=["x", "y", "size"], values=steps).figure
# [end]

# [learning_curves]
iterations = np.arange(100, 6001, 100)
runs = {
    name: [
        {"iteration": int(i), "elbo": -30 - 400 * float(np.exp(-i / pace) + 0.01 * rng.normal())} for i in iterations
    ]
    for name, pace in [("β-TCVAE", 900), ("VAE", 600)]
}
figure = plotting.learning_curves(runs).figure
# [end]
