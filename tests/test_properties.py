"""Properties of every metric under every estimator, in the style of scikit-learn's test_common.

What is tested, and what each property does not hold for, is in configurations.py.
"""

import dataclasses
import itertools

import numba
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import dismetrics as dm
from configurations import (
    CONFIGURATIONS,
    ESTIMATES,
    GAP_METRICS,
    INFORMATION_METRICS,
    INTERVENTIONS,
    LEARNT,
    MATCHINGS,
    METRICS,
    PREDICTIONS,
    PROPERTIES,
    VOTES,
    bernoulli,
    laplace,
    points,
)
from dismetrics.estimators.relevance.importance.settings import LEARNERS
from dismetrics.estimators.relevance.settings import CORRECTIONS, ESTIMATORS
from odd_data import seeded
from sizes import size

# Rows are few here, so posteriors overlap little; and a seed may leave a factor with one value.
pytestmark = [
    pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning"),
    # One configuration gives every value a bin of its own, with few samples: that is warned about, and meant here.
    pytest.mark.filterwarnings("ignore:latent .* takes .* bins:dismetrics.warnings.DegenerateDataWarning"),
    pytest.mark.filterwarnings("ignore:.* labels that occur once:dismetrics.warnings.DegenerateDataWarning"),
    pytest.mark.filterwarnings("ignore:.* share their value:dismetrics.warnings.DegenerateDataWarning"),
]

FEW = settings(max_examples=min(size(15, 2), settings.default.max_examples))


TESTED = {}
"""Property -> the configurations that it is tested for; filled below."""


def holds_for(name):
    """Parametrise over the configurations that a property holds for."""
    exempt, _ = PROPERTIES[name]
    names = [key for key in CONFIGURATIONS if key not in exempt]
    TESTED[name] = set(names)
    return pytest.mark.parametrize("configuration", [CONFIGURATIONS[key] for key in names], ids=names)


def test_every_metric_and_estimator_is_configured():
    assert {configuration.metric for configuration in CONFIGURATIONS.values()} == set(METRICS)
    options = [configuration.options for configuration in CONFIGURATIONS.values()]
    assert {each.get("estimator", "posterior") for each in options} == set(ESTIMATORS)
    assert {each.get("correction", "none") for each in options} == set(CORRECTIONS)
    assert {each.options.get("learner", "boosting") for each in LEARNT.values()} == set(LEARNERS)


def test_every_property_is_tested_on_all_that_it_is_not_exempt_from():
    assert set(TESTED) == set(PROPERTIES)
    for name, (exempt, reason) in PROPERTIES.items():
        assert exempt.isdisjoint(TESTED[name]), name
        assert exempt | TESTED[name] == set(CONFIGURATIONS), name
        assert bool(exempt) == bool(reason), name


# ------------------------------------------------------------------------------------------------- the data


