"""Minibatch estimators: right weights, and the mistakes that are common in public code."""

import itertools
import math

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.estimators import minibatch
from minibatch_cases import EVERY, N_DSPRITES, column_weights, estimated, random_pairs
from oracles import minibatch as oracle

# -------------------------------------------------------------------------------------------- against the definition


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(("batch_size", "n_samples"), [(2, 2), (2, 50), (7, 7), (7, 8), (7, 1000)])
def test_densities_are_those_of_the_definition(name, batch_size, n_samples):
    pairs = random_pairs(1, batch_size)
    found = estimated(pairs, n_samples, name)
    joint, marginals = oracle.densities(pairs, oracle.weights(batch_size, n_samples, name))
    assert found.log_joint == pytest.approx(joint, abs=1e-12)
    assert found.log_marginals == pytest.approx(marginals, abs=1e-12)
    assert found.log_joint.shape == (batch_size,)
    assert found.log_marginals.shape == (batch_size, 3)


@pytest.mark.parametrize("name", EVERY)
def test_terms_are_those_of_the_definition_and_add_up(name):
    estimator, placement = EVERY[name]
    for seed in range(5):
        pairs = random_pairs(seed)
        log_prior = np.random.default_rng(seed).normal(size=(7, 3))
        found = minibatch.minibatch_terms(pairs, log_prior, 90, estimator, placement=placement)
        wanted = oracle.terms(pairs, log_prior, oracle.weights(7, 90, name))
        assert (found.index_code_mi, found.total_correlation, found.dimension_wise_kl) == pytest.approx(wanted)
        mean_kl = np.mean([pairs[i, i].sum() - log_prior[i].sum() for i in range(7)])
        assert found.mean_kl == pytest.approx(mean_kl, abs=1e-12)
        assert sum(wanted) == pytest.approx(found.mean_kl, abs=1e-12)


@pytest.mark.parametrize("placement", minibatch.PLACEMENTS)
@pytest.mark.parametrize(("batch_size", "n_samples"), [(2, 2), (2, 9), (4, 4), (4, 6), (5, 7), (64, N_DSPRITES)])
def test_stratified_weights(placement, batch_size, n_samples):
    found = minibatch.mss_weights(batch_size, n_samples, placement)
    assert found == pytest.approx(oracle.weights(batch_size, n_samples, placement), rel=1e-15)
    assert found.sum(axis=1) == pytest.approx(np.ones(batch_size), rel=1e-12)
    assert (np.diagonal(found) == 1 / n_samples).all()
    assert (found > 0).all()


def test_pairs_have_draws_first_and_posteriors_second():
    rng = np.random.default_rng(0)
    posterior = dm.LaplacePosterior(rng.normal(size=(4, 2)), rng.uniform(0.5, 2.0, (4, 2)))
    z = posterior.sample(rng)
    pairs = minibatch.pairwise_log_density(posterior, z)
    for i, k, j in itertools.product(range(4), range(4), range(2)):
        alone = posterior.take(np.array([k])).log_density(z[i : i + 1, j], j)
        assert pairs[i, k, j] == alone[0, 0]


# --------------------------------------------------------------------------------------------- weights, right and wrong


def _mean_over_minibatches(weights, n_samples, seed):
    """E[f(z)]/q(z) over all ordered minibatches in which row i holds sample n: shape (n_rows, n_samples)."""
    rng = np.random.default_rng(seed)
    mean = rng.normal(size=(n_samples, 2))
    z = mean + 0.4 * rng.normal(size=mean.shape)
    density = np.exp(-0.5 * (((z[:, None] - mean) / 0.4) ** 2).sum(axis=2))
    orders = np.array(list(itertools.permutations(range(n_samples), len(weights))))
    ratio = np.empty((len(weights), n_samples))
    for i, n in itertools.product(range(len(weights)), range(n_samples)):
        held = orders[orders[:, i] == n]
        ratio[i, n] = (density[n, held] @ weights[i]).mean() / density[n].mean()
    return ratio


# With N = 2 (B - 1) the weights 1/N and (N - M)/(N M) are equal, so 7 samples tell more than 6.
@pytest.mark.parametrize("n_samples", [6, 7])
@pytest.mark.parametrize("placement", minibatch.PLACEMENTS)
def test_stratified_densities_are_unbiased(placement, n_samples):
    for seed in range(3):
        ratio = _mean_over_minibatches(minibatch.mss_weights(4, n_samples, placement), n_samples, seed)
        assert np.abs(ratio - 1).max() < 1e-12


@pytest.mark.parametrize("n_samples", [6, 7])
def test_weights_down_columns_are_not(n_samples):
    for seed in range(3):
        ratio = _mean_over_minibatches(column_weights(4, n_samples), n_samples, seed)
        assert ratio.max() > 1.6
        # The first row has its weights where they belong, and the second one too where the two are equal.
        assert np.abs(ratio - 1).max(axis=1)[2:].min() > 0.5
        assert np.abs(ratio[0] - 1).max() < 1e-12


