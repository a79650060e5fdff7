"""Minibatch estimators: right weights, stated bias, and the mistakes that are common in public code."""

import itertools
import math

import numpy as np
import pytest
from scipy.stats import hypergeom

import dismetrics as dm
from dismetrics.estimators import minibatch
from dismetrics.estimators.minibatch import offsets
from oracles import minibatch as oracle

# Estimator and placement, and what the oracle calls them.
EVERY = {
    "mws": ("mws", "averaged"),
    "averaged": ("mss", "averaged"),
    "paper": ("mss", "paper"),
    "minibatch": ("minibatch", "averaged"),
}
N_DSPRITES = 737_280


def _pairs(seed=0, batch_size=7, n_latents=3, scale=0.5):
    """Log densities of a random minibatch of Gaussians."""
    rng = np.random.default_rng(seed)
    mean = rng.normal(size=(batch_size, n_latents))
    posterior = dm.GaussianPosterior.from_scale(mean, scale * rng.uniform(0.5, 2.0, mean.shape))
    return minibatch.pairwise_log_density(posterior, posterior.sample(rng))


def _estimated(pairs, n_samples, name):
    if name == "mws":
        return minibatch.mws(pairs, n_samples)
    if name == "minibatch":
        return minibatch.minibatch_average(pairs)
    return minibatch.mss(pairs, n_samples, placement=name)


def _tables(rng, n_samples, n_latents, n_values, concentration):
    p = rng.dirichlet(np.full(n_values, concentration), (n_samples, n_latents)) + 1e-9
    return p / p.sum(axis=2, keepdims=True)


def _range_of(n_samples, batch_size, n_latents, name):
    estimator, placement = EVERY[name]
    return minibatch.offset_range(n_samples, batch_size, n_latents, estimator, placement=placement)


def _column_weights(batch_size, n_samples):
    """The mistake: weights meant for the diagonal and the one above it stand in the first two columns."""
    others = batch_size - 1
    matrix = np.full((batch_size, batch_size), 1 / others)
    matrix[:, 0] = 1 / n_samples
    matrix[:, 1] = matrix[-2, 0] = (n_samples - others) / (n_samples * others)
    return matrix


# -------------------------------------------------------------------------------------------- against the definition


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(("batch_size", "n_samples"), [(2, 2), (2, 50), (7, 7), (7, 8), (7, 1000)])
def test_densities_are_those_of_the_definition(name, batch_size, n_samples):
    pairs = _pairs(1, batch_size)
    found = _estimated(pairs, n_samples, name)
    joint, marginals = oracle.densities(pairs, oracle.weights(batch_size, n_samples, name))
    assert found.log_joint == pytest.approx(joint, abs=1e-12)
    assert found.log_marginals == pytest.approx(marginals, abs=1e-12)
    assert found.log_joint.shape == (batch_size,)
    assert found.log_marginals.shape == (batch_size, 3)


@pytest.mark.parametrize("name", EVERY)
def test_terms_are_those_of_the_definition_and_add_up(name):
    estimator, placement = EVERY[name]
    for seed in range(5):
        pairs = _pairs(seed)
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
        ratio = _mean_over_minibatches(_column_weights(4, n_samples), n_samples, seed)
        assert ratio.max() > 1.6
        # The first row has its weights where they belong, and the second one too where the two are equal.
        assert np.abs(ratio - 1).max(axis=1)[2:].min() > 0.5
        assert np.abs(ratio[0] - 1).max() < 1e-12


def test_a_test_of_row_sums_hardly_sees_weights_down_columns():
    sums = _column_weights(64, N_DSPRITES).sum(axis=1)
    assert np.count_nonzero(np.abs(sums - 1) > 1e-12) == 1


