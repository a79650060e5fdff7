"""log q(z) and log q(z_j) from a minibatch: mixtures of all its posteriors, at all its draws.

The plain expression holds a number for every pair and latent, several times over: a gigabyte for 2,048 rows and ten
latents. The chunked one goes over a few draws at a time and has its gradient in closed form. With
P_ikj = log q(z_ij|x_k) and weights w_ik,

    log q(z_i) = log sum_k w_ik exp(sum_j P_ikj),     log q(z_ij) = log sum_k w_ik exp P_ikj,

so that a gradient g_i of the first and g_ij of the second reach P_ikj as

    R_ikj = g_i w_ik exp(sum_j P_ikj - log q(z_i)) + g_ij w_ik exp(P_ikj - log q(z_ij)).

For t = (z_ij - location_kj) / scale_kj and P = -energy(t) - log scale - const, with the slope of the energy s(t),

    dP/dlocation = s(t) / scale = -dP/dz,     dP/dlog_scale = s(t) t - 1.
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor

from dismetrics.estimators.minibatch import ESTIMATORS, PLACEMENTS
from dismetrics.validation import as_choice, as_positive_integer
from reference_models.distributions import Gaussian, Laplace

__all__ = ["METHODS", "log_densities"]

METHODS = ("auto", "plain", "chunked")

_PLAIN_UP_TO = 1 << 16
"""Pairs times latents from which chunks are faster, measured on a CPU; they never need more memory."""

_CHUNK = {"cpu": 1 << 18, "cuda": 1 << 24}
"""Pairs times latents at a time: what a cache holds, or what keeps an accelerator busy."""


class _Weights(NamedTuple):
    """Logarithm of most weights w_ik, and what to add to it at k = i + offset (modulo the batch)."""

    base: float
    corrections: tuple[tuple[int, float], ...] = ()


def log_densities(
    posterior: Gaussian | Laplace,
    z: Tensor,
    *,
    n_samples: int,
    estimator: str = "mws",
    placement: str = "averaged",
    method: str = "auto",
) -> tuple[Tensor, Tensor]:
    """Estimates of log q(z_i) and log q(z_ij), differentiable in the draws and the posteriors.

    Parameters
    ----------
    posterior : Gaussian or Laplace
        Posteriors of the minibatch.
    z : Tensor of shape (batch_size, n_latents)
        One draw of each row, z_i from q(z|x_i).
    n_samples : int
        N, the size of the data set that the minibatch is drawn from.
    estimator : {"mws", "mss", "minibatch"}, default "mws"
        The weights; see `dismetrics.estimators.minibatch`.
    placement : {"averaged", "paper"}, default "averaged"
        Of `"mss"`; see `dismetrics.estimators.minibatch.mss_weights`.
    method : {"auto", "plain", "chunked"}, default "auto"
        The plain expression, or chunks with a closed-form gradient; by default what is faster at this size.

    Returns
    -------
    log_joint : Tensor of shape (batch_size,)
        Of q(z_i), in nats.
    log_marginals : Tensor of shape (batch_size, n_latents)
        Of q(z_ij), in nats.

    Raises
    ------
    ValueError
        For shapes, sizes or names that cannot be meant.
    """
    if z.shape != posterior.location.shape:
        raise ValueError(f"z has shape {tuple(z.shape)}; one draw of each row, {tuple(posterior.location.shape)}")
    as_choice(method, "method", METHODS)
    weights = _weights(len(z), n_samples, estimator, placement)
    if method == "auto":
        method = "plain" if len(z) * z.numel() <= _PLAIN_UP_TO else "chunked"
    z = z.to(posterior.location.dtype)
    # Under autocast, the products below would be taken in half precision.
    with torch.autocast(z.device.type, enabled=False):
        if method == "plain":
            return _plain(type(posterior), z, posterior.location, posterior.log_scale, weights)
        joint, marginals = _Chunked.apply(z, posterior.location, posterior.log_scale, type(posterior), weights)
        return joint, marginals


def _weights(batch_size: int, n_samples: int, estimator: str, placement: str) -> _Weights:
    """The weights of an estimator, as `dismetrics.estimators.minibatch.mss_weights` has them in full."""
    as_choice(estimator, "estimator", ESTIMATORS)
    as_choice(placement, "placement", PLACEMENTS)
    if as_positive_integer(n_samples, "n_samples") < batch_size:
        raise ValueError(f"n_samples={n_samples} is less than the minibatch of {batch_size} rows")
    if estimator == "minibatch":
        return _Weights(-math.log(batch_size))
    if estimator == "mws":
        return _Weights(-math.log(n_samples) - math.log(batch_size))
    others = batch_size - 1
    if others < 1:
        raise ValueError("estimator='mss' wants at least 2 rows, as the others stand for the rest of the data")
    own = -math.log(n_samples)
    if placement == "averaged":
        base = math.log(n_samples - 1) - math.log(n_samples) - math.log(others)
        return _Weights(base, ((0, own - base),))
    base = -math.log(others)
    one = math.log(n_samples - others) - math.log(n_samples)
    return _Weights(base, ((0, own - base), (1, one)))


def _plain(family: Any, z: Tensor, location: Tensor, log_scale: Tensor, weights: _Weights) -> tuple[Tensor, Tensor]:
    t = (z.T[:, :, None] - location.T[:, None]) * (-log_scale).exp().T[:, None]
    pairs = -family.energy(t) - (log_scale + family.log_normaliser).T[:, None]
    log_weights = torch.full((len(z), len(z)), weights.base, dtype=z.dtype, device=z.device)
    _correct(log_weights, 0, weights)
    joint = torch.logsumexp(pairs.sum(0) + log_weights, 1)
    return joint, torch.logsumexp(pairs + log_weights, 2).T


def _correct(pairs: Tensor, start: int, weights: _Weights) -> None:
    """Add the corrections of some draws' weights, in place; pairs (..., draws, posteriors), the first draw `start`."""
    rows = torch.arange(pairs.shape[-2], device=pairs.device)
    for offset, correction in weights.corrections:
        pairs[..., rows, (rows + start + offset) % pairs.shape[-1]] += correction


