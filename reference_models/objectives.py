"""The evidence bound with its divergence taken apart (R. T. Q. Chen et al. 2018, section 3), to train with.

    log p(x|z) - alpha I(z; n) - beta TC - gamma sum_j KL(q(z_j) || p(z_j))

alpha = gamma = 1 is the beta-TCVAE, alpha = beta = gamma the beta-VAE (Higgins et al. 2017), all of them 1 the VAE.
Burgess et al. 2018 keep the divergence at a capacity that grows.
"""

from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn

from reference_models.distributions import Gaussian, Laplace, NormalPrior, Prior
from reference_models.pairwise import log_densities

__all__ = ["Terms", "bernoulli_log_likelihood", "capacity_objective", "decomposed_elbo", "mean_kl"]


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What to minimise, and what it is made of: means over the minibatch in nats, differentiable.

    Attributes
    ----------
    loss : Tensor
        Minus the weighted objective.
    elbo : Tensor
        log p(x|z) less the mean KL, unweighted: what models are compared by.
    log_likelihood : Tensor
        log p(x|z).
    mean_kl : Tensor
        Of log q(z|x) - log p(z).
    index_code_mi, total_correlation, dimension_wise_kl : Tensor or None
        The three parts of the mean KL as a minibatch has them: biased, by many nats (see
        `dismetrics.estimators.minibatch`); report those of `dismetrics.elbo_decomposition`. None where they were not
        needed.
    """

    loss: Tensor
    elbo: Tensor
    log_likelihood: Tensor
    mean_kl: Tensor
    index_code_mi: Tensor | None = None
    total_correlation: Tensor | None = None
    dimension_wise_kl: Tensor | None = None

    def named(self) -> dict[str, Tensor]:
        """The terms for a log: those that there are, without gradients."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value.detach() for name, value in values.items() if value is not None}


def decomposed_elbo(
    log_likelihood: Tensor,
    posterior: Gaussian | Laplace,
    z: Tensor,
    *,
    n_samples: int,
    alpha: float = 1.0,
    beta: float = 6.0,
    gamma: float = 1.0,
    prior: Prior | None = None,
    estimator: str = "mws",
    placement: str = "averaged",
    method: str = "auto",
) -> Terms:
    """The evidence bound of a minibatch, with a weight on each part of its divergence.

    Parameters
    ----------
    log_likelihood : Tensor of shape (batch_size,)
        The values log p(x_i|z_i) in nats, summed over the pixels of a row.
    posterior : Gaussian or Laplace
        The posteriors q(z|x_i), of what the encoder returned.
    z : Tensor of shape (batch_size, n_latents)
        One draw of each row, `posterior.rsample()`.
    n_samples : int
        N, the size of the data set that the minibatch is drawn from.
    alpha, beta, gamma : float
        Weights of index-code mutual information, total correlation and dimension-wise KL. By default the beta-TCVAE
        with beta = 6, the paper's choice for dSprites. Where all three are equal the parts are not needed, and not
        computed: the KL is then in closed form where the pair of posterior and prior has one.
    prior : object with `log_density`, optional
        A prior of independent latents; the standard normal by default.
    estimator : {"mws", "mss", "minibatch"}, default "mws"
        How q(z) and q(z_j) are estimated. Weighted sampling is the paper's choice. Its weights are all equal, so that
        its gradient is that of `"minibatch"`, whatever N is; stratified sampling has another.
    placement : {"averaged", "paper"}, default "averaged"
        Of `"mss"`; see `dismetrics.estimators.minibatch.mss_weights`.
    method : {"auto", "plain", "chunked"}, default "auto"
        How pairs are gone over; see `pairwise.log_densities`.

    Returns
    -------
    Terms
        Loss and terms.

    Raises
    ------
    ValueError
        For shapes, sizes or names that cannot be meant.

    Examples
    --------
    >>> import torch
    >>> mean = torch.tensor([[-1.0], [1.0]], requires_grad=True)
    >>> posterior = Gaussian(mean, torch.full((2, 1), -4.0))
    >>> z = posterior.rsample(torch.Generator().manual_seed(0))
    >>> terms = decomposed_elbo(torch.zeros(2), posterior, z, n_samples=2, estimator="mss")
    >>> round(terms.index_code_mi.item(), 4)
    0.6931
    >>> terms.loss.backward()
    """
    if log_likelihood.shape != z.shape[:1]:
        raise ValueError(
            f"log_likelihood has shape {tuple(log_likelihood.shape)}; one number a row, {tuple(z.shape[:1])}, is "
            "wanted: sum over the pixels, not over the minibatch"
        )
    prior = NormalPrior() if prior is None else prior
    fit = log_likelihood.float().mean() if log_likelihood.dtype != torch.float64 else log_likelihood.mean()
    if alpha == beta == gamma:
        kl = mean_kl(posterior, z, prior)
        return Terms(loss=alpha * kl - fit, elbo=fit - kl, log_likelihood=fit, mean_kl=kl)
    log_joint, log_marginals = log_densities(
        posterior, z, n_samples=n_samples, estimator=estimator, placement=placement, method=method
    )
    own = posterior.log_density(z).sum(1).mean()
    log_prior = prior.log_density(z).sum(1).mean()
    joint, marginals = log_joint.mean(), log_marginals.sum(1).mean()
    mi, tc, dimension_wise = own - joint, joint - marginals, marginals - log_prior
    return Terms(
        loss=alpha * mi + beta * tc + gamma * dimension_wise - fit,
        elbo=fit - (own - log_prior),
        log_likelihood=fit,
        mean_kl=own - log_prior,
        index_code_mi=mi,
        total_correlation=tc,
        dimension_wise_kl=dimension_wise,
    )


