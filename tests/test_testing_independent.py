"""Right implementations in styles that are not ours pass the kit as they are."""

import math
from collections import Counter

import numpy as np
import pytest

from dismetrics.testing import check_metric, from_parameters, transposed
from dismetrics.testing.checks import check_estimator
from sizes import size

FEW = {"max_examples": size(8, 3), "budget": None}


# ------------------------------------------------------------------------- lists, dictionaries and the standard library


def mig_of_dictionaries(latents, factors):
    """MIG with 20 bins, row by row in plain Python."""
    rows, labels = [list(map(float, row)) for row in latents], [list(row) for row in factors]
    if not rows or len(rows) != len(labels):
        raise ValueError("as many factors as latents are wanted, and some")
    if not all(math.isfinite(x) for row in rows for x in row):
        raise ValueError("finite latents are wanted")
    n = len(rows)

    def bin_of(x, lowest, highest):
        return min(int((x - lowest) / (highest - lowest) * 20), 19) if highest > lowest else 0

    def entropy(items):
        return -sum(c / n * math.log(c / n) for c in Counter(items).values())

    columns = []
    for column in zip(*rows, strict=True):
        lowest, highest = min(column), max(column)
        columns.append([bin_of(x, lowest, highest) for x in column])
    gaps = []
    for factor in zip(*labels, strict=True):
        h = entropy(factor)
        if len(set(factor)) < 2:
            continue
        told = sorted((entropy(x) + h - entropy(zip(x, factor, strict=True)) for x in columns), reverse=True)
        gaps.append((told[0] - (told[1] if len(told) > 1 else 0)) / h)
    return sum(gaps) / len(gaps)


# ---------------------------------------------------------- arrays with samples along the second axis, and scikit-learn


def scores_of_columns(codes, factors):
    """A mapping of scores: `modularity`, from `sklearn.metrics.mutual_info_score` of (n_latents, n_samples)."""
    from sklearn.metrics import mutual_info_score

    if codes.shape[1] == 0 or codes.shape[1] != factors.shape[1] or not np.isfinite(codes).all():
        raise ValueError("codes and factors of one length, finite, are wanted")
    edges = [np.histogram_bin_edges(z, 20)[:-1] if np.ptp(z) else [z[0]] for z in codes]
    bins = [np.digitize(z, e) for z, e in zip(codes, edges, strict=True)]
    factors = [v for v in factors if len(np.unique(v)) > 1]
    if len(factors) < 2:
        raise ValueError("modularity compares factors: two that vary are wanted")
    told = np.array([[mutual_info_score(v, z) for v in factors] for z in bins])
    told[told < 1e-12] = 0
    squared = told**2
    best = squared.max(axis=1)
    dead = best == 0
    rest = (squared.sum(axis=1) - best) / (np.where(dead, 1, best) * (len(factors) - 1))
    return {"modularity": float(np.mean(np.where(dead, 0, 1 - rest))), "n_dead": int(dead.sum())}


# ------------------------------------------------------------------------- an object that is fitted, with running sums


class JointTables:
    """MIG-sup from tables of counts, accumulated sample by sample: `JointTables.of(...).score`."""

    def __init__(self, n_latents, n_factors, n_bins=20):
        self.tables = [[np.zeros((n_bins, 0)) for _ in range(n_factors)] for _ in range(n_latents)]
        self.values = [[] for _ in range(n_factors)]

    def add(self, places, labels):
        for k, label in enumerate(labels):
            if label not in self.values[k]:
                self.values[k].append(label)
                for row in self.tables:
                    row[k] = np.pad(row[k], ((0, 0), (0, 1)))
            for j, place in enumerate(places):
                self.tables[j][k][place, self.values[k].index(label)] += 1

    @staticmethod
    def share(table):
        p = table / table.sum()
        px, pv = p.sum(axis=1, keepdims=True), p.sum(axis=0, keepdims=True)
        there = p > 0
        return float((p[there] * np.log((p / (px @ pv + ~there))[there])).sum() / -(pv * np.log(pv)).sum())

    @property
    def score(self):
        gaps = []
        for row in self.tables:
            shares = sorted((self.share(table) for table in row if table.shape[1] > 1), reverse=True)
            gaps.append(shares[0] - (shares[1] if len(shares) > 1 else 0.0))
        return sum(gaps) / len(gaps)

    @classmethod
    def of(cls, latents, factors):
        latents = np.asarray_chkfinite(latents, dtype=np.float64)
        if not len(latents) or len(latents) != len(factors):
            raise ValueError("lengths differ, or are zero")
        low, spread = latents.min(axis=0), np.ptp(latents, axis=0)
        places = np.minimum(20 * (latents - low) / np.where(spread == 0, 1, spread), 19).astype(int)
        new = cls(latents.shape[1], factors.shape[1])
        for row, labels in zip(places, factors.tolist(), strict=True):
            new.add(row, labels)
        return new


IMPLEMENTATIONS = {
    "dictionaries": (mig_of_dictionaries, {"kind": "mig", "n_bins": 20}),
    "columns": (transposed(scores_of_columns), {"kind": "modularity", "number": "modularity"}),
    "an object": (JointTables.of, {"kind": "mig_sup"}),
}


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
def test_an_independent_implementation_passes(name):
    function, declared = IMPLEMENTATIONS[name]
    report = check_metric(function, **declared, **FEW)
    assert report.passed, str(report)
    assert sum(row.status == "held" for row in report.rows) > 20


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
def test_it_passes_without_a_kind_too(name):
    function, declared = IMPLEMENTATIONS[name]
    fewest = 2 if name == "columns" else 1
    report = check_metric(function, number=declared.get("number", "score"), fewest_factors=fewest, **FEW)
    assert report.passed, str(report)


def test_an_estimator_of_means_and_variances_passes():
    def dimension_wise_kl(mean, variance):
        """By the rectangle rule over a long interval, each latent by itself."""
        total = 0.0
        for m, v in zip(mean.T, variance.T, strict=True):
            reach = 12 * math.sqrt(v.max())
            z, step = np.linspace(m.min() - reach, m.max() + reach, 20_001, retstep=True)
            density = (np.exp(-0.5 * (z[:, None] - m) ** 2 / v) / np.sqrt(2 * np.pi * v)).mean(axis=1)
            log_ratio = np.log(density + 1e-300) + 0.5 * z**2 + 0.5 * math.log(2 * math.pi)
            total += float((density * log_ratio).sum() * step)
        return total

    def taken(mean, log_var):
        return dimension_wise_kl(mean, np.exp(log_var))

    for function, spread in ((dimension_wise_kl, "variance"), (taken, "log_var")):
        report = check_estimator(from_parameters(function, spread), estimates="dimension_wise_kl", **FEW)
        assert report.passed, str(report)
    assert not check_estimator(from_parameters(dimension_wise_kl, "scale"), estimates="dimension_wise_kl", **FEW).passed
