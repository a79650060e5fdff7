"""Cases whose truth is known: codes with labels, and posteriors."""

from dismetrics.testing.case import Case, Truth
from dismetrics.testing.code_cases import (
    code_cases,
    inactive,
    independent,
    merged,
    noisy,
    perfect,
    permuted,
    redundant,
    rotated,
    xor,
)
from dismetrics.testing.posterior_cases import (
    collapsed,
    linear_gaussian,
    mixture,
    posterior_cases,
    repeated,
    separated,
)

__all__ = [
    "Case",
    "Truth",
    "code_cases",
    "collapsed",
    "inactive",
    "independent",
    "linear_gaussian",
    "merged",
    "mixture",
    "noisy",
    "perfect",
    "permuted",
    "posterior_cases",
    "redundant",
    "repeated",
    "rotated",
    "separated",
    "xor",
]
