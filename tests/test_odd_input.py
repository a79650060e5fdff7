"""Odd input at the door: every case is refused in words that help, or gives the one right answer.

The cases are those that were seen to go wrong elsewhere: NaN sorted into the last bin, labels taken for quantities,
transposed arrays that score, rows that vanish. A result may hold nan only for a factor with a single value.
"""

import dataclasses
import datetime as dt
import re
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import dismetrics as dm
from dismetrics.estimators import mutual_information
from dismetrics.warnings import DegenerateDataWarning, PrecisionWarning
from oracles import aggregate_posterior, histogram, neighbours
from sizes import size

GRID = np.indices((3, 4, 5)).reshape(3, -1).T
N = len(GRID)
MIXING = np.array([[1.0, 0.2, 0.0], [0.0, 1.0, 0.3], [0.1, 0.0, 1.0]])
LATENTS = GRID @ MIXING + 0.3 * np.random.default_rng(0).normal(size=(N, 3))
GAUSSIAN = dm.GaussianPosterior.from_scale(LATENTS, np.full(LATENTS.shape, 0.8))
METRICS = {spec.name: spec.function for spec in dm.METRICS}
DOORS = {**METRICS, "evaluate": dm.evaluate, "mutual_information": mutual_information}
REFUSED = (TypeError, ValueError)

every_door = pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
every_gap = pytest.mark.parametrize("metric", [dm.mig, dm.mig_sup])


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


def assert_same(one, other, tolerance=0.0):
    """Two results of one metric agree in everything but the settings."""
    for field in dataclasses.fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, (float, np.ndarray)):
            np.testing.assert_allclose(a, b, rtol=0, atol=tolerance, err_msg=field.name)


# ------------------------------------------------------------------------------------- data that is refused

STRINGS = np.array(["a", "b", "c"])[GRID[:, 0]]
FRACTIONS = GRID + np.array([0.0, 0.25, 0.0])
MIXED_COLUMNS = np.column_stack([as_objects(list(STRINGS)), as_objects(list(FRACTIONS[:, 1]))])
MASKED = np.ma.masked_equal(GRID, 1)
RAGGED = [[1.0, 2.0], [3.0]] * 30

BAD_LATENTS = {
    "nan": (with_entry(LATENTS, np.nan), r"column 1 of latents .* not finite .*row 7"),
    "inf": (with_entry(LATENTS, np.inf), r"column 1 of latents .* not finite .*row 7"),
    "minus inf": (with_entry(LATENTS, -np.inf), r"column 1 of latents .* not finite .*row 7"),
    "None": (with_entry(LATENTS, None), r"column 1 of latents .* not finite .*row 7"),
    "nan float32": (with_entry(LATENTS, np.nan).astype(np.float32), r"column 1 of latents .* not finite"),
    "nan column": (LATENTS * [1.0, 1.0, np.nan], r"column 2 of latents holds 60 values that are not finite"),
    "nan frame": (pd.DataFrame(with_entry(LATENTS, np.nan)), r"column 1 of latents .* not finite .*row 7"),
    "range overflow": (np.where(LATENTS > 1, 1e308, -1e308), r"column 0 of latents .*rescale"),
    "complex": (LATENTS + 0j, r"latents holds complex numbers.*real"),
    "strings": (LATENTS.astype(str), r"latents has dtype .*real numbers"),
    "dates": (LATENTS.astype("M8[s]"), r"latents has dtype .*real numbers"),
    "objects": (with_entry(LATENTS, None).astype(str).astype(object), r"latents .*not numbers"),
    "masked": (np.ma.masked_greater(LATENTS, 3.0), r"latents is a masked array"),
    "no array": (None, r"latents has shape \(\).*n_samples, n_latents"),
    "one axis": (LATENTS[:, 0], r"latents has shape \(60,\).*n_samples, n_latents.*latents\[:, None\]"),
    "three axes": (LATENTS[None], r"latents has shape \(1, 60, 3\).*n_samples, n_latents"),
    "pair of mean and log_var": ((LATENTS, LATENTS), r"latents has shape \(2, 60, 3\).*n_samples, n_latents"),
    "ragged": (RAGGED, r"latents is not a rectangular array"),
    "ragged objects": (as_objects([[1.0], [1.0, 2.0]] * 30)[:, None], r"latents .*not numbers"),
    "no rows": (LATENTS[:0], r"latents is empty.*\(0, 3\)"),
    "no columns": (LATENTS[:, :0], r"latents is empty.*\(60, 0\)"),
    "too few": (LATENTS[:-1], r"latents has 59 samples.*factors has 60"),
    "transposed": (LATENTS.T, r"latents looks transposed"),
    "one latent, transposed": (LATENTS[:, :1].T, r"latents looks transposed"),
}


@every_door
@pytest.mark.parametrize(("latents", "message"), BAD_LATENTS.values(), ids=BAD_LATENTS)
def test_bad_latents_are_refused(door, latents, message):
    with pytest.raises(REFUSED, match=message):
        door(latents, GRID)


