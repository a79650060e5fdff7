"""Posteriors and priors as torch modules of one idea: a density of each latent, differentiable in its parameters."""

import math
from abc import ABC, abstractmethod
from typing import Any, Protocol

import torch
from torch import Tensor, nn

__all__ = ["POSTERIORS", "PRIORS", "FactorialFlow", "Gaussian", "Laplace", "LaplacePrior", "NormalPrior", "Prior"]


class Prior(Protocol):
    """What the objectives ask of a prior: log p(z_j), for z of shape (batch_size, n_latents)."""

    def log_density(self, z: Tensor) -> Tensor:
        """Log density of every entry, in the shape of z."""
        ...


class _LocationScale(ABC):
    """q(z_j|x_n) = f((z_j - location) / scale) / scale, with f = exp(-energy(t) - log_normaliser)."""

    log_normaliser: float

    def __init__(self, location: Tensor, log_scale: Tensor) -> None:
        if location.shape != log_scale.shape or location.ndim != 2:
            raise ValueError(
                f"location has shape {tuple(location.shape)} and the logarithm of the spread {tuple(log_scale.shape)}; "
                "both must be (batch_size, n_latents)"
            )
        # Log densities are differences of large numbers; half precision is for the networks.
        self.location, self.log_scale = _at_least_float32(location), _at_least_float32(log_scale)

    @staticmethod
    @abstractmethod
    def energy(t: Tensor) -> Tensor:
        """Minus the logarithm of f, up to its constant."""

    @staticmethod
    @abstractmethod
    def slope(t: Tensor) -> Tensor:
        """Derivative of the energy."""

    @staticmethod
    @abstractmethod
    def log_density_into(out: Tensor, t: Tensor, constant: Tensor) -> Tensor:
        """The constant less the energy, without another tensor of that size."""

    @abstractmethod
    def noise(self, generator: torch.Generator | None) -> Tensor:
        """Draws of f."""

    def rsample(self, generator: torch.Generator | None = None) -> Tensor:
        """One draw of every latent for every row, differentiable in location and scale."""
        return self.location + self.log_scale.exp() * self.noise(generator)

    def log_density(self, z: Tensor) -> Tensor:
        """log q(z_ij|x_i) in nats: every row under its own posterior, in the shape of z."""
        t = (z - self.location) * (-self.log_scale).exp()
        return -self.energy(t) - self.log_scale - self.log_normaliser


class Gaussian(_LocationScale):
    """q(z_j|x_n) = N(mean, exp(log_var)).

    Parameters
    ----------
    mean, log_var : Tensor of shape (batch_size, n_latents)
        Means, and logarithms of the variances.
    """

    log_normaliser = 0.5 * math.log(2 * math.pi)

    def __init__(self, mean: Tensor, log_var: Tensor) -> None:
        super().__init__(mean, 0.5 * _at_least_float32(log_var))

    @staticmethod
    def energy(t: Tensor) -> Tensor:
        """t^2 / 2."""
        return 0.5 * t.square()

    @staticmethod
    def slope(t: Tensor) -> Tensor:
        """t."""
        return t

    @staticmethod
    def log_density_into(out: Tensor, t: Tensor, constant: Tensor) -> Tensor:
        """The constant less t^2 / 2."""
        return torch.addcmul(constant, t, t, value=-0.5, out=out)

    def noise(self, generator: torch.Generator | None) -> Tensor:
        """Standard normal draws."""
        return torch.randn(
            self.location.shape, generator=generator, dtype=self.location.dtype, device=self.location.device
        )


