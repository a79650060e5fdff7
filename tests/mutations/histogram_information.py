"""MIG, modularity and MED from binned latents."""

import numpy as np

from .door import checked


def entropy(labels):
    _, counts = np.unique(labels, return_counts=True)
    p = counts / counts.sum()
    return -(p * np.log(p)).sum()


def information(x, v):
    """I(x; v) of two columns of labels."""
    return entropy(x) + entropy(v) - entropy(x * 1000 + v)


def binned(x, n_bins, defect=None):
    if defect == "single precision":
        x = x.astype(np.float32)
    if defect == "one bin too many":
        n_bins += 1
    if defect == "quantile bins":
        edges = np.unique(np.quantile(x, np.linspace(0, 1, n_bins + 1)))
    else:
        edges = np.linspace(x.min(), x.max(), n_bins + 1)
    return np.digitize(x, edges[1:-1])


def matrix(latents, labels, n_bins, defect=None):
    bins = [binned(column, n_bins, defect) for column in latents.T]
    return bins, np.array([[information(x, v) for v in labels.T] for x in bins])


def codes_of(factors):
    return np.column_stack([np.unique(column, return_inverse=True)[1] for column in factors.T])


MIG_DEFECTS = (
    "entropy of the code",
    "gap without sorting",
    "labels as numbers",
    "one bin too many",
    "quantile bins",
    "single precision",
    "NaN for a single-valued factor",
    "no validation",
    "uniform p(v)",
    "reshape for transpose",
    "minus one dropped",
    "log base mixed",
    "a sample twice",
    "largest of all latents but the first",
    "values written to",
    "sum for mean",
)


def mig(latents, factors, n_bins=20, defect=None):
    if defect == "no validation":
        n = min(len(latents), len(factors))
        latents, factors = np.nan_to_num(latents[:n]), factors[:n]
        if not n:
            return 0.0
    else:
        latents, factors = checked(latents, factors)
    if defect == "reshape for transpose":
        latents = latents.reshape(latents.shape[1], -1).T
    if defect == "values written to":
        factors -= factors.min(axis=0)
    if defect == "a sample twice":
        latents, factors = np.vstack([latents, latents[:1]]), np.vstack([factors, factors[:1]])
    labels = codes_of(factors)
    if defect == "labels as numbers":
        labels = np.column_stack([binned(v.astype(float), 2) for v in factors.T])
    if defect == "minus one dropped" and factors.dtype.kind == "i":
        kept = (factors != -1).all(axis=1)
        latents, labels = latents[kept], labels[kept]
    bins, table = matrix(latents, labels, n_bins, defect)
    gaps = []
    for k, v in enumerate(labels.T):
        h = entropy(v)
        if defect == "uniform p(v)":
            h = np.log(len(np.unique(v)))
        if h == 0 and defect != "NaN for a single-valued factor":
            continue
        column = table[:, k]
        if defect == "largest of all latents but the first" and len(column) > 2:
            column = column[1:]
        top = column if defect == "gap without sorting" else np.sort(column)[::-1]
        runner_up = top[1] if len(top) > 1 else 0.0
        if defect == "entropy of the code":
            h = max(entropy(bins[int(np.argmax(column))]), 1e-300)
        if defect == "log base mixed":
            h /= np.log(2)
        gaps.append(np.divide(top[0] - runner_up, h))
    return float(np.sum(gaps) if defect == "sum for mean" else np.mean(gaps))


MODULARITY_DEFECTS = ("NaN for zero information", "axis swapped", "template not squared")


def modularity(latents, factors, n_bins=20, defect=None):
    latents, factors = checked(latents, factors)
    labels = codes_of(factors)
    labels = labels[:, labels.max(axis=0) > 0]
    if labels.shape[1] < 2:
        raise ValueError("two factors that vary are wanted")
    _, table = matrix(latents, labels, n_bins)
    table[table < 1e-12] = 0.0
    if defect == "axis swapped":
        table = table.T
    scores = []
    for row in table:
        best = row.max()
        if best == 0 and defect != "NaN for zero information":
            scores.append(0.0)
            continue
        power = 1 if defect == "template not squared" else 2
        rest = ((row**power).sum() - best**power) / (best**power * max(len(row) - 1, 1))
        scores.append(1 - rest)
    return float(np.mean(scores))


MED_DEFECTS = ("stops at the first zero row", "latents unweighted")


def med(latents, factors, n_bins=20, defect=None):
    """DCI's disentanglement of the information matrix, the way that importances are scored."""
    latents, factors = checked(latents, factors)
    labels = codes_of(factors)
    labels = labels[:, labels.max(axis=0) > 0]
    if labels.shape[1] < 2:
        raise ValueError("two factors that vary are wanted")
    _, table = matrix(latents, labels, n_bins)
    table[table < 1e-12] = 0.0
    # Each factor shares out an importance of 1.
    told = table.sum(axis=0)
    table = table / np.where(told > 0, told, 1.0)
    score, total = 0.0, max(table.sum(), 1e-300)
    for row in table:
        if row.sum() == 0:
            if defect == "stops at the first zero row":
                break
            continue
        p = row / row.sum()
        p = p[p > 0]
        weight = 1 / len(table) if defect == "latents unweighted" else row.sum() / total
        score += weight * (1 + (p * np.log(p)).sum() / np.log(table.shape[1]))
    return float(score)
