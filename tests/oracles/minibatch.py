"""Densities of the aggregate posterior from a minibatch, entry by entry, and the exact bias of what is made of them.

R. T. Q. Chen et al., Isolating Sources of Disentanglement in Variational Autoencoders, 2018, section 3.1 (weighted
sampling) and appendix (stratified sampling: f(z, n*, B) = q(z|n*)/N + (1/M) sum of q(z|n_m), m = 1 .. M - 1,
+ (N - M)/(N M) q(z|n_M), for a minibatch of M + 1 distinct samples). Expectations are sums over every minibatch in
every order and over every value of z, so posteriors are tables p (N, D, C) of probabilities above zero.
"""

import itertools
import math

import numpy as np


def weights(batch_size: int, n_samples: int, estimator: str) -> np.ndarray:
    """Weights W (B, B) of "mws", "minibatch", "averaged" or "paper": row i estimates the density at draw i."""
    others = batch_size - 1
    matrix = np.empty((batch_size, batch_size))
    for i in range(batch_size):
        for k in range(batch_size):
            if estimator == "mws":
                matrix[i, k] = 1.0 / (n_samples * batch_size)
            elif estimator == "minibatch":
                matrix[i, k] = 1.0 / batch_size
            elif k == i:
                matrix[i, k] = 1.0 / n_samples
            elif estimator == "averaged":
                matrix[i, k] = (n_samples - 1) / (n_samples * others)
            elif k == (i + 1) % batch_size:
                matrix[i, k] = (n_samples - others) / (n_samples * others)
            else:
                matrix[i, k] = 1.0 / others
    return matrix


def densities(log_density: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log of sum_k w_ik q(z_i|x_k), (B,), and of sum_k w_ik q(z_ij|x_k), (B, D); log_density (B, B, D)."""
    n_rows, _, n_latents = log_density.shape
    joint, marginals = np.empty(n_rows), np.empty((n_rows, n_latents))
    for i in range(n_rows):
        products = [w[i, k] * math.prod(math.exp(value) for value in log_density[i, k]) for k in range(n_rows)]
        joint[i] = math.log(math.fsum(products))
        for j in range(n_latents):
            marginals[i, j] = math.log(math.fsum(w[i, k] * math.exp(log_density[i, k, j]) for k in range(n_rows)))
    return joint, marginals


def terms(log_density: np.ndarray, log_prior: np.ndarray, w: np.ndarray) -> tuple[float, float, float]:
    """Index-code mutual information, total correlation and dimension-wise KL, means over the rows."""
    joint, marginals = densities(log_density, w)
    rows = range(len(joint))
    information = [math.fsum(log_density[i, i]) - joint[i] for i in rows]
    correlation = [joint[i] - math.fsum(marginals[i]) for i in rows]
    dimension_wise = [math.fsum(marginals[i] - log_prior[i]) for i in rows]
    return tuple(math.fsum(values) / len(joint) for values in (information, correlation, dimension_wise))


def exact_terms(p: np.ndarray) -> tuple[float, float]:
    """I(n; z) and the total correlation of q(z) = (1/N) sum_n prod_j p[n, j, z_j]."""
    n_samples, n_latents, n_values = p.shape
    information, correlation = [], []
    for z in itertools.product(range(n_values), repeat=n_latents):
        given = [math.prod(p[n, j, z[j]] for j in range(n_latents)) for n in range(n_samples)]
        q = math.fsum(given) / n_samples
        apart = math.prod(math.fsum(p[:, j, z[j]]) / n_samples for j in range(n_latents))
        information += [own / n_samples * math.log(own / q) for own in given]
        correlation.append(q * math.log(q / apart))
    return math.fsum(information), math.fsum(correlation)


def expected_terms(p: np.ndarray, batch_size: int, estimator: str) -> tuple[float, float]:
    """Expected estimates of the same two, over every minibatch in every order, every row and every z."""
    n_samples, n_latents, n_values = p.shape
    w = weights(batch_size, n_samples, estimator)
    information, correlation = [], []
    for batch in itertools.permutations(range(n_samples), batch_size):
        for i in range(batch_size):
            for z in itertools.product(range(n_values), repeat=n_latents):
                given = [math.prod(p[n, j, z[j]] for j in range(n_latents)) for n in batch]
                q = math.fsum(w[i, k] * given[k] for k in range(batch_size))
                apart = math.prod(
                    math.fsum(w[i, k] * p[batch[k], j, z[j]] for k in range(batch_size)) for j in range(n_latents)
                )
                information.append(given[i] * math.log(given[i] / q))
                correlation.append(given[i] * math.log(q / apart))
    count = math.perm(n_samples, batch_size) * batch_size
    return math.fsum(information) / count, math.fsum(correlation) / count


def information_on_the_minibatch(p: np.ndarray, batch_size: int) -> float:
    """I(S; z): S a minibatch, every set of B samples equally likely, and z drawn from one of its posteriors."""
    n_samples, n_latents, n_values = p.shape
    values = []
    subsets = list(itertools.combinations(range(n_samples), batch_size))
    for z in itertools.product(range(n_values), repeat=n_latents):
        given = [math.prod(p[n, j, z[j]] for j in range(n_latents)) for n in range(n_samples)]
        q = math.fsum(given) / n_samples
        for subset in subsets:
            of_subset = math.fsum(given[n] for n in subset) / batch_size
            values.append(of_subset * math.log(of_subset / q) / len(subsets))
    return math.fsum(values)
