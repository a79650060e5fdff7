"""Minibatch estimators: how far off they are, as stated and as seen."""

import itertools
import math

import numpy as np
import pytest
from scipy.stats import hypergeom

import dismetrics as dm
from dismetrics.estimators import minibatch
from dismetrics.estimators.minibatch import offsets
from minibatch_cases import EVERY, N_DSPRITES, range_of, tables
from oracles import minibatch as oracle


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("batch_size", [2, 3, 4])
def test_expected_offsets_lie_in_the_stated_range(name, batch_size):
    rng = np.random.default_rng(batch_size)
    for concentration in (0.01, 0.1, 0.5, 3.0):
        for n_latents in (1, 2, 3):
            p = tables(rng, 4, n_latents, 3 if n_latents < 3 else 2, concentration)
            mi, tc = np.subtract(oracle.expected_terms(p, batch_size, name), oracle.exact_terms(p))
            stated = range_of(4, batch_size, n_latents, name)
            for (lowest, highest), offset in (
                (stated.index_code_mi, mi),
                (stated.total_correlation, tc),
                (stated.dimension_wise_kl, -mi - tc),
            ):
                assert lowest - 1e-12 <= offset <= highest + 1e-12


@pytest.mark.parametrize("batch_size", [1, 2, 4, 5])
def test_the_offset_of_the_plain_average_is_information_on_the_minibatch(batch_size):
    rng = np.random.default_rng(0)
    p = tables(rng, 5, 2, 3, 0.3)
    mi, tc = np.subtract(oracle.expected_terms(p, batch_size, "minibatch"), oracle.exact_terms(p))
    joint = oracle.information_on_the_minibatch(p, batch_size)
    alone = [oracle.information_on_the_minibatch(p[:, [j]], batch_size) for j in range(2)]
    assert mi == pytest.approx(-joint, abs=1e-12)
    assert tc == pytest.approx(joint - sum(alone), abs=1e-12)
    assert max(alone) <= joint <= math.log(5 / batch_size) + 1e-12


def test_the_papers_placement_is_never_the_better_one():
    rng = np.random.default_rng(1)
    for concentration in (0.1, 1.0):
        p = tables(rng, 5, 2, 3, concentration)
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
        highest = range_of(1024, 128, 10, name).total_correlation[1]
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
    stated = range_of(50, 50, 4, name)
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
    p = tables(np.random.default_rng(3), 5, 2, 3, 0.3)
    exact = oracle.exact_terms(p)
    wanted = np.subtract(oracle.expected_terms(p, batch_size, name), exact)
    found = _offset(_Tables(p), batch_size, name, n_batches=2000)
    for term, offset in zip(("index_code_mi", "total_correlation"), wanted, strict=True):
        error = found.standard_error[term]
        assert 0 < error < 0.02
        assert abs(getattr(found, term) - offset) < 4 * error
        assert found.exact[term] == pytest.approx(exact[term != "index_code_mi"], abs=0.1)


def test_standard_errors_are_those_of_repetition():
    posterior = _Tables(tables(np.random.default_rng(3), 12, 2, 3, 0.3))
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
        assert range_of(N_DSPRITES, 64, 1, name).total_correlation == (0, 0)
    assert range_of(N_DSPRITES, 64, 2, "minibatch").total_correlation == pytest.approx((log_b - log_n, log_b))
    assert range_of(N_DSPRITES, 64, 2, "mws").total_correlation == pytest.approx((log_b, log_n + log_b))
    assert range_of(N_DSPRITES, 1, 3, "minibatch").total_correlation == pytest.approx((-2 * log_n, 0))


def test_the_paper_placement_has_a_wider_range_where_its_one_weight_is_small():
    averaged, paper = (minibatch.offset_range(10, 8, 2, "mss", placement=name) for name in minibatch.PLACEMENTS)
    assert averaged.index_code_mi[1] == pytest.approx(math.log(10 / 8))
    assert paper.index_code_mi[1] == pytest.approx(math.log(10 / 7))
    assert minibatch.offset_range(14, 8, 2, "mss", placement="paper") != averaged
    assert minibatch.offset_range(14, 8, 2, "mss", placement="paper").index_code_mi[1] == pytest.approx(
        math.log(14 / 8)
    )
