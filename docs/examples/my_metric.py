"""A mutual information gap written in an afternoon; `dismetrics.testing` finds what is wrong with it."""

import numpy as np


def entropy(labels):
    counts = np.unique(labels, return_counts=True)[1]
    p = counts / counts.sum()
    return -(p * np.log(p)).sum()


def information(x, v):
    pairs = np.unique(np.column_stack([x, v]), axis=0, return_inverse=True)[1].ravel()
    return entropy(x) + entropy(v) - entropy(pairs)


def gap(latents, factors, *, normalise_by):
    latents, factors = np.asarray_chkfinite(latents, dtype=float), np.asarray(factors)
    if len(latents) != len(factors) or len(latents) == 0:
        raise ValueError("latents and factors of one length are wanted, and not none")
    codes = [np.digitize(z, np.histogram_bin_edges(z, 20)[1:-1]) for z in latents.T]
    gaps = []
    for v in factors.T:
        labels = np.unique(v, return_inverse=True)[1]
        if labels.max() == 0:
            continue
        told = np.array([information(code, labels) for code in codes])
        best = np.argsort(told)[::-1]
        runner_up = told[best[1]] if len(best) > 1 else 0.0
        divisor = entropy(codes[best[0]]) if normalise_by == "code" else entropy(labels)
        gaps.append((told[best[0]] - runner_up) / divisor if divisor > 0 else 0.0)
    return float(np.mean(gaps))


def by_code(latents, factors):
    """Divides by the entropy of the code, as some published code does."""
    return gap(latents, factors, normalise_by="code")


def by_factor(latents, factors):
    """Divides by the entropy of the factor, as the paper does."""
    return gap(latents, factors, normalise_by="factor")
