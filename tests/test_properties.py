"""Properties of every metric under every estimator, in the style of scikit-learn's test_common.

CONFIGURATIONS lists what is tested, PROPERTIES what must hold; each property names the configurations that it does not
hold for, with the reason, and holds for all others. A metric or an estimator that is added must be listed here.
"""

import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import dismetrics as dm
from dismetrics.estimators.relevance.settings import CORRECTIONS, ESTIMATORS
from dismetrics.registry.importance import IMPORTANCE
from sizes import size

# Those that learn have their own file, test_importance_properties.py.
METRICS = {spec.name: spec for spec in dm.METRICS if spec not in IMPORTANCE}

# Rows are few here, so posteriors overlap little; and a seed may leave a factor with one value.
pytestmark = [
    pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning"),
    # One configuration gives every value a bin of its own, with few samples: that is warned about, and meant here.
    pytest.mark.filterwarnings("ignore:latent .* takes .* bins:dismetrics.warnings.DegenerateDataWarning"),
]

FEW = settings(max_examples=min(size(15, 2), settings.default.max_examples))


# ------------------------------------------------------------------------------------------- what is tested


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def softmax(code):
    """Probabilities of four values, peaked where the code is near -1, 0, 1 or 2."""
    table = np.exp(-((code[:, :, None] - np.arange(-1, 3)) ** 2))
    return table / table.sum(axis=2, keepdims=True)


def points(code):
    return code


# Every entry of a posterior depends on the same entry of the code alone, so that permutations carry over.
def gaussian(code):
    return dm.GaussianPosterior.from_scale(code, 0.2 + 0.3 * sigmoid(3 * code))


def laplace(code):
    return dm.LaplacePosterior(code, 0.2 + 0.3 * sigmoid(3 * code))


def bernoulli(code):
    return dm.BernoulliPosterior(sigmoid(2 * code))


def categorical(code):
    return dm.CategoricalPosterior(softmax(code))


@dataclasses.dataclass(frozen=True)
class Configuration:
    """A metric, how a real-valued code becomes its latents, and its settings."""

    metric: str
    encode: Callable[[np.ndarray], Any]
    options: dict
    tolerance: float

    def __call__(self, code, factors, **more):
        return METRICS[self.metric].function(self.encode(code), factors, **self.options, **more)

    def of(self, latents, factors, **more):
        """Of latents that are made already."""
        return METRICS[self.metric].function(latents, factors, **self.options, **more)


# Per estimator: latents, settings, and how closely two equal answers agree (sums of other orders; quadrature).
ESTIMATES = {
    "histogram": (points, {"estimator": "histogram", "n_bins": 5}, 1e-12),
    "histogram of quantiles": (points, {"estimator": "histogram", "discretisation": "quantile", "n_bins": 5}, 1e-12),
    "histogram of values": (points, {"estimator": "histogram", "discretisation": "unique"}, 1e-12),
    "histogram over latents": (points, {"estimator": "histogram", "normaliser": "latent"}, 1e-12),
    "histogram, Miller-Madow": (points, {"estimator": "histogram", "correction": "miller_madow", "n_bins": 4}, 1e-12),
    "histogram, shuffled": (points, {"estimator": "histogram", "correction": "shuffle", "rng": 3, "n_bins": 4}, 1e-12),
    "knn": (points, {"estimator": "knn"}, 1e-12),
    "gaussian": (gaussian, {}, 1e-6),
    "laplace": (laplace, {}, 1e-6),
    "bernoulli": (bernoulli, {}, 1e-12),
    "categorical": (categorical, {}, 1e-12),
    "sampled": (gaussian, {"n_draws": 40, "rng": 3}, 1e-12),
}
INFORMATION_METRICS = ("mig", "mig_sup")
CONFIGURATIONS = {
    f"{metric}: {name}": Configuration(metric, *estimate)
    for metric in INFORMATION_METRICS
    for name, estimate in ESTIMATES.items()
}


def those(*parts):
    """Names of the configurations of some metrics or estimates."""
    found = {name for name in CONFIGURATIONS if any(part in name.split(": ") for part in parts)}
    assert found, parts
    return found


RANDOM = those("sampled", "histogram, shuffled")
HISTOGRAMS = {name for name in CONFIGURATIONS if "histogram" in name}
QUANTILES = those("histogram of quantiles")
POSTERIORS = those("gaussian", "laplace", "bernoulli", "categorical", "sampled")
TABLES = those("bernoulli", "categorical")

