"""What was checked stays as it was: kernels index by it, and would run out of bounds otherwise."""

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.estimators import aggregate_entropies, sampled_entropies
from dismetrics.inputs import as_labelled
from dismetrics.warnings import DegenerateDataWarning, SaturationWarning
from sizes import size

N = size(200, 40)
RNG = np.random.default_rng(0)
MEAN, SCALE, LABELS = RNG.normal(size=(N, 2)), np.full((N, 2), 0.5), np.arange(N) % 2


@pytest.mark.parametrize("order", ["C", "F"])
def test_what_a_caller_does_to_an_array_afterwards_changes_nothing(order):
    mean, scale = np.array(MEAN, order=order), np.array(SCALE, order=order)
    for make in (dm.GaussianPosterior.from_scale, dm.LaplacePosterior):
        posterior = make(mean, scale)
        before = dm.mig(posterior, LABELS).score
        mean[3, 0], scale[4, 1] = np.nan, -1.0
        assert dm.mig(posterior, LABELS).score == before
        mean[:], scale[:] = MEAN, SCALE
    probability = np.array(RNG.random((N, 2)), order=order)
    posterior = dm.BernoulliPosterior(probability)
    probability[0, 0] = 7.0
    assert posterior.probability.max() <= 1.0


def test_arrays_that_are_kept_are_closed_to_writing():
    factors = dm.Factors({"label": LABELS, "size": MEAN[:, 0]}, kinds={"size": "continuous"}, weights=np.ones(N))
    kept = [
        *(getattr(factors, name) for name in ("codes", "values", "missing", "weights")),
        *(getattr(factors.take(np.arange(9)), name) for name in ("codes", "values", "missing")),
        dm.GaussianPosterior.from_scale(MEAN, SCALE).mean,
        dm.GaussianPosterior(MEAN, SCALE).scale,
        dm.GaussianPosterior.from_variance(MEAN, SCALE).scale,
        dm.GaussianPosterior.from_scale(MEAN, SCALE).take(np.arange(9)).mean,
        dm.LaplacePosterior(MEAN, SCALE).location,
        dm.BernoulliPosterior(SCALE).probability,
        dm.CategoricalPosterior(np.full((4, 2, 3), 1 / 3)).probability,
        dm.SampledPosterior(MEAN[None]).draws,
    ]
    for array in kept:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


@pytest.mark.parametrize("estimate", [aggregate_entropies, lambda q, f: sampled_entropies(q, f, 9, RNG)])
@pytest.mark.parametrize(
    ("factors", "message"),
    [
        (dm.Factors(np.arange(10) % 2), "latents has .* samples.*factors has 10"),
        (dm.Factors(np.arange(N + 9) % 2), "latents has .* samples.*factors has"),
        (dm.Factors(MEAN[:, 0], kinds="continuous"), "factor_0.*no labels.*discretise_factors"),
        (LABELS, "Factors object is wanted"),
    ],
)
def test_public_estimators_look_at_their_factors(estimate, factors, message):
    with pytest.raises((TypeError, ValueError), match=message):
        estimate(dm.GaussianPosterior.from_scale(MEAN, SCALE), factors)


@pytest.mark.parametrize("make", [dm.GaussianPosterior.from_scale, dm.LaplacePosterior])
def test_scales_too_far_apart_are_refused_and_never_read_as_no_information(make):
    place, apart = np.arange(40.0)[:, None] // 20, np.where(np.arange(40) < 20, 1e-160, 1.0)[:, None]
    with pytest.raises(ValueError, match=r"1e-160 to 1, further apart"):
        dm.mig(make(place * 0, apart), np.arange(40) // 20)
    near = np.where(np.arange(40) < 20, 1e-100, 1.0)[:, None]
    assert dm.mig(make(place * 0, near), np.arange(40) // 20).score == pytest.approx(1.0, abs=1e-6)


def test_saturation_is_seen_though_half_of_the_samples_overlap_well():
    # In the mean they overlap; but each of the other half tells its label, whatever that is.
    n = size(4000, 240)
    scale = np.where(np.arange(n) % 2 == 0, 1e-6, 1.0)[:, None] * np.ones(2)
    posterior = dm.GaussianPosterior.from_scale(RNG.normal(size=(n, 2)), scale)
    with pytest.warns(SaturationWarning, match="factor_0"):
        result = dm.mig(posterior, RNG.integers(0, 4, n))
    assert result.saturated_share[0] > 0.3


def test_as_many_bins_as_samples_are_told():
    noise, labels = RNG.normal(size=(1000, 1)), RNG.integers(0, 4, 1000)
    for settings in ({"discretisation": "unique"}, {"n_bins": 5000}):
        with pytest.warns(DegenerateDataWarning, match="latent 0 takes"):
            dm.mig(noise, labels, **settings)


def test_repeated_rows_are_told_to_neighbours():
    noise, labels = RNG.normal(size=(300, 1)), RNG.integers(0, 4, 300)
    with pytest.warns(DegenerateDataWarning, match="repeated"):
        dm.mig(np.tile(noise, (4, 1)), np.tile(labels, 4), estimator="knn")
    # A rectified code has many zeros, and few values have many ties: neither is a repetition.
    dm.mig(np.maximum(noise, 0.0), labels, estimator="knn")
    dm.mig(noise.round(), labels, estimator="knn")


def test_degrees_are_told():
    with pytest.warns(DegenerateDataWarning, match=r"spans 57 turns.*np\.radians"):
        dm.Factors(np.arange(360.0), kinds="circular")
    dm.Factors(np.radians(np.arange(360.0)), kinds="circular")


def test_a_seed_counts_for_draws_that_nobody_asked_for():
    posterior = dm.GaussianPosterior.from_scale(MEAN, SCALE)
    rng = np.random.default_rng(1)
    sampled = dm.SampledPosterior([posterior.sample(rng) for _ in range(3)], posterior.log_density)
    # The same data with another seed: what is kept for the metrics to share must not answer.
    data = as_labelled(sampled, LABELS)
    one, same, other = (dm.mig(data, data.factors, rng=seed).score for seed in (1, 1, 2))
    assert one == same == dm.mig(sampled, LABELS, rng=1).score
    assert one != other


def test_standard_errors_hold_for_values_with_a_single_sample():
    n = 60
    mean, labels = np.random.default_rng(2).normal(size=(n, 1)), np.arange(n) // 1
    posterior, factors = dm.GaussianPosterior.from_scale(mean, np.full((n, 1), 0.5)), dm.Factors(labels)
    found = [sampled_entropies(posterior, factors, 30, np.random.default_rng(seed)) for seed in range(200)]
    errors = [(each.entropies.marginal - each.entropies.conditional)[0, 0] for each in found]
    stated = np.mean([each.standard_error[0, 0] for each in found])
    assert np.std(errors) < 1.15 * stated