def test_a_test_of_row_sums_hardly_sees_weights_down_columns():
    sums = column_weights(64, N_DSPRITES).sum(axis=1)
    assert np.count_nonzero(np.abs(sums - 1) > 1e-12) == 1


def test_weights_down_columns_are_the_plain_average():
    batch_size, rng = 64, np.random.default_rng(0)
    posterior = dm.GaussianPosterior.from_scale(rng.normal(size=(batch_size, 4)), np.full((batch_size, 4), 0.1))
    pairs = minibatch.pairwise_log_density(posterior, posterior.sample(rng))
    mistaken = oracle.densities(pairs, column_weights(batch_size, N_DSPRITES))[0]
    plain = minibatch.minibatch_average(pairs).log_joint
    right = minibatch.mss(pairs, N_DSPRITES).log_joint
    # 1/M in place of 1/B, and one or two of 64 neighbours that count less or not at all.
    assert np.abs(mistaken - plain)[1:].max() < 0.1
    assert plain[0] - mistaken[0] > 1
    assert np.median(plain - right) > 5
    of_rows = np.diagonal(pairs, axis1=0, axis2=1).sum(axis=0)
    assert (of_rows - mistaken)[1:].max() < math.log(batch_size) < (of_rows - right).max()


def test_the_weight_counts_once_however_many_latents():
    pairs = random_pairs(0, 64, 10, 0.1)
    log_weights = np.log(minibatch.mss_weights(64, N_DSPRITES))
    own = np.einsum("iij->i", pairs)
    every_time = log_weights[:, :, None] + pairs
    mistaken = np.logaddexp.reduce(every_time.sum(axis=2), axis=1)
    found = minibatch.mss(pairs, N_DSPRITES).log_joint
    # No data set of N samples holds more than log N nats on which sample it is: the estimate keeps to it.
    assert (own - found).max() <= math.log(N_DSPRITES) + 1e-12
    assert (own - mistaken).min() > 40 + math.log(N_DSPRITES)


# --------------------------------------------------------------------------------------------------------- invariances


@pytest.mark.parametrize("name", EVERY)
def test_order_of_latents(name):
    pairs, order = random_pairs(6), [2, 0, 1]
    one, other = estimated(pairs, 90, name), estimated(pairs[:, :, order], 90, name)
    assert other.log_joint == pytest.approx(one.log_joint, abs=1e-12)
    assert (other.log_marginals == one.log_marginals[:, order]).all()


@pytest.mark.parametrize("name", EVERY)
def test_order_of_the_other_rows(name):
    pairs = random_pairs(7)
    order = np.array([0, 3, 6, 1, 5, 2, 4])
    one, other = estimated(pairs, 90, name), estimated(pairs[np.ix_(order, order)], 90, name)
    same = other.log_joint == pytest.approx(one.log_joint[order], abs=1e-12)
    assert same if name != "paper" else not same
    # The next row of every row stays the next row, if they are only turned.
    turned = estimated(np.roll(pairs, 2, axis=(0, 1)), 90, name)
    assert turned.log_joint == pytest.approx(np.roll(one.log_joint, 2), abs=1e-12)


@pytest.mark.parametrize("name", EVERY)
def test_log_densities_of_any_size(name):
    pairs = random_pairs(8)
    one = estimated(pairs, 90, name)
    for shift in (-1e5, 1e5):  # exp of it is 0 or infinite
        other = estimated(pairs + shift, 90, name)
        assert other.log_joint - 3 * shift == pytest.approx(one.log_joint, abs=1e-8)
        assert other.log_marginals - shift == pytest.approx(one.log_marginals, abs=1e-8)


@pytest.mark.parametrize("name", EVERY)
def test_any_array_of_numbers(name):
    pairs = random_pairs(9).astype(np.float32)
    one = estimated(pairs.astype(np.float64), 90, name)
    for same in (pairs, pairs.tolist(), np.asfortranarray(pairs), np.ascontiguousarray(pairs)):
        other = estimated(same, np.int64(90), name)
        assert (other.log_joint == one.log_joint).all()
        assert other.log_joint.dtype == np.float64
    pairs.setflags(write=False)
    before = pairs.copy()
    estimated(pairs, 90, name)
    assert (pairs == before).all()


def test_rows_without_density_elsewhere():
    pairs = np.full((3, 3, 2), -np.inf)
    pairs[np.arange(3), np.arange(3)] = 0.0
    assert minibatch.mss(pairs, 30).log_joint == pytest.approx(np.full(3, -math.log(30)), abs=1e-12)
    assert minibatch.mws(pairs, 30).log_marginals == pytest.approx(np.full((3, 2), -math.log(90)), abs=1e-12)


# -------------------------------------------------------------------------------------------------------------- errors


def _changed(index, value):
    pairs = np.zeros((3, 3, 2))
    pairs[index] = value
    return pairs


