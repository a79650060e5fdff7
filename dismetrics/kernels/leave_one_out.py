"""log q(z) of mixtures, and log q(z_-j) of every latent left out in turn, from one pass over the components.

A component's log density is, to base 2, with u_nj the log density of its latent j,

    log w_n + sum_j u_nj,   u_nj = peak_jn - ((z_j - location_jn) steepness_jn)^2       (Gaussian)
                            u_nj = peak_jn - |(z_j - location_jn) steepness_jn|         (Laplace)

Without latent i the sum is put together from those before i and those after it: to take u_ni off again would lose
the rest where z_i is far away. Components are stored block by block, (n_blocks, 3 D + 1, block size): location,
steepness and peak of every latent, then log weights.

Sums have a row for every set of latents: row j for all but j, row D for all of them.
"""

import numpy as np
from numba import njit

from dismetrics.kernels.exp2 import FASTMATH, exp2, prefer_wide_vectors
from dismetrics.kernels.joint_density import GAUSSIAN
from dismetrics.kernels.running_maximum import largest_of, raise_maximum

__all__ = ["add_blocks_without", "block_bounds_without"]


@njit(nogil=True, fastmath=FASTMATH)
def _gaussian_terms(terms, after, following, location, steepness, peak, x):
    """The log densities u of one latent, and their sum with those of the latents that follow."""
    prefer_wide_vectors()
    for n in range(terms.size):
        t = (x - location[n]) * steepness[n]
        terms[n] = peak[n] - t * t
        after[n] = following[n] + terms[n]


@njit(nogil=True, fastmath=FASTMATH)
def _laplace_terms(terms, after, following, location, steepness, peak, x):
    prefer_wide_vectors()
    for n in range(terms.size):
        terms[n] = peak[n] - abs((x - location[n]) * steepness[n])
        after[n] = following[n] + terms[n]


@njit(nogil=True, fastmath=FASTMATH)
def _add(out, more):
    prefer_wide_vectors()
    for n in range(out.size):
        out[n] += more[n]


@njit(nogil=True, fastmath=FASTMATH)
def _put_sums(exponents, before, after):
    prefer_wide_vectors()
    for n in range(exponents.size):
        exponents[n] = before[n] + after[n]


@njit(nogil=True, fastmath=FASTMATH)
def _exp2_in_place(exponents, shift):
    """Put 2**d, d = exponents - shift, in the place of the exponents; the sums of 2**d and of d 2**d."""
    prefer_wide_vectors()
    total = 0.0
    moment = 0.0
    for n in range(exponents.size):
        d = max(exponents[n] - shift, -1000.0)
        term = exp2(d)
        exponents[n] = term
        total += term
        moment += d * term
    return total, moment


@njit(nogil=True, fastmath=FASTMATH)
def _dot(a, b):
    prefer_wide_vectors()
    total = 0.0
    for n in range(a.size):
        total += a[n] * b[n]
    return total


@njit(nogil=True)
def _add_sums(maximum, total, moment, i, exponents):
    """Add a block to the sums of point i; what sums kept beside them shrink by, or -1 where the block is negligible."""
    shrink = raise_maximum(maximum, total, moment, i, largest_of(exponents))
    if shrink < 0.0:
        return shrink
    more, more_moment = _exp2_in_place(exponents, maximum[i])
    total[i] += more
    moment[i] += more_moment
    return shrink


@njit(nogil=True, cache=True)
def add_blocks_without(maximum, total, moment, of_latents, z, blocks, counts, wanted, family):
    """Add blocks of components to the running sums of every point.

    For each set of latents (n_dims + 1, n_points), 2**maximum * total is the sum over components of 2**exponent, and
    maximum + moment / total their mean exponent, weighted by 2**exponent. `of_latents` (n_points, n_dims + 1) are the
    sums of 2**(exponent - maximum) times u_nj, and times log w_n, with the exponents of all latents together.
    `wanted[s, i, b]` says whether set s of point i takes block b.
    """
    n_dims = z.shape[1]
    size = blocks.shape[2]
    terms = np.empty((n_dims, size))
    after = np.empty((n_dims + 1, size))
    before = np.empty(size)
    exponents = np.empty(size)
    for b in range(blocks.shape[0]):
        n = counts[b]
        block = blocks[b]
        for i in range(z.shape[0]):
            some = False
            for s in range(n_dims + 1):
                some = some or wanted[s, i, b]
            if not some:
                continue
            after[n_dims, :n] = block[3 * n_dims, :n]
            for j in range(n_dims - 1, -1, -1):
                location, steepness, peak = block[3 * j, :n], block[3 * j + 1, :n], block[3 * j + 2, :n]
                if family == GAUSSIAN:
                    _gaussian_terms(terms[j, :n], after[j, :n], after[j + 1, :n], location, steepness, peak, z[i, j])
                else:
                    _laplace_terms(terms[j, :n], after[j, :n], after[j + 1, :n], location, steepness, peak, z[i, j])
            before[:n] = 0.0
            if wanted[n_dims, i, b]:
                exponents[:n] = after[0, :n]
                shrink = _add_sums(maximum[n_dims], total[n_dims], moment[n_dims], i, exponents[:n])
                if shrink >= 0.0:
                    for j in range(n_dims):
                        of_latents[i, j] = of_latents[i, j] * shrink + _dot(exponents[:n], terms[j, :n])
                    of_weights = _dot(exponents[:n], block[3 * n_dims, :n])
                    of_latents[i, n_dims] = of_latents[i, n_dims] * shrink + of_weights
            for j in range(n_dims):
                if wanted[j, i, b]:
                    _put_sums(exponents[:n], before[:n], after[j + 1, :n])
                    _add_sums(maximum[j], total[j], moment[j], i, exponents[:n])
                _add(before[:n], terms[j, :n])


@njit(nogil=True, fastmath=FASTMATH)
def _distances(out, following, low, high, steepness, x, family):
    """The least that a latent takes off in each block, and the sum with the latents that follow."""
    prefer_wide_vectors()
    for b in range(low.size):
        t = max(max(low[b] - x, x - high[b]), 0.0) * steepness[b]
        out[b] = t * t if family == GAUSSIAN else t
        following[0, b] = following[1, b] + out[b]


@njit(nogil=True, fastmath=FASTMATH)
def _bounds(out, largest, before, after):
    prefer_wide_vectors()
    for b in range(out.size):
        out[b] = largest[b] - (before[b] + after[b])


@njit(nogil=True, cache=True)
def block_bounds_without(z, low, high, steepness, largest, family):
    """The largest exponent that any component of each block can have at each point: (n_dims + 1, n_points, n_blocks).

    From the box that holds a block's locations, its least steepness in every latent, and its largest log w_n +
    sum_j peak_jn over each set of latents; the first three have shape (n_dims, n_blocks), the last a row more.
    """
    n_points, n_dims = z.shape
    n_blocks = low.shape[1]
    bounds = np.empty((n_dims + 1, n_points, n_blocks))
    taken_off = np.empty((n_dims, n_blocks))
    after = np.zeros((n_dims + 1, n_blocks))
    for i in range(n_points):
        for j in range(n_dims - 1, -1, -1):
            _distances(taken_off[j], after[j : j + 2], low[j], high[j], steepness[j], z[i, j], family)
        before = np.zeros(n_blocks)
        _bounds(bounds[n_dims, i], largest[n_dims], before, after[0])
        for j in range(n_dims):
            _bounds(bounds[j, i], largest[j], before, after[j + 1])
            _add(before, taken_off[j])
    return bounds
