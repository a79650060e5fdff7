"""The axis-alignment metric."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dismetrics as dm
from dismetrics.warnings import DegenerateDataWarning, SaturationWarning
from oracles import aggregate_posterior, axis_alignment, binning, counts, gaps

V = np.tile(np.indices((3, 4)).reshape(2, -1).T, (20, 1))
N = len(V)
MISSING = np.random.default_rng(1).random((N, 2)) < [0.2, 0.4]
WEIGHTS = np.random.default_rng(2).random(N)


def latents(seed=0):
    rng = np.random.default_rng(seed)
    return V @ np.array([[1.0, 0.0, 0.2], [0.0, 1.0, 0.0]]) + 0.3 * rng.normal(size=(N, 3))


def entropies(weights=None, missing=None):
    rows = [gaps.known_rows(N, k, missing) for k in range(2)]
    return np.array([counts.entropy(V[r, k], None if weights is None else weights[r]) for k, r in enumerate(rows)])


@pytest.mark.parametrize(
    ("weights", "missing"), [(None, None), (WEIGHTS, None), (None, MISSING), (WEIGHTS, MISSING)], ids=str
)
def test_points_equal_the_oracle(weights, missing):
    z = latents()
    bins = np.column_stack([binning.equal_width_bins(column, 20) for column in z.T])
    information = gaps.mutual_information_matrix(bins, V, weights, missing)
    score, per_factor = axis_alignment.aam(information, entropies(weights, missing))
    result = dm.aam(z, dm.Factors(V, missing=missing), weights=weights)
    assert result.score == pytest.approx(score, abs=1e-12)
    assert result.per_factor == pytest.approx(per_factor, abs=1e-12)
    assert 0 < result.score < 1
    ordered = np.sort(information, axis=0)
    assert result.told_by_best == pytest.approx(ordered[-1], abs=1e-12)
    assert result.told_by_others == pytest.approx(ordered[:-1].sum(axis=0), abs=1e-12)
    assert result.best_latents.tolist() == information.argmax(axis=0).tolist()


def test_posteriors_equal_the_oracle():
    mean, scale = latents()[:60], np.full((60, 3), 0.8)
    functions = [
        aggregate_posterior.row_entropy(aggregate_posterior.gaussian_mixture_entropy, mean[:, j], scale[:, j])
        for j in range(3)
    ]
    _, _, information = aggregate_posterior.posterior_mig(functions, V[:60], WEIGHTS[:60], MISSING[:60])
    expected = axis_alignment.aam(information, np.ones(2))
    factors = dm.Factors(V[:60], missing=MISSING[:60])
    result = dm.aam(dm.GaussianPosterior.from_scale(mean, scale), factors, weights=WEIGHTS[:60])
    assert result.score == pytest.approx(expected[0], abs=1e-5)
    assert result.per_factor == pytest.approx(expected[1], abs=1e-5)
    assert result.overlap.shape == (3, 2)


def test_what_it_measures():
    perfect = V.astype(float)
    assert dm.aam(perfect, V).score == 1.0
    # How much is told does not count, as long as one latent tells it.
    assert dm.aam(V // 2, V).score == 1.0
    # A code written twice, and one that two latents tell half each.
    assert dm.aam(np.hstack([perfect, perfect]), V).score == 0.0
    four = np.tile(np.arange(4), 30)
    assert dm.aam(np.column_stack([four // 2, four % 2]), four).score == 0.0
    # Where MIG sees the second alone, here all others count: none at all is left.
    shared = np.column_stack([four, four // 2, four % 2])
    assert dm.mig(shared, four).score == pytest.approx(0.5)
    assert dm.aam(shared, four).score == pytest.approx(0.0, abs=1e-12)


def test_a_single_latent_scores_one_if_it_tells_anything():
    result = dm.aam(latents()[:, :1], V[:, 0])
    assert result.score == 1.0
    assert result.told_by_others.tolist() == [0.0]


def test_latents_that_tell_nothing_score_zero_and_change_nothing():
    nothing = dm.aam(np.zeros((N, 3)), V)
    assert nothing.score == 0.0
    assert nothing.best_latents.tolist() == [-1, -1]
    wider = dm.aam(np.column_stack([latents(), np.full(N, 5.0)]), V)
    assert wider.score == dm.aam(latents(), V).score
    collapsed = dm.aam(dm.GaussianPosterior(np.zeros((N, 2)), np.zeros((N, 2))), V)
    assert 0.0 <= collapsed.score <= 1.0
    assert collapsed.told_by_best.max() < 1e-7


def test_a_factor_with_one_value_is_left_out():
    factors = np.column_stack([V[:, 0], np.full(N, 7), V[:, 1]])
    with pytest.warns(DegenerateDataWarning, match="factor_1"):
        result = dm.aam(latents(), factors)
    assert result.score == dm.aam(latents(), V).score
    assert np.isnan(result.per_factor).tolist() == [False, True, False]
    assert result.best_latents[1] == -1
    json.dumps(result.to_dict(), allow_nan=False)
    with pytest.raises(ValueError, match="more than one value"):
        dm.aam(latents(), np.zeros(N, int))


@given(st.integers(0, 2**32 - 1))
def test_it_is_between_zero_and_one_and_at_most_the_gap_to_the_second(seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(4, size=(50, 2))
    z = rng.normal(size=(50, rng.integers(1, 5))) + labels[:, :1]
    result = dm.aam(z, labels, n_bins=5)
    gap = dm.mig(z, labels, n_bins=5)
    assert ((result.per_factor >= 0) & (result.per_factor <= 1)).all()
    ratio = gap.per_factor * gap.factor_entropy / result.told_by_best
    assert (result.per_factor <= ratio + 1e-12).all()
    assert np.array_equal(result.best_latents, gap.best_latents)


def test_labels_units_and_order_do_not_matter():
    z = np.round(latents() * 64) / 64
    one = dm.aam(z, V)
    other = dm.aam(z[:, [2, 0, 1]] * 2.0**-20 + 64.0, np.array(list("dcab"))[V][:, ::-1])
    assert other.score == pytest.approx(one.score, abs=1e-12)
    assert other.per_factor[::-1] == pytest.approx(one.per_factor, abs=1e-12)


def test_every_estimator_of_information_serves():
    posterior = dm.GaussianPosterior.from_scale(latents(), np.full((N, 3), 0.5))
    scores = [
        dm.aam(posterior, V).score,
        dm.aam(posterior, V, estimator="bin_masses", bin_range=(-4, 8), n_bins=200).score,
        dm.aam(posterior, V, n_draws=2000, rng=0).score,
    ]
    assert scores[1:] == pytest.approx(scores[:1] * 2, abs=0.05)
    assert 0 <= dm.aam(latents(), V, estimator="knn").score <= 1
    assert dm.aam(latents(), V, correction="shuffle", rng=0).settings["seed"] == 0
    with pytest.warns(SaturationWarning):
        dm.aam(posterior.take(np.arange(12)), V[:12])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"normaliser": "latent"}, r"no setting 'normaliser'"),
        ({"n_bin": 3}, r"n_bin'.*n_bins"),
        ({"estimator": "mine"}, r"estimator='mine'"),
        ({"n_bins": 0}, r"n_bins=0"),
        ({"factor_subset": []}, r"factor_subset is empty"),
        ({"rng": "seed"}, r"rng='seed'"),
    ],
)
def test_bad_settings_are_refused(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        dm.aam(latents(), V, **options)
