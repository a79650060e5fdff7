"""Sums of residuals and weights in the bins of every column."""

from numba import njit

__all__ = ["WIDTH", "add_rows", "copy_root", "root_sums", "subtract"]

WIDTH = 16
"""Outputs whose sums over all rows are formed in one pass: two vectors of eight numbers."""

_TILE = 256


@njit(nogil=True, cache=True)
def root_sums(residuals, first, count, columns, out, side_by_side):
    """Sums of the residuals of outputs first to first + count over all rows: out[column, bin, output].

    `side_by_side` (n_rows, WIDTH) takes the residuals of one row next to each other, so that a row costs one addition
    of vectors for each column.
    """
    n_rows, n_columns = columns.bins.shape
    for start in range(0, n_rows, _TILE):
        end = min(n_rows, start + _TILE)
        for j in range(count):
            for i in range(start, end):
                side_by_side[i, j] = residuals[first + j, i]
    out[:] = 0.0
    width = min(count, WIDTH)
    for start in range(0, n_rows, _TILE):
        for f in range(n_columns):
            for i in range(start, min(n_rows, start + _TILE)):
                bin_sums = out[f, columns.bins[i, f]]
                of_row = side_by_side[i]
                for j in range(width):
                    bin_sums[j] += of_row[j]


@njit(nogil=True, cache=True)
def copy_root(all_sums, output, all_mass, residual, columns, sums, mass, above):
    """The bins of the root: sums from `root_sums`, weights, and the sums of residuals above zero."""
    n_rows, n_columns = columns.bins.shape
    for f in range(n_columns):
        for b in range(sums.shape[1]):
            sums[f, b] = all_sums[f, b, output]
    mass[:] = all_mass
    above[:] = 0.0
    for i in range(n_rows):
        if residual[i] > 0.0:
            for f in range(n_columns):
                above[f, columns.bins[i, f]] += residual[i]


@njit(nogil=True, cache=True)
def add_rows(rows, residual, weights, inverse, columns, sums, mass, above):
    """The bins of some rows, from nothing; and their weight, sum of residuals, and sum of squares over weights.

    `inverse` holds 1 / weights.
    """
    n_columns = columns.bins.shape[1]
    sums[:] = 0.0
    mass[:] = 0.0
    above[:] = 0.0
    weight, total, squares = 0.0, 0.0, 0.0
    for i in rows:
        r, w = residual[i], weights[i]
        weight += w
        total += r
        squares += r * r * inverse[i]
        for f in range(n_columns):
            b = columns.bins[i, f]
            sums[f, b] += r
            mass[f, b] += w
        if r > 0.0:
            for f in range(n_columns):
                above[f, columns.bins[i, f]] += r
    return weight, total, squares


@njit(nogil=True, cache=True)
def subtract(whole, part, part_comes_first):
    """What a node's bins hold without those of one of its children.

    The rest takes the place of the whole where the part is the second child; else the two change places.
    """
    for f in range(whole.shape[0]):
        for b in range(whole.shape[1]):
            rest = whole[f, b] - part[f, b]
            if part_comes_first:
                whole[f, b] = part[f, b]
                part[f, b] = rest
            else:
                whole[f, b] = rest
