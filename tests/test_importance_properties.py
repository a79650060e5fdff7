"""Properties of the metrics that learn to predict factors, as test_properties.py has them for the others.

CONFIGURATIONS lists what is tested, PROPERTIES what must hold; each property names the configurations that it does not
hold for, with the reason, and holds for all others.
"""

import dataclasses
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dismetrics as dm
from dismetrics.estimators.relevance.importance.settings import LEARNERS
from dismetrics.registry.importance import IMPORTANCE
from sizes import size

METRICS = {spec.name: spec for spec in IMPORTANCE}
FEW = settings(max_examples=min(size(10, 2), settings.default.max_examples))

# Factors may have hardly more rows than labels here.
pytestmark = pytest.mark.filterwarnings(
    "ignore:factor .* labels in .* samples:dismetrics.warnings.DegenerateDataWarning"
)


@dataclasses.dataclass(frozen=True)
class Configuration:
    """A metric and its settings."""

    metric: str
    options: dict[str, Any]

    def __call__(self, latents, factors, **more):
        return METRICS[self.metric].function(latents, factors, **{"rng": 3, **self.options, **more})


CONFIGURATIONS = {
    "dci: boosting": Configuration("dci", {"n_trees": 2}),
    "dci: boosting, single precision": Configuration("dci", {"n_trees": 2, "precision": "single"}),
    "dci: forest": Configuration("dci", {"learner": "forest", "n_trees": 2}),
    "dci: lasso": Configuration("dci", {"learner": "lasso", "kinds": "ordinal"}),
    "dci: logistic": Configuration("dci", {"learner": "logistic"}),
    "dci_es: forest": Configuration("dci_es", {"n_trees": 2, "capacities": (1, 2, 5)}),
}


def those(*parts):
    """Names of the configurations of some metrics or learners."""
    found = {name for name in CONFIGURATIONS if any(part in name.split(": ") for part in parts)}
    assert found, parts
    return found


BOOSTING = those("boosting", "boosting, single precision")
TREES = BOOSTING | those("forest")

PROPERTIES = {
    "factors may be permuted": (set(), ""),
    "labels may be renamed": (those("lasso"), "it takes the numbers of labels for quantities"),
    "latents may be permuted": (TREES, "which of two equally good latents is split is drawn by their place"),
    "latents may be recoded by flips and affine maps": (TREES, "halfway between two values rounds the other way"),
    "powers of two leave every bit": (those("boosting, single precision"), "a gap of 1e-7 has a scale"),
    "latents may be mapped monotonically": (
        set(CONFIGURATIONS) - those("boosting"),
        "only trees know nothing but the order, and those of scikit-learn round",
    ),
    "a constant latent leaves disentanglement": (TREES, "what is drawn depends on the number of latents"),
    "everything is within bounds": (set(), ""),
    "storage does not matter": (set(), ""),
    "threads do not matter": (set(), ""),
    "seeds decide": (set(), ""),
    "evaluate gives the same bits": (set(), ""),
}

TESTED = {}
"""Property -> the configurations that it is tested for; filled below."""


def holds_for(name):
    """Parametrise over the configurations that a property holds for."""
    names = [key for key in CONFIGURATIONS if key not in PROPERTIES[name][0]]
    TESTED[name] = set(names)
    return pytest.mark.parametrize("configuration", [CONFIGURATIONS[key] for key in names], ids=names)


def test_every_metric_and_learner_is_configured():
    assert {configuration.metric for configuration in CONFIGURATIONS.values()} == set(METRICS)
    learners = {each.options.get("learner", "boosting") for each in CONFIGURATIONS.values() if each.metric == "dci"}
    assert learners == set(LEARNERS)


def test_every_property_is_tested_on_all_that_it_is_not_exempt_from():
    assert set(TESTED) == set(PROPERTIES)
    for name, (exempt, reason) in PROPERTIES.items():
        assert exempt | TESTED[name] == set(CONFIGURATIONS), name
        assert bool(exempt) == bool(reason), name


