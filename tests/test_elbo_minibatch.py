"""The decomposition by the estimates of training loops: as they are, with their errors and offsets."""

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.estimators import minibatch
from oracles import decomposition as whole
from oracles import minibatch as oracle
from sizes import size

pytestmark = pytest.mark.filterwarnings("ignore::dismetrics.warnings.SaturationWarning")

ESTIMATORS = ("mws", "mss", "minibatch")
OFFSET_TERMS = ("index_code_mi", "total_correlation", "dimension_wise_kl")
BIASED = (*OFFSET_TERMS, "marginal_kl", "joint_entropy")
TERMS = (*BIASED, "mean_kl", "mean_posterior_entropy")


def tables(n_samples=5, n_latents=2, n_values=3, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(n_values), size=(n_samples, n_latents))


def gaussians(n_samples, n_latents, seed=0, scale=0.4):
    rng = np.random.default_rng(seed)
    return dm.GaussianPosterior.from_scale(
        rng.normal(size=(n_samples, n_latents)), scale * rng.uniform(0.5, 1.5, (n_samples, n_latents))
    )


@pytest.mark.parametrize("batch_size", [2, 4])
@pytest.mark.parametrize(
    ("estimator", "placement"), [("mws", None), ("mss", "averaged"), ("mss", "paper"), ("minibatch", None)]
)
def test_the_mean_is_that_over_every_minibatch(estimator, placement, batch_size):
    p = tables()
    options = {} if placement is None else {"placement": placement}
    result = dm.elbo_decomposition(
        dm.CategoricalPosterior(p),
        estimator=estimator,
        batch_size=batch_size,
        n_batches=size(8000, 400),
        rng=0,
        **options,
    )
    mi, tc = oracle.expected_terms(p, batch_size, estimator if placement is None else placement)
    mean_kl = whole.exact_table_terms(p)["mean_kl"]
    right = {"index_code_mi": mi, "total_correlation": tc, "mean_kl": mean_kl, "dimension_wise_kl": mean_kl - mi - tc}
    right["marginal_kl"] = mean_kl - mi
    for name, value in right.items():
        assert abs(getattr(result, name) - value) <= 4 * result.standard_error[name], name
        assert 0 < result.standard_error[name] < size(0.02, 0.1)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_standard_errors_are_as_large_as_the_errors(estimator):
    p = tables()
    expected = np.array(oracle.expected_terms(p, 2, "averaged" if estimator == "mss" else estimator))
    scores = []
    for seed in range(size(200, 60)):
        found = dm.elbo_decomposition(
            dm.CategoricalPosterior(p), estimator=estimator, batch_size=2, n_batches=40, rng=seed
        )
        terms = np.array([found.index_code_mi, found.total_correlation])
        errors = np.array([found.standard_error["index_code_mi"], found.standard_error["total_correlation"]])
        scores.append((terms - expected) / errors)
    assert (np.abs(np.mean(scores, axis=0)) < 4 / np.sqrt(len(scores))).all()
    # The two minibatches of an epoch share no row, which can only even out their errors.
    assert (np.std(scores, axis=0) < 1.25).all()
    assert (np.std(scores, axis=0) > 0.6).all()


def test_one_epoch_of_one_minibatch_is_the_package_of_estimators():
    posterior = gaussians(30, 3)
    prior = dm.GaussianPosterior.from_scale(np.zeros((2, 3)), np.full((2, 3), 2.0))
    for estimator in ESTIMATORS:
        result = dm.elbo_decomposition(posterior, estimator=estimator, batch_size=10, n_batches=6, prior=prior, rng=7)
        generator = np.random.default_rng(7)
        found = []
        for batch in range(6):
            if batch % 3 == 0:
                order = generator.permutation(30)
            part = posterior.take(order[batch % 3 * 10 :][:10])
            z = part.sample(generator)
            log_prior = -0.5 * (z / 2) ** 2 - np.log(2 * np.sqrt(2 * np.pi))
            pairs = minibatch.pairwise_log_density(part, z)
            terms = minibatch.minibatch_terms(pairs, log_prior, 30, estimator)
            found.append([getattr(terms, name) for name in (*OFFSET_TERMS, "mean_kl")])
        for name, mean in zip((*OFFSET_TERMS, "mean_kl"), np.mean(found, axis=0), strict=True):
            assert getattr(result, name) == pytest.approx(mean, abs=1e-10), (estimator, name)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_terms_and_latents_add_up(estimator):
    result = dm.elbo_decomposition(gaussians(40, 3), estimator=estimator, batch_size=8, n_batches=5, rng=0)
    terms = result.index_code_mi + result.total_correlation + result.dimension_wise_kl
    assert terms == pytest.approx(result.mean_kl, abs=1e-9)
    assert result.total_correlation + result.dimension_wise_kl == pytest.approx(result.marginal_kl, abs=1e-9)
    assert result.joint_entropy - result.mean_posterior_entropy == pytest.approx(result.index_code_mi, abs=1e-9)
    assert result.dimension_wise_kl_per_latent.sum() == pytest.approx(result.dimension_wise_kl, abs=1e-9)
    assert result.mean_kl_per_latent.sum() == pytest.approx(result.mean_kl, abs=1e-9)
    total_correlation = result.marginal_entropy_per_latent.sum() - result.joint_entropy
    assert total_correlation == pytest.approx(result.total_correlation, abs=1e-9)
    assert set(result.standard_error) == set(result.interval) == set(TERMS)
    assert (result.n_draws, result.n_controls, result.numerical_bound) == (40, 0, None)
    assert result.settings["estimator"] == estimator
    assert ("placement" in result.settings) is (estimator == "mss")
    assert result.to_dict()["offset_range"]["index_code_mi"] == list(result.offset_range["index_code_mi"])