BAD_FACTORS = {
    "nan label": (with_entry(GRID, np.nan), {}, r"factor 'factor_1' .*NaN.*row 7.*missing='nan'"),
    "None label": (with_entry(GRID, None), {}, r"factor 'factor_1' .*None.*row 7.*missing='nan'"),
    "NA label": (with_entry(GRID, pd.NA), {}, r"factor 'factor_1' .*row 7.*missing='nan'"),
    "NaT label": (np.where(GRID[:, 0] == 1, "NaT", "2020-01-01").astype("M8[D]"), {}, r"factor_0.*missing='nan'"),
    "nan quantity": (with_entry(FRACTIONS, np.nan), {"kinds": "continuous"}, r"'factor_1' .*missing='nan'"),
    "nan angle": (with_entry(FRACTIONS, np.nan), {"kinds": "circular"}, r"'factor_1' .*missing='nan'"),
    "inf label": (with_entry(GRID, np.inf), {}, r"factor 'factor_1' .*not finite"),
    "inf object label": (with_entry(GRID, np.inf).astype(object), {}, r"factor 'factor_1' .*not finite"),
    "inf category": (with_entry(FRACTIONS, np.inf), {"kinds": "categorical"}, r"'factor_1' .*not finite"),
    "inf quantity": (with_entry(FRACTIONS, np.inf), {"kinds": "continuous"}, r"'factor_1' .*not finite"),
    "inf angle": (with_entry(FRACTIONS, -np.inf), {"kinds": "circular"}, r"'factor_1' .*not finite"),
    "fractions": (FRACTIONS, {}, r"factor 'factor_1' .*fractions.*kinds=.*continuous"),
    "fractions, float32": (FRACTIONS.astype(np.float32), {}, r"factor 'factor_1' .*fractions.*kinds="),
    # What DataFrame.to_numpy() makes of a column of strings beside one of floats.
    "fractions among objects": (MIXED_COLUMNS, {}, r"factor 'factor_1' .*fractions.*kinds="),
    "complex": (GRID + 0j, {}, r"factor 'factor_0' holds complex"),
    "complex categories": (GRID + 0j, {"kinds": "categorical"}, r"factor 'factor_0' holds complex"),
    "strings as quantity": (STRINGS, {"kinds": "continuous"}, r"factor 'factor_0' .*numbers"),
    "unhashable labels": (as_objects([{"a": 1}, {}, {}] * 20), {}, r"factor 'factor_0' .*label"),
    "records": (np.array(list(zip(STRINGS, GRID[:, 1] / 4, strict=True)), "U1,f8"), {}, r"factors?\b.*(dtype|field)"),
    "masked": (MASKED, {}, r"factors is a masked array.*missing="),
    "masked column": ({"v": MASKED[:, 0]}, {}, r"'v' is a masked array.*missing="),
    "no array": (None, {}, r"factors has shape \(\).*n_samples, n_factors"),
    "three axes": (GRID[None], {}, r"factors has shape \(1, 60, 3\).*n_samples, n_factors"),
    "ragged": (RAGGED, {}, r"factors is not a rectangular array"),
    "no rows": (GRID[:0], {}, r"factors is empty"),
    "no columns": (GRID[:, :0], {}, r"factors is empty"),
    "no mapping": ({}, {}, r"factors is empty"),
    "uneven columns": ({"a": GRID[:, 0], "b": GRID[1:, 1]}, {}, r"one length.*\(59,\)"),
    "matrix as column": ({"a": GRID}, {}, r"one-dimensional.*\(60, 3\)"),
    "twice the same name": (pd.DataFrame(GRID, columns=["a", "b", "a"]), {}, r"differ|one-dimensional"),
    "too few": (GRID[1:], {}, r"latents has 60 samples.*factors has 59"),
    # As many latents as factors: advice to transpose the latents would be wrong.
    "transposed": (GRID.T, {}, r"factors looks transposed"),
    "transposed, other number": (GRID[:, :2].T, {}, r"factors looks transposed"),
    "one factor, transposed": (GRID[:, :1].T, {}, r"factors looks transposed"),
    "unknown kind": (FRACTIONS, {"kinds": "continous"}, r"kinds='continous'.*choose one of.*'continuous'"),
    "kind of no factor": (FRACTIONS, {"kinds": {"size": "ordinal"}}, r"kinds names 'size'.*factor_0"),
    "kind out of range": (FRACTIONS, {"kinds": {3: "ordinal"}}, r"kinds index 3 is out of range"),
    "kind by fraction": (FRACTIONS, {"kinds": {0.5: "ordinal"}}, r"kinds index=0.5.*whole number"),
    "kinds as list": (FRACTIONS, {"kinds": ["ordinal"] * 3}, r"kinds=\['ordinal'"),
    "two kinds of one factor": (FRACTIONS, {"kinds": {"factor_1": "continuous", 1: "circular"}}, r"kinds.*factor_1"),
    "kinds beside Factors": (dm.Factors(GRID), {"kinds": "ordinal"}, r"kinds is given.*Factors object"),
    "weights too few": (GRID, {"weights": np.ones(59)}, r"weights has shape \(59,\).*\(60,\)"),
    "weights as column": (GRID, {"weights": np.ones((60, 1))}, r"weights has shape \(60, 1\).*\(60,\)"),
    "negative weight": (GRID, {"weights": np.arange(60) - 1}, r"weights holds -1 \(row 0\).*>= 0"),
    "nan weight": (GRID, {"weights": np.where(GRID[:, 0] == 1, np.nan, 1)}, r"weights .*not finite \(row 20\)"),
    "inf weight": (GRID, {"weights": np.where(GRID[:, 0] == 1, np.inf, 1)}, r"weights .*not finite \(row 20\)"),
    "no weight": (GRID, {"weights": np.zeros(60)}, r"weights are all zero"),
    "weights as strings": (GRID, {"weights": STRINGS}, r"weights has dtype.*real numbers"),
    "complex weights": (GRID, {"weights": np.ones(60) + 0j}, r"weights holds complex"),
    "one weighted row": (GRID, {"weights": np.eye(60)[3]}, r"weights|one row|two samples"),
}


@every_door
@pytest.mark.parametrize(("factors", "options", "message"), BAD_FACTORS.values(), ids=BAD_FACTORS)
def test_bad_factors_and_weights_are_refused(door, factors, options, message):
    with pytest.raises(REFUSED, match=message):
        door(LATENTS, factors, **options)


@every_door
@pytest.mark.parametrize("factors", [GRID.T[0], GRID.T[:, :1], STRINGS[:3]])
def test_posteriors_of_another_length_are_refused(door, factors):
    with pytest.raises(ValueError, match=r"latents has 60 samples.*factors has"):
        door(GAUSSIAN, factors[:59])


