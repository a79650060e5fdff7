"""Properties of the metrics by intervention, in the style of scikit-learn's test_common.

CONFIGURATIONS lists what is tested, PROPERTIES what must hold; each property names the configurations that it does not
hold for, with the reason, and holds for all others. A metric or an estimator that is added must be listed here.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

import dismetrics as dm
from dismetrics.registry.interventions import INTERVENTIONS
from sizes import size

METRICS = {spec.name: spec for spec in INTERVENTIONS}

# Rows are few here, so posteriors overlap little; and a seed may leave a factor with one value.
pytestmark = [
    pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning"),
    # One configuration gives every value a bin of its own, with few samples: that is warned about, and meant here.
    pytest.mark.filterwarnings("ignore:latent .* takes .* bins:dismetrics.warnings.DegenerateDataWarning"),
    pytest.mark.filterwarnings("ignore:.* share their value:dismetrics.warnings.DegenerateDataWarning"),
]

FEW = settings(max_examples=min(size(15, 2), settings.default.max_examples))


# ------------------------------------------------------------------------------------------- what is tested


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def points(code):
    return code


# Every entry of a posterior depends on the same entry of the code alone, so that permutations carry over.
def gaussian(code):
    return dm.GaussianPosterior.from_scale(code, 0.2 + 0.3 * sigmoid(3 * code))


@dataclasses.dataclass(frozen=True)
class Configuration:
    """A metric, how a real-valued code becomes its latents, and its settings."""

    metric: str
    encode: Callable[[np.ndarray], Any]
    options: dict
    tolerance: float

    def __call__(self, code, factors, **more):
        return self.of(self.encode(code), factors, **more)

    def of(self, latents, factors, **more):
        """Of latents that are made already; a table that leaves nothing to compare is drawn anew."""
        try:
            return METRICS[self.metric].function(latents, factors, **self.options, **more)
        except ValueError as error:
            if "no two rows share" in str(error) or "is the only factor" in str(error):
                reject()
            raise


FEW_VOTES = {"n_train": 200, "n_test": 100, "rng": 3}
CONFIGURATIONS = {
    # A few of the votes may change sides where the classifier's optimiser takes another path.
    "beta_vae_score: points": Configuration("beta_vae_score", points, FEW_VOTES, 0.07),
    "factor_vae_score: points": Configuration("factor_vae_score", points, FEW_VOTES, 1e-12),
    "factor_vae_score: means": Configuration("factor_vae_score", gaussian, FEW_VOTES, 1e-12),
    "relevance_factor_vae_score: points": Configuration("relevance_factor_vae_score", points, FEW_VOTES, 1e-12),
    # Deviations are as exact as the values that are given.
    "irs: points": Configuration("irs", points, {}, 1e-10),
    "irs: quantile": Configuration("irs", points, {"quantile": 0.75}, 1e-10),
}


def those(*parts):
    """Names of the configurations of some metrics or estimates."""
    found = {name for name in CONFIGURATIONS if any(part in name.split(": ") for part in parts)}
    assert found, parts
    return found


VOTES = those("beta_vae_score", "factor_vae_score", "relevance_factor_vae_score")

# Property -> (configurations it does not hold for, why). It is tested for all others.
PROPERTIES = {
    "latents may be permuted": (those("beta_vae_score"), "an optimiser takes another path"),
    "factors may be permuted": (VOTES, "each factor gets its own choice of draws"),
    "rows may be shuffled": (VOTES, "each row gets its own draw"),
    "labels may be renamed": (set(), ""),
    "latents may be recoded by flips and affine maps": (those("means"), "the prior stays where it is"),
    "powers of two leave every bit": (those("means"), "the prior, by which latents count as active, has a scale"),
    "a constant latent changes nothing": (set(), ""),
    "everything is within bounds": (set(), ""),
    "a perfect code attains the ceiling": (set(), ""),
    "storage does not matter": (set(), ""),
    "threads do not matter": (set(), ""),
    "seeds decide": (those("irs"), "no randomness"),
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


PER_CANDIDATE = {"best_latents", "runner_up_latents", "best_factors", "runner_up_factors", "classifier"}
PER_LATENT = {"per_latent", "active", "max_deviation"}
OF_THE_CLASSIFIER = {"confusion", "coefficients"}


def assert_same(one, other, tolerance, *, latents=slice(None), factors=slice(None), without=()):
    """`other` has the numbers of `one`, with latents and factors permuted."""
    axes = {"n_latents": latents, "n_factors": factors}
    for field in dataclasses.fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        # Which of two equal candidates comes first depends on their order, so indices are not compared; and the share
        # of saturated samples is that of some, chosen by their place.
        if (
            field.name in {"settings", "factor_names", "saturated_share", *PER_CANDIDATE, *OF_THE_CLASSIFIER, *without}
            or a is None
        ):
            continue
        if isinstance(a, np.ndarray) and a.ndim == 2:
            a = a[latents][:, factors]
        elif isinstance(a, np.ndarray):
            a = a[axes["n_latents" if field.name in PER_LATENT else "n_factors"]]
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


@holds_for("a constant latent changes nothing")
@FEW
@given(samples(), st.sampled_from([0.0, 0.7]), st.integers(0, 4))
def test_constant_latent(configuration, data, value, place):
    code, factors, _ = data
    wider = configuration(np.insert(code, min(place, code.shape[1]), value, axis=1), factors)
    plain = configuration(code, factors)
    assert wider.score == pytest.approx(plain.score, abs=configuration.tolerance)
    if configuration.metric != "irs":
        assert wider.per_factor == pytest.approx(plain.per_factor, abs=configuration.tolerance)
    if configuration.metric == "mig":
        assert wider.ceiling == pytest.approx(plain.ceiling, abs=1e-15)


@holds_for("everything is within bounds")
@FEW
@given(samples())
def test_bounds(configuration, data):
    code, factors, _ = data
    spec = METRICS[configuration.metric]
    result = configuration(code, factors)
    assert spec.lowest <= result.score <= spec.highest
    each = result.per_latent if configuration.metric == "irs" else result.per_factor
    assert ((each >= spec.lowest) & (each <= spec.highest) | np.isnan(each)).all()


# Latents that say of every factor all there is to say.
PERFECT = {
    **dict.fromkeys(["points", "quantile"], lambda v: v.astype(float)),
    "means": lambda v: dm.GaussianPosterior.from_scale(v, np.full(v.shape, 0.02)),
}


@holds_for("a perfect code attains the ceiling")
@FEW
@given(st.lists(st.integers(2, 4), min_size=1, max_size=3), st.integers(0, 2**32 - 1))
def test_perfect_code(configuration, n_values, seed):
    assume(len(n_values) >= METRICS[configuration.metric].fewest_factors)
    rng = np.random.default_rng(seed)
    # Of independent factors on a full grid, or else a latent would tell of the others too.
    factors = np.indices(n_values).reshape(len(n_values), -1).T
    factors = np.tile(factors, (3, 1))[rng.permutation(3 * len(factors))]
    name = next(key for key, each in CONFIGURATIONS.items() if each is configuration).split(": ")[1]
    result = configuration.of(PERFECT[name](factors), factors)
    assert getattr(result, "ceiling", 1.0) == pytest.approx(1.0, abs=1e-12)
    assert result.score == pytest.approx(1.0, abs=1e-6)


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

    def numbers(result):
        return str({name: value for name, value in result.to_dict().items() if name != "settings"})

    assert len({numbers(unseeded(code, factors, rng=seed)) for seed in range(5)}) == 5
    assert numbers(unseeded(code, factors)) != numbers(unseeded(code, factors))


@holds_for("evaluate gives the same bits")
@pytest.mark.parametrize("seed", [0, 7])
def test_evaluation(configuration, seed):
    rng = np.random.default_rng(seed)
    n = size(40, 15)
    code, factors = rng.normal(size=(n, 3)), rng.integers(0, 3, (n, 2))
    options = {name: value for name, value in configuration.options.items() if name != "rng"}
    latents = configuration.encode(code)
    kind = [configuration.metric]
    together = dm.evaluate(latents, factors, metrics=kind, options=dict.fromkeys(kind, options), rng=seed)
    alone = METRICS[configuration.metric].function(latents, factors, rng=seed, **options)
    assert_same(alone, together[configuration.metric], 0.0)
    assert together[configuration.metric].to_dict() == alone.to_dict()
