"""The FactorVAE score."""

import numpy as np

from .door import checked

DEFECTS = ("absolute pruning", "variance not normalised")


def factor_vae_score(latents, factors, n_train=40, n_test=40, group_size=64, rng=None, defect=None):
    latents, factors = checked(latents, factors)
    generator = np.random.default_rng(rng)
    varying = [k for k in range(factors.shape[1]) if len(np.unique(factors[:, k])) > 1]
    spread = latents.var(axis=0)
    active = np.flatnonzero(spread > (0.05 if defect == "absolute pruning" else 0.0))
    if len(active) == 0:
        return 1.0 / len(varying)
    rows_of = {k: {v: np.flatnonzero(factors[:, k] == v) for v in np.unique(factors[:, k])} for k in varying}

    def votes(n):
        table = np.zeros((len(active), len(varying)), int)
        for _ in range(n):
            place = generator.integers(len(varying))
            k = varying[place]
            # A value as often as it occurs, among samples that are not alone with theirs.
            candidates = [v for v in rows_of[k] if len(rows_of[k][v]) > 1]
            mass = np.array([len(rows_of[k][v]) for v in candidates], float)
            value = candidates[generator.choice(len(candidates), p=mass / mass.sum())]
            rows = generator.choice(rows_of[k][value], group_size)
            within = latents[np.ix_(rows, active)].var(axis=0)
            if defect != "variance not normalised":
                within = within / spread[active]
            table[np.argmin(within), place] += 1
        return table

    train = votes(n_train)
    test = votes(n_test)
    chosen = train.argmax(axis=1)
    return float(test[np.arange(len(active)), chosen].sum() / test.sum())