@every_door
def test_both_transposed_is_refused(door):
    # The lengths agree, so only the shapes are suspicious: three samples of 60 latents and 60 factors.
    with pytest.raises(ValueError, match="transposed"):
        door(LATENTS.T, GRID.T)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"names": "abc"}, r"names='abc' is one string"),
        ({"names": ["a", "b"]}, r"2 names are given for 3"),
        ({"names": ["a", "a", "b"]}, r"names .*differ"),
        ({"missing": "NaN"}, r"missing='NaN'.*'nan'"),
        ({"missing": np.zeros(N, bool)}, r"missing has .*\(60, 3\)"),
        ({"missing": np.zeros((N, 3), int)}, r"missing has dtype int.*booleans"),
        ({"missing": {"factor_0": np.zeros(3, bool)}}, r"missing\['factor_0'\] has .*\(60,\)"),
        ({"missing": {"size": np.zeros(N, bool)}}, r"missing names 'size'"),
        ({"missing": {1: np.ones(N, bool)}}, r"factor 'factor_1' has no known entry"),
    ],
)
def test_bad_settings_of_factors_are_refused(options, message):
    with pytest.raises(REFUSED, match=message):
        dm.Factors(GRID, **options)


def test_the_row_that_is_named_counts_missing_ones_too():
    values = np.where(np.arange(N) < 5, np.nan, FRACTIONS[:, 1])
    values[10] = np.inf
    with pytest.raises(ValueError, match="row 10"):
        dm.Factors(values, kinds="continuous", missing="nan")


BAD_POSTERIORS = {
    "nan mean": (lambda: dm.GaussianPosterior(with_entry(LATENTS, np.nan), LATENTS), r"column 1 of mean .*not finite"),
    "nan log_var": (lambda: dm.GaussianPosterior(LATENTS, with_entry(LATENTS, np.nan)), r"column 1 of log_var"),
    "inf log_var": (lambda: dm.GaussianPosterior(LATENTS, with_entry(LATENTS, np.inf)), r"column 1 of log_var"),
    "overflow": (lambda: dm.GaussianPosterior(LATENTS, with_entry(LATENTS, 2e3)), r"column 1 of .*log_var"),
    "underflow": (lambda: dm.GaussianPosterior(LATENTS, with_entry(LATENTS, -2e3)), r"log_var.* holds 0 \(row 7\)"),
    "scalar log_var": (lambda: dm.GaussianPosterior(LATENTS, 0.0), r"log_var has shape \(\)"),
    "other shape": (lambda: dm.GaussianPosterior(LATENTS, LATENTS[:, :2]), r"mean \(60, 3\) and log_var \(60, 2\)"),
    "complex mean": (lambda: dm.GaussianPosterior(LATENTS + 0j, LATENTS), r"mean holds complex"),
    "one row": (lambda: dm.GaussianPosterior(LATENTS[:1], LATENTS[:1]), r"(mean|log_var) has one row"),
    "no rows": (lambda: dm.GaussianPosterior(LATENTS[:0], LATENTS[:0]), r"(mean|log_var) is empty"),
    "one axis": (lambda: dm.GaussianPosterior(LATENTS[0], LATENTS[0]), r"(mean|log_var) has shape \(3,\)"),
    "negative variance": (lambda: dm.GaussianPosterior.from_variance(LATENTS, LATENTS - 9), r"of variance holds -"),
    "zero variance": (lambda: dm.GaussianPosterior.from_variance(LATENTS, 0 * LATENTS), r"of variance holds 0"),
    "zero scale": (lambda: dm.GaussianPosterior.from_scale(LATENTS, 0 * LATENTS), r"of scale .*histogram"),
    "nan scale": (lambda: dm.GaussianPosterior.from_scale(LATENTS, with_entry(LATENTS, np.nan)), r"column 1 of scale"),
    "laplace location": (lambda: dm.LaplacePosterior(with_entry(LATENTS, np.inf), LATENTS), r"column 1 of location"),
    "laplace scale": (lambda: dm.LaplacePosterior(LATENTS, with_entry(LATENTS, np.nan)), r"column 1 of scale"),
    "laplace zero": (lambda: dm.LaplacePosterior(LATENTS, 0 * LATENTS), r"of scale holds 0"),
    "laplace shapes": (lambda: dm.LaplacePosterior(LATENTS, LATENTS[1:] + 9), r"location \(60, 3\) and scale"),
    "logits as probability": (lambda: dm.BernoulliPosterior(LATENTS), r"probability holds .*\[0, 1\].*sigmoid"),
    "nan probability": (lambda: dm.BernoulliPosterior(with_entry(0 * LATENTS, np.nan)), r"column 1 of probability"),
    "bernoulli, 3 axes": (lambda: dm.BernoulliPosterior(0 * LATENTS[None]), r"probability has shape \(1, 60, 3\)"),
    "logits as table": (lambda: dm.CategoricalPosterior(np.full((4, 2, 3), -1.0)), r"probability holds -1.*softmax"),
    "rows not 1": (lambda: dm.CategoricalPosterior(np.full((4, 2, 3), 0.3)), r"add up to 1.*0\.1"),
    "nan table": (lambda: dm.CategoricalPosterior(np.full((4, 2, 3), np.nan)), r"probability .*not finite"),
    "table, 2 axes": (lambda: dm.CategoricalPosterior(np.full((4, 2), 0.5)), r"probability has shape \(4, 2\)"),
    "table of one value": (lambda: dm.CategoricalPosterior(np.ones((4, 2, 1))), r"two values"),
    "nan draw": (lambda: dm.SampledPosterior(with_entry(LATENTS, np.nan)[None]), r"draws .*sample 7, latent 1"),
    "draws, 2 axes": (lambda: dm.SampledPosterior(LATENTS), r"draws has shape .*n_draws, n_samples, n_latents"),
    "no draws": (lambda: dm.SampledPosterior(LATENTS[None][:0]), r"draws .*n_draws, n_samples, n_latents"),
    "ragged draws": (lambda: dm.SampledPosterior([RAGGED]), r"draws is not a rectangular array"),
    "density is no function": (lambda: dm.SampledPosterior(LATENTS[None], log_density=3.0), r"log_density.*callable"),
}


