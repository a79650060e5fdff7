"""Files of several models, or of several runs of each, over the same samples and factors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dismetrics.factors import Factors
from dismetrics.io import read_npz

__all__ = ["ModelFiles", "read_models"]


@dataclass(frozen=True, slots=True, eq=False)
class ModelFiles:
    """Latents of every run of every model, the factors that all files have, and where each came from."""

    latents: dict[str, list[Any]]
    factors: Factors
    files: dict[str, list[str]]


def read_models(
    arguments: Sequence[str],
    *,
    keys: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
    missing: str | None = None,
) -> ModelFiles:
    """The models of files given as `FILE` or `NAME=FILE`; files of one name are runs of one model.

    A file without a name has that of the file, without its ending.
    """
    latents: dict[str, list[Any]] = {}
    files: dict[str, list[str]] = {}
    first: tuple[str, Factors] | None = None
    for argument in arguments:
        name, path = _name_and_path(argument)
        data = read_npz(path, keys=keys, kinds=kinds, missing=missing)
        if first is None:
            first = path, data.factors
        differing = _difference(first[1], data.factors)
        if differing:
            raise ValueError(
                f"{path} has other {differing} than {first[0]}: models are compared on the same rows, in the same order"
            )
        latents.setdefault(name, []).append(data.latents)
        files.setdefault(name, []).append(path)
    if first is None or len(latents) < 2:
        raise ValueError(f"{', '.join(latents) or 'no file'} is given; at least two models are compared")
    return ModelFiles(latents, first[1], files)


def _name_and_path(argument: str) -> tuple[str, str]:
    name, separator, path = argument.partition("=")
    # A file may have the sign in its own name.
    if not separator or Path(argument).exists():
        return Path(argument).stem, argument
    if not name or not path:
        raise ValueError(f"{argument} is not of the form FILE or NAME=FILE")
    return name, path


def _difference(first: Factors, other: Factors) -> str:
    """In what two sets of factors differ; nothing where they are the same."""
    if first.names != other.names:
        return "names of factors"
    if first.codes.shape != other.codes.shape:
        return "numbers of rows"
    same_weights = (first.weights is None) == (other.weights is None) and (
        first.weights is None or np.array_equal(first.weights, other.weights)  # type: ignore[arg-type]
    )
    if not same_weights:
        return "weights"
    same_labels = all(map(np.array_equal, first.categories, other.categories))
    arrays = ((first.codes, other.codes), (first.values, other.values), (first.missing, other.missing))
    return "" if same_labels and all(np.array_equal(one, two) for one, two in arrays) else "factors"
