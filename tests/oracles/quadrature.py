"""Differential entropy of a one-dimensional mixture by dense Gauss-Legendre quadrature.

H = - integral of q log q, with q(z) = sum over i of w_i / s_i * f( (z - c_i) / s_i ). The line is cut
into panels no wider than `step` scales of the narrowest component that is felt there, a component
being felt out to `reach` scales on either side of its centre. Every centre is a panel boundary, so a
density with a kink at its centre is smooth inside each panel. Where nothing is felt, q log q is far
below the accuracy wanted and nothing is integrated.
"""

import itertools
import math
from collections.abc import Callable

import numpy as np

Kernel = Callable[[np.ndarray], np.ndarray]
CHUNK = 256  # panels worked on together, which bounds the memory used
SMALLEST = 1e-300  # densities below this add nothing (and their log may not exist)


def panel_edges(centre: np.ndarray, scale: np.ndarray, reach: float, step: float) -> list[np.ndarray]:
    """Panel boundaries, one increasing array per stretch of the line with a fixed set of felt components."""
    marks = np.unique(np.concatenate([centre - reach * scale, centre, centre + reach * scale]))
    stretches = []
    for left, right in itertools.pairwise(marks):
        middle = left + 0.5 * (right - left)
        felt = np.abs(centre - middle) < reach * scale
        if felt.any():
            n_panels = math.ceil((right - left) / (step * scale[felt].min()))
            stretches.append(np.unique(np.linspace(left, right, n_panels + 1)))
    return stretches


def mixture_entropy(
    kernel: Kernel,
    centre: np.ndarray,
    scale: np.ndarray,
    weights: np.ndarray | None,
    reach: float,
    step: float,
    cutoff: float,
    n_nodes: int,
) -> float:
    """H in nats of the mixture of n components: centre (n,), scale (n,) > 0, weights (n,) of any sum.

    kernel is the standard density f. Components further than `cutoff` scales from a chunk of panels
    are not evaluated there; cutoff must be where f is 0 to double precision's smallest number.
    """
    centre, scale = np.asarray(centre, dtype=np.float64), np.asarray(scale, dtype=np.float64)
    w = np.ones(len(centre)) if weights is None else np.asarray(weights, dtype=np.float64)
    centre, scale, w = centre[w > 0.0], scale[w > 0.0], w[w > 0.0]
    w = w / math.fsum(w)
    nodes, node_weights = np.polynomial.legendre.leggauss(n_nodes)

    stretches = panel_edges(centre, scale, reach, step)
    lefts = np.concatenate([edges[:-1] for edges in stretches])
    widths = np.concatenate([np.diff(edges) for edges in stretches])
    pieces: list[float] = []
    for start in range(0, len(lefts), CHUNK):
        left, width = lefts[start : start + CHUNK], widths[start : start + CHUNK]
        offset = 0.5 * width[:, None] * (nodes + 1.0)
        below, above = left[0] - cutoff * scale, left[-1] + width[-1] + cutoff * scale
        q = np.zeros(offset.shape)
        for i in np.flatnonzero((below <= centre) & (centre <= above)):
            # The node is left + offset; subtracting the centre from left first keeps the digits that
            # adding them first would round away when the scale is tiny beside the centre.
            t = ((left - centre[i])[:, None] + offset) / scale[i]
            q += w[i] / scale[i] * kernel(t)
        safe = np.where(q < SMALLEST, 1.0, q)
        pieces.extend(0.5 * width * ((-safe * np.log(safe)) @ node_weights))
    return math.fsum(pieces)