@pytest.mark.parametrize(("build", "message"), BAD_POSTERIORS.values(), ids=BAD_POSTERIORS)
def test_bad_posteriors_are_refused(build, message):
    with pytest.raises(REFUSED, match=message):
        build()


# -------------------------------------------------------------------------------- settings that are refused

BAD_SETTINGS = {
    "estimator": ({"estimator": "histgram"}, r"estimator='histgram'.*'histogram'"),
    "estimator number": ({"estimator": 3}, r"estimator=3.*choose one of"),
    "preset": ({"preset": "dlib"}, r"preset='dlib'.*choose one of.*'ubisoft'"),
    "normaliser": ({"normaliser": "H(v)"}, r"normaliser='H\(v\)'.*'factor'"),
    "discretisation": ({"discretisation": "kmeans"}, r"discretisation='kmeans'.*'equal_width'"),
    "correction": ({"correction": "bootstrap"}, r"correction='bootstrap'.*'shuffle'"),
    "no bins": ({"n_bins": 0}, r"n_bins=0.*at least 1"),
    "negative bins": ({"n_bins": -2}, r"n_bins=-2.*at least 1"),
    "fraction of bins": ({"n_bins": 2.5}, r"n_bins=2.5 is not a whole number"),
    "float bins": ({"n_bins": 20.0}, r"n_bins=20.0 is not a whole number"),
    "bins in words": ({"n_bins": "20"}, r"n_bins='20' is not a whole number"),
    "true bins": ({"n_bins": True}, r"n_bins=True"),
    "bins per latent": ({"n_bins": [20, 10]}, r"n_bins=\[20, 10\]"),
    "no factor bins": ({"n_factor_bins": 0}, r"n_factor_bins=0.*at least 1"),
    "no neighbours": ({"estimator": "knn", "n_neighbours": 0}, r"n_neighbours=0.*at least 1"),
    "no shuffles": ({"correction": "shuffle", "n_shuffles": 0}, r"n_shuffles=0.*at least 1"),
    "one draw": ({"n_draws": 1}, r"n_draws=1.*at least 2"),
    "bin_labels in words": ({"bin_labels": "no"}, r"bin_labels='no'"),
    "unknown keyword": ({"n_bin": 20}, r"n_bin'.*n_bins"),
    "unknown keyword, None": ({"n_bin": None}, r"n_bin'.*n_bins"),
    "rng in words": ({"correction": "shuffle", "rng": "seed"}, r"rng='seed'"),
    "negative seed": ({"correction": "shuffle", "rng": -1}, r"rng=-1"),
    "fractional seed": ({"correction": "shuffle", "rng": 1.5}, r"rng=1.5"),
    "seed of a metric without randomness": ({"rng": "seed"}, r"rng='seed'"),
    "no factors": ({"factor_subset": []}, r"factor_subset is empty"),
    "factor twice": ({"factor_subset": [0, 0]}, r"factor_subset=\[0, 0\] names a factor twice"),
    "factor twice, by sign": ({"factor_subset": [0, -3]}, r"factor_subset=\[0, -3\] names a factor twice"),
    "unknown factor": ({"factor_subset": ["size"]}, r"factor_subset names 'size'.*factor_0"),
    "factor out of range": ({"factor_subset": [3]}, r"factor_subset index 3 is out of range"),
    "factor far below": ({"factor_subset": [-4]}, r"factor_subset index=?.?-4"),
    "half a factor": ({"factor_subset": [0.5]}, r"factor_subset index=0.5 is not a whole number"),
    "factor mask": ({"factor_subset": [True, False, True]}, r"factor_subset index=True"),
    "a float": ({"factor_subset": 1.5}, r"factor_subset"),
    "nested": ({"factor_subset": [[0]]}, r"factor_subset"),
    "posterior of points": ({"estimator": "posterior"}, r"estimator='posterior' needs posteriors.*histogram"),
    "knn with weights": ({"estimator": "knn", "weights": np.ones(N)}, r"estimator='knn' .*weights"),
    "correction with weights": ({"correction": "miller_madow", "weights": np.ones(N)}, r"correction=.*weights"),
    "knn over entropy of latents": ({"estimator": "knn", "normaliser": "latent"}, r"normaliser='latent'.*histogram"),
    "knn of a quantity": ({"estimator": "knn", "kinds": {1: "continuous"}}, r"'factor_1' is continuous.*histogram"),
    "knn of an angle": ({"estimator": "knn", "kinds": {1: "circular"}}, r"factor_1'.*histogram"),
}


@every_gap
@pytest.mark.parametrize(("options", "message"), BAD_SETTINGS.values(), ids=BAD_SETTINGS)
def test_bad_settings_are_refused(metric, options, message):
    with pytest.raises(REFUSED, match=message):
        metric(LATENTS, GRID, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metrics": []}, r"metrics is empty"),
        ({"metrics": "migs"}, r"metrics names 'migs'.*mig_sup"),
        ({"metrics": [3]}, r"metrics names 3"),
        ({"options": {"dci": {}}}, r"options are given for 'dci'"),
        ({"options": {"mig": {"n_bins": 0}}}, r"n_bins=0"),
        ({"errors": "ignore"}, r"errors='ignore'.*'report'"),
        ({"rng": "seed"}, r"rng='seed'"),
        ({"rng": -1}, r"rng=-1"),
        ({"rng": 1.5}, r"rng=1.5"),
        ({"factor_subset": []}, r"factor_subset is empty"),
        ({"factor_subset": 1.5}, r"factor_subset"),
    ],
)
def test_bad_settings_of_evaluate_are_refused(options, message):
    with pytest.raises(REFUSED, match=message):
        dm.evaluate(LATENTS, GRID, **options)


