"""Made-up studies, and what the artists of a figure hold."""

import numpy as np

import dismetrics as dm

UNIFORM, DEPENDENT = "independent_uniform", "dependent_uniform"


def model(objective, beta, seed, mig, case=UNIFORM, status="done", **numbers):
    cell = f"{objective}-{beta}-{case}-{seed}"
    return dict(
        cell=cell, objective=objective, beta=beta, case=case, seed=seed, status=status, error=None, mig=mig, **numbers
    )


MIG = {
    ("vae", 1.0): [0.10, 0.12, 0.05, 0.08, 0.11, 0.02],
    ("beta_tcvae", 2.0): [0.2, 0.3, 0.25, 0.22, 0.28, 0.35],
    ("beta_tcvae", 6.0): [0.4, 0.3, 0.45, 0.42, 0.38, 0.35],
}


def study(*more):
    rows = [
        model(objective, beta, seed, mig, total_correlation=3.0 - 5 * mig, elbo=-40.0 - beta)
        for (objective, beta), values in MIG.items()
        for seed, mig in enumerate(values)
    ]
    return dm.Study((*rows, *more), {})


def line_segments(ax):
    return [segment for found in ax.collections if hasattr(found, "get_segments") for segment in found.get_segments()]


def offsets(ax):
    found = [np.asarray(each.get_offsets()) for each in ax.collections if type(each).__name__ == "PathCollection"]
    return np.concatenate(found)


def title(ax):
    return ax.get_title(loc="left")


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def draw(ax):
    """As saving would, which is where matplotlib finds what cannot be drawn."""
    ax.figure.canvas.draw()
    return ax
