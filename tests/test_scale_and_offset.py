"""Units and offsets: the answer is that of the same values, and a warning where their rounding shows."""

import re

import numpy as np
import pandas as pd
import pytest

import dismetrics as dm
from dismetrics.estimators import mutual_information
from odd_data import (
    EXACT,
    FEW_LATENTS,
    FRACTIONS,
    GRID,
    LATENTS,
    METRICS,
    N,
    assert_same,
    every_gap,
    with_precision_warnings,
)

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
    for metric in (dm.mig, dm.mig_sup):
        scaled = metric(family(FEW_LATENTS * factor, scale * factor), GRID)
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