def test_weights_down_columns_are_the_plain_average():
    batch_size, rng = 64, np.random.default_rng(0)
    posterior = dm.GaussianPosterior.from_scale(rng.normal(size=(batch_size, 4)), np.full((batch_size, 4), 0.1))
    pairs = minibatch.pairwise_log_density(posterior, posterior.sample(rng))
    mistaken = oracle.densities(pairs, _column_weights(batch_size, N_DSPRITES))[0]
    plain = minibatch.minibatch_average(pairs).log_joint
    right = minibatch.mss(pairs, N_DSPRITES).log_joint
    # 1/M in place of 1/B, and one or two of 64 neighbours that count less or not at all.
    assert np.abs(mistaken - plain)[1:].max() < 0.1
    assert plain[0] - mistaken[0] > 1
    assert np.median(plain - right) > 5
    of_rows = np.diagonal(pairs, axis1=0, axis2=1).sum(axis=0)
    assert (of_rows - mistaken)[1:].max() < math.log(batch_size) < (of_rows - right).max()


def test_the_weight_counts_once_however_many_latents():
    pairs = _pairs(0, 64, 10, 0.1)
    log_weights = np.log(minibatch.mss_weights(64, N_DSPRITES))
    own = np.einsum("iij->i", pairs)
    every_time = log_weights[:, :, None] + pairs
    mistaken = np.logaddexp.reduce(every_time.sum(axis=2), axis=1)
    found = minibatch.mss(pairs, N_DSPRITES).log_joint
    # No data set of N samples holds more than log N nats on which sample it is: the estimate keeps to it.
    assert (own - found).max() <= math.log(N_DSPRITES) + 1e-12
    assert (own - mistaken).min() > 40 + math.log(N_DSPRITES)


# ---------------------------------------------------------------------------------------------------------------- bias


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("batch_size", [2, 3, 4])
def test_expected_offsets_lie_in_the_stated_range(name, batch_size):
    rng = np.random.default_rng(batch_size)
    for concentration in (0.01, 0.1, 0.5, 3.0):
        for n_latents in (1, 2, 3):
            p = _tables(rng, 4, n_latents, 3 if n_latents < 3 else 2, concentration)
            mi, tc = np.subtract(oracle.expected_terms(p, batch_size, name), oracle.exact_terms(p))
            stated = _range_of(4, batch_size, n_latents, name)
            for (lowest, highest), offset in (
                (stated.index_code_mi, mi),
                (stated.total_correlation, tc),
                (stated.dimension_wise_kl, -mi - tc),
            ):
                assert lowest - 1e-12 <= offset <= highest + 1e-12


@pytest.mark.parametrize("batch_size", [1, 2, 4, 5])
def test_the_offset_of_the_plain_average_is_information_on_the_minibatch(batch_size):
    rng = np.random.default_rng(0)
    p = _tables(rng, 5, 2, 3, 0.3)
    mi, tc = np.subtract(oracle.expected_terms(p, batch_size, "minibatch"), oracle.exact_terms(p))
    joint = oracle.information_on_the_minibatch(p, batch_size)
    alone = [oracle.information_on_the_minibatch(p[:, [j]], batch_size) for j in range(2)]
    assert mi == pytest.approx(-joint, abs=1e-12)
    assert tc == pytest.approx(joint - sum(alone), abs=1e-12)
    assert max(alone) <= joint <= math.log(5 / batch_size) + 1e-12


def test_the_papers_placement_is_never_the_better_one():
    rng = np.random.default_rng(1)
    for concentration in (0.1, 1.0):
        p = _tables(rng, 5, 2, 3, concentration)
        averaged, paper = (oracle.expected_terms(p, 3, placement)[0] for placement in minibatch.PLACEMENTS)
        assert oracle.exact_terms(p)[0] < averaged < paper


def _offset(posterior, batch_size, name, n_batches=20, rng=0):
    estimator, placement = EVERY[name]
    return minibatch.offset_of(posterior, batch_size, estimator, n_batches, rng, placement=placement)