@st.composite
def samples(draw, least_latents=1, least_factors=1):
    """A noisy linear code of some factors, and the factors: labels from 0, each of at least two values."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_factors = draw(st.integers(least_factors, 3))
    n_latents = draw(st.integers(least_latents, 4))
    n_values = draw(st.lists(st.integers(2, 5), min_size=n_factors, max_size=n_factors))
    n = draw(st.integers(12, size(60, 16)))
    factors = rng.integers(0, n_values, (n, n_factors))
    factors[:2] = [[0], [1]] * np.ones(n_factors, int)
    code = (factors - factors.mean(axis=0)) @ rng.normal(size=(n_factors, n_latents))
    return code + draw(st.sampled_from([0.1, 1.0])) * rng.normal(size=code.shape), factors, rng


PER_CANDIDATE = {
    "best_latents",
    "runner_up_latents",
    "best_factors",
    "runner_up_factors",
    "matched_latents",
    "selected",
    "classifier",
}
# Tuples in the order of the factors or their labels, and what an iterative fit gives to a few digits.
NOT_COMPARED = {"settings", "factor_names", "measures", "per_value", "infoe", "infoe_per_factor"} | {
    "confusion",
    "coefficients",
    "capacities",
    "best_capacity",
    # In the order of the labels of all factors.
    "per_target",
    "target_factors",
    "target_labels",
    "target_latents",
    "relevance",
}
PER_LATENT = {"active", "max_deviation", "latent_share"}
# A latent that tells as much of two labels is matched to either.
ASSIGNED = ("per_factor",)


def assert_same(one, other, tolerance, *, latents=slice(None), factors=slice(None), without=()):
    """`other` has the numbers of `one`, with latents and factors permuted."""
    axes = {"n_latents": latents, "n_factors": factors}
    for field in dataclasses.fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        # Which of two equal candidates comes first depends on their order, so indices are not compared; and the share
        # of saturated samples is that of some, chosen by their place.
        if field.name in {"saturated_share", *NOT_COMPARED, *PER_CANDIDATE, *without} or a is None:
            continue
        if field.name == "loss":
            a = a[:, factors]
        elif isinstance(a, np.ndarray) and a.ndim == 2:
            a = a[latents][:, factors]
        elif isinstance(a, np.ndarray):
            a = a[axes["n_latents" if field.name in PER_LATENT or field.name.endswith("per_latent") else "n_factors"]]
        np.testing.assert_allclose(b, a, rtol=0, atol=tolerance, err_msg=field.name)


# ------------------------------------------------------------------------------------------- the properties


@holds_for("latents may be permuted")
@FEW
@given(samples(), st.randoms(use_true_random=False))
def test_latent_permutation(configuration, data, random):
    code, factors, _ = data
    order = random.sample(range(code.shape[1]), code.shape[1])
    assert_same(
        configuration(code, factors),
        configuration(code[:, order], factors),
        1e-12,
        latents=order,
        without=ASSIGNED if configuration in MATCHINGS.values() else (),
    )


@holds_for("factors may be permuted")
@FEW
@given(samples(least_factors=2), st.randoms(use_true_random=False))
def test_factor_permutation(configuration, data, random):
    code, factors, _ = data
    order = random.sample(range(factors.shape[1]), factors.shape[1])
    permuted = configuration(code, factors[:, order])
    assert_same(
        configuration(code, factors),
        permuted,
        configuration.tolerance,
        factors=order,
        without=ASSIGNED if configuration in MATCHINGS.values() else (),
    )


@holds_for("rows may be shuffled")
@FEW
@given(samples())
def test_row_shuffle(configuration, data):
    code, factors, rng = data
    order = rng.permutation(len(code))
    assert_same(configuration(code, factors), configuration(code[order], factors[order]), configuration.tolerance)


RENAMES = {
    "reversed": lambda codes: -codes,
    "spread": lambda codes: np.array([7, -40, 10**9, 0, 3])[codes],
    "strings": lambda codes: np.array(["b", "a", "", "zz", "B"])[codes],
    "floats": lambda codes: np.array([-1.0, 5.0, -7.0, 0.0, 2.0])[codes],
    "mixed": lambda codes: np.array(["b", 2, (1,), 1.5, b"b"], object)[codes],
}


@holds_for("labels may be renamed")
@FEW
@given(samples(), st.sampled_from(list(RENAMES)))
def test_relabelling(configuration, data, rename):
    code, factors, _ = data
    renamed = configuration(code, RENAMES[rename](factors))
    assert_same(configuration(code, factors), renamed, configuration.tolerance)


def recode(latents, slope, offset):
    """The same latents after a bijection of their space: affine for real values, a renaming for finitely many."""
    if isinstance(latents, dm.GaussianPosterior):
        return dm.GaussianPosterior.from_scale(slope * latents.mean + offset, abs(slope) * latents.scale)
    if isinstance(latents, dm.LaplacePosterior):
        return dm.LaplacePosterior(slope * latents.location + offset, abs(slope) * latents.scale)
    if isinstance(latents, dm.BernoulliPosterior):
        return dm.BernoulliPosterior(1.0 - latents.probability)
    if isinstance(latents, dm.CategoricalPosterior):
        return dm.CategoricalPosterior(latents.probability[:, :, [2, 0, 3, 1]])
    return slope * latents + offset


# Entropies of densities move with the scale, and the activity of a latent is against the prior; differences are in
# the units of the latents.
NOT_INVARIANT = ("latent_entropy", "conditional_entropy", "active", "mean_difference", "max_deviation")


@holds_for("latents may be recoded by flips and affine maps")
@FEW
@given(samples(), st.sampled_from([(-1.0, 0.0), (3.7, 0.0), (-0.013, 5.0), (1e-6, 0.0), (1.0, 1e4), (1e6, -1e6)]))
def test_affine_maps(configuration, data, affine):
    code, factors, _ = data
    latents = configuration.encode(code)
    mapped = configuration.of(recode(latents, *affine), factors)
    assert_same(configuration.of(latents, factors), mapped, configuration.tolerance, without=NOT_INVARIANT)


@holds_for("powers of two leave every bit")
@FEW
@given(samples(), st.integers(-200, 200))
def test_powers_of_two(configuration, data, power):
    code, factors, _ = data
    latents = configuration.encode(code)
    scaled = configuration.of(recode(latents, 2.0**power, 0.0), factors)
    tolerance = 0.0 if configuration.encode is points else configuration.tolerance
    assert_same(configuration.of(latents, factors), scaled, tolerance, without=NOT_INVARIANT)


INCREASING = [np.exp, np.arctan, lambda x: x**3, lambda x: -np.exp(-x) - 100, lambda x: 3.7 * x + 1e6]


@holds_for("latents may be mapped monotonically")
@FEW
@given(samples(), st.sampled_from(INCREASING))
def test_monotone_maps(configuration, data, function):
    code, factors, _ = data
    mapped = function(code)
    assume(all(len(np.unique(mapped[:, j])) == len(np.unique(code[:, j])) for j in range(code.shape[1])))
    assert_same(configuration(code, factors), configuration(mapped, factors), 1e-12)


@holds_for("rows may be doubled")
@FEW
@given(samples())
def test_duplication(configuration, data):
    code, factors, _ = data
    doubled = configuration(np.repeat(code, 2, axis=0), np.repeat(factors, 2, axis=0))
    # Twice as many samples share each place.
    assert_same(configuration(code, factors), doubled, configuration.tolerance, without=["overlap"])


@holds_for("a constant latent changes nothing")
@FEW
@given(samples(), st.sampled_from([0.0, 0.7]), st.integers(0, 4))
def test_constant_latent(configuration, data, value, place):
    code, factors, _ = data
    plain = configuration(code, factors)
    wider = configuration(np.insert(code, min(place, code.shape[1]), value, axis=1), factors)
    assert wider.score == pytest.approx(plain.score, abs=configuration.tolerance)
    for name, tolerance in (("per_factor", configuration.tolerance), ("ceiling", 1e-15)):
        if hasattr(plain, name):
            assert getattr(wider, name) == pytest.approx(getattr(plain, name), abs=tolerance)


@holds_for("everything is within bounds")
@FEW
@given(samples())
def test_bounds(configuration, data):
    code, factors, _ = data
    spec = METRICS[configuration.metric]
    result = configuration(code, factors)
    slack = 1e-9 if configuration.tolerance < 1e-9 else 1e-7
    for number in (result.score, *(getattr(result, name) for name in spec.numbers)):
        assert number <= spec.highest + slack
    assert spec.lowest <= result.score
    if configuration in (*PREDICTIONS.values(), *LEARNT.values()):
        return
    if configuration.metric == "latent_matching":
        assert ((result.relevance >= 0.0) & (result.relevance <= 1.0)).all()
        return
    if configuration in INTERVENTIONS.values():
        each = result.per_latent if configuration.metric == "irs" else result.per_factor
        assert ((each >= spec.lowest) & (each <= spec.highest) | np.isnan(each)).all()
        return
    for name in ("per_factor", "per_latent", "infom_per_latent", "infoc_per_factor"):
        if hasattr(result, name):
            # An excluded latent, or a factor of which nothing is told, has no number.
            each = np.nan_to_num(getattr(result, name))
            most = getattr(result, "ceiling_per_factor", getattr(result, "ceiling", 1.0))
            assert ((each >= -slack) & (each <= most + slack)).all()
    assert result.score <= getattr(result, "ceiling", 1.0) + slack
    assert (result.mutual_information >= 0).all()
    if configuration.options.get("estimator") != "knn":  # an estimate by neighbours has no bound by construction
        assert (result.mutual_information <= result.factor_entropy + slack).all()
    if "histogram" in configuration.options.get("estimator", "") and configuration.metric == "mig":
        assert (result.mutual_information <= result.latent_entropy + slack).all()
        assert (result.conditional_entropy >= -slack).all()
    if getattr(result, "overlap", None) is not None:
        assert (result.overlap >= 1.0).all()


# A code for each estimate that says of every factor all there is to say, for factors of `n_values`.
PERFECT = {
    **dict.fromkeys([name for name, (encode, *_) in ESTIMATES.items() if encode is points], lambda v: v.astype(float)),
    "gaussian": lambda v: dm.GaussianPosterior.from_scale(v, np.full(v.shape, 0.02)),
    "laplace": lambda v: dm.LaplacePosterior(v, np.full(v.shape, 0.005)),
    "bernoulli": lambda v: dm.BernoulliPosterior(v),
    "categorical": lambda v: dm.CategoricalPosterior(np.eye(v.max() + 1)[v]),
    "means": lambda v: dm.GaussianPosterior.from_scale(v, np.full(v.shape, 0.02)),
    "bin masses": lambda v: dm.GaussianPosterior.from_scale(v, np.full(v.shape, 0.02)),
    "bin masses, own range": lambda v: dm.LaplacePosterior(v, np.full(v.shape, 0.005)),
    "bin masses of tables": lambda v: dm.CategoricalPosterior(np.eye(v.max() + 1)[v]),
}


@holds_for("a perfect code attains the ceiling")
@FEW
@given(st.lists(st.integers(2, 4), min_size=1, max_size=3), st.integers(0, 2**32 - 1))
def test_perfect_code(configuration, n_values, seed):
    if configuration.encode is bernoulli:
        n_values = [2 for _ in n_values]
    rng = np.random.default_rng(seed)
    # Of independent factors on a full grid, or else a latent would tell of the others too.
    factors = np.indices(n_values).reshape(len(n_values), -1).T
    factors = np.tile(factors, (3, 1))[rng.permutation(3 * len(factors))]
    name = next(key for key, each in CONFIGURATIONS.items() if each is configuration).split(": ")[1]
    result = configuration.of(PERFECT.get(name, PERFECT["histogram"])(factors), factors)
    assert getattr(result, "ceiling", 1.0) == pytest.approx(1.0, abs=1e-12)
    assert result.score == pytest.approx(1.0, abs=1e-6)


def skip_if_slow(configuration):
    """Kinks take thousands of panels: half a minute a test as plain Python, and smaller tests cover the kernels."""
    if numba.config.DISABLE_JIT and configuration.encode is laplace:
        pytest.skip("Laplace posteriors of this size need compiled kernels")


@holds_for("nothing tells nothing")
def test_independence(configuration):
    skip_if_slow(configuration)
    few, many, n_repeats = size(40, 20), size(1200, 120), size(4, 2)
    if configuration in PREDICTIONS.values():  # accuracies scatter more, and cost little as plain Python
        many = 1200
    scores = []
    for n, seed in itertools.product((few, many), range(n_repeats)):
        rng = np.random.default_rng([n, seed])
        scores.append(configuration(rng.normal(size=(n, 2)), rng.integers(0, 3, (n, 2))).score)
    small, large = np.mean(scores[:n_repeats]), np.mean(scores[n_repeats:])
    assert large < size(5, 10) / 100
    if small > 0.01:  # else it is near zero from the start
        assert large < 0.5 * small


@holds_for("mixing lowers the score")
def test_rotation(configuration):
    skip_if_slow(configuration)
    rng = np.random.default_rng(0)
    # What is learnt needs rows to learn from.
    n_each = 8 if configuration in LEARNT.values() else size(8, 2)
    factors = np.tile(np.indices((4, 4)).reshape(2, -1).T, (n_each, 1))
    code = factors - 1.5 + 0.1 * rng.normal(size=factors.shape)
    turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)
    straight = configuration(code, factors).score
    assert straight > 0.3
    assert configuration(code @ turn, factors).score < 0.5 * straight


@holds_for("redundancy closes the gap")
@FEW
@given(samples())
def test_redundancy(configuration, data):
    code, factors, _ = data
    if configuration.metric in ("mig", "sap"):
        result = configuration(np.column_stack([code, code]), factors)
        tolerance = 0.0 if configuration.encode is points else 1e-14
        assert result.per_factor == pytest.approx(np.zeros(factors.shape[1]), abs=tolerance)
    else:
        # The copies make groups of their own, whose sums may run in another order.
        result = configuration(code, np.column_stack([factors, factors]))
        assert result.per_latent == pytest.approx(np.zeros(code.shape[1]), abs=configuration.tolerance)


STORAGE = {
    "float32": lambda x: x.astype(np.float32),
    "fortran": np.asfortranarray,
    "strided": lambda x: np.repeat(np.repeat(x, 2, axis=0), 2, axis=1)[::2, ::2],
    "read-only": lambda x: np.frombuffer(x.tobytes()).reshape(x.shape),
    "list": lambda x: x.tolist(),
}


@holds_for("storage does not matter")
@FEW
@given(samples(), st.sampled_from(list(STORAGE)))
def test_storage(configuration, data, storage):
    code, factors, _ = data
    latents = configuration.encode(code)
    store = STORAGE[storage]
    if isinstance(latents, np.ndarray):
        exact = latents.astype(np.float32).astype(float)
        stored = store(exact)
    else:
        parameters = [
            getattr(latents, name).astype(np.float32).astype(float)
            for name in ("mean", "location", "scale", "probability")
            if hasattr(latents, name)
        ]
        build = {
            dm.GaussianPosterior: dm.GaussianPosterior.from_scale,
            dm.LaplacePosterior: dm.LaplacePosterior,
            dm.BernoulliPosterior: dm.BernoulliPosterior,
            dm.CategoricalPosterior: dm.CategoricalPosterior,
        }[type(latents)]
        if isinstance(latents, dm.CategoricalPosterior) and storage in ("strided", "read-only"):
            stored = build(store(parameters[0].reshape(len(code), -1)).reshape(parameters[0].shape))
        else:
            stored = build(*map(store, parameters))
        exact = build(*parameters)
    # Entropies of posteriors are summed in the order of storage.
    tolerance = 0.0 if configuration.encode is points else 1e-12
    assert_same(configuration.of(exact, factors), configuration.of(stored, factors), tolerance)


@holds_for("threads do not matter")
def test_threads(configuration, monkeypatch):
    skip_if_slow(configuration)
    rng = np.random.default_rng(0)
    n = size(200, 15)
    code, factors = rng.normal(size=(n, size(6, 3))), rng.integers(0, 3, (n, 2))
    results = []
    for n_threads in (1, 2, 5):
        monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", n_threads)
        results.append(configuration(code, factors))
    for other in results[1:]:
        assert_same(results[0], other, 0.0)


@holds_for("seeds decide")
def test_seeds(configuration):
    rng = np.random.default_rng(0)
    code, factors = rng.normal(size=(50, 3)), rng.integers(0, 3, (50, 2))
    unseeded = dataclasses.replace(
        configuration, options={name: value for name, value in configuration.options.items() if name != "rng"}
    )
    assert_same(unseeded(code, factors, rng=5), unseeded(code, factors, rng=5), 0.0)
    assert_same(unseeded(code, factors, rng=5), unseeded(code, factors, rng=np.int64(5)), 0.0)
    assert_same(unseeded(code, factors, rng=5), unseeded(code, factors, rng=np.random.default_rng(5)), 0.0)
    fields = ("mutual_information", "test_votes", "mean_difference", "importance", "per_factor")
    field = next(name for name in fields if hasattr(unseeded(code, factors, rng=0), name))
    by_seed = {getattr(unseeded(code, factors, rng=seed), field).tobytes() for seed in range(5)}
    assert len(by_seed) == 5
    assert not np.array_equal(*(getattr(unseeded(code, factors), field) for _ in range(2)))


@holds_for("evaluate gives the same bits")
@pytest.mark.parametrize("seed", [0, 7])
def test_evaluation(configuration, seed):
    rng = np.random.default_rng(seed)
    n = size(40, 15)
    code, factors = rng.normal(size=(n, 3)), rng.integers(0, 3, (n, 2))
    options = {name: value for name, value in configuration.options.items() if name not in ("rng", "kinds")}
    kinds = configuration.options.get("kinds")
    latents = configuration.encode(code)
    # All of these metrics together, so that they share their work; votes and trees by default would be too many.
    shared = INFORMATION_METRICS if configuration.metric in INFORMATION_METRICS else (configuration.metric,)
    if options.get("normaliser"):  # which the others do not have
        shared = GAP_METRICS
    slow = {CONFIGURATIONS[name].metric for name in (*VOTES, *LEARNT)}
    names = [name for name in METRICS if name not in slow or name in shared]
    settings = dict.fromkeys(shared, options)
    together = dm.evaluate(latents, factors, metrics=names, options=settings, kinds=kinds, rng=seed)
    alone = seeded(METRICS[configuration.metric].function, seed)(latents, factors, kinds=kinds, **options)
    assert_same(alone, together[configuration.metric], 0.0)
    assert together[configuration.metric].to_dict() == alone.to_dict()
