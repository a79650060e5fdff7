"""Plug-in mutual information against a naive oracle and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mutual_info_score

import dismetrics as dm
from dismetrics.estimators import bin_edges, discretise, discretise_factors, mutual_information
from oracles import histogram as oracle
from sizes import size


def _data(seed, n=None):
    rng = np.random.default_rng(seed)
    n = size(2000, 200) if n is None else n
    v = np.column_stack([rng.integers(0, k, n) for k in (2, 5, 11)])
    z = np.column_stack([v[:, 0] + 0.3 * rng.normal(size=n), v[:, 1] + v[:, 2], rng.normal(size=n), np.ones(n)])
    return z, v, rng


@pytest.mark.parametrize("discretisation", ["equal_width", "quantile", "unique"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("missing", [False, True])
def test_matrix_and_mig_equal_the_oracle(discretisation, weighted, missing):
    z, v, rng = _data(0, 400)
    z = z.round(1)
    weights = rng.gamma(1.0, size=len(z)) if weighted else None
    mask = rng.random(v.shape) < 0.2 if missing else None
    factors = dm.Factors(v, weights=weights, missing=mask)
    binned = {
        "equal_width": lambda x: oracle.equal_width_bins(x, 7),
        "quantile": lambda x: oracle.quantile_bins(x, 7),
        "unique": oracle.unique_bins,
    }[discretisation]
    codes = np.column_stack([binned(column) for column in z.T])
    settings = {"n_bins": 7, "discretisation": discretisation}
    found = mutual_information(z, factors, **settings)
    right = oracle.mutual_information_matrix(codes, v, weights=weights, missing=mask)
    assert found.mutual_information == pytest.approx(right, abs=1e-10)
    for normaliser in ("factor", "latent"):
        score, per_factor = oracle.mig(codes, v, weights=weights, missing=mask, normaliser=normaliser)
        result = dm.mig(z, factors, normaliser=normaliser, **settings)
        assert result.score == pytest.approx(score, abs=1e-10)
        assert result.per_factor == pytest.approx(per_factor, abs=1e-10)
        score, per_latent = oracle.mig_sup(codes, v, weights=weights, missing=mask, normaliser=normaliser)
        result = dm.mig_sup(z, factors, normaliser=normaliser, **settings)
        assert result.score == pytest.approx(score, abs=1e-10)
        assert result.per_latent == pytest.approx(per_latent, abs=1e-10)


def test_matrix_equals_scikit_learn():
    z, v, _ = _data(1)
    found = mutual_information(z, v).mutual_information
    bins, _ = discretise(z)
    right = [[mutual_info_score(bins[j], v[:, k]) for k in range(v.shape[1])] for j in range(z.shape[1])]
    assert found == pytest.approx(np.array(right), abs=1e-12)


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=60), st.integers(1, 30))
def test_equal_width_bins_are_those_of_numpy(values, n_bins):
    column = np.array(values)
    bins, found = discretise(np.column_stack([column, column]), n_bins=n_bins)
    edges = bin_edges(column, n_bins)
    if column.min() == column.max():
        assert found[0] == 1
        assert not bins.any()
        return
    assert edges == pytest.approx(np.linspace(column.min(), column.max(), n_bins + 1), abs=0)
    right = np.clip(np.searchsorted(edges, column, side="right") - 1, 0, n_bins - 1)
    assert np.array_equal(bins[0], right)


def test_a_value_on_an_edge_goes_to_the_bin_on_its_right_and_the_last_bin_is_closed():
    bins, _ = discretise(np.array([[0.0], [0.25], [0.5], [0.75], [1.0]]), n_bins=4)
    assert bins[0].tolist() == [0, 1, 2, 3, 3]


def test_explicit_edges_keep_what_lies_outside_in_the_first_and_last_bin():
    bins, n_bins = discretise(np.array([[-9.0], [0.0], [0.5], [9.0]]), edges=[[0.0, 0.5, 1.0]])
    assert bins[0].tolist() == [0, 0, 1, 1]
    assert n_bins.tolist() == [2]


def test_bins_do_not_depend_on_the_dtype_the_values_came_in():
    rng = np.random.default_rng(2)
    z = rng.normal(size=(500, 3)).astype(np.float32)
    assert np.array_equal(discretise(z)[0], discretise(z.astype(np.float64))[0])


def test_miller_madow_adds_the_occupied_cells():
    z, v, _ = _data(3, 300)
    bins, _ = discretise(z, n_bins=6)
    found = mutual_information(z, v, n_bins=6, correction="miller_madow").mutual_information
    right = [[oracle.miller_madow_mutual_information(b, column) for column in v.T] for b in bins]
    assert found == pytest.approx(np.maximum(right, 0.0), abs=1e-12)


def test_corrections_take_away_most_of_the_bias_of_independent_data():
    rng = np.random.default_rng(4)
    z, v = rng.normal(size=(1000, 3)), rng.integers(0, 40, (1000, 1))
    plain = mutual_information(z, v).mutual_information.mean()
    assert plain > 0.3
    assert mutual_information(z, v, correction="shuffle", rng=0).mutual_information.mean() < 0.1 * plain
    # Miller-Madow counts occupied cells only, and here many of the possible ones are empty.
    assert mutual_information(z, v, correction="miller_madow").mutual_information.mean() < 0.5 * plain


def test_a_constant_latent_has_exactly_no_information():
    z, v, _ = _data(5)
    assert (mutual_information(z, v).mutual_information[3] == 0.0).all()


def test_the_ceiling_is_what_the_bins_can_carry():
    v = np.tile(np.arange(40), 5)
    result = dm.mig(v[:, None].astype(float), v)
    assert result.ceiling == pytest.approx(np.log(20) / np.log(40), abs=1e-15)
    assert result.ceiling == pytest.approx(oracle.mig_ceiling(v, 20), abs=1e-15)
    assert result.score <= result.ceiling
    assert dm.mig(v[:, None].astype(float), v, n_bins=40).ceiling == 1.0


def test_quantities_and_angles_are_binned_and_labels_are_not():
    rng = np.random.default_rng(6)
    quantity, angle = rng.normal(size=400), rng.uniform(-10, 10, 400)
    labels = rng.integers(0, 50, 400)
    factors = dm.Factors(
        {"q": quantity, "a": angle, "l": labels}, kinds={"q": "continuous", "a": "circular"}, names=None
    )
    binned = discretise_factors(factors, 8)
    assert np.array_equal(binned.codes[:, 0], oracle.equal_width_bins(quantity, 8))
    turns = np.floor(np.mod(angle, 2 * np.pi) / (2 * np.pi / 8)).astype(int)
    assert np.array_equal(binned.codes[:, 1], turns)
    assert np.array_equal(binned.codes[:, 2], factors.codes[:, 2])
    merged = discretise_factors(factors, 8, labels_too=True)
    assert np.array_equal(
        merged.codes[:, 2],
        oracle.equal_width_bins(
            np.unique(labels, return_inverse=True)[0][np.unique(labels, return_inverse=True)[1]].astype(float), 8
        ),
    )