@pytest.mark.parametrize(
    ("log_density", "n_samples", "error", "message"),
    [
        (np.zeros((3, 3)), 9, ValueError, r"shape \(3, 3\).*log_density\[:, :, None\]"),
        (np.zeros((3, 4, 2)), 9, ValueError, r"shape \(3, 4, 2\).*every pair of rows"),
        (np.zeros((3, 3, 0)), 9, ValueError, r"shape \(3, 3, 0\)"),
        (np.zeros((0, 0, 2)), 9, ValueError, r"shape \(0, 0, 2\)"),
        (np.zeros((3, 3, 2), complex), 9, TypeError, "complex"),
        (np.full((3, 3, 2), "a"), 9, TypeError, "real numbers"),
        (_changed((1, 2, 0), np.nan), 9, ValueError, "nan .draw of row 1, posterior of row 2, latent 0"),
        (_changed((1, 2, 0), np.inf), 9, ValueError, "inf .draw of row 1, posterior of row 2, latent 0"),
        (_changed((1, 1, 1), -np.inf), 9, ValueError, r"row 1's own draw \(entry \[1, 1, 1\]\)"),
        (np.zeros((3, 3, 2)), 2, ValueError, "n_samples=2 is less than the minibatch of 3 rows"),
        (np.zeros((3, 3, 2)), 9.5, TypeError, "n_samples=9.5 is not a whole number"),
        (np.zeros((3, 3, 2)), 9.0, TypeError, "n_samples=9.0 is not a whole number"),
        (np.zeros((3, 3, 2)), True, TypeError, "n_samples=True"),
        (np.zeros((3, 3, 2)), None, TypeError, "n_samples=None"),
        (np.zeros((3, 3, 2)), 0, ValueError, "n_samples=0"),
    ],
)
def test_log_densities_and_sizes_that_cannot_be_meant(log_density, n_samples, error, message):
    for estimate in (minibatch.mws, minibatch.mss):
        with pytest.raises(error, match=message):
            estimate(log_density, n_samples)
    with pytest.raises(error, match=message):
        minibatch.minibatch_terms(log_density, np.zeros((3, 2)), n_samples, "minibatch")


def test_one_row_has_no_others():
    for call in (
        lambda: minibatch.mss(np.zeros((1, 1, 2)), 9),
        lambda: minibatch.mss_weights(1, 9),
        lambda: minibatch.offset_range(9, 1, 2, "mss"),
        lambda: minibatch.offset_of(dm.GaussianPosterior(np.zeros((9, 2)), np.zeros((9, 2))), 1, "mss"),
    ):
        with pytest.raises(ValueError, match="at least 2 rows"):
            call()
    assert minibatch.mws(np.zeros((1, 1, 2)), 9).log_joint == pytest.approx([-math.log(9)])
    assert minibatch.minibatch_average(np.zeros((1, 1, 2))).log_joint == pytest.approx([0.0])


def test_words_and_priors_that_cannot_be_meant():
    pairs, prior = np.zeros((3, 3, 2)), np.zeros((3, 2))
    with pytest.raises(ValueError, match="estimator='mwss' is not known"):
        minibatch.minibatch_terms(pairs, prior, 9, "mwss")
    with pytest.raises(ValueError, match="placement='column' is not known"):
        minibatch.mss(pairs, 9, placement="column")
    with pytest.raises(ValueError, match="placement='column' is not known"):
        minibatch.mss_weights(3, 9, "column")
    with pytest.raises(ValueError, match="placement='paper' has no part in estimator='mws': leave it out"):
        minibatch.minibatch_terms(pairs, prior, 9, "mws", placement="paper")
    with pytest.raises(ValueError, match=r"log_prior has shape \(3,\); .* \(3, 2\) is wanted"):
        minibatch.minibatch_terms(pairs, prior[:, 0], 9, "mws")
    with pytest.raises(ValueError, match=r"log_prior holds nan \(row 0, latent 0\)"):
        minibatch.minibatch_terms(pairs, prior * np.nan, 9, "mws")
    with pytest.raises(ValueError, match="n_latents=0"):
        minibatch.offset_range(9, 3, 0, "mws")
    with pytest.raises(ValueError, match="n_samples=2 is less than the minibatch of 3 rows"):
        minibatch.offset_range(2, 3, 2, "mws")


def test_posteriors_and_draws_that_cannot_be_meant():
    posterior = dm.GaussianPosterior(np.zeros((3, 2)), np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"z has shape \(2, 2\); .* \(3, 2\) is wanted"):
        minibatch.pairwise_log_density(posterior, np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"z holds inf \(row 0, latent 0\)"):
        minibatch.pairwise_log_density(posterior, np.full((3, 2), np.inf))
    table = dm.BernoulliPosterior(np.full((3, 2), 0.5))
    for call in (
        lambda: minibatch.pairwise_log_density(table, np.zeros((3, 2))),
        lambda: minibatch.offset_of(table, 2, "mws"),
    ):
        with pytest.raises(TypeError, match="a BernoulliPosterior has no log_density"):
            call()
    with pytest.raises(ValueError, match="n_batches=1"):
        minibatch.offset_of(posterior, 2, "mws", 1)
    with pytest.raises(ValueError, match="n_samples=3 is less than the minibatch of 4 rows"):
        minibatch.offset_of(posterior, 4, "mws")