@pytest.mark.parametrize(
    ("estimator", "placement"), [("mws", None), ("mss", "averaged"), ("mss", "paper"), ("minibatch", None)]
)
@pytest.mark.parametrize("scale", [0.05, 0.6])
def test_the_report_less_its_offset_is_the_truth_and_in_the_interval(estimator, placement, scale):
    posterior = gaussians(60, 2, scale=scale)
    options = {} if placement is None else {"placement": placement}
    n_batches = size(60, 10)
    result = dm.elbo_decomposition(posterior, estimator=estimator, batch_size=12, n_batches=n_batches, rng=0, **options)
    right = whole.exact_terms(posterior.mean, posterior.scale)
    right["marginal_kl"] = right["total_correlation"] + right["dimension_wise_kl"]
    right["mean_posterior_entropy"] = right["joint_entropy"] - right["index_code_mi"]
    stated = minibatch.offset_range(60, 12, 2, estimator, **options)
    assert set(result.offset_range) == set(BIASED)
    offset = minibatch.offset_of(posterior, 12, estimator, n_batches, rng=1, **options)
    for name in OFFSET_TERMS:
        assert result.offset_range[name] == getattr(stated, name)
        error = np.hypot(result.standard_error[name], offset.standard_error[name])
        assert abs(getattr(result, name) - getattr(offset, name) - right[name]) <= 4 * error + 1e-6, name
    for name in TERMS:
        low, high = result.interval[name]
        lowest, highest = result.offset_range.get(name, (0.0, 0.0))
        # As long as the range of offsets and the error of 12 or more minibatches at 95 % make it.
        assert high - low - (highest - lowest) == pytest.approx(4.1 * result.standard_error[name], rel=0.12)
        assert low <= right[name] <= high, name


def test_weighted_sampling_logs_the_size_of_the_data_set_where_all_coincide():
    mean, scale, _ = whole.collapsed(100, 3)
    posterior = dm.GaussianPosterior.from_scale(mean, scale)
    result = dm.elbo_decomposition(posterior, estimator="mws", batch_size=10, rng=0)
    for name, right in (("index_code_mi", 1), ("total_correlation", 2), ("dimension_wise_kl", -3), ("marginal_kl", -1)):
        assert getattr(result, name) == pytest.approx(right * np.log(100), abs=1e-9)


def test_stratified_sampling_of_everything_is_exact():
    posterior = gaussians(40, 2)
    result = dm.elbo_decomposition(posterior, estimator="mss", n_batches=size(40, 6), rng=0)
    assert result.settings["batch_size"] == 40
    assert result.n_draws == 40 * size(40, 6)
    assert result.offset_range["index_code_mi"] == (0.0, 0.0)
    right = whole.exact_terms(posterior.mean, posterior.scale)
    for name in OFFSET_TERMS:
        assert abs(getattr(result, name) - right[name]) <= 4 * result.standard_error[name]


def test_the_size_of_a_minibatch_is_1024_by_default():
    posterior = gaussians(1100, 1)
    result = dm.elbo_decomposition(posterior, estimator="minibatch", n_batches=2, rng=0)
    assert result.settings == {
        "estimator": "minibatch",
        "prior": "standard normal",
        "prior_factorises": True,
        "batch_size": 1024,
        "n_batches": 2,
    }


def test_draws_that_are_stored_are_used_once():
    inner = gaussians(40, 2)
    rng = np.random.default_rng(0)
    draws = np.stack([inner.sample(rng) for _ in range(3)])
    seen = []

    def log_density(z, latent):
        if latent == 0:
            seen.extend(z.tolist())
        return inner.log_density(z, latent)

    posterior = dm.SampledPosterior(draws, log_density)
    result = dm.elbo_decomposition(posterior, estimator="mss", batch_size=12, rng=0)
    # Three minibatches an epoch, an epoch for each stored draw; the prior's trial call evaluates no density.
    assert result.settings["n_batches"] == 9
    assert len(seen) == len(set(seen)) == 108
    assert set(seen) <= set(draws[:, :, 0].ravel())
    with pytest.raises(ValueError, match="n_batches=10 of batch_size=12, but the posterior holds draws for 9"):
        dm.elbo_decomposition(posterior, estimator="mss", batch_size=12, n_batches=10)
    once = dm.SampledPosterior(draws[:1], inner.log_density)
    with pytest.raises(ValueError, match="n_batches=1 of batch_size=40, but the posterior holds draws for 1"):
        dm.elbo_decomposition(once, estimator="mss")


