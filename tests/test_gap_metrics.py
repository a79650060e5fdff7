"""What holds for MIG and MIG-sup beyond the common properties: ceilings, corrections, inactive latents."""

import numpy as np
import pytest

import dismetrics as dm
from configurations import CONFIGURATIONS, ESTIMATES, GAP_METRICS, HISTOGRAMS, METRICS, RANDOM, those
from dismetrics.estimators.relevance.settings import CORRECTIONS

# Rows are few here, so posteriors overlap little.
pytestmark = [
    pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning"),
    pytest.mark.filterwarnings("ignore:latent .* takes .* bins:dismetrics.warnings.DegenerateDataWarning"),
]


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


@pytest.mark.parametrize("n_bins", [1, 2, 7, 21])
@pytest.mark.parametrize("metric", GAP_METRICS)
def test_a_perfect_code_in_too_few_bins_attains_the_ceiling(metric, n_bins):
    values = np.arange(420)[:, None] % 42  # divided by all of these numbers
    result = METRICS[metric].function(values, values, n_bins=n_bins)
    assert result.ceiling == pytest.approx(np.log(n_bins) / np.log(42))
    assert result.score == pytest.approx(result.ceiling, abs=1e-12)


@pytest.mark.parametrize("share", [0.05, 0.31, 0.5, 0.53, 0.95])
@pytest.mark.parametrize("name", sorted((HISTOGRAMS & those(*GAP_METRICS)) - RANDOM - those("histogram, Miller-Madow")))
def test_a_perfect_code_of_an_uneven_binary_factor_attains_the_ceiling(name, share):
    label = (np.arange(100) < 100 * share).astype(int)
    result = CONFIGURATIONS[name].of(label[:, None], label)
    assert (result.score, result.ceiling) == pytest.approx((1.0, 1.0))


@pytest.mark.parametrize("correction", CORRECTIONS)
@pytest.mark.parametrize("metric", GAP_METRICS)
def test_corrections_stay_below_the_ceiling(metric, correction):
    # Forty values in twenty bins of two: a correction must not lift the score above what bins can carry.
    values = np.arange(120)[:, None] % 40
    result = METRICS[metric].function(values // 2, values, correction=correction, rng=0)
    assert result.score <= result.ceiling + 1e-12