@pytest.mark.parametrize("batch_size", [1, 4, 100])
def test_posteriors_that_every_latent_tells_apart(batch_size):
    places = np.random.default_rng(0).permuted(np.tile(1e3 * np.arange(100.0)[:, None], 3), axis=0)
    posterior = dm.GaussianPosterior(places, np.zeros((100, 3)))
    log_n, log_b = math.log(100), math.log(batch_size)
    weighted = _offset(posterior, batch_size, "mws")
    assert weighted.index_code_mi == pytest.approx(log_b, abs=1e-12)
    assert weighted.total_correlation == pytest.approx(2 * log_b, abs=1e-12)
    stated = minibatch.offset_range(100, batch_size, 3, "mws")
    assert weighted.index_code_mi == pytest.approx(stated.index_code_mi[0], abs=1e-12)
    assert weighted.total_correlation == pytest.approx(stated.total_correlation[0], abs=1e-12)
    plain = _offset(posterior, batch_size, "minibatch")
    assert plain.index_code_mi == pytest.approx(log_b - log_n, abs=1e-12)
    assert plain.total_correlation == pytest.approx(-2 * (log_n - log_b), abs=1e-12)
    assert plain.exact["index_code_mi"] == pytest.approx(log_n, abs=1e-12)
    assert plain.exact["total_correlation"] == pytest.approx(2 * log_n, abs=1e-12)
    if batch_size > 1:
        stratified = _offset(posterior, batch_size, "averaged")
        assert stratified.index_code_mi == pytest.approx(0, abs=1e-12)
        assert stratified.total_correlation == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("batch_size", [2, 10, 100])
def test_posteriors_that_coincide(batch_size):
    posterior = dm.GaussianPosterior(np.zeros((100, 3)), np.zeros((100, 3)))
    weighted = _offset(posterior, batch_size, "mws")
    assert weighted.index_code_mi == pytest.approx(math.log(100), abs=1e-12)
    assert weighted.index_code_mi == pytest.approx(minibatch.offset_range(100, batch_size, 3, "mws").index_code_mi[1])
    assert weighted.total_correlation == pytest.approx(2 * math.log(100), abs=1e-12)
    for name in ("averaged", "paper", "minibatch"):
        found = _offset(posterior, batch_size, name)
        assert (found.index_code_mi, found.total_correlation) == pytest.approx((0, 0), abs=1e-12)
        assert found.exact == pytest.approx({"index_code_mi": 0, "total_correlation": 0}, abs=1e-12)


def test_a_lattice_comes_close_to_the_largest_total_correlation():
    corners = 1e3 * np.array(list(itertools.product([0.0, 1.0], repeat=10)))
    posterior = dm.GaussianPosterior(corners, np.zeros(corners.shape))
    for name in ("mws", "minibatch"):
        found = _offset(posterior, 128, name)
        highest = _range_of(1024, 128, 10, name).total_correlation[1]
        # Each latent's two halves are not quite evenly met by a minibatch: about 1/(2 B) nats a latent.
        assert highest - 0.1 < found.total_correlation < highest
    assert minibatch.offset_range(1024, 128, 10, "mws").total_correlation[1] == pytest.approx(
        10 * math.log(1024) - math.log(128)
    )


def _cluster_offset(n_samples, batch_size, cluster):
    """MI offset of averaged MSS where samples coincide in clusters: E[log c - log(1 + w h)], h others of its own."""
    others = np.arange(batch_size)
    met = hypergeom(n_samples - 1, cluster - 1, batch_size - 1).pmf(others)
    return math.log(cluster) - float(met @ np.log1p((n_samples - 1) / (batch_size - 1) * others))


def test_clusters_have_the_offset_that_counting_gives():
    posterior = dm.GaussianPosterior(np.repeat(1e3 * np.arange(40.0), 25)[:, None], np.zeros((1000, 1)))
    found = _offset(posterior, 20, "averaged", n_batches=400)
    assert abs(found.index_code_mi - _cluster_offset(1000, 20, 25)) < 4 * found.standard_error["index_code_mi"]
    assert found.exact["index_code_mi"] == pytest.approx(math.log(40), abs=1e-12)
    assert found.total_correlation == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("batch_size", [64, 256, 2048])
def test_clusters_come_close_to_the_largest_offset_of_stratified_sampling(batch_size):
    highest = minibatch.offset_range(N_DSPRITES, batch_size, 10, "mss").index_code_mi[1]
    sizes = np.unique(np.geomspace(2, N_DSPRITES, 200).astype(int))
    worst = max(_cluster_offset(N_DSPRITES, batch_size, size) for size in sizes)
    assert highest - math.log(highest) - 1 < worst < highest


