"""A study that nobody trained: every objective, three weights, five seeds, four factor samplings."""

import numpy as np

import dismetrics as dm
from dismetrics.study.table import CASES


def made_up_study(seed=0, n_seeds=5):
    """Numbers with a shape like real ones, and a failed model."""
    rng = np.random.default_rng(seed)
    rows = []
    settings = [("vae", 1.0, CASES[0])]
    settings += [(objective, beta, CASES[0]) for objective in ("beta_vae", "beta_tcvae") for beta in (2.0, 4.0, 6.0)]
    settings += [(objective, 6.0, case) for objective in ("beta_vae", "beta_tcvae") for case in CASES[1:]]
    for objective, beta, case in settings:
        for one in range(n_seeds):
            correlation = 3.0 / beta * rng.uniform(0.6, 1.4)
            mig = 0.45 - 0.1 * correlation + 0.05 * (objective == "beta_tcvae") + rng.normal(0, 0.04)
            row = dict(cell=f"{objective}-{beta:g}-{case}-{one}", objective=objective, beta=beta, case=case, seed=one)
            row |= dict(status="done", error=None, mig=float(mig), total_correlation=float(correlation))
            row |= dict(index_code_mi=float(9.5 - 0.4 * beta), dimension_wise_kl=0.4, mean_kl=float(10 + correlation))
            row |= dict(
                log_likelihood=float(-20 - 4 * beta + rng.normal()), index_code_mi_ceiling=9.35, n_images=11_520
            )
            rows.append({**row, "elbo": row["log_likelihood"] - row["mean_kl"]})
    last = rows[-1]
    kept = ("cell", "objective", "beta", "case", "seed")
    rows[-1] = {**{name: last[name] for name in kept}, "status": "failed", "error": "MemoryError: no room"}
    return dm.Study(tuple(rows), {"versions": {"python": "3.11"}})