class _Chunked(torch.autograd.Function):
    """The same, some draws at a time; tensors inside are (n_latents, draws, posteriors)."""

    @staticmethod
    def forward(
        ctx: Any, z: Tensor, location: Tensor, log_scale: Tensor, family: Any, weights: _Weights
    ) -> tuple[Tensor, Tensor]:
        joint, marginals = torch.empty_like(z[:, 0]), torch.empty_like(z)
        for rows, _, pairs in _chunks(z, location, log_scale, family):
            together = pairs.sum(0)
            _correct(together, rows.start, weights)
            joint[rows] = torch.logsumexp(together, 1)
            _correct(pairs, rows.start, weights)
            largest = pairs.amax(2, keepdim=True)
            total = pairs.sub_(largest).exp_().sum(2)
            marginals[rows] = (total.log_() + largest[..., 0]).T
        joint += weights.base
        marginals += weights.base
        ctx.save_for_backward(z, location, log_scale, joint, marginals)
        ctx.family, ctx.weights = family, weights
        return joint, marginals

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, of_joint: Tensor, of_marginals: Tensor) -> tuple[Tensor | None, ...]:
        z, location, log_scale, joint, marginals = ctx.saved_tensors
        family, weights = ctx.family, ctx.weights
        # A draw's gradient, log-density and the weight that all posteriors share, as (n_latents, draws, 1).
        of_marginals = of_marginals.T[:, :, None].contiguous()
        marginals = (marginals - weights.base).T[:, :, None].contiguous()
        per_scale = (-log_scale).exp().T.contiguous()
        of_z = torch.empty_like(z)
        of_location, of_log_scale = torch.zeros_like(per_scale), torch.zeros_like(per_scale)
        for rows, t, pairs in _chunks(z, location, log_scale, family):
            together = pairs.sum(0)
            _correct(together, rows.start, weights)
            together.sub_((joint[rows] - weights.base)[:, None]).exp_().mul_(of_joint[rows][:, None])
            _correct(pairs, rows.start, weights)
            shares = pairs.sub_(marginals[:, rows]).exp_().mul_(of_marginals[:, rows]).add_(together)
            of_log_scale -= shares.sum(1)
            sloped = shares.mul_(family.slope(t))
            of_location += sloped.sum(1)
            of_z[rows] = -torch.bmm(sloped, per_scale[:, :, None])[..., 0].T
            of_log_scale += sloped.mul_(t).sum(1)
        return of_z, (of_location * per_scale).T, of_log_scale.T, None, None


def _chunks(z: Tensor, location: Tensor, log_scale: Tensor, family: Any) -> Iterator[tuple[slice, Tensor, Tensor]]:
    """Rows of draws, their t and their P; the two tensors are written over by the next chunk."""
    batch_size, n_latents = z.shape
    size = _CHUNK.get(z.device.type, _CHUNK["cuda"])
    step = max(1, min(batch_size, size // (batch_size * n_latents)))
    draws, places = z.T.contiguous(), location.T.contiguous()[:, None]
    per_scale = (-log_scale).exp().T.contiguous()[:, None]
    constant = -(log_scale + family.log_normaliser).T.contiguous()[:, None]
    memory = torch.empty((2, n_latents, step, batch_size), dtype=z.dtype, device=z.device)
    for start in range(0, batch_size, step):
        rows = slice(start, min(start + step, batch_size))
        # Views of contiguous memory, also for the last and smaller chunk.
        t, pairs = (part.flatten()[: n_latents * (rows.stop - start) * batch_size] for part in memory)
        t, pairs = (part.view(n_latents, rows.stop - start, batch_size) for part in (t, pairs))
        torch.sub(draws[:, rows, None], places, out=t)
        t.mul_(per_scale)
        yield rows, t, family.log_density_into(pairs, t, constant)
