"""Disentanglement and completeness of a matrix of importances (Eastwood & Williams 2018, section 2), in plain loops."""

import math

__all__ = ["completeness", "disentanglement"]


def _one_less_entropy(entries):
    """1 - H / log n of the shares of some entries; 0 where all are zero."""
    total = math.fsum(entries)
    if total == 0:
        return 0.0
    shares = [entry / total for entry in entries]
    return 1.0 + math.fsum(share * math.log(share) for share in shares if share > 0) / math.log(len(entries))


def disentanglement(matrix):
    """Of every row, and their mean weighted by the sums of the rows."""
    each = [_one_less_entropy(row) for row in matrix]
    total = math.fsum(entry for row in matrix for entry in row)
    weighted = math.fsum(value * math.fsum(row) for value, row in zip(each, matrix, strict=True))
    return each, weighted / total if total > 0 else 0.0


def completeness(matrix):
    """Of every column, their mean weighted by the sums of the columns, and their plain mean."""
    each, weighted = disentanglement([list(column) for column in zip(*matrix, strict=True)])
    return each, weighted, math.fsum(each) / len(each)
