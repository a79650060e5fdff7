"""The objectives of the reference models: equal to the numpy estimators, with gradients that agree."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import dismetrics as dm
from dismetrics.estimators import minibatch
from reference_models import factor_vae, pairwise
from reference_models.distributions import FactorialFlow, Gaussian, Laplace, LaplacePrior, NormalPrior
from reference_models.objectives import bernoulli_log_likelihood, capacity_objective, decomposed_elbo
from reference_models.pairwise import log_densities
from reference_models.schedules import Cycles, Ramp, at

FAMILIES = {
    "gaussian": (Gaussian, dm.GaussianPosterior, NormalPrior),
    "laplace": (Laplace, lambda location, log_scale: dm.LaplacePosterior(location, np.exp(log_scale)), LaplacePrior),
}
ESTIMATORS = [("mws", "averaged"), ("mss", "averaged"), ("mss", "paper"), ("minibatch", "averaged")]


def batch(family, batch_size=40, n_latents=3, dtype="float64", seed=0, spread=-2.0):
    """A minibatch's posterior in torch, the same in numpy, and a draw of each row."""
    rng = np.random.default_rng(seed)
    location = rng.normal(size=(batch_size, n_latents)).astype(dtype)
    log_spread = rng.normal(spread, 0.7, (batch_size, n_latents)).astype(dtype)
    tensors = [torch.tensor(values, requires_grad=True) for values in (location, log_spread)]
    in_torch, in_numpy, _ = FAMILIES[family]
    posterior = in_torch(*tensors)
    noise = posterior.noise(torch.Generator().manual_seed(seed))
    z = posterior.location + posterior.log_scale.exp() * noise
    return posterior, in_numpy(location, log_spread), z, tensors


# ---------------------------------------------------------------------------------------------- equal to the estimators


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("float64", 1e-10)])
@pytest.mark.parametrize("method", ["plain", "chunked"])
@pytest.mark.parametrize(("estimator", "placement"), ESTIMATORS)
@pytest.mark.parametrize("family", FAMILIES)
def test_terms_equal_those_of_the_numpy_estimators(family, estimator, placement, method, dtype, tolerance):
    posterior, in_numpy, z, _ = batch(family, dtype=dtype)
    prior = FAMILIES[family][2]()
    terms = decomposed_elbo(
        torch.zeros(40, dtype=z.dtype),
        posterior,
        z,
        n_samples=1000,
        prior=prior,
        estimator=estimator,
        placement=placement,
        method=method,
    )
    draws = z.detach().numpy()
    wanted = minibatch.minibatch_terms(
        minibatch.pairwise_log_density(in_numpy, draws),
        prior.log_density(torch.tensor(draws, dtype=torch.float64)).numpy(),
        1000,
        estimator,
        placement=placement,
    )
    for name in ("index_code_mi", "total_correlation", "dimension_wise_kl", "mean_kl"):
        assert getattr(terms, name).item() == pytest.approx(getattr(wanted, name), rel=tolerance, abs=tolerance), name
    assert terms.loss.dtype == z.dtype


@pytest.mark.parametrize("placement", minibatch.PLACEMENTS)
@pytest.mark.parametrize(("batch_size", "n_samples"), [(2, 2), (2, 9), (5, 5), (7, 737_280)])
def test_weights_of_stratified_sampling_at_small_and_whole_minibatches(batch_size, n_samples, placement):
    posterior, in_numpy, z, _ = batch("gaussian", batch_size)
    pairs = minibatch.pairwise_log_density(in_numpy, z.detach().numpy())
    wanted = minibatch.mss(pairs, n_samples, placement=placement)
    for method in ("plain", "chunked"):
        joint, marginals = log_densities(
            posterior, z, n_samples=n_samples, estimator="mss", placement=placement, method=method
        )
        assert joint.detach().numpy() == pytest.approx(wanted.log_joint, abs=1e-10)
        assert marginals.detach().numpy() == pytest.approx(wanted.log_marginals, abs=1e-10)


# --------------------------------------------------------------------------------------------------------- gradients


