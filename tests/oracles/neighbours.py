"""Nearest-neighbour mutual information by comparing every pair of rows. All results in nats.

Plain Python floats and double loops: O(N^2) in time, meant for a few hundred rows.
"""

import math

import numpy as np

EULER_GAMMA = 0.57721566490153286060651209008240243


def digamma(n: int) -> float:
    """psi(n) for a positive integer: psi(n) = -gamma + sum over m from 1 to n - 1 of 1/m."""
    if n < 1:
        raise ValueError("digamma is wanted at positive integers only")
    return math.fsum([-EULER_GAMMA] + [1.0 / m for m in range(1, n)])


def _mean_digamma(counts: list[int]) -> float:
    known = {n: digamma(n) for n in set(counts)}
    return math.fsum(known[n] for n in counts) / len(counts)


def ross(z: np.ndarray, labels: np.ndarray, n_neighbours: int = 3) -> float:
    """I(z; label) for a real column z (N,) and discrete labels (N,), never below 0.

    B. C. Ross, Mutual Information between Discrete and Continuous Data Sets, PLoS ONE 9(2), 2014:
    I = psi(N) - <psi(N_label)> + <psi(k)> - <psi(m)>.
    Rows whose label occurs once are dropped first, and N is the number of rows kept. For row i:
      r  is the distance to its min(n_neighbours, N_label - 1)-th nearest other row of the same label,
      k  is the number of other rows of the same label no further than r (so ties all count),
      m  is the number of other rows of any label no further than r.
    A constant column carries no information, and neither do no rows: both give exactly 0.
    """
    all_values = [float(value) for value in np.asarray(z)]
    all_labels = np.asarray(labels).tolist()
    kept = [i for i, label in enumerate(all_labels) if all_labels.count(label) > 1]
    values = [all_values[i] for i in kept]
    names = [all_labels[i] for i in kept]
    n = len(kept)
    if n == 0 or min(values) == max(values):
        return 0.0
    sizes, ks, ms = [], [], []
    for i in range(n):
        same, every = [], []
        for other in range(n):
            if other == i:
                continue
            distance = abs(values[i] - values[other])
            every.append(distance)
            if names[other] == names[i]:
                same.append(distance)
        radius = sorted(same)[min(n_neighbours, len(same)) - 1]
        sizes.append(len(same) + 1)
        ks.append(sum(distance <= radius for distance in same))
        ms.append(sum(distance <= radius for distance in every))
    estimate = digamma(n) - _mean_digamma(sizes) + _mean_digamma(ks) - _mean_digamma(ms)
    return max(0.0, estimate)


def _scaled(x: np.ndarray) -> list[float] | None:
    """The column over its standard deviation (divisor N); None for a constant column.

    Constancy is judged by the values: rounding can leave a constant column a deviation above 0.
    """
    x = np.asarray(x, dtype=np.float64)
    if len(x) == 0 or x.min() == x.max():
        return None
    return [float(value) for value in x / x.std()]


def ksg1(x: np.ndarray, y: np.ndarray, n_neighbours: int = 3) -> float:
    """I(x; y) for two real columns (N,), never below 0.

    A. Kraskov, H. Stoegbauer and P. Grassberger, Estimating mutual information, Physical Review E 69,
    2004, equation 8 (algorithm 1, maximum norm): I = psi(N) + < psi(k) - psi(n_x + 1) - psi(n_y + 1) >.
    For row i, eps is the joint distance to its k-th nearest other row, k = min(n_neighbours, N - 1):
      eps > 0:  n_x is the number of other rows with |dx| < eps, strictly; n_y likewise;
      eps = 0:  nothing is strictly nearer than 0, so k becomes the number of rows at joint distance 0 and
                n_x + 1, n_y + 1 those with dx = 0 and dy = 0, the row itself counted in all three
                (W. Gao et al., Estimating Mutual Information for Discrete-Continuous Mixtures, 2017,
                algorithm 1).
    A constant column carries no information, and neither do fewer than two rows: both give exactly 0.
    """
    xs, ys = _scaled(x), _scaled(y)
    if xs is None or ys is None:
        return 0.0
    n = len(xs)
    k = min(n_neighbours, n - 1)
    ks, xs_near, ys_near = [], [], []
    for i in range(n):
        dx = [abs(xs[i] - xs[other]) for other in range(n) if other != i]
        dy = [abs(ys[i] - ys[other]) for other in range(n) if other != i]
        joint = [max(pair) for pair in zip(dx, dy, strict=True)]
        eps = sorted(joint)[k - 1]
        if eps > 0.0:
            ks.append(k)
            xs_near.append(sum(d < eps for d in dx) + 1)
            ys_near.append(sum(d < eps for d in dy) + 1)
        else:
            ks.append(sum(d == 0.0 for d in joint) + 1)
            xs_near.append(sum(d == 0.0 for d in dx) + 1)
            ys_near.append(sum(d == 0.0 for d in dy) + 1)
    estimate = digamma(n) + _mean_digamma(ks) - _mean_digamma(xs_near) - _mean_digamma(ys_near)
    return max(0.0, estimate)