# Property -> (configurations it does not hold for, why). It is tested for all others.
PROPERTIES = {
    "latents may be permuted": (those("sampled"), "each latent gets its own draws"),
    "factors may be permuted": (those("sampled"), "each factor gets its own choice of draws"),
    "rows may be shuffled": (RANDOM, "each row gets its own draw, or place in the shuffle"),
    "labels may be renamed": (those("sampled"), "the values get their own choice of draws"),
    "latents may be recoded by flips and affine maps": (
        those("sampled") | QUANTILES,
        "draws are rounded apart; quantiles are values themselves, and a flip moves values on an edge",
    ),
    "powers of two leave every bit": (those("sampled") | TABLES, "draws; probabilities have no scale"),
    "latents may be mapped monotonically": (
        set(CONFIGURATIONS) - QUANTILES - those("histogram of values"),
        "only ranks are free of scale; entropies of densities are, but not those of mixtures of another family",
    ),
    "rows may be doubled": (
        RANDOM | those("knn", "histogram, Miller-Madow") | QUANTILES,
        "draws; neighbours and corrections count samples; quantiles are interpolated between samples",
    ),
    "a constant latent changes nothing": (
        those("mig_sup", "sampled"),
        "its gap of 0 counts in MIG-sup, by definition; with another latent the draws are others",
    ),
    "everything is within bounds": (those("sampled"), "a sampled estimate scatters about its bound"),
    "a perfect code attains the ceiling": (
        those("sampled", "histogram, Miller-Madow", "histogram, shuffled", "knn"),
        "sampled, corrected and neighbour estimates are of the right size on average only",
    ),
    "nothing tells nothing": (those("sampled"), "few draws scatter, and what falls below zero is cut"),
    "mixing lowers the score": (
        TABLES | those("histogram of values"),
        "probabilities cannot be rotated; where no two values are equal, each is a bin that tells everything",
    ),
    "redundancy closes the gap": (those("sampled"), "the copies get their own draws"),
    "storage does not matter": (set(), ""),
    "threads do not matter": (set(), ""),
    "seeds decide": (set(CONFIGURATIONS) - RANDOM, "no randomness"),
    "evaluate gives the same bits": (set(), ""),
}


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


PER_CANDIDATE = {"best_latents", "runner_up_latents", "best_factors", "runner_up_factors"}


def assert_same(one, other, tolerance, *, latents=slice(None), factors=slice(None), without=()):
    """`other` has the numbers of `one`, with latents and factors permuted."""
    axes = {"n_latents": latents, "n_factors": factors}
    for field in dataclasses.fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        # Which of two equal candidates comes first depends on their order, so indices are not compared; and the share
        # of saturated samples is that of some, chosen by their place.
        if field.name in {"settings", "factor_names", "saturated_share", *PER_CANDIDATE, *without} or a is None:
            continue
        if isinstance(a, np.ndarray) and a.ndim == 2:
            a = a[latents][:, factors]
        elif isinstance(a, np.ndarray):
            a = a[axes["n_latents" if field.name in ("per_latent", "active") else "n_factors"]]
        np.testing.assert_allclose(b, a, rtol=0, atol=tolerance, err_msg=field.name)


# ------------------------------------------------------------------------------------------- the properties


@holds_for("latents may be permuted")
@FEW
@given(samples(), st.randoms(use_true_random=False))
def test_latent_permutation(configuration, data, random):
    code, factors, _ = data
    order = random.sample(range(code.shape[1]), code.shape[1])
    assert_same(configuration(code, factors), configuration(code[:, order], factors), 1e-12, latents=order)


@holds_for("factors may be permuted")
@FEW
@given(samples(least_factors=2), st.randoms(use_true_random=False))
def test_factor_permutation(configuration, data, random):
    code, factors, _ = data
    order = random.sample(range(factors.shape[1]), factors.shape[1])
    permuted = configuration(code, factors[:, order])
    assert_same(configuration(code, factors), permuted, configuration.tolerance, factors=order)


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


# Entropies of densities move with the scale, and the activity of a latent is against the prior.
NOT_INVARIANT = ("latent_entropy", "conditional_entropy", "active")


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
    wider = configuration(np.insert(code, min(place, code.shape[1]), value, axis=1), factors)
    plain = configuration(code, factors)
    assert wider.score == pytest.approx(plain.score, abs=configuration.tolerance)
    assert wider.per_factor == pytest.approx(plain.per_factor, abs=configuration.tolerance)
    assert wider.ceiling == pytest.approx(plain.ceiling, abs=1e-15)


# Laplace and categorical posteriors of this code have no prior among them: that is a normal or uniform distribution.
@pytest.mark.parametrize("estimate", [name for name in ESTIMATES if name not in ("laplace", "categorical")])
def test_inactive_latents_can_be_left_out_of_mig_sup(estimate):
    configuration = CONFIGURATIONS[f"mig_sup: {estimate}"]
    rng = np.random.default_rng(0)
    factors = rng.integers(0, 3, (60, 2))
    code = factors + 0.3 * rng.normal(size=(60, 2))
    latents = configuration.encode(np.column_stack([code, np.zeros(60)]))
    if isinstance(latents, dm.GaussianPosterior):  # inactive: its posteriors are the prior
        latents = dm.GaussianPosterior.from_scale(latents.mean, np.where([False, False, True], 1.0, latents.scale))
    result = configuration.of(latents, factors, inactive="exclude")
    assert result.active.tolist() == [True, True, False]
    assert np.isnan(result.per_latent).tolist() == [False, False, True]
    assert result.score == pytest.approx(result.per_latent[:2].mean())


