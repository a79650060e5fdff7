"""Nearest-neighbour mutual information against the O(N^2) oracle, ties and duplicates included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

import dismetrics as dm
from dismetrics.estimators import mutual_information
from dismetrics.kernels.neighbours import kth_distance
from oracles import neighbours as oracle
from sizes import size


def _labelled(kind, rng):
    n = size(150, 60)
    labels = rng.integers(0, 4, n)
    z = labels + rng.normal(size=n)
    if kind == "ties":
        z = z.round(1)
    elif kind == "integers":
        z = z.round()
    elif kind == "duplicated rows":
        z, labels = np.tile(z[: n // 3], 3), np.tile(labels[: n // 3], 3)
    elif kind == "rare labels":
        labels[:3] = [7, 8, 8]
    elif kind == "mostly zero":
        z[rng.random(n) < 0.7] = 0.0
    return z, labels


@pytest.mark.filterwarnings("ignore:.* coincide with:dismetrics.warnings.DegenerateDataWarning")
@pytest.mark.parametrize("kind", ["smooth", "ties", "integers", "duplicated rows", "rare labels", "mostly zero"])
@pytest.mark.parametrize("n_neighbours", [1, 3, 8])
def test_labels_equal_the_oracle(kind, n_neighbours):
    z, labels = _labelled(kind, np.random.default_rng(0))
    found = mutual_information(z[:, None], labels, estimator="knn", n_neighbours=n_neighbours)
    assert found.mutual_information[0, 0] == pytest.approx(oracle.ross(z, labels, n_neighbours), abs=1e-9)


@pytest.mark.parametrize("kind", ["smooth", "duplicated rows", "mostly zero", "coarse"])
@pytest.mark.parametrize("n_neighbours", [1, 3, 8])
def test_quantities_equal_the_oracle(kind, n_neighbours):
    rng = np.random.default_rng(1)
    n = size(150, 60)
    z = rng.normal(size=n)
    v = z + 0.5 * rng.normal(size=n)
    if kind == "duplicated rows":
        z, v = np.tile(z[: n // 5], 5), np.tile(v[: n // 5], 5)
    elif kind == "mostly zero":
        z[rng.random(n) < 0.6] = 0.0
        v[z == 0] = 0.0
    elif kind == "coarse":
        # Deviations that are powers of two leave differences of scaled values exact, and with them the ties.
        z, v = np.tile([-1.0, 1.0], n // 2), np.tile([-2.0, -2.0, 2.0, 2.0], n // 4 + 1)[: 2 * (n // 2)]
        v = np.where(v < 0, -2.0, 2.0)
    factors = dm.Factors(v, kinds="continuous")
    found = mutual_information(z[:, None], factors, estimator="knn", n_neighbours=n_neighbours)
    assert found.mutual_information[0, 0] == pytest.approx(oracle.ksg1(z, v, n_neighbours), abs=1e-9)


@given(st.lists(st.integers(0, 12), min_size=2, max_size=20), st.integers(1, 6))
def test_the_sliding_window_finds_the_kth_neighbour(values, k):
    ordered = np.sort(np.array(values, float))
    k = min(k, len(ordered) - 1)
    distances = np.abs(ordered[:, None] - ordered)
    # Each row holds the point itself at distance 0, so the k-th other point is entry k of the sorted row.
    assert kth_distance(ordered, k).tolist() == np.sort(distances, axis=1)[:, k].tolist()


def test_labels_equal_scikit_learn_where_nothing_is_tied():
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 3, 400)
    z = labels + rng.normal(size=400)
    theirs = mutual_info_classif(z[:, None], labels, n_neighbors=3, random_state=0)[0]
    # They add noise of 1e-10 to break ties, so not to the last digit.
    assert mutual_information(z[:, None], labels, estimator="knn").mutual_information[0, 0] == pytest.approx(
        theirs, abs=1e-6
    )


def test_quantities_equal_scikit_learn_where_nothing_is_tied():
    rng = np.random.default_rng(3)
    v = rng.normal(size=400)
    z = v + rng.normal(size=400)
    theirs = mutual_info_regression(z[:, None], v, n_neighbors=3, random_state=0)[0]
    factors = dm.Factors(v, kinds="continuous")
    found = mutual_information(z[:, None], factors, estimator="knn").mutual_information[0, 0]
    assert found == pytest.approx(theirs, abs=0.01)


def test_correlated_gaussians_have_their_closed_form():
    rng = np.random.default_rng(4)
    n = size(20_000, 500)
    z = rng.normal(size=n)
    v = 0.8 * z + 0.6 * rng.normal(size=n)
    factors = dm.Factors(v, kinds="continuous")
    found = mutual_information(z[:, None], factors, estimator="knn").mutual_information[0, 0]
    # Standard error of the estimator at this size is near 0.7 / sqrt(n).
    assert found == pytest.approx(-0.5 * np.log(1 - 0.8**2), abs=4 * 0.7 / np.sqrt(n) + 1 / n**0.5)


def test_a_constant_carries_nothing():
    found = mutual_information(np.ones((20, 1)), np.arange(20) % 2, estimator="knn")
    assert found.mutual_information[0, 0] == 0.0


def test_missing_labels_drop_their_rows():
    rng = np.random.default_rng(5)
    labels, z = rng.integers(0, 3, 100), rng.normal(size=100)
    missing = rng.random(100) < 0.3
    found = mutual_information(z[:, None], dm.Factors(labels, missing=missing), estimator="knn")
    assert found.mutual_information[0, 0] == pytest.approx(oracle.ross(z[~missing], labels[~missing]), abs=1e-9)
