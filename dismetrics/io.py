"""Files of latents and factors."""

import os
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dismetrics.factors import Factors
from dismetrics.posteriors import FactorisedPosterior, GaussianPosterior
from dismetrics.typing import FloatArray

__all__ = ["LabelledFile", "read_npz", "write_text"]

_POINT_KEYS = ("latents", "z", "codes")
_MEAN_KEYS = ("mean", "mu", "means")
_SPREADS = {
    "log_var": (("log_var", "logvar", "log_variance"), GaussianPosterior),
    "variance": (("variance", "var"), GaussianPosterior.from_variance),
    "scale": (("scale", "std", "sigma"), GaussianPosterior.from_scale),
}
_FACTOR_KEYS = ("factors", "labels")
_NAME_KEYS = ("factor_names", "names")
_WEIGHT_KEYS = ("weights",)
_MISSING_KEYS = ("missing",)


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFile:
    """What a file holds, and which of its arrays it was taken from."""

    latents: FloatArray | FactorisedPosterior
    factors: Factors
    keys: dict[str, str]


def read_npz(
    path: str | os.PathLike[str],
    *,
    keys: Mapping[str, str] | None = None,
    kinds: str | Mapping[Any, str] | None = None,
) -> LabelledFile:
    """Latents or Gaussian posteriors, and factors, from a numpy archive.

    Parameters
    ----------
    path : str or path
        An `.npz` file. Arrays are found by name: `latents` (or `z`, `codes`), or `mean` (`mu`) with one of `log_var`
        (`logvar`), `variance` (`var`) and `scale` (`std`, `sigma`); `factors` (`labels`); optionally `factor_names`
        (`names`), `weights` and `missing`.
    keys : mapping, optional
        Names of arrays where they differ: any of `latents`, `mean`, `log_var`, `variance`, `scale`, `factors`,
        `names`, `weights`, `missing`.
    kinds : str or mapping, optional
        Kinds of the factors; see `Factors`.

    Returns
    -------
    LabelledFile
        Latents, factors, and the names of the arrays used.

    Raises
    ------
    ValueError
        If the file is no archive of plain arrays, or an array is not found or ambiguous; the message lists what there
        is.
    """
    arrays = _load(path)
    finder = _Finder(str(path), arrays, dict(keys or {}))
    latents = finder.latents()
    factors = finder.one("factors", _FACTOR_KEYS)
    names = finder.optional("names", _NAME_KEYS)
    given = Factors(
        factors,
        names=None if names is None else [str(name) for name in np.atleast_1d(names)],
        kinds=kinds,
        missing=finder.optional("missing", _MISSING_KEYS),
        weights=finder.optional("weights", _WEIGHT_KEYS),
    )
    return LabelledFile(latents, given, finder.used)


def _load(path: str | os.PathLike[str]) -> dict[str, np.ndarray[Any, Any]]:
    try:
        # Opened here, since numpy leaves its own handle open where an archive turns out to be broken.
        with Path(path).open("rb") as file:
            archive = np.load(file, allow_pickle=False)
            if isinstance(archive, np.ndarray):
                raise ValueError(f"{path} holds a single array; an .npz archive with latents and factors is wanted")
            return {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise ValueError(f"{path} does not exist") from None
    except IsADirectoryError:
        raise ValueError(f"{path} is a folder; an .npz archive is wanted") from None
    except (zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"{path} is not a readable .npz archive: {error}") from error
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise
        raise ValueError(
            f"{path} holds Python objects, which are not loaded for safety: save plain numeric or string arrays"
        ) from error


class _Finder:
    """Arrays of a file by what they are for."""

    def __init__(self, path: str, arrays: dict[str, np.ndarray[Any, Any]], keys: dict[str, str]) -> None:
        self.path, self.arrays, self.keys = path, arrays, keys
        self.used: dict[str, str] = {}
        missing = [key for key in keys.values() if key not in arrays]
        if missing:
            raise ValueError(f"{path} has no array {missing[0]!r}; {self._holds()}")

    def _holds(self) -> str:
        return f"it holds {', '.join(self.arrays) or 'nothing'}"

    def optional(self, purpose: str, names: tuple[str, ...]) -> np.ndarray[Any, Any] | None:
        """The array for a purpose, if there is one."""
        found = [self.keys[purpose]] if purpose in self.keys else [name for name in names if name in self.arrays]
        if len(found) > 1:
            raise ValueError(f"{self.path} holds {' and '.join(found)}: say which are the {purpose}")
        if not found:
            return None
        self.used[purpose] = found[0]
        return self.arrays[found[0]]

    def one(self, purpose: str, names: tuple[str, ...]) -> np.ndarray[Any, Any]:
        """The array for a purpose, which must be there."""
        array = self.optional(purpose, names)
        if array is None:
            raise ValueError(f"{self.path} has no {purpose} (looked for {', '.join(names)}); {self._holds()}")
        return array

    def latents(self) -> FloatArray | FactorisedPosterior:
        """Points, or Gaussian posteriors; raises where a file holds both and nobody said which."""
        wants_points = "latents" in self.keys
        wants_posterior = bool({"mean", *_SPREADS} & set(self.keys))
        points = None if wants_posterior else self.optional("latents", _POINT_KEYS)
        mean = None if wants_points else self.optional("mean", _MEAN_KEYS)
        if points is not None and mean is not None:
            raise ValueError(
                f"{self.path} holds points ({self.used['latents']}) and posterior means ({self.used['mean']}): "
                "say which to score, with --latents or --mean"
            )
        if points is not None:
            return points
        if mean is None:
            raise ValueError(
                f"{self.path} has no latents (looked for {', '.join(_POINT_KEYS)}, or {_MEAN_KEYS[0]} with "
                f"{', '.join(_SPREADS)}); {self._holds()}"
            )
        spreads = {name: self.optional(name, names) for name, (names, _) in _SPREADS.items()}
        found = [name for name, array in spreads.items() if array is not None]
        if len(found) != 1:
            seen = "several of" if found else "none of"
            raise ValueError(
                f"{self.path} holds posterior means ({self.used['mean']}) with {seen} {', '.join(_SPREADS)}: exactly "
                f"one is needed, or score the means as points with --latents {self.used['mean']}; {self._holds()}"
            )
        posterior: FactorisedPosterior = _SPREADS[found[0]][1](mean, spreads[found[0]])
        return posterior


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a file whole or not at all: to a temporary name beside it, then renamed."""
    target = Path(path)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
