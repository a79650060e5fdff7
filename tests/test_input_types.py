"""Labels, kinds and containers of any type: they count as what they are, and give the same answer."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import dismetrics as dm
from duck_arrays import CupyLike, JaxLike, PolarsLike, TorchLike
from odd_data import (
    EXACT,
    FOR_ONE_FACTOR,
    FRACTIONS,
    GRID,
    LATENTS,
    METRICS,
    REFUSED,
    STRINGS,
    N,
    as_objects,
    assert_same,
    assert_sound,
)

# --------------------------------------------------------------------------------------- labels of any kind

FIVE = GRID[:, 2]
DAYS = np.datetime64("2020-01-01") + FIVE
LABELS = {
    "negative": FIVE - 3,
    "minus one": FIVE - 1,
    "reversed": -FIVE,
    "spread": 10**9 * FIVE,
    "int8, whole range": np.array([-128, -3, 0, 5, 127], np.int8)[FIVE],
    "int16, whole range": np.array([-32768, -3, 0, 5, 32767], np.int16)[FIVE],
    "int32, whole range": np.array([-(2**31), -3, 0, 5, 2**31 - 1], np.int32)[FIVE],
    "int64, both ends": np.array([-(2**63), -3, 0, 5, 2**63 - 1])[FIVE],
    "int64, top": FIVE + (2**63 - 5),
    "uint8": (FIVE + 251).astype(np.uint8),
    "uint64, top": FIVE.astype(np.uint64) + np.uint64(2**64 - 5),
    "whole floats": FIVE.astype(float) - 2,
    "float32": FIVE.astype(np.float32),
    "large floats": FIVE * 1e300,
    "strings": np.array(["heart", "Heart", "", " ", "é"])[FIVE],
    "bytes": np.array([b"a", b"b", b"", b" ", b"c"])[FIVE],
    "string dtype": np.array(["a", "b", "c", "d", "e"])[FIVE].astype(np.dtypes.StringDType()),
    "objects": as_objects([["heart", "square", "oval", "", "x"][i] for i in FIVE]),
    "mixed types": as_objects([["heart", 3, 2.5, (1, 2), b"x"][i] for i in FIVE]),
    "tuples": as_objects([(i, -i) for i in FIVE]),
    "big integers": as_objects([i + 10**30 for i in FIVE.tolist()]),
    # Sets are ordered by inclusion, which is no order to sort by.
    "sets": as_objects([frozenset([i]) for i in FIVE.tolist()]),
    "dates": DAYS,
    "python dates": as_objects([dt.date(2020, 1, 1 + i) for i in FIVE.tolist()]),
    "timedelta": DAYS - DAYS.min(),
    "list": FIVE.tolist(),
    "list of strings": [f"v{i}" for i in FIVE],
    "series": pd.Series(FIVE, index=np.arange(N)[::-1]),
    "nullable": pd.array(FIVE, dtype="Int64"),
    "pandas strings": pd.Series([f"v{i}" for i in FIVE]),
    "categorical": pd.Categorical.from_codes(FIVE, ["z", "y", "x", "w", "v"]),
    # A category is a label by declaration, whatever it is made of.
    "categorical of fractions": pd.Series(FIVE / 4).astype("category"),
    "intervals": pd.cut(pd.Series(FIVE), 5),
    "timestamps": pd.Series(DAYS).dt.tz_localize("Europe/Paris"),
    "frame": pd.DataFrame({"v": FIVE}),
    "mapping": {"v": FIVE},
}


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_any_labels_count_as_what_they_are(labels):
    for metric in FOR_ONE_FACTOR.values():
        assert_same(metric(LATENTS, labels), metric(LATENTS, FIVE), 1e-12)


@pytest.mark.parametrize("labels", [GRID[:, 0] > 1, (GRID[:, 0] > 1).tolist(), np.where(GRID[:, 0] > 1, "yes", "no")])
def test_two_values_of_any_kind(labels):
    for metric in FOR_ONE_FACTOR.values():
        assert_same(metric(LATENTS, labels), metric(LATENTS, (GRID[:, 0] > 1).astype(int)), 1e-12)


TWELVE = np.arange(N) % 12
ORDERED = {
    "ordered categories": pd.Categorical.from_codes(TWELVE, [f"size {i}" for i in range(12)], ordered=True),
    "intervals": pd.cut(pd.Series(TWELVE), np.arange(13) - 0.5),
    "decimals": as_objects([Decimal(i) for i in TWELVE.tolist()]),
    "big integers": as_objects([i + 10**30 for i in TWELVE.tolist()]),
    "dates": as_objects([dt.date(2020 + i, 1, 1) for i in TWELVE.tolist()]),
    "time spans": as_objects([dt.timedelta(i) for i in TWELVE.tolist()]),
}


@pytest.mark.parametrize("labels", ORDERED.values(), ids=ORDERED)
def test_labels_that_have_an_order_keep_it(labels):
    # Codes are numbered in that order; where labels are binned, as this preset does, it decides what is merged.
    assert np.array_equal(dm.Factors(labels).codes[:, 0], TWELVE)
    assert_same(dm.mig(LATENTS, labels, preset="ubisoft"), dm.mig(LATENTS, TWELVE, preset="ubisoft"), 1e-12)


def test_row_order_does_not_number_labels():
    for labels in LABELS.values():
        column = pd.Series(labels["v"] if isinstance(labels, (dict, pd.DataFrame)) else labels)
        n_values = dm.Factors(column.iloc[::-1].reset_index(drop=True)).n_values
        assert n_values.tolist() == [5], column.dtype


# ----------------------------------------------------------------------------------------- kinds of factors


def test_kinds_by_word_name_and_index_agree():
    frame = pd.DataFrame(FRACTIONS, columns=["x", "y", "z"])
    by_name = dm.Factors(frame, kinds={"y": "continuous"})
    assert by_name.kinds == ("categorical", "continuous", "categorical")
    for kinds in ({1: "continuous"}, {-2: "continuous"}, {np.int64(1): "continuous"}):
        assert dm.Factors(frame, kinds=kinds).kinds == by_name.kinds
    assert dm.Factors(frame, kinds="ordinal").kinds == ("ordinal",) * 3
    assert_sound(dm.mig(LATENTS, frame, kinds={"y": "continuous"}))


def test_a_number_that_names_a_column_is_not_taken_for_another_column():
    frame = pd.DataFrame(GRID, columns=[1, 2, 0])
    try:
        factors = dm.Factors(frame, kinds={2: "continuous"})
    except REFUSED:
        return  # to refuse what can be read in two ways is right too
    assert factors.kinds[1] == "continuous"


@pytest.mark.parametrize("kind", ["categorical", "ordinal"])
def test_fractions_are_labels_where_the_kind_says_so(kind):
    assert_same(dm.mig(LATENTS, FIVE / 4, kinds=kind), dm.mig(LATENTS, FIVE), 1e-12)


def test_quantities_are_binned_and_angles_over_the_full_turn():
    quantity = dm.mig(LATENTS, FRACTIONS[:, 1], kinds="continuous", n_factor_bins=4)
    assert_same(quantity, dm.mig(LATENTS, GRID[:, 1]), 1e-12)
    angle = np.pi / 2 * GRID[:, 1] + 0.1
    for turns in (0, 1, -3):
        circular = dm.mig(LATENTS, angle + turns * 2 * np.pi, kinds="circular", n_factor_bins=4)
        assert_same(circular, dm.mig(LATENTS, GRID[:, 1]), 1e-12)


# ----------------------------------------------------------------------------------- containers and layouts

WIDE = np.zeros((2 * N, 6))
WIDE[::2, ::2] = EXACT
READ_ONLY = EXACT.copy()
READ_ONLY.setflags(write=False)
CONTAINERS = {
    "float32": EXACT.astype(np.float32),
    "longdouble": EXACT.astype(np.longdouble),
    "big endian": EXACT.astype(">f8"),
    "fortran": np.asfortranarray(EXACT),
    "read-only": READ_ONLY,
    "strided": WIDE[::2, ::2],
    "backwards": EXACT[::-1, ::-1].copy()[::-1, ::-1],
    "matrix": EXACT.view(np.recarray),
    "list": EXACT.tolist(),
    "tuple of arrays": tuple(EXACT),
    "objects": EXACT.astype(object),
    "pandas": pd.DataFrame(EXACT),
    "pandas, odd index": pd.DataFrame(EXACT, index=np.arange(N)[::-1], columns=["b", "a", "a"]),
    "pandas, nullable": pd.DataFrame(EXACT).astype("Float64"),
    "polars": PolarsLike({name: EXACT[:, j] for j, name in enumerate("abc")}),
    "torch": TorchLike(EXACT),
    "torch, bfloat16": TorchLike(EXACT, dtype="bfloat16"),
    "cupy": CupyLike(EXACT),
    "jax": JaxLike(EXACT),
    "sparse": scipy.sparse.csr_array(EXACT),
}


@pytest.mark.parametrize("latents", CONTAINERS.values(), ids=CONTAINERS)
def test_latents_in_any_container_score_the_same(latents):
    for metric in METRICS.values():
        assert_same(metric(latents, GRID), metric(EXACT, GRID))


@pytest.mark.parametrize("mean", CONTAINERS.values(), ids=CONTAINERS)
def test_posteriors_from_any_container_are_the_same(mean):
    posterior = dm.GaussianPosterior(mean, mean)
    assert np.array_equal(posterior.mean, EXACT)
    assert np.array_equal(posterior.scale, np.exp(0.5 * EXACT))
    assert np.array_equal(dm.GaussianPosterior.from_scale(mean, np.ones((N, 3))).mean, EXACT)
    assert np.array_equal(dm.LaplacePosterior(mean, np.ones((N, 3))).location, EXACT)


FACTOR_CONTAINERS = {
    "list": GRID.tolist(),
    "int8": GRID.astype(np.int8),
    "uint8": GRID.astype(np.uint8),
    "big endian": GRID.astype(">i4"),
    "fortran": np.asfortranarray(GRID),
    "strided": np.repeat(GRID, 2, axis=0)[::2],
    "floats": GRID.astype(np.float32),
    "pandas": pd.DataFrame(GRID),
    "pandas, many types": pd.DataFrame({"a": STRINGS, "b": GRID[:, 1] - 0.0, "c": pd.Categorical(GRID[:, 2])}),
    "polars": PolarsLike({name: GRID[:, k] for k, name in enumerate("abc")}),
    "mapping": {"a": STRINGS, "b": GRID[:, 1].tolist(), "c": TorchLike(GRID[:, 2])},
    "torch": TorchLike(GRID),
    "cupy": CupyLike(GRID),
    "jax": JaxLike(GRID),
    "Factors": dm.Factors(GRID),
}


@pytest.mark.parametrize("factors", FACTOR_CONTAINERS.values(), ids=FACTOR_CONTAINERS)
def test_factors_in_any_container_score_the_same(factors):
    for metric in METRICS.values():
        assert_same(metric(LATENTS, factors), metric(LATENTS, GRID))


@pytest.mark.parametrize("wrap", [list, pd.Series, TorchLike, CupyLike, JaxLike, np.float32])
def test_weights_in_any_container(wrap):
    weights = np.arange(1, N + 1, dtype=float)
    assert_same(dm.mig(LATENTS, GRID, weights=wrap(weights)), dm.mig(LATENTS, GRID, weights=weights))


def test_integer_and_boolean_latents():
    for metric in METRICS.values():
        assert_same(metric(GRID, GRID), metric(GRID.astype(float), GRID))
        assert_same(metric(GRID > 1, GRID), metric((GRID > 1).astype(float), GRID))
        assert_same(metric(GRID.astype(np.uint64), GRID), metric(GRID, GRID))


@pytest.mark.parametrize(
    "subset", [0, -3, np.int64(0), "factor_0", ["factor_0"], (0,), np.array([0]), [np.str_("factor_0")]]
)
def test_one_factor_by_any_name(subset):
    for metric in (dm.mig, dm.mig_sup):
        assert_same(metric(LATENTS, GRID, factor_subset=subset), metric(LATENTS, GRID[:, :1]))


def test_input_is_left_as_it_was():
    latents, weights, factors = LATENTS.copy(), np.ones(N), FRACTIONS.copy()
    weights[3] = 0.0
    for options in ({}, {"correction": "none", "discretisation": "quantile"}):
        dm.evaluate(latents, factors, kinds="continuous", weights=weights, options={"mig": options})
    assert np.array_equal(latents, LATENTS)
    assert np.array_equal(factors, FRACTIONS)
    assert weights.sum() == N - 1
