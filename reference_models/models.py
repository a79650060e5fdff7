"""A network with an objective: a module that returns its loss and the terms to log, which is all the trainer asks."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from dismetrics.estimators.minibatch import ESTIMATORS
from dismetrics.validation import as_choice, as_positive_integer, as_positive_number
from reference_models.distributions import POSTERIORS, PRIORS, FactorialFlow, LaplacePrior, NormalPrior
from reference_models.factor_vae import Discriminator, density_ratio_tc, discriminator_loss, permute_latents
from reference_models.networks import MLP, Conv
from reference_models.objectives import bernoulli_log_likelihood, capacity_objective, decomposed_elbo
from reference_models.schedules import Ramp

__all__ = ["NETWORKS", "OBJECTIVES", "Model", "ModelConfig", "build_model"]

OBJECTIVES = ("vae", "beta_vae", "beta_tcvae", "factor_vae", "capacity_vae")
NETWORKS = ("mlp", "conv")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """What a model is made of.

    Attributes
    ----------
    objective : {"vae", "beta_vae", "beta_tcvae", "factor_vae", "capacity_vae"}
        What is trained.
    network : {"mlp", "conv"}
        Encoder and decoder.
    hidden : int
        Units of each hidden layer of the MLP.
    decoder_layers : int
        Hidden layers of the MLP's decoder. Three tanh layers pass on so little of the latents at first that training on
        a small data set often ends with one or two of them in use.
    n_latents : int
        Number of latents.
    posterior : {"gaussian", "laplace"}
        Family of q(z|x).
    prior : {"normal", "laplace", "flow"}
        p(z).
    alpha, beta, gamma : float
        Weights of index-code mutual information, total correlation and dimension-wise KL, for `"beta_tcvae"`; `beta`
        also weighs the KL of `"beta_vae"`, the ratio of `"factor_vae"` and the distance of `"capacity_vae"`.
    estimator : {"mws", "mss", "minibatch"}
        Of the parts, for `"beta_tcvae"`.
    beta_warmup, kl_warmup : int
        Iterations over which beta, or all weights alike, rise from 0.
    capacity : float
        Nats that the capacity of `"capacity_vae"` rises to, over `capacity_warmup` iterations.
    capacity_warmup : int
        See there.
    """

    objective: str = "beta_tcvae"
    network: str = "mlp"
    hidden: int = 1200
    decoder_layers: int = 3
    n_latents: int = 10
    posterior: str = "gaussian"
    prior: str = "normal"
    alpha: float = 1.0
    beta: float = 6.0
    gamma: float = 1.0
    estimator: str = "mws"
    beta_warmup: int = 0
    kl_warmup: int = 0
    capacity: float = 25.0
    capacity_warmup: int = 10_000

    def __post_init__(self) -> None:
        for name, choices in (
            ("objective", OBJECTIVES),
            ("network", NETWORKS),
            ("posterior", tuple(POSTERIORS)),
            ("prior", PRIORS),
            ("estimator", ESTIMATORS),
        ):
            as_choice(getattr(self, name), name, choices)
        for name in ("hidden", "decoder_layers", "n_latents"):
            as_positive_integer(getattr(self, name), name)
        for name in ("alpha", "beta", "gamma", "capacity"):
            as_positive_number(getattr(self, name), name, zero_allowed=True)
        for name in ("beta_warmup", "kl_warmup", "capacity_warmup"):
            as_positive_integer(getattr(self, name), name, at_least=0)


class Model(nn.Module):
    """A network trained by one of the objectives.

    Parameters
    ----------
    network : module with `encode` and `decode`
        See `networks`.
    config : ModelConfig
        Objective, distributions and weights; what it says of networks is left alone.
    n_samples : int
        Size of the data set.
    """

    def __init__(self, network: Any, config: ModelConfig, n_samples: int) -> None:
        super().__init__()
        self.network, self.config, self.n_samples = network, config, n_samples
        if config.prior == "flow":
            self.prior: nn.Module = FactorialFlow(config.n_latents)
        else:
            self.prior = NormalPrior() if config.prior == "normal" else LaplacePrior()
        self.discriminator = Discriminator(config.n_latents) if config.objective == "factor_vae" else None

    def parameter_groups(self, learning_rate: float) -> list[dict[str, Any]]:
        """Parameters with their settings of Adam; the discriminator has those of its paper."""
        others = [*self.network.parameters(), *self.prior.parameters()]
        groups: list[dict[str, Any]] = [{"params": others, "lr": learning_rate}]
        if self.discriminator is not None:
            groups.append({"params": list(self.discriminator.parameters()), "lr": 1e-4, "betas": (0.5, 0.9)})
        return groups

    def posterior(self, images: Tensor) -> Any:
        """q(z|x) of images."""
        return POSTERIORS[self.config.posterior](*self.network.encode(images))

    def forward(self, images: Tensor, iteration: int) -> tuple[Tensor, dict[str, Tensor]]:
        """Loss and terms of a minibatch, at an iteration counted from 0."""
        config = self.config
        if self.discriminator is not None:
            return self._factor_vae(images, iteration)
        posterior = self.posterior(images)
        z = posterior.rsample()
        fit = bernoulli_log_likelihood(self.network.decode(z), images)
        if config.objective == "capacity_vae":
            capacity = Ramp(0.0, config.capacity, config.capacity_warmup)(iteration)
            terms = capacity_objective(fit, posterior, z, capacity=capacity, weight=config.beta, prior=self.prior)
        else:
            alpha, beta, gamma = self._weights(iteration)
            terms = decomposed_elbo(
                fit,
                posterior,
                z,
                n_samples=self.n_samples,
                alpha=alpha,
                beta=beta,
                gamma=gamma,
                prior=self.prior,
                estimator=config.estimator,
            )
        return terms.loss, terms.named()

    def _weights(self, iteration: int) -> tuple[float, float, float]:
        config = self.config
        beta = Ramp(0.0, config.beta, config.beta_warmup)(iteration)
        scale = Ramp(0.0, 1.0, config.kl_warmup)(iteration)
        weights = {
            "vae": (1.0, 1.0, 1.0),
            "beta_vae": (beta, beta, beta),
            "beta_tcvae": (config.alpha, beta, config.gamma),
        }[config.objective]
        alpha, beta, gamma = (scale * weight for weight in weights)
        return alpha, beta, gamma

    def _factor_vae(self, images: Tensor, iteration: int) -> tuple[Tensor, dict[str, Tensor]]:
        """Both players' losses in one: neither has a gradient from the other's.

        Half of the minibatch is for the objective, and the other half is permuted: rows permuted among themselves would
        be a little like themselves.
        """
        assert self.discriminator is not None
        ours, others = images.chunk(2)
        posterior = self.posterior(ours)
        z = posterior.rsample()
        with torch.no_grad():
            permuted = permute_latents(self.posterior(others).rsample())
        fit = bernoulli_log_likelihood(self.network.decode(z), ours)
        terms = decomposed_elbo(fit, posterior, z, n_samples=self.n_samples, beta=1.0, prior=self.prior)
        ratio = density_ratio_tc(self.discriminator, z)
        other = discriminator_loss(self.discriminator, z, permuted)
        weight = Ramp(0.0, self.config.beta, self.config.beta_warmup)(iteration)
        loss = terms.loss + weight * ratio + other
        named = {"total_correlation": ratio.detach(), "discriminator_loss": other.detach()}
        return loss, {**terms.named(), **named, "loss": loss.detach()}


def build_model(config: ModelConfig, image_shape: tuple[int, int, int], n_samples: int) -> Model:
    """A model with one of the networks here."""
    network: nn.Module
    if config.network == "mlp":
        layers = {"encoder": [config.hidden] * 2, "decoder": [config.hidden] * config.decoder_layers}
        network = MLP(image_shape, config.n_latents, **layers)
    else:
        network = Conv(image_shape, config.n_latents)
    return Model(network, config, n_samples)