@pytest.mark.parametrize("name", ["averaged", "minibatch"])
def test_with_the_whole_data_set_as_minibatch_they_are_exact(name):
    rng = np.random.default_rng(2)
    posterior = dm.GaussianPosterior(rng.normal(size=(50, 4)), rng.normal(size=(50, 4)) - 1)
    found = _offset(posterior, 50, name)
    assert (found.index_code_mi, found.total_correlation) == pytest.approx((0, 0), abs=1e-12)
    stated = _range_of(50, 50, 4, name)
    assert (*stated.index_code_mi, *stated.total_correlation, *stated.dimension_wise_kl) == (0,) * 6
    assert _offset(posterior, 50, "paper").index_code_mi > 1e-4
    pairs = minibatch.pairwise_log_density(posterior, posterior.sample(rng))
    assert minibatch.mss(pairs, 50).log_joint == pytest.approx(minibatch.minibatch_average(pairs).log_joint, abs=1e-12)


class _Tables(dm.CategoricalPosterior):
    """Probability tables with a density, that of the values, so that expectations are sums."""

    __slots__ = ()

    def log_density(self, z, latent):
        return np.log(self.probability[:, latent, z.astype(int)].T)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("batch_size", [2, 4])
def test_monte_carlo_is_right_within_its_standard_errors(name, batch_size):
    p = _tables(np.random.default_rng(3), 5, 2, 3, 0.3)
    exact = oracle.exact_terms(p)
    wanted = np.subtract(oracle.expected_terms(p, batch_size, name), exact)
    found = _offset(_Tables(p), batch_size, name, n_batches=2000)
    for term, offset in zip(("index_code_mi", "total_correlation"), wanted, strict=True):
        error = found.standard_error[term]
        assert 0 < error < 0.02
        assert abs(getattr(found, term) - offset) < 4 * error
        assert found.exact[term] == pytest.approx(exact[term != "index_code_mi"], abs=0.1)


def test_standard_errors_are_those_of_repetition():
    posterior = _Tables(_tables(np.random.default_rng(3), 12, 2, 3, 0.3))
    runs = [_offset(posterior, 4, "averaged", 30, seed) for seed in range(100)]
    for term in ("index_code_mi", "total_correlation", "dimension_wise_kl"):
        spread = np.std([getattr(run, term) for run in runs], ddof=1)
        assert spread == pytest.approx(np.mean([run.standard_error[term] for run in runs]), rel=0.3)


def test_offsets_add_up_and_are_differences_of_what_is_reported_and_exact():
    rng = np.random.default_rng(4)
    posterior = dm.GaussianPosterior(rng.normal(size=(60, 3)), np.full((60, 3), -2.0))
    found = _offset(posterior, 10, "mws")
    assert found.index_code_mi + found.total_correlation + found.dimension_wise_kl == pytest.approx(0, abs=1e-12)
    for term in ("index_code_mi", "total_correlation"):
        assert getattr(found, term) == pytest.approx(found.reported[term] - found.exact[term], abs=1e-12)
    plain = _offset(posterior, 10, "minibatch")
    assert found.index_code_mi - plain.index_code_mi == pytest.approx(math.log(60), abs=1e-12)
    assert found.total_correlation - plain.total_correlation == pytest.approx(2 * math.log(60), abs=1e-12)
    again = _offset(posterior, 10, "mws")
    assert again.index_code_mi == found.index_code_mi
    assert _offset(posterior, 10, "mws", rng=1).index_code_mi != found.index_code_mi


def test_blocks_of_draws_change_nothing(monkeypatch):
    rng = np.random.default_rng(5)
    posterior = dm.GaussianPosterior(rng.normal(size=(60, 3)), np.full((60, 3), -2.0))
    whole = _offset(posterior, 10, "averaged")
    monkeypatch.setattr(offsets, "_ENTRIES_AT_ONCE", 200)
    assert _offset(posterior, 10, "averaged").index_code_mi == pytest.approx(whole.index_code_mi, abs=1e-12)


