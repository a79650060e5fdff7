"""Values that the tests of other implementations hold, of disentanglement_lib above all: set up anew."""

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.estimators import bin_edges, discrete_entropy

DIAGONAL = np.diag([5.0, 4.0, 3.0, 2.0, 1.0])
GRID = np.indices((3, 3, 3, 3)).reshape(4, -1).T.repeat(3, axis=0)
LOG_2 = np.log(2)


@pytest.mark.parametrize(
    ("importance", "disentanglement", "completeness"),
    [
        (DIAGONAL, 1.0, 1.0),
        (np.vstack([DIAGONAL, np.zeros((5, 5))]), 1.0, 1.0),
        (np.vstack([DIAGONAL, DIAGONAL]), 1.0, 1 - LOG_2 / np.log(10)),
        (np.hstack([DIAGONAL, DIAGONAL]), 1 - LOG_2 / np.log(10), 1.0),
        (np.zeros((10, 10)), 0.0, 0.0),
    ],
    ids=["diagonal", "codes that nothing needs", "each code twice", "two factors a code", "nothing"],
)
def test_dci_of_matrices(importance, disentanglement, completeness):
    result = dm.dci_from_importance(importance)
    assert result.score == pytest.approx(disentanglement, abs=1e-12)
    assert result.completeness == pytest.approx(completeness, abs=1e-12)


def test_modularity_of_codes():
    assert dm.modularity(GRID, GRID).score == pytest.approx(1.0, abs=1e-12)
    with_one_empty = np.column_stack([GRID[:, :2], np.zeros(len(GRID))])
    assert dm.modularity(with_one_empty, GRID).score == pytest.approx(2 / 3, abs=1e-12)
    bits = np.indices((2,) * 10).reshape(10, -1).T
    two_factors_a_code = bits[:, ::2] + 2 * bits[:, 1::2]
    assert dm.modularity(two_factors_a_code, bits, n_bins=4).score == pytest.approx(1 - 1 / 9, abs=1e-12)


SCORES = {
    "mig": {},
    "dci": {"rng": 0, "n_trees": 10},
    "sap": {"rng": 0, "predictor": "tree"},
    "factor_vae_score": {"rng": 0, "n_train": 500, "n_test": 300},
    "beta_vae_score": {"rng": 0, "n_train": 500, "n_test": 300},
}


@pytest.mark.parametrize("name", SCORES)
@pytest.mark.filterwarnings("ignore::dismetrics.warnings.DegenerateDataWarning")
def test_a_code_that_is_the_factors_scores_high_and_one_that_is_nothing_low(name):
    codes = {"identity": GRID, "zeros": 0 * GRID}
    score = {code: getattr(dm, name)(z, GRID, **SCORES[name]).score for code, z in codes.items()}
    # Two thirds for SAP: a runner-up that knows nothing guesses one of three labels right.
    assert (0.6 if name == "sap" else 0.9) <= score["identity"] <= 1.0
    # A vote for one of four factors is right a quarter of the time.
    assert 0.0 <= score["zeros"] <= (0.3 if "vae" in name else 0.2)


def test_duplicated_latents():
    twice = np.column_stack([GRID, GRID])
    assert 0.0 <= dm.mig(twice, GRID).score <= 0.1
    assert 0.0 <= dm.sap(twice, GRID, rng=0).score <= 0.2
    assert 0.9 <= dm.modularity(twice, GRID).score <= 1.0


@pytest.mark.parametrize("n_latents", [2, 5, 10])
@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.9])
def test_gaussian_scores_of_equal_correlations(n_latents, correlation):
    covariance = np.full((n_latents, n_latents), correlation) + (1 - correlation) * np.eye(n_latents)
    z = np.random.default_rng(0).normal(size=(200, n_latents))
    z -= z.mean(axis=0)
    white = z @ np.linalg.inv(np.linalg.cholesky(z.T @ z / len(z))).T
    exact = white @ np.linalg.cholesky(covariance).T
    total_correlation = dm.gaussian_total_correlation(exact).score
    assert total_correlation == pytest.approx(-0.5 * np.linalg.slogdet(covariance)[1], abs=1e-10)
    wasserstein = dm.gaussian_wasserstein_correlation(exact).score
    # The diagonal of the covariance is 1, so its root is that of the covariance itself.
    assert wasserstein == pytest.approx(2 * n_latents - 2 * np.sqrt(np.linalg.eigvalsh(covariance)).sum(), abs=1e-10)


def test_entropy_and_bins_of_six_numbers():
    assert discrete_entropy(np.unique([1, 1, 2, 2, 3, 3], return_counts=True)[1]) == pytest.approx(np.log(3), abs=1e-12)
    values = np.arange(1, 7) / 10
    edges = bin_edges(values, 3)
    assert (np.searchsorted(edges[1:-1], values, side="right") + 1).tolist() == [1, 1, 2, 2, 3, 3]
