"""Modularity, DCIMIG, InfoMEC and MED: from the matrix of mutual information to their scores."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dismetrics as dm
from dismetrics.estimators import best_template, largest_share, mutual_information
from dismetrics.warnings import DegenerateDataWarning
from oracles import counts, shares
from oracles import prediction as oracle
from sizes import size

FEW = settings(max_examples=min(size(25, 5), settings.default.max_examples))
GRID = np.indices((3, 4, 5)).reshape(3, -1).T
DEFINED_FOR_TWO = (dm.modularity, dm.infomec, dm.med)


@st.composite
def samples(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_factors, n_latents = draw(st.integers(2, 3)), draw(st.integers(2, 4))
    v = rng.integers(0, rng.integers(2, 5, n_factors), (draw(st.integers(12, 60)), n_factors))
    v[:2] = [[0], [1]] * np.ones(n_factors, int)
    z = v @ rng.normal(size=(n_factors, n_latents)) + draw(st.sampled_from([0.1, 1.0])) * rng.normal(
        size=(len(v), n_latents)
    )
    missing = rng.random(v.shape) < draw(st.sampled_from([0.0, 0.2]))
    missing[:2] = False
    return z, v, dm.Factors(v, missing=missing), rng.exponential(size=len(v))


# --------------------------------------------------------------------------------------------------- aggregations


@FEW
@given(st.integers(1, 6), st.integers(2, 5), st.integers(0, 2**32 - 1), st.sampled_from([1.0, 1e-200, 1e150]))
def test_aggregations_are_those_of_the_oracles(n_rows, n_columns, seed, unit):
    rng = np.random.default_rng(seed)
    relevance = unit * rng.random((n_rows, n_columns)) * (rng.random((n_rows, n_columns)) < 0.8)
    template = best_template(relevance)
    plain = relevance / unit
    assert template.closeness == pytest.approx([shares.modularity_of_latent(row) for row in plain], abs=1e-12)
    concentrated = largest_share(relevance)
    for row, share in zip(plain, concentrated, strict=True):
        assert np.isnan(share) if not row.any() else share == pytest.approx(shares.largest_share(row), abs=1e-12)


def test_anchors_of_the_literature():
    # disentanglement_lib's unit tests: a diagonal, one empty code of three, one code for two of ten factors.
    assert best_template(np.eye(5)).closeness.mean() == 1.0
    assert best_template(np.diag([1.0, 5.0, 0.0])).closeness.mean() == pytest.approx(2 / 3)
    shared = np.diag(5.0 * np.ones(10))
    shared = np.vstack([shared[0] + shared[1], shared[2:]])
    assert best_template(shared).closeness[0] == pytest.approx(1 - 1 / 9)
    for aggregate in (best_template, largest_share):
        with pytest.raises(ValueError, match="two columns"):
            aggregate(np.ones((3, 1)))


# -------------------------------------------------------------------------------------------------------- metrics


@FEW
@given(samples())
def test_metrics_are_those_of_the_oracles(data):
    z, _, factors, weights = data
    options = {"weights": weights, "n_bins": 4}
    matrix = mutual_information(z, factors, **options)
    information, entropy = matrix.mutual_information, matrix.factor_entropy
    modularity = dm.modularity(z, factors, **options)
    per_latent = [shares.modularity_of_latent(row) for row in information]
    assert modularity.per_latent == pytest.approx(per_latent, abs=1e-12)
    assert modularity.score == pytest.approx(np.mean(per_latent), abs=1e-12)
    dcimig = dm.dcimig(z, factors, **options)
    score, gaps = shares.dcimig(information, entropy)
    assert dcimig.score == pytest.approx(score, abs=1e-12)
    assert dcimig.per_factor == pytest.approx(np.array(gaps) / entropy, abs=1e-12)
    assert dm.med(z, factors, **options).score == pytest.approx(shares.med(information), abs=1e-12)
    infomec = dm.infomec(z, factors, **options)
    told = information / entropy
    assert infomec.infom == pytest.approx(np.mean([shares.largest_share(row) for row in told if row.any()]), abs=1e-12)
    assert infomec.infoc == pytest.approx(np.mean([shares.largest_share(c) for c in told.T if c.any()]), abs=1e-12)
    assert infomec.score == infomec.infom


KNOWN = {
    # Code of the grid -> modularity, DCIMIG, InfoM, InfoC, MED; None where it is another test's.
    "perfect": (GRID, 1.0, 1.0, 1.0, 1.0, 1.0),
    "permuted": (-GRID[:, [1, 2, 0]], 1.0, 1.0, 1.0, 1.0, 1.0),
    # What is told twice is told by two of six.
    "redundant": (np.hstack([GRID, GRID]), 1.0, 1.0, 1.0, (0.5 - 1 / 6) / (1 - 1 / 6), 1.0),
    "inactive": (np.column_stack([GRID, np.full(60, 9.0)]), 3 / 4, 1.0, 1.0, 1.0, 1.0),
}


@pytest.mark.parametrize(("code", "modularity", "dcimig", "infom", "infoc", "med"), KNOWN.values(), ids=KNOWN)
def test_codes_with_known_answers(code, modularity, dcimig, infom, infoc, med):
    assert dm.modularity(code, GRID).score == pytest.approx(modularity)
    assert dm.dcimig(code, GRID).score == pytest.approx(dcimig)
    assert dm.med(code, GRID).score == pytest.approx(med)
    result = dm.infomec(code, GRID, discrete_latents=True)
    assert (result.infom, result.infoc) == pytest.approx((infom, infoc))
    assert result.infoe == pytest.approx(1.0, abs=0.02)


def test_merged_factors():
    # The first latent tells two binary factors in full, and nothing of the third; the second tells the third.
    v = np.indices((2, 2, 2)).reshape(3, -1).T
    z = np.column_stack([2 * v[:, 0] + v[:, 1], v[:, 2]])
    assert dm.modularity(z, v).per_latent == pytest.approx([0.5, 1.0])
    assert dm.dcimig(z, v).score == pytest.approx(1 / 3)
    assert dm.dcimig(z, v).best_latents.tolist() == [-1, -1, 1]
    assert dm.infomec(z, v).infom_per_latent == pytest.approx([0.25, 1.0])
    assert dm.infomec(z, v).infoc == pytest.approx(1.0)
    # Importance 1, 1 and 0 of the first latent: entropy log 2; it has two thirds of all importance.
    assert dm.med(z, v).score == pytest.approx(2 / 3 * (1 - np.log(2) / np.log(3)) + 1 / 3)


def test_nothing_told_is_zero():
    v = np.tile(np.indices((2, 3)).reshape(2, -1).T, (3, 1))
    z = np.repeat(np.arange(3), 6)[:, None] * np.ones(2)  # varies, and tells nothing at all
    for metric in (dm.modularity, dm.dcimig, dm.infomec, dm.med):
        assert metric(z, v).score == 0.0
    result = dm.infomec(z, v)
    assert (result.infom, result.infoc) == (0.0, 0.0)
    assert result.infoe == pytest.approx(0.0, abs=1e-6)
    assert np.isnan(result.infom_per_latent).all()
    assert dm.modularity(z, v).best_factors.tolist() == [-1, -1]
    with pytest.raises(ValueError, match="inactive='exclude' leaves no latent"):
        dm.modularity(z, v, inactive="exclude")


# ------------------------------------------------------------------------------------- options of modularity, MED


def test_inactive_latents_can_be_left_out_of_modularity():
    with_dead = np.column_stack([GRID, np.zeros(60)])
    result = dm.modularity(with_dead, GRID, inactive="exclude")
    assert result.score == 1.0
    assert result.active.tolist() == [True, True, True, False]
    assert np.isnan(result.per_latent).tolist() == [False, False, False, True]


def test_significance_tells_noise_from_modularity():
    rng = np.random.default_rng(0)
    v = rng.integers(0, [3, 6], (size(1000, 300), 2))
    z = np.column_stack([v, rng.normal(size=(len(v), 4))])
    plain = dm.modularity(z, v)
    assert plain.per_latent[2:].mean() > 0.3
    masked = dm.modularity(z, v, significance=0.01, rng=0)
    assert masked.significant[:2].tolist() == [[True, False], [False, True]]
    assert masked.significant.sum() <= 3
    assert dm.modularity(z, v, significance=0.01, inactive="exclude", rng=0).score == pytest.approx(1.0, abs=0.02)
    assert np.array_equal(masked.mutual_information, plain.mutual_information)


def test_entries_of_noise_are_significant_as_often_as_said():
    rng = np.random.default_rng(1)
    found = [
        dm.modularity(rng.normal(size=(100, 5)), rng.integers(0, 3, (100, 2)), significance=0.2, rng=seed).significant
        for seed in range(size(40, 8))
    ]
    assert np.mean(found) == pytest.approx(0.2, abs=4 * np.sqrt(0.16 / np.size(found)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"significance": 0.0}, "significance=0.0"),
        ({"significance": 1.0}, "significance=1.0.*between 0 and 1"),
        ({"significance": "low"}, "significance='low'"),
        ({"significance": 0.1, "weights": np.ones(60)}, "significance .*weights"),
        ({"inactive": "drop"}, "inactive='drop'"),
        ({"normaliser": "latent"}, "no setting 'normaliser'"),
        ({"preset": "dent"}, "preset='dent'"),
    ],
)
def test_bad_settings_of_modularity_are_named(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        dm.modularity(GRID, GRID, **options)


def test_top_k_takes_the_best_of_each_factor():
    rng = np.random.default_rng(0)
    v = rng.integers(0, 4, (300, 2))
    noise = rng.normal(size=(300, 6))
    z = np.column_stack([v, v, np.zeros((300, 2))]) + noise * [0.1, 0.1, 1.0, 1.0, 1.0, 1.0]
    everything = dm.med(z, v)
    information = everything.mutual_information
    for top_k in (1, 2, 6):
        result = dm.med(z, v, top_k=top_k)
        selected = []
        for factor in range(2):
            mine = [j for j in range(6) if everything.best_factors[j] == factor]
            selected += sorted(mine, key=lambda j: -everything.per_latent[j])[:top_k]
        assert np.flatnonzero(result.selected).tolist() == sorted(selected)
        assert result.score == pytest.approx(shares.med(information, selected))
    assert dm.med(z, v, top_k=1).score > everything.score
    with pytest.raises(ValueError, match="top_k=0"):
        dm.med(z, v, top_k=0)


# -------------------------------------------------------------------------------------------------------- InfoMEC


def test_explicitness_is_the_least_cross_entropy():
    rng = np.random.default_rng(0)
    n = size(400, 150)
    v = rng.integers(0, [2, 4], (n, 2))
    z = v + 1.5 * rng.normal(size=(n, 2))
    weights = rng.exponential(size=n)
    x = z / z.std(axis=0)
    result = dm.infomec(z, v, weights=weights)
    balanced = dm.infomec(z, v, weights=weights, null="uniform")
    for k in range(2):
        entropy = counts.entropy(v[:, k], weights)
        right = 1.0 - oracle.softmax_cross_entropy(x, v[:, k], weights) / entropy
        assert result.infoe_per_factor[k] == pytest.approx(right, abs=1e-5)
        # Classes of one mass each, but the loss over the samples as they are: close where they are balanced anyway.
        assert balanced.infoe_per_factor[k] == pytest.approx(right, abs=0.03)


def test_the_null_is_what_the_labels_say_or_nothing():
    rng = np.random.default_rng(0)
    v = np.column_stack([rng.random(2000) < 0.1, rng.integers(0, 2, 2000)])
    z = rng.normal(size=(2000, 2))  # tells nothing
    assert dm.infomec(z, v).infoe == pytest.approx(0.0, abs=0.01)
    assert dm.infomec(z, v, null="uniform").infoe == pytest.approx(0.0, abs=0.01)
    z[:, 0] += 3 * v[:, 0]
    # log 2 of a factor whose entropy is 0.33 nats is more to take away.
    told, told_of_log_2 = (dm.infomec(z, v, null=null).infoe_per_factor[0] for null in ("entropy", "uniform"))
    assert told < told_of_log_2 - 0.02


def test_quantities_have_a_coefficient_of_determination():
    rng = np.random.default_rng(0)
    v = rng.normal(size=(300, 2))
    z = v + rng.normal(size=(300, 2))
    everyone = np.ones(300, bool)
    result = dm.infomec(z, v, kinds="continuous")
    right = [oracle.determination(z, v[:, [k]], everyone, everyone, np.ones(300)) for k in (0, 1)]
    assert result.infoe_per_factor == pytest.approx(right, abs=1e-9)


def test_active_latents_by_either_rule():
    rng = np.random.default_rng(0)
    v = rng.integers(0, 3, (100, 2))
    z = np.column_stack([v, 0.001 * rng.normal(size=100), np.zeros(100)])
    assert dm.infomec(z, v).active.tolist() == [True, True, True, False]
    assert dm.infomec(z, v, active="range").active.tolist() == [True, True, False, False]
    assert dm.infomec(z, v, active="range").infom > 0.9
    assert dm.infomec(1e-9 * z, v, active="range").active.tolist() == [True, True, False, False]


def test_discrete_latents_are_codes():
    v = np.tile(np.indices((3, 3)).reshape(2, -1).T, (10, 1))
    z = np.array([[0.0, 10.0, 0.1], [5.0, 5.1, -7.0]])[[0, 1], v]  # any numbers, in no order
    result = dm.infomec(z, v, discrete_latents=True)
    assert (result.infom, result.infoc) == pytest.approx((1.0, 1.0))
    assert result.infoe > 0.97
    assert result.settings["discretisation"] == "unique"
    assert result.mutual_information.diagonal() == pytest.approx(np.log(3))
    assert dm.infomec(z, v).mutual_information[0, 0] < 0.7  # 0 and 0.1 share a bin


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"active": "all"}, "active='all'.*'varying'"),
        ({"null": "zero"}, "null='zero'.*'entropy'"),
        ({"discrete_latents": "yes"}, "discrete_latents='yes'"),
        ({"normaliser": "latent"}, "no setting 'normaliser'"),
    ],
)
def test_bad_settings_of_infomec_are_named(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        dm.infomec(GRID, GRID, **options)


# ----------------------------------------------------------------------------------------------------- degenerate


@pytest.mark.parametrize("metric", DEFINED_FOR_TWO)
def test_one_factor_is_refused(metric):
    with pytest.raises(ValueError, match=r"not defined for one factor \(factor_0\).*two or more"):
        metric(GRID, GRID[:, 0])
    with (
        pytest.warns(DegenerateDataWarning),
        pytest.raises(ValueError, match=r"not defined for one factor \(factor_1\)"),
    ):
        metric(GRID, np.column_stack([np.zeros(60, int), GRID[:, 0]]))


def test_one_latent_is_refused_where_it_always_has_all():
    for latents in (GRID[:, :1], np.column_stack([GRID[:, 0], np.zeros(60)])):
        with pytest.raises(ValueError, match=r"InfoC is not defined with 1 of [12] latents active"):
            dm.infomec(latents, GRID)
    assert dm.modularity(GRID[:, :1], GRID).score == 1.0
    assert dm.med(GRID[:, :1], GRID).score == 1.0


def test_one_factor_has_runner_up_zero():
    result = dm.dcimig(GRID, GRID[:, 0])
    assert result.score == pytest.approx(1.0)
    assert result.best_latents.tolist() == [0]


@pytest.mark.parametrize("metric", [*DEFINED_FOR_TWO, dm.dcimig])
def test_a_factor_with_one_value_is_left_out(metric):
    v = np.column_stack([GRID[:, 0], np.full(60, 7), GRID[:, 1]])
    z = GRID + 0.3 * np.random.default_rng(0).normal(size=GRID.shape)
    with pytest.warns(DegenerateDataWarning, match="factor_1"):
        result = metric(z, v)
    assert result.score == pytest.approx(metric(z, v[:, [0, 2]]).score)
    for name in ("per_factor", "infoe_per_factor", "infoc_per_factor"):
        if hasattr(result, name):
            assert np.isnan(getattr(result, name)).tolist() == [False, True, False]
    if hasattr(result, "best_factors"):
        assert 1 not in result.best_factors


def test_posteriors_are_scored_by_their_densities():
    v = np.tile(np.indices((2, 3)).reshape(2, -1).T, (4, 1))
    posterior = dm.GaussianPosterior.from_scale(v, np.full(v.shape, 0.05))
    assert dm.modularity(posterior, v).score == pytest.approx(1.0)
    assert dm.modularity(posterior, v).settings["estimator"] == "posterior"
    assert dm.dcimig(posterior, v).score == pytest.approx(1.0)
    assert dm.med(posterior, v).score == pytest.approx(1.0)
    assert dm.infomec(posterior, v).infom == pytest.approx(1.0)