@pytest.mark.parametrize(("estimator", "placement"), ESTIMATORS)
@pytest.mark.parametrize("family", FAMILIES)
def test_closed_form_gradient_is_the_numerical_one(family, estimator, placement):
    posterior, _, z, _ = batch(family, batch_size=5, n_latents=2, spread=-0.5)

    def estimates(z, location, log_scale):
        other = Laplace(location, log_scale) if family == "laplace" else Gaussian(location, 2 * log_scale)
        return log_densities(other, z, n_samples=50, estimator=estimator, placement=placement, method="chunked")

    inputs = [value.detach().requires_grad_() for value in (z, posterior.location, posterior.log_scale)]
    assert torch.autograd.gradcheck(estimates, inputs)


@pytest.mark.parametrize("chunk", [1, 1000, 1 << 20])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("float64", 1e-10)])
@pytest.mark.parametrize(("estimator", "placement"), ESTIMATORS)
@pytest.mark.parametrize("family", FAMILIES)
def test_chunks_of_any_size_have_the_gradient_of_the_plain_expression(
    family, estimator, placement, dtype, tolerance, chunk, monkeypatch
):
    monkeypatch.setitem(pairwise._CHUNK, "cpu", chunk)
    found = {}
    for method in ("plain", "chunked"):
        posterior, _, z, tensors = batch(family, dtype=dtype)
        fit = -z.square().sum(1)
        options = dict(n_samples=1000, estimator=estimator, placement=placement, method=method)
        loss = decomposed_elbo(fit, posterior, z, alpha=0.5, beta=6.0, gamma=2.0, **options).loss
        found[method] = [loss.detach(), *torch.autograd.grad(loss, tensors)]
    for plain, chunked in zip(*found.values(), strict=True):
        assert (plain - chunked).abs().max() <= tolerance * plain.abs().max()


def test_the_method_is_chosen_by_size(monkeypatch):
    used = []
    plain = pairwise._plain
    monkeypatch.setattr(pairwise, "_plain", lambda *given: used.append("plain") or plain(*given))
    for batch_size, expected in ((64, ["plain"]), (128, [])):
        posterior, _, z, _ = batch("gaussian", batch_size, 10)
        used.clear()
        log_densities(posterior, z, n_samples=1000)
        assert used == expected


def test_weighted_sampling_has_the_gradient_of_the_plain_average_whatever_the_data_set_size():
    gradients = []
    for estimator, n_samples in (("mws", 100), ("mws", 10**6), ("minibatch", 100)):
        posterior, _, z, tensors = batch("gaussian")
        loss = decomposed_elbo(torch.zeros(40), posterior, z, n_samples=n_samples, estimator=estimator).loss
        gradients.append(torch.autograd.grad(loss, tensors))
    for other in gradients[1:]:
        for one, two in zip(gradients[0], other, strict=True):
            assert (one - two).abs().max() < 1e-12


def test_draws_far_apart_underflow_nowhere():
    mean = torch.linspace(-1e4, 1e4, 300)[:, None].repeat(1, 2).requires_grad_()
    posterior = Gaussian(mean, torch.full((300, 2), -20.0))
    z = posterior.rsample()
    for method in ("plain", "chunked"):
        terms = decomposed_elbo(torch.zeros(300), posterior, z, n_samples=300, estimator="mss", method=method)
        assert terms.index_code_mi.item() == pytest.approx(math.log(300), abs=1e-2)
        assert torch.isfinite(torch.autograd.grad(terms.loss, mean, retain_graph=True)[0]).all()


# ----------------------------------------------------------------------------------------------- special cases, priors


@pytest.mark.parametrize("beta", [1.0, 4.0])
@pytest.mark.parametrize("family", FAMILIES)
def test_equal_weights_are_the_beta_vae_with_its_kl_in_closed_form(family, beta):
    posterior, in_numpy, z, _ = batch(family)
    fit = -z.square().sum(1)
    terms = decomposed_elbo(
        fit, posterior, z, n_samples=10**6, alpha=beta, beta=beta, gamma=beta, prior=FAMILIES[family][2]()
    )
    if family == "gaussian":
        wanted = in_numpy.kl_to_prior().sum(1).mean()
    else:
        points = np.linspace(-30, 30, 200_001)
        wanted = np.mean(
            [
                sum(
                    np.trapezoid(np.exp(log_q) * (log_q + abs(points) + math.log(2)), points)
                    for j in range(3)
                    for log_q in [in_numpy.take(np.array([n])).log_density(points, j)[:, 0]]
                )
                for n in range(40)
            ]
        )
    assert terms.mean_kl.item() == pytest.approx(wanted, abs=1e-4)
    assert terms.loss.item() == pytest.approx(-fit.mean().item() + beta * terms.mean_kl.item())
    assert terms.total_correlation is None
    assert set(terms.named()) == {"loss", "elbo", "log_likelihood", "mean_kl"}


