"""Odd input at the door is refused, in words that help.

The cases are those that were seen to go wrong elsewhere: NaN sorted into the last bin, labels taken for quantities,
transposed arrays that score, rows that vanish.
"""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import dismetrics as dm
from odd_data import (
    FRACTIONS,
    GAUSSIAN,
    GRID,
    LATENTS,
    REFUSED,
    STRINGS,
    N,
    as_objects,
    assert_same,
    every_door,
    every_gap,
    with_entry,
)

# ------------------------------------------------------------------------------------- data that is refused

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
    "decimal fractions": (as_objects([Decimal(i % 5) / 4 for i in range(N)]), {}, r"'factor_0' .*fractions.*kinds="),
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
    if door is dm.evaluate and factors is None:
        # There are metrics that need none; those that need some say so.
        options, message = {"metrics": "fast"}, "mig needs factors, and there are none"
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
        ({"metrics": [3]}, r"metrics (names|holds) 3"),
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