@every_gap
def test_settings_that_posteriors_do_not_take_are_refused(metric):
    with pytest.raises(ValueError, match=r"normaliser='latent'.*histogram"):
        metric(GAUSSIAN, GRID, normaliser="latent")
    with pytest.raises(ValueError, match=r"n_draws=9.*no density"):
        metric(dm.BernoulliPosterior(LATENTS / 9 + 0.3), GRID, n_draws=9)
    with pytest.raises(ValueError, match=r"no density.*log_density"):
        metric(dm.SampledPosterior(LATENTS[None]), GRID)


def test_the_preset_without_shape_needs_names():
    with pytest.raises(ValueError, match=r"preset='chen2018'.*'shape'.*names"):
        dm.mig(GAUSSIAN, GRID, preset="chen2018")
    with pytest.raises(ValueError, match=r"preset='chen2018'.*shape"):
        dm.mig(GAUSSIAN, {"shape": GRID[:, 0]}, preset="chen2018")


@every_gap
@pytest.mark.parametrize("estimator", ["histogram", "knn"])
def test_draws_without_density_serve_the_estimators_that_need_none(metric, estimator):
    # Pooled draws: each draw is a row with the factors of its sample.
    draws = np.stack([LATENTS, LATENTS + 0.2])
    pooled = metric(np.concatenate(draws), np.concatenate([GRID, GRID]), estimator=estimator)
    assert_same(metric(dm.SampledPosterior(draws), GRID, estimator=estimator), pooled, 1e-12)


@every_gap
@pytest.mark.parametrize("value", [np.nan, -np.inf, np.inf])
def test_a_density_that_is_not_finite_is_refused(metric, value):
    posterior = dm.SampledPosterior(LATENTS[None], log_density=lambda z, latent: np.full((len(z), N), value))
    with pytest.raises(ValueError, match="log_density"):
        metric(posterior, GRID)


# ----------------------------------------------------------------------------------- degenerate but allowed


@every_gap
def test_constant_latents_carry_nothing(metric):
    result = metric(np.full((N, 2), 3.0), GRID)
    assert_sound(result)
    assert result.score == 0.0
    assert not result.mutual_information.any()


@pytest.mark.parametrize("options", [{}, {"estimator": "knn"}, {"discretisation": "quantile"}])
@pytest.mark.parametrize("constant", [0.0, -0.0, 1e-300, 1e300, np.finfo(float).max])
def test_appending_a_constant_latent_changes_no_mig(options, constant):
    wider = np.column_stack([LATENTS, np.full(N, constant)])
    result = dm.mig(wider, GRID, **options)
    assert result.score == dm.mig(LATENTS, GRID, **options).score
    assert not result.mutual_information[3].any()


SINGLE = np.column_stack([GRID[:, 0], np.full(N, 7), GRID[:, 1]])
WITHOUT_SINGLE = SINGLE[:, [0, 2]]


@every_gap
@pytest.mark.parametrize("latents", [LATENTS, GAUSSIAN], ids=["points", "posterior"])
def test_a_factor_with_one_value_is_left_out_with_a_warning(metric, latents):
    with pytest.warns(DegenerateDataWarning, match="factor_1"):
        result = metric(latents, SINGLE)
    assert_sound(result)
    assert result.score == pytest.approx(metric(latents, WITHOUT_SINGLE).score, abs=1e-7)
    if metric is dm.mig:
        assert np.isnan(result.per_factor[1])
        assert np.isnan(result.ceiling_per_factor[1])
    else:
        assert not (np.isin(result.best_factors, 1) | np.isin(result.runner_up_factors, 1)).any()


@every_gap
@pytest.mark.parametrize("latents", [LATENTS, GAUSSIAN], ids=["points", "posterior"])
def test_factors_with_one_value_only_are_refused(metric, latents):
    with pytest.raises(ValueError, match=r"factor_0, factor_1.*more than one value"):
        metric(latents, np.zeros((N, 2), int))


@every_gap
@pytest.mark.parametrize(
    ("latents", "options"),
    [(LATENTS, {}), (GAUSSIAN, {}), (GAUSSIAN, {"n_draws": 20, "rng": 0})],
    ids=["points", "posterior", "sampled"],
)
def test_a_factor_unknown_where_weights_are_is_left_out(metric, latents, options):
    weights = (np.arange(N) % 2).astype(float)
    missing = np.zeros((N, 3), bool)
    missing[1::2, 1] = True
    with pytest.warns(DegenerateDataWarning, match="factor_1"):
        result = metric(latents, dm.Factors(GRID, missing=missing, weights=weights), **options)
    assert np.isfinite(result.score)


def test_one_latent_has_runner_up_zero():
    result = dm.mig(LATENTS[:, :1], GRID)
    assert_sound(result)
    assert result.per_factor == pytest.approx(result.mutual_information[0] / result.factor_entropy)
    assert (result.runner_up_latents == -1).all()
    posterior = dm.mig(GAUSSIAN.take(np.arange(N)), GRID[:, 0])
    assert_sound(posterior)


def test_one_factor_has_runner_up_zero():
    result = dm.mig_sup(LATENTS, GRID[:, 0])
    assert_sound(result)
    assert result.per_latent == pytest.approx(result.mutual_information[:, 0] / result.factor_entropy)
    assert (result.runner_up_factors == -1).all()


def test_two_rows_are_enough_but_say_nothing():
    for metric in METRICS.values():
        with pytest.warns(DegenerateDataWarning, match="2 labels in 2 samples"):
            assert 0 <= metric([[0.0], [1.0]], ["a", "b"]).score <= 1


def test_inactive_latents_can_be_left_out_but_not_all_of_them():
    with_dead = np.column_stack([LATENTS, np.zeros(N)])
    result = dm.mig_sup(with_dead, GRID, inactive="exclude")
    assert result.score == dm.mig_sup(LATENTS, GRID).score
    assert np.isnan(result.per_latent).tolist() == [False, False, False, True]
    with pytest.raises(ValueError, match=r"inactive='exclude' leaves no latent"):
        dm.mig_sup(np.zeros((N, 2)), GRID, inactive="exclude")
    with pytest.raises(ValueError, match=r"inactive='drop'.*'exclude'"):
        dm.mig_sup(LATENTS, GRID, inactive="drop")


