"""Data and helpers of the tests of odd input: a full grid of three factors, and a code that mixes them."""

import dataclasses
import functools
import inspect
import warnings

import numpy as np
import pandas as pd
import pytest

import dismetrics as dm
from dismetrics.estimators import mutual_information
from dismetrics.warnings import PrecisionWarning
from sizes import size

GRID = np.indices((3, 4, 5)).reshape(3, -1).T
N = len(GRID)
MIXING = np.array([[1.0, 0.2, 0.0], [0.0, 1.0, 0.3], [0.1, 0.0, 1.0]])
LATENTS = GRID @ MIXING + 0.3 * np.random.default_rng(0).normal(size=(N, 3))
FEW_LATENTS = LATENTS[:, : size(3, 1)]  # Laplace panels take seconds where they run as plain Python
EXACT = np.round(LATENTS * 64) / 64  # in float32 the same numbers
GAUSSIAN = dm.GaussianPosterior.from_scale(LATENTS, np.full(LATENTS.shape, 0.8))


def seeded(function, seed):
    """With a seed, where there is randomness."""
    return functools.partial(function, rng=seed) if "rng" in inspect.signature(function).parameters else function


_VOTES = ("beta_vae_score", "factor_vae_score", "relevance_factor_vae_score")
# Little work for metrics that take long, above all where they run as plain Python.
CHEAPER = {
    **{name: {"n_train": 60, "n_test": 60} for name in _VOTES},
    "dci": {"n_trees": 2},
    "dci_es": {"n_trees": 2, "capacities": (1, 3)},
    "hausdorff_factorised_support": {"n_subsets": 2, "subset_size": 16},
    "elbo_decomposition": {"n_draws": 32},
}
# With a seed, so that the same samples are held out wherever some are.
SUPERVISED = [spec for spec in dm.METRICS if spec.supervised]
METRICS = {spec.name: functools.partial(seeded(spec.function, 0), **CHEAPER.get(spec.name, {})) for spec in SUPERVISED}
FOR_ONE_FACTOR = {spec.name: METRICS[spec.name] for spec in SUPERVISED if spec.fewest_factors == 1}
DOORS = {**METRICS, "evaluate": dm.evaluate, "mutual_information": mutual_information}
REFUSED = (TypeError, ValueError)

every_door = pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
every_gap = pytest.mark.parametrize("metric", [dm.mig, dm.mig_sup])

STRINGS = np.array(["a", "b", "c"])[GRID[:, 0]]
FRACTIONS = GRID + np.array([0.0, 0.25, 0.0])


def with_entry(array, value, row=7, column=1):
    """The array with one entry replaced, as objects where its dtype cannot hold the value."""
    changed = np.array(array, dtype=object if value is None or value is pd.NA else None)
    if isinstance(value, float) and changed.dtype.kind in "iu":
        changed = changed.astype(float)
    changed[row, column] = value
    return changed


def as_objects(values):
    """A 1-D object array of any Python values, sequences included."""
    array = np.empty(len(values), object)
    array[:] = values
    return array


def assert_sound(result):
    """No entry is nan but that of a factor with a single value, and nothing is infinite."""
    single = result.factor_entropy == 0
    assert np.isfinite(result.score)
    for field in dataclasses.fields(result):
        value = getattr(result, field.name)
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            nothing_known = field.name in ("per_factor", "ceiling_per_factor")
            assert np.array_equal(np.isnan(value), single) if nothing_known else np.isfinite(value).all(), field.name


def with_precision_warnings(call):
    """What a call returns, and its PrecisionWarnings: there may be one a column."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = call()
    assert {warning.category for warning in caught} <= {PrecisionWarning}
    return result, "\n".join(str(warning.message) for warning in caught)


# One for each label of all factors, in their order: what labels are called changes it.
PER_LABEL = {"per_target", "target_factors", "target_latents", "relevance"}


def assert_same(one, other, tolerance=0.0):
    """Two results of one metric agree in everything but the settings."""
    for field in dataclasses.fields(one):
        if hasattr(one, "target_labels") and field.name in PER_LABEL:
            continue
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, (float, np.ndarray)) and field.name != "saturated_share":  # of some samples, by their place
            np.testing.assert_allclose(a, b, rtol=0, atol=tolerance, err_msg=field.name)
