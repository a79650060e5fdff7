"""Unsupervised disentanglement ranking: oracles, cases that are known, models of any width."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dismetrics as dm
from oracles import udr as oracle
from sizes import size

RNG = np.random.default_rng(0)
GRID = np.indices((4, 4, 4)).reshape(3, -1).T - 1.5
NOISY = [GRID + 0.3 * np.random.default_rng(seed).normal(size=GRID.shape) for seed in range(3)]


@st.composite
def sets_of_models(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    factors = rng.normal(size=(draw(st.integers(12, 30)), 3))
    widths = draw(st.lists(st.integers(1, 4), min_size=2, max_size=3))
    return [factors @ rng.normal(size=(3, d)) + 0.5 * rng.normal(size=(len(factors), d)) for d in widths]


@settings(max_examples=min(size(20, 5), settings.default.max_examples))
@given(sets_of_models(), st.sampled_from(["lasso", "spearman"]))
def test_agreement_is_the_oracles(models, relation):
    result = dm.udr(models, relation=relation)
    for i, one in enumerate(models):
        for j, other in enumerate(models):
            if i == j:
                assert np.isnan(result.pairwise[i, j])
                assert result.relations[i][j] is None
                continue
            among = oracle.lasso(one, other, 0.1) if relation == "lasso" else oracle.spearman(one, other)
            assert result.relations[i][j] == pytest.approx(among, abs=1e-4)
            assert result.pairwise[i, j] == pytest.approx(oracle.agreement(result.relations[i][j]), abs=1e-12)
    others = ~np.eye(len(models), dtype=bool)
    medians = [np.median(result.pairwise[others[:, j], j]) for j in range(len(models))]
    assert result.per_model == pytest.approx(medians)
    assert result.score == pytest.approx(np.median(medians))


@pytest.mark.parametrize(("relation", "best"), [("lasso", 0.9), ("spearman", 1.0)])
def test_models_that_are_permutations_of_each_other_agree(relation, best):
    models = [GRID, -GRID[:, [2, 0, 1]], GRID[:, [1, 0, 2]] * [1e-6, 1.0, 1e9] + 1e6]
    result = dm.udr(models, relation=relation)
    assert result.per_model == pytest.approx(np.full(3, best), abs=1e-6)
    # A rotation of two latents: each of four relations is the same.
    turned = GRID @ np.array([[1, 1, 0], [1, -1, 0], [0, 0, 1]])
    assert (dm.udr([GRID, turned], relation=relation).per_model < 0.8 * best).all()
    if relation == "lasso":
        coefficient = np.sqrt(0.5) - 0.1
        assert dm.udr([GRID[:, :2], turned[:, :2]]).score == pytest.approx(coefficient / 2, abs=1e-6)


def test_noise_agrees_with_nothing():
    models = [np.random.default_rng(seed).normal(size=(2000, 3)) for seed in range(3)]
    assert dm.udr(models).score == 0.0  # below the penalty
    assert dm.udr(models, relation="spearman").score < 0.05


def test_latents_that_are_not_informative_have_no_part():
    for relation in ("lasso", "spearman"):
        plain = dm.udr(NOISY, relation=relation)
        constant = dm.udr([np.insert(NOISY[0], 1, 4.0, axis=1), *NOISY[1:]], relation=relation)
        assert constant.per_model == pytest.approx(plain.per_model, abs=1e-12)
        assert constant.informative[0].tolist() == [True, False, True, True]
        assert not constant.relations[0][1][1].any()
        # Noise that is known to be at the prior, by what is said or by the posterior itself.
        wider = np.column_stack([NOISY[0], RNG.normal(size=64)])
        said = dm.udr([wider, *NOISY[1:]], relation=relation, kl=[[1, 2, 3, 0.01], [1, 1, 1], [1, 1, 1]])
        assert said.per_model == pytest.approx(plain.per_model, abs=1e-12)
        assert said.informative[0].tolist() == [True, True, True, False]
        dead = dm.GaussianPosterior.from_scale(
            np.column_stack([NOISY[0], np.zeros(64)]), np.array([[0.1, 0.1, 0.1, 1.0]]) * np.ones((64, 1))
        )
        assert dm.udr([dead, *NOISY[1:]], relation=relation).per_model == pytest.approx(plain.per_model, abs=1e-12)
        everything = dm.udr([wider, *NOISY[1:]], relation=relation)
        assert everything.per_model[0] < plain.per_model[0]


def test_a_model_without_informative_latents_agrees_with_none():
    for relation in ("lasso", "spearman"):
        result = dm.udr([np.zeros((64, 2)), *NOISY[:2]], relation=relation)
        assert result.per_model[0] == 0.0
        assert np.isfinite(result.per_model).all()


def test_the_threshold_and_the_average():
    divergences = [[1.0, 0.2, 0.03]] * 3
    assert [int(i.sum()) for i in dm.udr(NOISY, kl=divergences, min_kl=0.1).informative] == [2, 2, 2]
    alike = [dm.udr(NOISY, average=average).per_model for average in ("latents", "models")]
    assert alike[0] == pytest.approx(alike[1], abs=1e-12)
    uneven = [NOISY[0][:, :1], NOISY[1]]
    latents, models = (dm.udr(uneven, average=average).pairwise[0, 1] for average in ("latents", "models"))
    among = dm.udr(uneven).relations[0][1]
    rows, columns = among.max(axis=1) ** 2 / among.sum(axis=1), among.max(axis=0)
    assert models == pytest.approx((rows.mean() + columns.mean()) / 2)
    assert latents == pytest.approx((rows.sum() + columns.sum()) / 4)


def test_units_and_storage_do_not_matter():
    for relation in ("lasso", "spearman"):
        plain = dm.udr(NOISY, relation=relation)
        scaled = dm.udr([NOISY[0] * 1e-300, NOISY[1] * 1e300, NOISY[2]], relation=relation)
        assert scaled.per_model == pytest.approx(plain.per_model, abs=1e-9)
        stored = [np.asfortranarray(NOISY[0]), NOISY[1].tolist(), NOISY[2]]
        assert dm.udr(stored, relation=relation).to_dict() == plain.to_dict()
    order = RNG.permutation(64)
    assert dm.udr([z[order] for z in NOISY]).per_model == pytest.approx(dm.udr(NOISY).per_model, abs=1e-9)


@pytest.mark.parametrize(
    ("models", "options", "message"),
    [
        ([GRID], {}, r"models is 1 of list.*at least two"),
        ("ab", {}, r"models is 2 of str"),
        (3, {}, r"models is int"),
        (dm.GaussianPosterior(GRID, GRID), {}, r"models is GaussianPosterior"),
        ([GRID, GRID[:9]], {}, r"model 1 has 9 samples and model 0 has 64"),
        ([GRID, np.where(GRID > 1, np.nan, GRID)], {}, r"column 0 of latents .*not finite"),
        (NOISY, {"relation": "pearson"}, r"relation='pearson'.*'lasso'"),
        (NOISY, {"average": "mean"}, r"average='mean'.*'latents'"),
        (NOISY, {"alpha": 0.0}, r"alpha=0.0.*above zero"),
        (NOISY, {"min_kl": -1.0}, r"min_kl=-1.0"),
        (NOISY, {"kl": [[1, 1, 1]]}, r"kl holds divergences for 1 models of 3"),
        (NOISY, {"kl": [[1, 1, 1], [1, 1], [1, 1, 1]]}, r"kl\[1\] has shape \(2,\); \(3,\) is wanted"),
        (NOISY, {"kl": [[1, 1, 1], [1, -1, 1], [1, 1, 1]]}, r"kl\[1\] holds -1"),
        (NOISY, {"kl": [[1, 1, np.nan]] * 3}, r"kl\[0\] holds nan"),
    ],
)
def test_bad_input_is_refused(models, options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        dm.udr(models, **options)