class Laplace(_LocationScale):
    """q(z_j|x_n) with the density exp(-|z_j - location| / scale) / (2 scale).

    It is made of two tensors (batch_size, n_latents): locations, and logarithms of the scales.
    """

    log_normaliser = math.log(2)

    @staticmethod
    def energy(t: Tensor) -> Tensor:
        """|t|."""
        return t.abs()

    @staticmethod
    def slope(t: Tensor) -> Tensor:
        """The sign of t."""
        return t.sign()

    @staticmethod
    def log_density_into(out: Tensor, t: Tensor, constant: Tensor) -> Tensor:
        """The constant less |t|."""
        torch.abs(t, out=out)
        return out.neg_().add_(constant)

    def noise(self, generator: torch.Generator | None) -> Tensor:
        """Differences of two exponential draws, which are Laplace."""
        two = torch.empty((2, *self.location.shape), dtype=self.location.dtype, device=self.location.device)
        one, other = two.exponential_(generator=generator)
        return one - other


class NormalPrior(nn.Module):
    """The standard normal."""

    def log_density(self, z: Tensor) -> Tensor:
        """-z^2/2 - log(2 pi)/2."""
        return -Gaussian.energy(z) - Gaussian.log_normaliser

    def closed_form_kl(self, posterior: _LocationScale) -> Tensor | None:
        """KL(q(z_j|x) || p(z_j)) of a Gaussian, (mean^2 + scale^2 - 1)/2 - log scale; None for another family."""
        if not isinstance(posterior, Gaussian):
            return None
        location, log_scale = posterior.location, posterior.log_scale
        return 0.5 * (location.square() + (2 * log_scale).exp() - 1) - log_scale


class LaplacePrior(nn.Module):
    """The Laplace distribution of location 0 and scale 1."""

    def log_density(self, z: Tensor) -> Tensor:
        """-|z| - log 2."""
        return -Laplace.energy(z) - Laplace.log_normaliser

    def closed_form_kl(self, posterior: _LocationScale) -> Tensor | None:
        """KL of a Laplace posterior, |m| + b exp(-|m|/b) - 1 - log b; None for another family."""
        if not isinstance(posterior, Laplace):
            return None
        distance, scale = posterior.location.abs(), posterior.log_scale.exp()
        return distance + scale * (-distance / scale).exp() - 1 - posterior.log_scale


class FactorialFlow(nn.Module):
    """A learned prior of independent latents: each has a flow of its own (Chen et al. 2018, appendix).

    f_j is a chain of steps x + s tanh(w x + b), each increasing since s w > -1, and p(z_j) = N(f_j(z_j)) f_j'(z_j). It
    starts as the standard normal, with steps at different places.

    Parameters
    ----------
    n_latents : int
        Number of latents.
    n_steps : int, default 8
        Steps of each flow.
    """

    def __init__(self, n_latents: int, n_steps: int = 8) -> None:
        super().__init__()
        places = torch.linspace(-2, 2, n_steps)[:, None].expand(n_steps, n_latents)
        self.log_slope = nn.Parameter(torch.zeros(n_steps, n_latents))
        self.shift = nn.Parameter(-places.clone())
        # softplus(log(e - 1)) = 1, which is no step at all.
        self.steepness = nn.Parameter(torch.full((n_steps, n_latents), math.log(math.e - 1)))

    def log_density(self, z: Tensor) -> Tensor:
        """log p(z_j) in nats, in the shape of z."""
        log_derivative = torch.zeros_like(z)
        for log_slope, shift, steepness in zip(self.log_slope, self.shift, self.steepness, strict=True):
            slope = log_slope.exp()
            product = nn.functional.softplus(steepness) - 1
            bend = torch.tanh(slope * z + shift)
            log_derivative = log_derivative + torch.log1p(product * (1 - bend.square()))
            z = z + product / slope * bend
        return log_derivative - Gaussian.energy(z) - Gaussian.log_normaliser


POSTERIORS: dict[str, Any] = {"gaussian": Gaussian, "laplace": Laplace}
"""Families of posteriors by name; each is made of the two tensors that an encoder returns."""

PRIORS = ("normal", "laplace", "flow")
"""Names of the priors."""


def _at_least_float32(values: Tensor) -> Tensor:
    return values if values.dtype == torch.float64 else values.float()
