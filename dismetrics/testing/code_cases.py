"""Codes with labels whose truth is known.

Latents are small whole numbers in equal steps, of which up to 20 bins of equal width tell the values apart. The rows
are all combinations, each as often as its probability says, so that the truth is that of these very rows and not of
a population. All information is in nats.
"""

import itertools
import math
from typing import Any

import numpy as np

from dismetrics.testing.case import Case, Truth
from dismetrics.testing.truth import entropy_of
from dismetrics.typing import IntArray

__all__ = [
    "code_cases",
    "inactive",
    "independent",
    "merged",
    "noisy",
    "perfect",
    "permuted",
    "redundant",
    "rotated",
    "xor",
]

_COUNTING = "by counting: all combinations are there equally often"


def _rows(n_values: tuple[int, ...]) -> IntArray:
    return np.array(list(itertools.product(*map(range, n_values))))


def _coded(name: str, latents: Any, factors: IntArray, information: Any, how: str = _COUNTING, **scores: float) -> Case:
    entropy = np.log([len(np.unique(column)) for column in factors.T])
    truth = {
        "mutual_information": Truth(np.asarray(information, float), 1e-9, how),
        "factor_entropy": Truth(entropy, 1e-9, "log of the number of values, which are equally frequent"),
    }
    for metric, score in scores.items():
        truth[metric] = Truth(score, 1e-9, "from the matrix of mutual information: " + how)
    return Case(name, np.asarray(latents, float), factors, truth=truth)


def perfect(n_values: tuple[int, ...] = (3, 4)) -> Case:
    """Every latent is a factor.

    Parameters
    ----------
    n_values : tuple of int, default (3, 4)
        Number of labels of each factor.

    Returns
    -------
    Case
        A full grid; every score is 1.
    """
    rows = _rows(n_values)
    return _coded(
        "perfect", rows, rows, np.diag(np.log(n_values)), mig=1.0, mig_sup=1.0, modularity=1.0, dcimig=1.0, med=1.0
    )


def permuted(n_values: tuple[int, ...] = (3, 4)) -> Case:
    """Every latent is a factor, in reverse order and with another sign.

    Parameters
    ----------
    n_values : tuple of int, default (3, 4)
        Number of labels of each factor.

    Returns
    -------
    Case
        A full grid; every score is 1.
    """
    rows = _rows(n_values)
    return _coded(
        "permuted",
        -rows[:, ::-1],
        rows,
        np.diag(np.log(n_values))[::-1],
        mig=1.0,
        mig_sup=1.0,
        modularity=1.0,
        dcimig=1.0,
        med=1.0,
    )


def rotated(angle: float = math.pi / 4, n_values: int = 4) -> Case:
    """Two factors, turned in their plane.

    Parameters
    ----------
    angle : float, default pi / 4
        In radians; the information is known at multiples of pi / 4, the correlation always.
    n_values : int, default 4
        Number of labels of both factors.

    Returns
    -------
    Case
        A full grid with `correlation`; and `mutual_information`, `mig` where these are known.
    """
    rows = _rows((n_values, n_values))
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    how = "closed form: on a full grid both factors have the same variance, and no covariance"
    truth = {"correlation": Truth(turn, 1e-9, how)}
    latents = (rows - (n_values - 1) / 2) @ turn.T
    steps = angle / (math.pi / 4)
    if abs(steps - round(steps)) < 1e-12:
        if round(steps) % 2:
            # v1 + v2 and v2 - v1, scaled to whole numbers; H(v1 + v2 | v1) = H(v2).
            latents = np.round(latents * math.sqrt(2))
            counts = np.bincount(rows.sum(axis=1)) / len(rows)
            information = np.full((2, 2), entropy_of(counts) - math.log(n_values))
            score = 0.0
        else:
            latents = np.round(2 * latents) / 2
            information, score = np.abs(np.round(turn)) * math.log(n_values), 1.0
        known = _coded("rotated", latents, rows, information, "closed form: the entropy of a sum of labels", mig=score)
        truth = {**truth, **known.truth}
    return Case(f"rotated by {math.degrees(angle):g} degrees", latents, rows, truth=truth)