def test_parts_with_equal_weights_are_the_kl_of_the_draws():
    posterior, _, z, _ = batch("gaussian")
    terms = decomposed_elbo(torch.zeros(40), posterior, z, n_samples=40, beta=1.0 + 1e-9)
    assert terms.loss.item() == pytest.approx(terms.mean_kl.item(), abs=1e-6)
    closed = decomposed_elbo(torch.zeros(40), posterior, z, n_samples=40, beta=1.0)
    # 40 rows of three latents: the draws' mean is off by sqrt(3 / 2 / 40) in standard deviations.
    assert terms.mean_kl.item() == pytest.approx(closed.mean_kl.item(), abs=5 * math.sqrt(3 / 2 / 40))


def test_a_pair_without_closed_form_takes_the_draws():
    posterior, _, z, _ = batch("laplace")
    terms = decomposed_elbo(torch.zeros(40), posterior, z, n_samples=40, beta=1.0)
    wanted = (posterior.log_density(z) - NormalPrior().log_density(z)).sum(1).mean()
    assert terms.mean_kl.item() == wanted.item()


@pytest.mark.parametrize("trained", [False, True])
def test_the_flow_is_a_density_and_starts_as_the_normal(trained):
    flow = FactorialFlow(2).double()
    points = torch.linspace(-40, 40, 400_001, dtype=torch.float64)
    z = points[:, None].expand(-1, 2)
    if trained:
        with torch.no_grad():
            for parameter in flow.parameters():
                parameter += torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1))
    density = flow.log_density(z).exp().detach().numpy()
    for j in range(2):
        assert np.trapezoid(density[:, j], points.numpy()) == pytest.approx(1.0, abs=1e-6)
    wanted = NormalPrior().log_density(z).exp().numpy()
    assert (abs(density - wanted).max() < 1e-12) is not trained


def test_the_flow_learns_where_two_clusters_are():
    generator = torch.Generator().manual_seed(0)
    z = torch.randn((512, 1), generator=generator) * 0.3 + torch.tensor([-2.0, 2.0]).repeat(256)[:, None]
    flow = FactorialFlow(1)
    optimiser = torch.optim.Adam(flow.parameters(), lr=0.05)
    start = -flow.log_density(z).mean().item()
    for _ in range(300):
        loss = -flow.log_density(z).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    entropy = math.log(2) + 0.5 * math.log(2 * math.pi * math.e * 0.09)
    assert start > entropy + 1.5
    assert loss.item() < entropy + 0.3


def test_laplace_draws_are_laplace():
    posterior = Laplace(torch.zeros(100_000, 1), torch.full((100_000, 1), math.log(2.0)))
    z = posterior.rsample(torch.Generator().manual_seed(0))
    assert z.abs().mean().item() == pytest.approx(2.0, abs=0.03)
    assert z.square().mean().item() == pytest.approx(8.0, abs=0.3)
    assert z.mean().item() == pytest.approx(0.0, abs=0.04)


def test_half_precision_is_for_networks_only():
    posterior = Gaussian(torch.randn(8, 2).bfloat16(), torch.randn(8, 2).bfloat16())
    assert posterior.location.dtype == posterior.log_scale.dtype == torch.float32
    logits = torch.full((1, 100), 5.0).bfloat16()
    assert bernoulli_log_likelihood(logits, torch.ones(1, 10, 10)).dtype == torch.float32


def test_bernoulli_log_likelihood_is_summed_over_pixels():
    logits = torch.tensor([[[0.0, 2.0]], [[-1.0, 30.0]]], dtype=torch.float64)
    images = torch.tensor([[[1.0, 0.0]], [[0.25, 1.0]]], dtype=torch.float64)
    p = 1 / (1 + np.exp(-logits.numpy()))
    wanted = (images.numpy() * np.log(p) + (1 - images.numpy()) * np.log1p(-p)).sum((1, 2))
    assert bernoulli_log_likelihood(logits, images).numpy() == pytest.approx(wanted)