@pytest.mark.parametrize("discretisation", ["equal_width", "quantile", "unique"])
@pytest.mark.parametrize("ones", [1, 30, 31, 47, 59])
def test_a_binary_latent_keeps_its_two_values(discretisation, ones):
    # Quantiles of a latent with two values coincide but for the ends; merging them must not merge the values.
    label = (np.arange(N) < ones).astype(int)
    result = dm.mig(label[:, None], label, discretisation=discretisation)
    assert (result.score, result.ceiling) == pytest.approx((1.0, 1.0))


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
    for metric in METRICS.values():
        assert_same(metric(LATENTS, labels), metric(LATENTS, FIVE), 1e-12)


@pytest.mark.parametrize("labels", [GRID[:, 0] > 1, (GRID[:, 0] > 1).tolist(), np.where(GRID[:, 0] > 1, "yes", "no")])
def test_two_values_of_any_kind(labels):
    for metric in METRICS.values():
        assert_same(metric(LATENTS, labels), metric(LATENTS, (GRID[:, 0] > 1).astype(int)), 1e-12)


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
    frame = pd.DataFrame(FRACTIONS, columns=[1, 2, 0])
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


# ------------------------------------------------------------------------------------------- missing labels

MISSING = np.random.default_rng(1).random((N, 3)) < [0.2, 0.0, 0.4]
BINS = np.column_stack([histogram.equal_width_bins(column, 20) for column in LATENTS.T])


def marked_missing():
    """The grid with unknown labels, in every way that one can say so."""
    floats = np.where(MISSING, np.nan, GRID)
    frame = pd.DataFrame(GRID, columns=["a", "b", "c"])
    yield dm.Factors(floats, missing="nan")
    yield dm.Factors(np.where(MISSING, None, GRID), missing="nan")
    yield dm.Factors(frame.astype("Int64").mask(MISSING), missing="nan")
    yield dm.Factors(frame.astype(str).mask(MISSING), missing="nan")
    yield dm.Factors(frame.astype("category").mask(MISSING), missing="nan")
    yield dm.Factors(GRID, missing=MISSING)
    yield dm.Factors(GRID, missing=MISSING.tolist())
    yield dm.Factors(GRID, missing=pd.DataFrame(MISSING))
    yield dm.Factors(GRID, missing=CupyLike(MISSING))
    yield dm.Factors(frame, missing={"a": MISSING[:, 0], 2: MISSING[:, 2]})
    yield dm.Factors(np.where(MISSING, 99, GRID), missing=MISSING)


@pytest.mark.parametrize("normaliser", ["factor", "latent"])
def test_missing_labels_leave_their_factor_only(normaliser):
    score, per_factor = histogram.mig(BINS, GRID, missing=MISSING, normaliser=normaliser)
    score_sup, per_latent = histogram.mig_sup(BINS, GRID, missing=MISSING, normaliser=normaliser)
    for factors in marked_missing():
        result = dm.mig(LATENTS, factors, normaliser=normaliser)
        assert_sound(result)
        assert result.score == pytest.approx(score, abs=1e-12)
        assert result.per_factor == pytest.approx(per_factor, abs=1e-12)
        result_sup = dm.mig_sup(LATENTS, factors, normaliser=normaliser)
        assert result_sup.score == pytest.approx(score_sup, abs=1e-12)
        assert result_sup.per_latent == pytest.approx(per_latent, abs=1e-12)


def test_missing_labels_of_neighbours_leave_their_factor_only():
    result = mutual_information(LATENTS, dm.Factors(GRID, missing=MISSING), estimator="knn")
    for k in range(3):
        known = ~MISSING[:, k]
        expected = [neighbours.ross(LATENTS[known, j], GRID[known, k]) for j in range(3)]
        assert result.mutual_information[:, k] == pytest.approx(expected, abs=1e-12)


def test_missing_labels_of_posteriors_leave_their_factor_only():
    entropies = [
        aggregate_posterior.row_entropy(
            aggregate_posterior.gaussian_mixture_entropy, GAUSSIAN.mean[:, j], GAUSSIAN.scale[:, j]
        )
        for j in range(3)
    ]
    weights = np.random.default_rng(2).random(N)
    score, per_factor, information = aggregate_posterior.posterior_mig(entropies, GRID, weights, MISSING)
    result = dm.mig(GAUSSIAN, dm.Factors(GRID, missing=MISSING), weights=weights)
    assert_sound(result)
    assert result.score == pytest.approx(score, abs=1e-6)
    assert result.per_factor == pytest.approx(per_factor, abs=1e-6)
    assert result.mutual_information == pytest.approx(information, abs=1e-6)


@pytest.mark.parametrize("kind", ["continuous", "circular"])
@pytest.mark.parametrize("nothing", [np.nan, None, pd.NA])
def test_missing_quantities(kind, nothing):
    values = as_objects(FRACTIONS[:, 1].tolist())
    values[MISSING[:, 0]] = nothing
    given = dm.Factors(values, kinds=kind, missing="nan")
    masked = dm.Factors(FRACTIONS[:, 1], kinds=kind, missing=MISSING[:, 0])
    assert_same(dm.mig(LATENTS, given), dm.mig(LATENTS, masked))


def test_a_label_known_to_be_missing_does_not_hide_one_that_is_not():
    with pytest.raises(ValueError, match=r"'factor_1'.*1 entries.*row 7"):
        dm.Factors(with_entry(GRID, np.nan), missing={0: np.ones(N, bool)})


# -------------------------------------------------------------------------------------------------- weights