def test_a_prior_that_does_not_factorise_has_no_term_by_latent():
    posterior = gaussians(40, 2)

    def normal(z):
        return (-0.5 * (z**2 + np.log(2 * np.pi))).sum(axis=1)

    joint, usual = (
        dm.elbo_decomposition(posterior, estimator="mws", batch_size=8, prior=prior, rng=0) for prior in (normal, None)
    )
    assert joint.dimension_wise_kl is None
    assert joint.dimension_wise_kl_per_latent is None
    assert joint.mean_kl_per_latent is None
    assert "dimension_wise_kl" not in {**joint.standard_error, **joint.offset_range}
    for name in ("index_code_mi", "total_correlation", "marginal_kl", "mean_kl"):
        assert getattr(joint, name) == pytest.approx(getattr(usual, name), abs=1e-9)


def test_the_same_seed_gives_the_same_bits():
    posterior = gaussians(50, 2)
    one, same, other = (
        dm.elbo_decomposition(posterior, estimator="mss", batch_size=10, rng=seed) for seed in (1, 1, 2)
    )
    assert one.to_dict() == same.to_dict()
    assert one.total_correlation != other.total_correlation


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"estimator": "mvs"}, "estimator='mvs' is not known; choose one of 'exact', 'mws', 'mss', 'minibatch'"),
        ({"batch_size": 4}, "batch_size=4 has no part in estimator='exact'"),
        ({"n_batches": 4}, "n_batches=4 has no part in estimator='exact'"),
        ({"placement": "paper"}, "placement='paper' has no part in estimator='exact'"),
        ({"estimator": "mws", "placement": "paper"}, "placement='paper' has no part in estimator='mws'"),
        ({"estimator": "mss", "placement": "first"}, "placement='first' is not known"),
        ({"estimator": "mws", "n_draws": 100}, "n_draws=100 has no part in estimator='mws'"),
        ({"estimator": "mws", "target_se": 0.1}, "target_se=0.1 has no part in estimator='mws'"),
        ({"estimator": "mws", "tolerance": 0.0}, "tolerance=0.0 has no part in estimator='mws'"),
        ({"estimator": "mws", "log_density": "tree"}, "log_density='tree' has no part in estimator='mws'"),
        ({"estimator": "mws", "weights": np.ones(5)}, r"weights have no part .*posterior\.take\(rows\)"),
        ({"estimator": "mws", "batch_size": 6}, "n_samples=5 is less than the minibatch of 6 rows"),
        ({"estimator": "mws", "batch_size": 0}, "batch_size=0"),
        ({"estimator": "mws", "batch_size": 2.5}, "batch_size=2.5 is not a whole number"),
        ({"estimator": "mss", "batch_size": 1}, "at least 2 rows"),
        ({"estimator": "mws", "n_batches": 1}, "n_batches=1"),
    ],
)
def test_settings_without_a_part_are_refused(settings, message):
    posterior = dm.GaussianPosterior(np.zeros((5, 2)), np.zeros((5, 2)))
    with pytest.raises((TypeError, ValueError), match=message):
        dm.elbo_decomposition(posterior, **settings)


def test_a_draw_outside_its_own_posterior_is_refused():
    class Elsewhere:
        """Draws where the density is 0."""

        n_samples, n_latents = 4, 1

        def entropy(self):
            return np.zeros((4, 1))

        kl_to_prior = point_codes = entropy

        def sample(self, rng):
            return np.full((self.n_samples, 1), 2.0)

        def log_density(self, z, latent):
            return np.where(np.abs(z) < 1, -np.log(2), -np.inf)[:, None] * np.ones(self.n_samples)

        def take(self, rows):
            part = Elsewhere()
            part.n_samples = len(rows)
            return part

    with pytest.raises(ValueError, match=r"log_density\(z, 0\) is minus infinity at a sample's own draw"):
        dm.elbo_decomposition(Elsewhere(), estimator="minibatch", batch_size=2)


def test_what_has_neither_densities_nor_probabilities_is_refused():
    class Points:
        n_samples, n_latents = 4, 1

        def entropy(self):
            return np.zeros((4, 1))

        kl_to_prior = point_codes = entropy

        def sample(self, rng):
            return np.zeros((self.n_samples, 1))

        def take(self, rows):
            return self

    with pytest.raises(TypeError, match="a Points has neither log_density nor probabilities"):
        dm.elbo_decomposition(Points(), estimator="minibatch", batch_size=2)
    with pytest.raises(TypeError, match="a Points has neither log_density"):
        dm.elbo_decomposition(Points())
