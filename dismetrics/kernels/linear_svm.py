"""Linear support vector machines on one variable, by Newton's method on sums over sorted rows."""

import numpy as np
from numba import njit

__all__ = ["fit_one_against_rest", "highest_line"]

_MOST_STEPS = 200


@njit(nogil=True, cache=True)
def _running_sums(x, weights):
    """Sums of w, w x and w x^2 over the rows before each place, shape (n + 1, 3)."""
    sums = np.zeros((x.size + 1, 3))
    for n in range(x.size):
        weighted = weights[n] * x[n]
        sums[n + 1, 0] = sums[n, 0] + weights[n]
        sums[n + 1, 1] = sums[n, 1] + weighted
        sums[n + 1, 2] = sums[n, 2] + weighted * x[n]
    return sums


@njit(nogil=True, cache=True)
def _margin(slope, intercept, sign, x, start, stop):
    """The rows from start to stop (x increasing there) with sign (slope x + intercept) < 1, as a range of places."""
    if slope == 0.0:
        return (start, stop) if sign * intercept < 1.0 else (start, start)
    edge = start + np.searchsorted(x[start:stop], (sign - intercept) / slope)
    return (start, edge) if sign * slope > 0.0 else (edge, stop)


@njit(nogil=True, cache=True)
def _objective(theta, penalty, inside, costs):
    """theta' P theta / 2 + sum of cost (1 - sign (a x + b))^2 over the rows inside their margin."""
    a, b = theta
    value = 0.5 * (penalty[0, 0] * a * a + 2.0 * penalty[0, 1] * a * b + penalty[1, 1] * b * b)
    for side in range(2):
        sign = 1.0 - 2.0 * side
        gap = 1.0 - sign * b
        w, wx, wxx = inside[side]
        value += costs[side] * (w * gap * gap - 2.0 * sign * a * gap * wx + a * a * wxx)
    return value


@njit(nogil=True, cache=True)
def _fit(everything, everywhere, x, sums, start, stop, costs, penalty):
    """Slope and intercept that separate the rows from start to stop from all others.

    They minimise theta' P theta / 2 + sum_n cost_n max(0, 1 - y_n (a x_n + b))^2, theta = (a, b), y = 1 from start to
    stop and -1 elsewhere: strictly convex and quadratic between the places where a row enters its margin. A Newton
    step is exact where the rows inside do not change, which is where this ends.
    """
    theta = np.zeros(2)
    inside = np.zeros((2, 3))
    last = np.full(6, -1)
    for _ in range(_MOST_STEPS):
        places = np.empty(6, np.int64)
        places[0], places[1] = _margin(theta[0], theta[1], 1.0, x, start, stop)
        places[2], places[3] = _margin(theta[0], theta[1], -1.0, everything, 0, everything.size)
        places[4], places[5] = _margin(theta[0], theta[1], -1.0, x, start, stop)
        if np.array_equal(places, last):
            break
        last = places.copy()
        inside[0] = sums[places[1]] - sums[places[0]]
        inside[1] = (everywhere[places[3]] - everywhere[places[2]]) - (sums[places[5]] - sums[places[4]])
        hessian = penalty.copy()
        target = np.zeros(2)
        for side in range(2):
            sign = 1.0 - 2.0 * side
            w, wx, wxx = 2.0 * costs[side] * inside[side]
            hessian[0, 0] += wxx
            hessian[0, 1] += wx
            hessian[1, 1] += w
            target[0] += sign * wx
            target[1] += sign * w
        determinant = hessian[0, 0] * hessian[1, 1] - hessian[0, 1] ** 2
        step = np.array(
            [
                (hessian[1, 1] * target[0] - hessian[0, 1] * target[1]) / determinant - theta[0],
                (hessian[0, 0] * target[1] - hessian[0, 1] * target[0]) / determinant - theta[1],
            ]
        )
        before = _objective(theta, penalty, inside, costs)
        length = 1.0
        while length > 1e-10:
            tried = theta + length * step
            places[0], places[1] = _margin(tried[0], tried[1], 1.0, x, start, stop)
            places[2], places[3] = _margin(tried[0], tried[1], -1.0, everything, 0, everything.size)
            places[4], places[5] = _margin(tried[0], tried[1], -1.0, x, start, stop)
            inside[0] = sums[places[1]] - sums[places[0]]
            inside[1] = (everywhere[places[3]] - everywhere[places[2]]) - (sums[places[5]] - sums[places[4]])
            # At the minimum itself rounding decides, and must not shorten the step that leads there.
            if _objective(tried, penalty, inside, costs) <= before * (1.0 + 1e-13):
                break
            length *= 0.5
        theta = theta + length * step
    return theta


@njit(nogil=True, cache=True)
def fit_one_against_rest(x, weights, codes, n_values, cost, balance, penalty):
    """Slope and intercept of each value against all others, shape (n_values, 2).

    Squared hinge loss with cost C w_n, times balance[v] for the rows of value v, and penalty theta' P theta / 2. As in
    LIBLINEAR, the rest keeps the plain cost; of two values, one problem with both balances serves both.
    """
    order = np.argsort(x, kind="mergesort")
    everything, everywhere = x[order], _running_sums(x[order], weights[order])
    first = np.zeros(n_values + 1, np.int64)
    for code in codes:
        first[code + 1] += 1
    first = np.cumsum(first)
    by_value = np.empty(x.size, np.int64)
    place = first[:-1].copy()
    for n in order:
        by_value[place[codes[n]]] = n
        place[codes[n]] += 1
    grouped, sums = x[by_value], _running_sums(x[by_value], weights[by_value])
    planes = np.zeros((n_values, 2))
    for v in range(1 if n_values == 2 else 0, n_values):
        costs = np.array([cost * balance[v], cost * balance[0] if n_values == 2 else cost])
        planes[v] = _fit(everything, everywhere, grouped, sums, first[v], first[v + 1], costs, penalty)
    if n_values == 2:
        planes[0] = -planes[1]
    return planes


@njit(nogil=True, cache=True)
def highest_line(x, planes):
    """The number of the line a x + b that is highest at each x, the first of several."""
    highest = np.empty(x.size, np.int64)
    for n in range(x.size):
        best, most = 0, -np.inf
        for v in range(planes.shape[0]):
            value = planes[v, 0] * x[n] + planes[v, 1]
            if value > most:
                best, most = v, value
        highest[n] = best
    return highest
