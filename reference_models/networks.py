"""Encoders and decoders: any module with `encode` and `decode` will do, and here are the two that papers use.

`encode(images)` returns the two tensors that a posterior is made of, (batch_size, n_latents) each: mean and log
variance of a Gaussian, location and log scale of a Laplace. `decode(z)` returns logits of the pixels, in the shape of
the images.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Protocol, cast

import torch
from torch import Tensor, nn

__all__ = ["MLP", "Conv", "Network"]


class Network(Protocol):
    """What a model asks of its network, beside being a module."""

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Location and logarithm of the spread of every latent."""
        ...

    def decode(self, z: Tensor) -> Tensor:
        """Logits of the pixels."""
        ...


class MLP(nn.Module):
    """Fully connected layers: by default those of Chen et al. 2018 for dSprites.

    Parameters
    ----------
    image_shape : tuple of int
        (channels, height, width).
    n_latents : int, default 10
        Number of latents.
    encoder : sequence of int, default (1200, 1200)
        Units of the hidden layers of the encoder, with ReLU.
    decoder : sequence of int, default (1200, 1200, 1200)
        Units of the hidden layers of the decoder, with tanh.
    """

    def __init__(
        self,
        image_shape: tuple[int, int, int],
        n_latents: int = 10,
        *,
        encoder: Sequence[int] = (1200, 1200),
        decoder: Sequence[int] = (1200, 1200, 1200),
    ) -> None:
        super().__init__()
        n_pixels = math.prod(image_shape)
        self.image_shape, self.n_latents = tuple(image_shape), n_latents
        self.encoder = _stack([n_pixels, *encoder, 2 * n_latents], nn.ReLU)
        self.decoder = _stack([n_latents, *decoder, n_pixels], nn.Tanh)

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Location and logarithm of the spread of every latent."""
        return cast(tuple[Tensor, Tensor], self.encoder(images.flatten(1)).chunk(2, 1))

    def decode(self, z: Tensor) -> Tensor:
        """Logits of the pixels, (batch_size, channels, height, width)."""
        return cast(Tensor, self.decoder(z)).view(-1, *self.image_shape)


class Conv(nn.Module):
    """The convolutional pair that most papers use: 32-32-64-64, kernels of 4, stride 2 (Locatello et al. 2019).

    Parameters
    ----------
    image_shape : tuple of int
        (channels, height, width), with sides that are multiples of 16.
    n_latents : int, default 10
        Number of latents.
    """

    def __init__(self, image_shape: tuple[int, int, int], n_latents: int = 10) -> None:
        super().__init__()
        channels, height, width = image_shape
        if height % 16 or width % 16:
            raise ValueError(f"image_shape={image_shape}; sides must be multiples of 16: four layers halve them")
        self.image_shape, self.n_latents = tuple(image_shape), n_latents
        smallest = (64, height // 16, width // 16)
        down = [channels, 32, 32, 64, 64]
        self.encoder = nn.Sequential(
            *(
                layer
                for n_in, n_out in itertools.pairwise(down)
                for layer in (nn.Conv2d(n_in, n_out, 4, stride=2, padding=1), nn.ReLU())
            ),
            nn.Flatten(),
            *_stack([math.prod(smallest), 256, 2 * n_latents], nn.ReLU),
        )
        up = [
            layer
            for n_in, n_out in itertools.pairwise(down[::-1])
            for layer in (nn.ReLU(), nn.ConvTranspose2d(n_in, n_out, 4, stride=2, padding=1))
        ]
        self.decoder = nn.Sequential(
            *_stack([n_latents, 256, math.prod(smallest)], nn.ReLU), nn.Unflatten(1, smallest), *up
        )

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Location and logarithm of the spread of every latent."""
        # Channels last is the faster layout in reduced precision.
        images = images.contiguous(memory_format=torch.channels_last)
        return cast(tuple[Tensor, Tensor], self.encoder(images).chunk(2, 1))

    def decode(self, z: Tensor) -> Tensor:
        """Logits of the pixels, (batch_size, channels, height, width)."""
        return cast(Tensor, self.decoder(z))


def _stack(sizes: Sequence[int], activation: type[nn.Module]) -> nn.Sequential:
    """Linear layers with an activation between them."""
    layers: list[nn.Module] = []
    for n_in, n_out in itertools.pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), activation()]
    return nn.Sequential(*layers[:-1])