def merged(n_values: tuple[int, int] = (3, 4)) -> Case:
    """One latent tells two factors, the other nothing.

    Parameters
    ----------
    n_values : tuple of int, default (3, 4)
        Number of labels of both factors.

    Returns
    -------
    Case
        Its gap over latents is 1, its gap over factors is not.
    """
    rows = _rows(n_values)
    merged_ = rows[:, 0] * n_values[1] + rows[:, 1]
    information = [np.log(n_values), [0.0, 0.0]]
    return _coded("merged", np.column_stack([merged_, 0 * merged_]), rows, information, mig=1.0)


def redundant(n_values: tuple[int, ...] = (3, 4)) -> Case:
    """Every factor is told by two latents.

    Parameters
    ----------
    n_values : tuple of int, default (3, 4)
        Number of labels of each factor.

    Returns
    -------
    Case
        The gap over latents is 0.
    """
    rows = _rows(n_values)
    diagonal = np.diag(np.log(n_values))
    return _coded(
        "redundant", np.column_stack([rows, rows]), rows, np.vstack([diagonal, diagonal]), mig=0.0, modularity=1.0
    )


def inactive(n_values: tuple[int, ...] = (3, 4)) -> Case:
    """A perfect code with a constant latent before it.

    Parameters
    ----------
    n_values : tuple of int, default (3, 4)
        Number of labels of each factor.

    Returns
    -------
    Case
        The constant latent tells nothing.
    """
    rows = _rows(n_values)
    information = np.vstack([np.zeros(len(n_values)), np.diag(np.log(n_values))])
    return _coded(
        "inactive", np.column_stack([np.zeros(len(rows)), rows]), rows, information, mig=1.0, dcimig=1.0, med=1.0
    )


def noisy(n_kept: int = 7) -> Case:
    """Two factors of four labels; each latent is its factor's label, or one of the three others.

    Parameters
    ----------
    n_kept : int, default 7
        How often of `n_kept + 3` times the label is right.

    Returns
    -------
    Case
        Symmetric channels, I = log 4 - H(noise).
    """
    channel = [(v, z) for v in range(4) for z in range(4) for _ in range(n_kept if v == z else 1)]
    pairs = np.array(list(itertools.product(channel, channel)))
    information = math.log(4) - entropy_of(np.array([n_kept, 1, 1, 1]) / (n_kept + 3))
    how = "closed form: log 4 less the entropy of a symmetric channel's noise"
    share = information / math.log(4)
    return _coded(
        "noisy", pairs[:, :, 1], pairs[:, :, 0], information * np.eye(2), how, mig=share, mig_sup=share, modularity=1.0
    )


def independent(n_values: tuple[int, int] = (3, 4), n_latents: int = 2) -> Case:
    """Latents that tell nothing, to the last digit.

    Parameters
    ----------
    n_values : tuple of int, default (3, 4)
        Number of labels of the factors.
    n_latents : int, default 2
        Number of latents, of three values each.

    Returns
    -------
    Case
        All combinations of latents and factors.
    """
    rows = _rows((3,) * n_latents + tuple(n_values))
    return _coded(
        "independent", rows[:, :n_latents], rows[:, n_latents:], np.zeros((n_latents, len(n_values))), mig=0.0
    )


def xor() -> Case:
    """Two bits, and latents that tell both together but neither alone.

    Returns
    -------
    Case
        The first latent is v1 xor v2, the other a bit of its own.
    """
    rows = _rows((2, 2, 2))
    return _coded("xor", np.column_stack([rows[:, 0] ^ rows[:, 1], rows[:, 2]]), rows[:, :2], np.zeros((2, 2)), mig=0.0)


def code_cases() -> tuple[Case, ...]:
    """All cases of points with labels.

    Returns
    -------
    tuple of Case
        One of each.
    """
    return (
        perfect(),
        permuted(),
        rotated(),
        rotated(math.pi / 2),
        merged(),
        redundant(),
        inactive(),
        noisy(),
        independent(),
        xor(),
    )