def test_dsprites():
    log_n = math.log(N_DSPRITES)
    for batch_size in (64, 256, 2048):
        log_b = math.log(batch_size)
        found = minibatch.offset_range(N_DSPRITES, batch_size, 10, "mws")
        assert found.index_code_mi == pytest.approx((log_b, log_n))
        assert found.total_correlation == pytest.approx((9 * log_b, 10 * log_n - log_b))
        assert found.dimension_wise_kl == pytest.approx((-10 * log_n, -10 * log_b))


def test_few_latents_leave_little_room_for_total_correlation():
    log_n, log_b = math.log(N_DSPRITES), math.log(64)
    for name in EVERY:
        assert _range_of(N_DSPRITES, 64, 1, name).total_correlation == (0, 0)
    assert _range_of(N_DSPRITES, 64, 2, "minibatch").total_correlation == pytest.approx((log_b - log_n, log_b))
    assert _range_of(N_DSPRITES, 64, 2, "mws").total_correlation == pytest.approx((log_b, log_n + log_b))
    assert _range_of(N_DSPRITES, 1, 3, "minibatch").total_correlation == pytest.approx((-2 * log_n, 0))


def test_the_paper_placement_has_a_wider_range_where_its_one_weight_is_small():
    averaged, paper = (minibatch.offset_range(10, 8, 2, "mss", placement=name) for name in minibatch.PLACEMENTS)
    assert averaged.index_code_mi[1] == pytest.approx(math.log(10 / 8))
    assert paper.index_code_mi[1] == pytest.approx(math.log(10 / 7))
    assert minibatch.offset_range(14, 8, 2, "mss", placement="paper") != averaged
    assert minibatch.offset_range(14, 8, 2, "mss", placement="paper").index_code_mi[1] == pytest.approx(
        math.log(14 / 8)
    )


# --------------------------------------------------------------------------------------------------------- invariances


@pytest.mark.parametrize("name", EVERY)
def test_order_of_latents(name):
    pairs, order = _pairs(6), [2, 0, 1]
    one, other = _estimated(pairs, 90, name), _estimated(pairs[:, :, order], 90, name)
    assert other.log_joint == pytest.approx(one.log_joint, abs=1e-12)
    assert (other.log_marginals == one.log_marginals[:, order]).all()


@pytest.mark.parametrize("name", EVERY)
def test_order_of_the_other_rows(name):
    pairs = _pairs(7)
    order = np.array([0, 3, 6, 1, 5, 2, 4])
    one, other = _estimated(pairs, 90, name), _estimated(pairs[np.ix_(order, order)], 90, name)
    same = other.log_joint == pytest.approx(one.log_joint[order], abs=1e-12)
    assert same if name != "paper" else not same
    # The next row of every row stays the next row, if they are only turned.
    turned = _estimated(np.roll(pairs, 2, axis=(0, 1)), 90, name)
    assert turned.log_joint == pytest.approx(np.roll(one.log_joint, 2), abs=1e-12)


@pytest.mark.parametrize("name", EVERY)
def test_log_densities_of_any_size(name):
    pairs = _pairs(8)
    one = _estimated(pairs, 90, name)
    for shift in (-1e5, 1e5):  # exp of it is 0 or infinite
        other = _estimated(pairs + shift, 90, name)
        assert other.log_joint - 3 * shift == pytest.approx(one.log_joint, abs=1e-8)
        assert other.log_marginals - shift == pytest.approx(one.log_marginals, abs=1e-8)


@pytest.mark.parametrize("name", EVERY)
def test_any_array_of_numbers(name):
    pairs = _pairs(9).astype(np.float32)
    one = _estimated(pairs.astype(np.float64), 90, name)
    for same in (pairs, pairs.tolist(), np.asfortranarray(pairs), np.ascontiguousarray(pairs)):
        other = _estimated(same, np.int64(90), name)
        assert (other.log_joint == one.log_joint).all()
        assert other.log_joint.dtype == np.float64
    pairs.setflags(write=False)
    before = pairs.copy()
    _estimated(pairs, 90, name)
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
