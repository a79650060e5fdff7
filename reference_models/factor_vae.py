"""FactorVAE (Kim and Mnih 2018): total correlation from a discriminator's density ratio, instead of a minibatch's.

The discriminator tells draws of q(z) from draws of prod_j q(z_j), which are draws of q(z) with each latent permuted
over the rows; log D(z) - log(1 - D(z)) is then log q(z) - sum_j log q(z_j).
"""

import itertools

import torch
from torch import Tensor, nn

__all__ = ["Discriminator", "density_ratio_tc", "discriminator_loss", "permute_latents"]


class Discriminator(nn.Sequential):
    """Logits of "from q(z)": the paper's six layers of leaky units.

    Parameters
    ----------
    n_latents : int
        Number of latents.
    width : int, default 1000
        Units of each hidden layer.
    n_layers : int, default 6
        Layers, with that of the output.
    """

    def __init__(self, n_latents: int, width: int = 1000, n_layers: int = 6) -> None:
        sizes = [n_latents] + [width] * (n_layers - 1)
        hidden = [
            layer for n_in, n_out in itertools.pairwise(sizes) for layer in (nn.Linear(n_in, n_out), nn.LeakyReLU(0.2))
        ]
        super().__init__(*hidden, nn.Linear(sizes[-1], 1))


def permute_latents(z: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Each latent in an order of rows of its own: draws of prod_j q(z_j) from draws of q(z)."""
    order = torch.rand(z.shape, generator=generator, device=z.device).argsort(0)
    return z.gather(0, order)


def density_ratio_tc(discriminator: nn.Module, z: Tensor) -> Tensor:
    """Mean of log q(z) - sum_j log q(z_j) by the discriminator, in nats; its own weights get no gradient."""
    fixed = {name: parameter.detach() for name, parameter in discriminator.named_parameters()}
    logits: Tensor = torch.func.functional_call(discriminator, fixed, (z,))
    return logits.float().mean()


def discriminator_loss(discriminator: nn.Module, z: Tensor, permuted: Tensor) -> Tensor:
    """Cross entropy of telling draws from permuted ones, in nats: log 2 by chance. The draws get no gradient."""
    softplus = nn.functional.softplus
    of_draws, of_permuted = discriminator(z.detach()).float(), discriminator(permuted.detach()).float()
    return 0.5 * (softplus(-of_draws).mean() + softplus(of_permuted).mean())