def capacity_objective(
    log_likelihood: Tensor,
    posterior: Gaussian | Laplace,
    z: Tensor,
    *,
    capacity: float,
    weight: float,
    prior: Prior | None = None,
) -> Terms:
    """log p(x|z) - weight |KL - capacity| (Burgess et al. 2018, eq. 8), with a capacity that a schedule raises.

    Parameters
    ----------
    log_likelihood : Tensor of shape (batch_size,)
        The values log p(x_i|z_i) in nats.
    posterior : Gaussian or Laplace
        The posteriors q(z|x_i).
    z : Tensor of shape (batch_size, n_latents)
        One draw of each row.
    capacity : float
        Nats that the mean KL is held at.
    weight : float
        The paper's gamma; 1,000 there.
    prior : object with `log_density`, optional
        The standard normal by default.

    Returns
    -------
    Terms
        Loss, bound, fit and mean KL.
    """
    fit = log_likelihood.mean()
    kl = mean_kl(posterior, z, NormalPrior() if prior is None else prior)
    return Terms(loss=weight * (kl - capacity).abs() - fit, elbo=fit - kl, log_likelihood=fit, mean_kl=kl)


def mean_kl(posterior: Gaussian | Laplace, z: Tensor, prior: Prior) -> Tensor:
    """Mean KL to the prior in nats: in closed form where there is one, else from the draws."""
    closed_form = getattr(prior, "closed_form_kl", None)
    kl: Tensor | None = None if closed_form is None else closed_form(posterior)
    if kl is None:
        kl = posterior.log_density(z) - prior.log_density(z)
    return kl.sum(1).mean()


def bernoulli_log_likelihood(logits: Tensor, images: Tensor) -> Tensor:
    """log p(x_i|z_i) of pixels in 0 to 1 in nats, summed over all but the first axis; in float32 at least."""
    logits = logits.flatten(1) if logits.dtype == torch.float64 else logits.flatten(1).float()
    images = images.flatten(1).to(logits.dtype)
    return -nn.functional.binary_cross_entropy_with_logits(logits, images, reduction="none").sum(1)