def test_capacity_holds_the_kl_at_a_number_of_nats():
    posterior, in_numpy, z, _ = batch("gaussian")
    kl = in_numpy.kl_to_prior().sum(1).mean()
    for capacity in (0.0, 100.0):
        terms = capacity_objective(torch.full((40,), -3.0), posterior, z, capacity=capacity, weight=7.0)
        assert terms.loss.item() == pytest.approx(3.0 + 7 * abs(kl - capacity))


def test_schedules():
    ramp = Ramp(1.0, 5.0, 10)
    assert [ramp(i) for i in (0, 5, 10, 99)] == [1.0, 3.0, 5.0, 5.0]
    assert Ramp(1.0, 5.0, 0)(0) == 5.0
    cycles = Cycles(0.0, 4.0, 8)
    assert [cycles(i) for i in range(9)] == [0.0, 1.0, 2.0, 3.0, 4.0, 4.0, 4.0, 4.0, 0.0]
    assert at(2.5, 7) == 2.5
    assert at(ramp, 5) == 3.0


# ---------------------------------------------------------------------------------------------------------- FactorVAE


def test_permuted_latents_keep_their_marginals_and_lose_their_pairing():
    z = torch.arange(1000.0)[:, None].repeat(1, 2)
    permuted = factor_vae.permute_latents(z, torch.Generator().manual_seed(0))
    assert (permuted.sort(0).values == z).all()
    assert abs(np.corrcoef(permuted.numpy().T)[0, 1]) < 0.1


def test_the_density_ratio_finds_the_total_correlation_of_a_gaussian():
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    discriminator = factor_vae.Discriminator(2, width=64, n_layers=3)
    optimiser = torch.optim.Adam(discriminator.parameters(), lr=3e-3)

    def draw(n):
        noise = torch.randn((n, 2), generator=generator)
        return torch.column_stack([noise[:, 0], 0.8 * noise[:, 0] + 0.6 * noise[:, 1]])

    for _ in range(400):
        z = draw(1024)
        loss = factor_vae.discriminator_loss(discriminator, z, factor_vae.permute_latents(draw(1024), generator))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    truth = -0.5 * math.log(1 - 0.8**2)
    assert factor_vae.density_ratio_tc(discriminator, draw(20_000)).item() == pytest.approx(truth, abs=0.08)
    assert loss.item() < math.log(2) - 0.05


def test_neither_player_moves_the_other():
    torch.manual_seed(0)
    discriminator = factor_vae.Discriminator(2, width=8, n_layers=3)
    z = torch.randn(16, 2, requires_grad=True)
    factor_vae.density_ratio_tc(discriminator, z).backward()
    assert z.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in discriminator.parameters())
    z.grad = None
    factor_vae.discriminator_loss(discriminator, z, z).backward()
    assert z.grad is None
    assert all(parameter.grad is not None for parameter in discriminator.parameters())


# ------------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(n_samples=39), "n_samples=39 is less than the minibatch of 40 rows"),
        (dict(estimator="mwss"), "estimator='mwss' is not known"),
        (dict(placement="first"), "placement='first' is not known"),
        (dict(method="fast"), "method='fast' is not known"),
        (dict(log_likelihood=torch.tensor(0.0)), "sum over the pixels, not over the minibatch"),
        (dict(z=torch.zeros(40, 2)), r"z has shape \(40, 2\)"),
    ],
)
def test_arguments_that_cannot_be_meant(change, message):
    posterior, _, z, _ = batch("gaussian")
    given = {"log_likelihood": torch.zeros(40), "posterior": posterior, "z": z, "n_samples": 100, **change}
    with pytest.raises(ValueError, match=message):
        decomposed_elbo(**given)


def test_shapes_of_a_posterior_must_agree():
    with pytest.raises(ValueError, match=r"both must be \(batch_size, n_latents\)"):
        Gaussian(torch.zeros(4, 2), torch.zeros(4, 3))


def test_stratified_sampling_wants_another_row():
    posterior = Gaussian(torch.zeros(1, 2), torch.zeros(1, 2))
    with pytest.raises(ValueError, match="at least 2 rows"):
        log_densities(posterior, torch.zeros(1, 2), n_samples=9, estimator="mss")
