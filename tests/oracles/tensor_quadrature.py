"""Expected log densities of a mixture of product densities in D dimensions, by tensor quadrature.

q(z) = sum over n of w_n prod over j of f((z_j - c_nj) / s_nj) / s_nj, D = 1, 2, 3. Each axis is cut into
panels fitted to the components, with the same number of Gauss-Legendre nodes in each panel; the nodes of
space are all combinations of the axes' nodes. From E_q[log q_S(z_S)], q_S the marginal of the latents S, come
the entropies H(z_S) = -E[log q_S] and everything built on them. Natural logarithms, so nats.
"""

import itertools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .quadrature import SMALLEST, panel_edges

Kernel = Callable[[np.ndarray], np.ndarray]
BLOCK = 1_000_000  # numbers held at once in one array, which bounds the memory used


class Axis(NamedTuple):
    """Nodes of one axis, each (M,): a node is at left + offset, kept apart to save digits."""

    left: np.ndarray
    offset: np.ndarray
    weight: np.ndarray


def nodes_in_panels(left: np.ndarray, width: np.ndarray, n_nodes: int) -> Axis:
    """n_nodes Gauss-Legendre nodes in each panel [left, left + width], for left (P,), width (P,)."""
    node, weight = np.polynomial.legendre.leggauss(n_nodes)
    return Axis(
        np.repeat(left, n_nodes),
        (0.5 * width[:, None] * (node + 1.0)).ravel(),
        (0.5 * width[:, None] * weight).ravel(),
    )


def smooth_axis(centre: np.ndarray, scale: np.ndarray, reach: float, step: float, n_nodes: int) -> Axis:
    """Nodes for components without kinks: centre (N,), scale (N,) of one latent.

    A component is felt within `reach` scales of its centre. From left to right, a panel is `step` scales of
    the narrowest component felt at its start, cut short where a narrower one begins to be felt. Where
    nothing is felt there is no panel.
    """
    low, high = centre - reach * scale, centre + reach * scale
    begins = np.sort(low)
    lefts, widths = [], []
    t = float(begins[0])
    while True:
        felt = (low <= t) & (t < high)
        if felt.any():
            narrowest = scale[felt].min()
            end = t + step * narrowest
            ahead = low[(low > t) & (low < end) & (scale < narrowest)]
            end = float(ahead.min()) if ahead.size else end
            lefts.append(t)
            widths.append(end - t)
            t = end
        else:
            ahead = begins[begins > t]
            if ahead.size == 0:
                return nodes_in_panels(np.array(lefts), np.array(widths), n_nodes)
            t = float(ahead[0])


def kinked_axis(centre: np.ndarray, scale: np.ndarray, reach: float, step: float, n_nodes: int) -> Axis:
    """Nodes for components with a kink at their centre: every centre (N,) is a panel boundary."""
    stretches = panel_edges(centre, scale, reach, step)
    lefts = np.concatenate([edges[:-1] for edges in stretches])
    widths = np.concatenate([np.diff(edges) for edges in stretches])
    return nodes_in_panels(lefts, widths, n_nodes)


def density_table(kernel: Kernel, axis: Axis, centre: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """f((t_m - c_n) / s_n) / s_n at every node t_m of one axis: (N, M)."""
    return kernel(((axis.left - centre[:, None]) + axis.offset) / scale[:, None]) / scale[:, None]


def mixture_density(tables: list[np.ndarray], w: np.ndarray) -> np.ndarray:
    """Sum over n of w_n prod over j of tables[j][n, m_j]: (M_1, ..., M_D), for tables[j] (N, M_j), w (N,)."""
    product = w[:, None]
    for table in tables[:-1]:
        product = (product[:, :, None] * table[:, None, :]).reshape(len(w), -1)
    return (product.T @ tables[-1]).reshape([table.shape[1] for table in tables])


def safe_log(q: np.ndarray) -> np.ndarray:
    """Natural logarithm, 0 where q is too small to add anything (q and its marginals are multiplied by q)."""
    return np.log(np.where(q < SMALLEST, 1.0, q))


def expected_log_densities(
    tables: list[np.ndarray],
    axes: list[Axis],
    w: np.ndarray,
) -> dict[tuple[int, ...], float]:
    """E_q[log q_S(z_S)] in nats for every subset S of the D latents, each one an integral over all of space.

    tables[j] (N, M_j) from `density_table`, w (N,) of sum 1. The empty subset holds the integral of q, which
    must be 1. The first axis is worked through in blocks.
    """
    d = len(tables)
    subsets = [s for size in range(1, d + 1) for s in itertools.combinations(range(d), size)]
    without_first = {s: safe_log(mixture_density([tables[j] for j in s], w)) for s in subsets if 0 not in s}
    rest = math.prod(table.shape[1] for table in tables[1:])
    rows_times = len(w) * math.prod(table.shape[1] for table in tables[1:-1])
    block = max(1, BLOCK // max(rest, rows_times))
    pieces: dict[tuple[int, ...], list[float]] = {s: [] for s in [(), *subsets]}
    for start in range(0, tables[0].shape[1], block):
        here = [tables[0][:, start : start + block], *tables[1:]]
        mass = mixture_density(here, w)
        log_q = safe_log(mass)
        for j in range(d):
            node_weight = axes[j].weight[start : start + block] if j == 0 else axes[j].weight
            mass = mass * node_weight.reshape([-1 if i == j else 1 for i in range(d)])
        pieces[()].append(float(mass.sum()))
        for s in subsets:
            if len(s) == d:
                log_s = log_q
            elif 0 in s:
                log_s = safe_log(mixture_density([here[j] for j in s], w))
            else:
                log_s = without_first[s]
            # The mass over the latents that log q_S does not depend on is summed first.
            others = tuple(j for j in range(d) if j not in s)
            pieces[s].append(float((mass.sum(axis=others) * log_s).sum()))
    return {s: math.fsum(values) for s, values in pieces.items()}