FEW_LATENTS = LATENTS[:, : size(3, 1)]  # Laplace panels take seconds where they run as plain Python
WEIGHTED = {
    "points": (LATENTS, {}, 1e-12),
    "quantile-free unique": (np.round(LATENTS), {"discretisation": "unique"}, 1e-12),
    "gaussian": (GAUSSIAN, {}, 1e-6),
    "laplace": (dm.LaplacePosterior(FEW_LATENTS, np.full(FEW_LATENTS.shape, 0.6)), {}, 1e-6),
    "bernoulli": (dm.BernoulliPosterior(1 / (1 + np.exp(-LATENTS))), {}, 1e-12),
}
all_weighted = pytest.mark.parametrize(("latents", "options", "tolerance"), WEIGHTED.values(), ids=WEIGHTED)


def rows_of(latents, rows):
    return latents[rows] if isinstance(latents, np.ndarray) else latents.take(rows)


@every_gap
@all_weighted
def test_zero_weights_equal_dropping_the_rows(metric, latents, options, tolerance):
    weights = np.where(np.random.default_rng(3).random(N) < 0.3, 0.0, 1.0)
    kept = np.flatnonzero(weights)
    dropped = metric(rows_of(latents, kept), GRID[kept], **options)
    assert_same(metric(latents, GRID, weights=weights, **options), dropped, tolerance)
    assert_same(metric(latents, dm.Factors(GRID, weights=weights), **options), dropped, tolerance)
    assert_same(metric(latents, GRID, weights=weights.astype(bool), **options), dropped, tolerance)


@every_gap
@all_weighted
def test_whole_weights_equal_repeating_the_rows(metric, latents, options, tolerance):
    weights = np.random.default_rng(4).integers(0, 4, N)
    rows = np.repeat(np.arange(N), weights)
    one = metric(latents, GRID, weights=weights, **options)
    other = metric(rows_of(latents, rows), GRID[rows], **options)
    assert one.score == pytest.approx(other.score, abs=tolerance)
    assert one.mutual_information == pytest.approx(other.mutual_information, abs=tolerance)


@every_gap
@all_weighted
@pytest.mark.parametrize("factor", [5e-324, 1e-300, 3.0, 1e300, 1.7e308])
def test_the_unit_of_weights_does_not_matter(metric, latents, options, tolerance, factor):
    # The sum of weights near the largest number overflows: that is no reason for another answer.
    one = metric(latents, GRID, weights=np.full(N, factor), **options)
    assert_same(one, metric(latents, GRID, **options), tolerance)


@pytest.mark.parametrize("normaliser", ["factor", "latent"])
def test_weights_agree_with_the_oracle(normaliser):
    weights = np.random.default_rng(5).exponential(size=N) ** 2
    weights[::7] = 0.0
    kept = np.flatnonzero(weights)
    bins = np.column_stack([histogram.equal_width_bins(column, 20) for column in LATENTS[kept].T])
    factors = dm.Factors(GRID, missing=MISSING)
    for metric, oracle in ((dm.mig, histogram.mig), (dm.mig_sup, histogram.mig_sup)):
        score, each = oracle(bins, GRID[kept], weights[kept], MISSING[kept], normaliser)
        result = metric(LATENTS, factors, weights=weights, normaliser=normaliser)
        assert result.score == pytest.approx(score, abs=1e-12)
        assert getattr(result, "per_factor" if metric is dm.mig else "per_latent") == pytest.approx(each, abs=1e-12)


# ------------------------------------------------------------------------------- containers, types, layouts


class TorchLike:
    """A tensor that needs its gradient dropped and its device left, with a dtype that is none of numpy's."""

    class _Dtype:
        def __init__(self, name):
            self.name = name

        def __repr__(self):
            return f"torch.{self.name}"

    def __init__(self, array, *, on_host=False, dtype=None):
        self._array, self._on_host = np.asarray(array), on_host
        self.dtype = self._Dtype(dtype or self._array.dtype.name)
        self.shape = self._array.shape

    def detach(self):
        return self

    def cpu(self):
        return TorchLike(self._array, on_host=True, dtype=self.dtype.name)

    def float(self):
        return TorchLike(self._array.astype(np.float32), on_host=self._on_host)

    def __len__(self):
        return len(self._array)

    def __array__(self, dtype=None, copy=None):
        if not self._on_host or self.dtype.name == "bfloat16":
            raise TypeError("can't convert this tensor to numpy")
        return self._array if dtype is None else self._array.astype(dtype)


class CupyLike:
    """An array that leaves its device by `get` only."""

    __cuda_array_interface__ = ()  # what it says is never read

    def __init__(self, array):
        self._array = np.asarray(array)
        self.shape, self.dtype, self.ndim = self._array.shape, self._array.dtype, self._array.ndim

    def get(self):
        return self._array

    def __array__(self, dtype=None, copy=None):
        raise TypeError("Implicit conversion to a NumPy array is not allowed")


class JaxLike:
    """An array with nothing but `__array__`."""

    def __init__(self, array):
        self._array = np.asarray(array)

    def __array__(self, dtype=None, copy=None):
        return self._array if dtype is None else self._array.astype(dtype)


class PolarsLike:
    """A frame whose columns are series with `to_numpy`, and no pandas."""

    def __init__(self, columns):
        self._columns = columns
        self.columns = list(columns)

    def __getitem__(self, name):
        return PolarsSeriesLike(self._columns[name])

    def to_numpy(self):
        return np.column_stack(list(self._columns.values()))


class PolarsSeriesLike:
    def __init__(self, array):
        self._array = array

    def to_numpy(self):
        return self._array


EXACT = np.round(LATENTS * 64) / 64  # in float32 the same numbers
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


# ----------------------------------------------------------------------------------------- scale and offset

ESTIMATES = {
    "histogram": (lambda z: z, {}),
    "quantile": (lambda z: z, {"discretisation": "quantile"}),
    "knn": (lambda z: z, {"estimator": "knn"}),
}
all_estimates = pytest.mark.parametrize(("options"), [options for _, options in ESTIMATES.values()], ids=ESTIMATES)