@holds_for("everything is within bounds")
@FEW
@given(samples())
def test_bounds(configuration, data):
    code, factors, _ = data
    spec = METRICS[configuration.metric]
    result = configuration(code, factors)
    slack = 1e-9 if configuration.tolerance < 1e-9 else 1e-7
    each = getattr(result, "per_factor" if configuration.metric == "mig" else "per_latent")
    most = getattr(result, "ceiling_per_factor", result.ceiling)
    assert spec.lowest <= result.score <= min(spec.highest, result.ceiling) + slack
    assert ((each >= 0) & (each <= most + slack)).all()
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
    result = configuration.of(PERFECT[name](factors), factors)
    assert result.ceiling == pytest.approx(1.0, abs=1e-12)
    assert result.score == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("n_bins", [1, 2, 7, 21])
@pytest.mark.parametrize("metric", INFORMATION_METRICS)
def test_a_perfect_code_in_too_few_bins_attains_the_ceiling(metric, n_bins):
    values = np.arange(420)[:, None] % 42  # divided by all of these numbers
    result = METRICS[metric].function(values, values, n_bins=n_bins)
    assert result.ceiling == pytest.approx(np.log(n_bins) / np.log(42))
    assert result.score == pytest.approx(result.ceiling, abs=1e-12)


@pytest.mark.parametrize("share", [0.05, 0.31, 0.5, 0.53, 0.95])
@pytest.mark.parametrize("name", sorted(HISTOGRAMS - RANDOM - those("histogram, Miller-Madow")))
def test_a_perfect_code_of_an_uneven_binary_factor_attains_the_ceiling(name, share):
    label = (np.arange(100) < 100 * share).astype(int)
    result = CONFIGURATIONS[name].of(label[:, None], label)
    assert (result.score, result.ceiling) == pytest.approx((1.0, 1.0))


@pytest.mark.parametrize("correction", CORRECTIONS)
@pytest.mark.parametrize("metric", INFORMATION_METRICS)
def test_corrections_stay_below_the_ceiling(metric, correction):
    # Forty values in twenty bins of two: a correction must not lift the score above what bins can carry.
    values = np.arange(120)[:, None] % 40
    result = METRICS[metric].function(values // 2, values, correction=correction, rng=0)
    assert result.score <= result.ceiling + 1e-12


def skip_if_slow(configuration):
    """Kinks take thousands of panels: half a minute a test as plain Python, and smaller tests cover the kernels."""
    if numba.config.DISABLE_JIT and configuration.encode is laplace:
        pytest.skip("Laplace posteriors of this size need compiled kernels")


@holds_for("nothing tells nothing")
def test_independence(configuration):
    skip_if_slow(configuration)
    few, many, n_repeats = size(40, 20), size(1200, 120), size(4, 2)
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
    factors = np.tile(np.indices((4, 4)).reshape(2, -1).T, (size(8, 2), 1))
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
    if configuration.metric == "mig":
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
    by_seed = {float(unseeded(code, factors, rng=seed).mutual_information.sum()) for seed in range(5)}
    assert len(by_seed) == 5
    assert unseeded(code, factors).score != unseeded(code, factors).score


@holds_for("evaluate gives the same bits")
@pytest.mark.parametrize("seed", [0, 7])
def test_evaluation(configuration, seed):
    rng = np.random.default_rng(seed)
    n = size(40, 15)
    code, factors = rng.normal(size=(n, 3)), rng.integers(0, 3, (n, 2))
    options = {name: value for name, value in configuration.options.items() if name != "rng"}
    latents = configuration.encode(code)
    # All of these metrics together, so that they share their work.
    together = dm.evaluate(
        latents, factors, metrics=list(METRICS), options=dict.fromkeys(INFORMATION_METRICS, options), rng=seed
    )
    alone = METRICS[configuration.metric].function(latents, factors, rng=seed, **options)
    assert_same(alone, together[configuration.metric], 0.0)
    assert together[configuration.metric].to_dict() == alone.to_dict()


def test_the_seed_that_a_generator_gives_is_recorded():
    rng = np.random.default_rng(0)
    code, factors = rng.normal(size=(40, 3)), rng.integers(0, 3, (40, 2))
    options = {"mig": {"correction": "shuffle"}}
    one, other = (dm.evaluate(code, factors, options=options, rng=np.random.default_rng(9)) for _ in range(2))
    assert one["mig"].to_dict() == other["mig"].to_dict()
    again = dm.mig(code, factors, correction="shuffle", rng=one.provenance["seed"])
    assert again.to_dict() == one["mig"].to_dict()