@st.composite
def samples(draw):
    """A noisy linear code of some factors, and the factors: labels from 0, each of at least two values."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_factors, n_latents = draw(st.integers(2, 3)), draw(st.integers(2, 4))
    n_values = draw(st.lists(st.integers(2, 5), min_size=n_factors, max_size=n_factors))
    factors = rng.integers(0, n_values, (draw(st.integers(16, size(60, 20))), n_factors))
    factors[:2] = [[0], [1]] * np.ones(n_factors, int)
    code = (factors - factors.mean(axis=0)) @ rng.normal(size=(n_factors, n_latents))
    # Exact in float32, so that single precision is precise.
    noisy = code + draw(st.sampled_from([0.1, 1.0])) * rng.normal(size=code.shape)
    return noisy.astype(np.float32).astype(float), factors, rng


def assert_same(one, other, tolerance, *, latents=slice(None), factors=slice(None)):
    """`other` has the numbers of `one`, with latents and factors permuted."""
    for field in dataclasses.fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if field.name in ("settings", "factor_names"):
            continue
        if field.name == "importance":
            a = a[latents][:, factors]
        elif field.name in ("per_latent", "latent_share"):
            a = a[latents]
        elif field.name.endswith("per_factor") or field.name == "loss":
            a = a[..., factors]
        np.testing.assert_allclose(b, a, rtol=0, atol=tolerance, err_msg=field.name)


@holds_for("factors may be permuted")
@FEW
@given(samples(), st.randoms(use_true_random=False))
def test_factor_permutation(configuration, data, random):
    code, factors, _ = data
    order = random.sample(range(factors.shape[1]), factors.shape[1])
    assert_same(configuration(code, factors), configuration(code, factors[:, order]), 1e-12, factors=order)


RENAMES = {
    "reversed": lambda codes: -codes,
    "spread": lambda codes: np.array([7, -40, 10**9, 0, 3])[codes],
    "strings": lambda codes: np.array(["b", "a", "", "zz", "B"])[codes],
}


@holds_for("labels may be renamed")
@FEW
@given(samples(), st.sampled_from(list(RENAMES)))
def test_relabelling(configuration, data, rename):
    code, factors, _ = data
    assert_same(configuration(code, factors), configuration(code, RENAMES[rename](factors)), 0.0)


@holds_for("latents may be permuted")
@FEW
@given(samples(), st.randoms(use_true_random=False))
def test_latent_permutation(configuration, data, random):
    code, factors, _ = data
    order = random.sample(range(code.shape[1]), code.shape[1])
    # Coefficients of an iterative fit.
    assert_same(configuration(code, factors), configuration(code[:, order], factors), 0.01, latents=order)


@holds_for("latents may be recoded by flips and affine maps")
@FEW
@given(samples(), st.sampled_from([(-1.0, 0.0), (3.7, 0.0), (-0.013, 5.0), (1e-6, 0.0), (1.0, 1e4), (1e6, -1e6)]))
def test_affine_maps(configuration, data, affine):
    code, factors, _ = data
    slope, offset = affine
    assert_same(configuration(code, factors), configuration(slope * code + offset, factors), 0.01)


@holds_for("powers of two leave every bit")
@FEW
@given(samples(), st.integers(-200, 200))
def test_powers_of_two(configuration, data, power):
    code, factors, _ = data
    assert_same(configuration(code, factors), configuration(code * 2.0**power, factors), 0.0)


@holds_for("latents may be mapped monotonically")
@FEW
@given(samples())
def test_monotone_maps(configuration, data):
    code, factors, _ = data
    one, other = configuration(code, factors), configuration(np.argsort(np.argsort(code, axis=0), axis=0), factors)
    # Rows in between that were not learnt from may fall to the other side of a threshold.
    assert one.importance == pytest.approx(other.importance, abs=1e-12)


@holds_for("a constant latent leaves disentanglement")
@FEW
@given(samples(), st.sampled_from([0.0, 0.7]), st.integers(0, 4))
def test_constant_latent(configuration, data, value, place):
    code, factors, _ = data
    plain = configuration(code, factors)
    wider = configuration(np.insert(code, min(place, code.shape[1]), value, axis=1), factors)
    assert wider.score == pytest.approx(plain.score, abs=0.01)
    assert wider.informativeness == pytest.approx(plain.informativeness, abs=0.1)


@holds_for("everything is within bounds")
@FEW
@given(samples())
def test_bounds(configuration, data):
    code, factors, _ = data
    spec = METRICS[configuration.metric]
    result = configuration(code, factors)
    assert spec.lowest - 1e-12 <= result.score <= spec.highest + 1e-12
    assert 0 <= result.completeness <= 1 + 1e-12
    assert result.informativeness <= 1
    assert (result.importance >= 0).all()
    for field in dataclasses.fields(result):
        value = getattr(result, field.name)
        assert not isinstance(value, np.ndarray) or np.isfinite(value).all(), field.name


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
    assert_same(configuration(code, factors), configuration(STORAGE[storage](code), factors), 0.0)


@holds_for("threads do not matter")
def test_threads(configuration, monkeypatch):
    rng = np.random.default_rng(0)
    code, factors = rng.normal(size=(size(200, 20), 3)), rng.integers(0, 3, (size(200, 20), 3))
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
    for same in (5, np.int64(5), np.random.default_rng(5)):
        assert_same(configuration(code, factors, rng=5), configuration(code, factors, rng=same), 0.0)
    assert len({float(configuration(code, factors, rng=seed).importance.max()) for seed in range(5)}) > 2
    unseeded = [configuration(code, factors, rng=None) for _ in range(3)]
    assert len({each.importance.tobytes() for each in unseeded}) > 1


@holds_for("evaluate gives the same bits")
def test_evaluation(configuration):
    rng = np.random.default_rng(1)
    code, factors = rng.normal(size=(40, 3)), rng.integers(0, 3, (40, 2))
    options = {name: value for name, value in configuration.options.items() if name != "kinds"}
    kinds = configuration.options.get("kinds")
    together = dm.evaluate(
        code,
        factors,
        metrics=["mig", configuration.metric],
        options={configuration.metric: options},
        rng=7,
        kinds=kinds,
    )
    assert together[configuration.metric].to_dict() == configuration(code, factors, rng=7).to_dict()