@every_gap
@all_estimates
@pytest.mark.parametrize("offset", [1e3, -1e6, 1e8])
def test_an_offset_does_not_matter(metric, options, offset):
    # To the spacing of the input: the shifted values are rounded, so both sides get the rounded ones.
    rounded = (LATENTS + offset) - offset
    assert_same(metric(rounded + offset, GRID, **options), metric(rounded, GRID, **options), 1e-12)


@every_gap
@all_estimates
@pytest.mark.parametrize("factor", [1e-310, 1e-200, 1e-6, 1e200, 1e305])
def test_a_scale_does_not_matter(metric, options, factor):
    assert_same(metric(LATENTS * factor, GRID, **options), metric(LATENTS, GRID, **options), 1e-12)


@pytest.mark.parametrize("factor", [1e-200, 1e-6, 1e200])
def test_a_scale_does_not_matter_to_quantities(factor):
    options = {"estimator": "knn", "kinds": "continuous"}
    one = mutual_information(LATENTS * factor, FRACTIONS, **options)
    other = mutual_information(LATENTS, FRACTIONS * factor, **options)
    plain = mutual_information(LATENTS, FRACTIONS, **options)
    assert one.mutual_information == pytest.approx(plain.mutual_information, abs=1e-9)
    assert other.mutual_information == pytest.approx(plain.mutual_information, abs=1e-9)


LOCATION_SCALE = {"gaussian": dm.GaussianPosterior.from_scale, "laplace": dm.LaplacePosterior}
both_families = pytest.mark.parametrize("family", LOCATION_SCALE.values(), ids=LOCATION_SCALE)


@both_families
@pytest.mark.parametrize("factor", [1e-250, 1e-6, 1e6, 1e250, 1e300])
def test_a_scale_does_not_matter_to_posteriors(family, factor):
    scale = np.full(FEW_LATENTS.shape, 0.8)
    plain = dm.mig(family(FEW_LATENTS, scale), GRID)
    scaled = dm.mig(family(FEW_LATENTS * factor, scale * factor), GRID)
    assert scaled.mutual_information == pytest.approx(plain.mutual_information, abs=1e-6)


@both_families
def test_an_offset_does_not_matter_to_posteriors(family):
    scale = np.full(FEW_LATENTS.shape, 0.8)
    rounded = (FEW_LATENTS + 1e6) - 1e6
    plain, shifted = dm.mig(family(rounded, scale), GRID), dm.mig(family(rounded + 1e6, scale), GRID)
    assert shifted.mutual_information == pytest.approx(plain.mutual_information, abs=1e-6)


@both_families
def test_a_posterior_that_is_a_point_beside_its_offset_is_refused(family):
    # All means round to one number, whose spacing is 16384: nothing can be said of posteriors of scale 1.
    posterior, said = with_precision_warnings(lambda: family(LATENTS + 1e20, np.ones(LATENTS.shape)))
    assert "scale" in said
    with pytest.raises(ValueError, match="cannot be told from a point"):
        dm.mig(posterior, GRID)


def test_float32_gives_the_answer_of_its_values():
    single = LATENTS.astype(np.float32)
    for metric in METRICS.values():
        assert_same(metric(single, GRID), metric(single.astype(float), GRID))
    posterior = dm.GaussianPosterior(single, single)
    assert_same(dm.mig(posterior, GRID), dm.mig(dm.GaussianPosterior(single.astype(float), single.astype(float)), GRID))


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_a_range_of_few_spacings_warns(metric):
    coarse = (LATENTS + 1e6).astype(np.float32)
    result, said = with_precision_warnings(lambda: metric(coarse, GRID))
    assert all(re.search(rf"column {j} of latents .*float32.*[Ss]ubtract", said) for j in range(3))
    exact = coarse.astype(float) - 1e6
    assert result.score == pytest.approx(metric(exact, GRID).score, abs=1e-12)


COARSE = {
    "mean": (lambda x: dm.GaussianPosterior(x, LATENTS), r"column 0 of mean"),
    "mean in a frame": (
        lambda x: dm.GaussianPosterior.from_scale(pd.DataFrame(x), pd.DataFrame(LATENTS + 9)),
        r"scale",
    ),
    "location": (lambda x: dm.LaplacePosterior(x, LATENTS + 9), r"column 0 of location"),
    "draws": (
        lambda x: dm.mig(dm.SampledPosterior(x[None]), GRID, estimator="histogram"),
        r"draws|latents|point codes",
    ),
}


@pytest.mark.parametrize(("build", "message"), COARSE.values(), ids=COARSE)
def test_posteriors_of_few_spacings_warn(build, message):
    _, said = with_precision_warnings(lambda: build((LATENTS + 1e6).astype(np.float32)))
    assert re.search(message, said)


@both_families
def test_a_scale_of_few_spacings_warns(family):
    # The locations differ by far more than their spacing of 1e-4; the scales do not.
    location = np.where(GRID == 0, 1e12, -1e12)
    assert "scale" in with_precision_warnings(lambda: family(location, np.ones(GRID.shape)))[1]


ALIKE = np.float32(1e-4) * np.random.default_rng(6).random((N, 3), np.float32)


@pytest.mark.parametrize(
    "build",
    [
        lambda: dm.GaussianPosterior(EXACT, np.float32(-7.3) + ALIKE),
        lambda: dm.GaussianPosterior.from_variance(EXACT, np.float32(0.3) + ALIKE),
        lambda: dm.GaussianPosterior.from_scale(EXACT, np.float32(0.3) + ALIKE),
        lambda: dm.LaplacePosterior(EXACT, np.float32(0.3) + ALIKE),
        lambda: dm.BernoulliPosterior(np.float32(0.5) + ALIKE),
    ],
    ids=["log_var", "variance", "scale", "laplace scale", "probability"],
)
def test_scales_and_probabilities_that_are_much_alike_do_not_warn(build):
    # There is no offset to subtract from a scale or a probability, and its relative precision is all that counts.
    build()
