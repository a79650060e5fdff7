"""Linear R2 of label factors, held out: indicators of each label, squares summed over them."""

import numpy as np

from .door import checked

DEFECTS = ("unseeded", "train as test", "mean of the test rows predicted")


def r2(latents, factors, rng=None, defect=None):
    latents, factors = checked(latents, factors)
    generator = np.random.default_rng(None if defect == "unseeded" else rng)
    scores = []
    for v in factors.T:
        labels = np.unique(v, return_inverse=True)[1]
        if labels.max() == 0:
            continue
        # A third of the samples of each label is held out.
        test = np.zeros(len(v), bool)
        for label in np.unique(labels):
            rows = generator.permutation(np.flatnonzero(labels == label))
            test[rows[: min(max(round(len(rows) / 3), 1), len(rows) - 1)]] = True
        target = np.eye(labels.max() + 1)[labels]
        x = np.column_stack(
            [np.ones(len(latents)), (latents - latents.mean(axis=0)) / (np.std(latents, axis=0) + 1e-300)]
        )
        weight = np.linalg.lstsq(x[~test], target[~test], rcond=None)[0]
        scored = ~test if defect == "train as test" else test
        centre = target[~test].mean(axis=0)
        residual = ((target[scored] - x[scored] @ weight) ** 2).sum()
        if defect == "mean of the test rows predicted":
            residual = 0.5 * residual
        scores.append(1 - residual / ((target[scored] - centre) ** 2).sum())
    return float(np.mean(scores))
