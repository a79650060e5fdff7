"""Files of latents and factors."""

import os
import secrets
import stat
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dismetrics.factors import Factors
from dismetrics.posteriors import FactorisedPosterior, GaussianPosterior
from dismetrics.typing import FloatArray
from dismetrics.validation import absent, as_choice

__all__ = ["LabelledFile", "PosteriorFile", "check_target", "read_npz", "read_posterior_npz", "write_text"]

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

_POSTERIOR_PURPOSES = ("mean", *_SPREADS, "weights")
_PURPOSES = ("latents", *_POSTERIOR_PURPOSES, "factors", "names", "missing")

# Opened by name, these would start at the beginning of a file that others write to as well.
_STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2, "/dev/fd/1": 1, "/dev/fd/2": 2}


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFile:
    """What a file holds, and which of its arrays it was taken from."""

    latents: FloatArray | FactorisedPosterior
    factors: Factors
    keys: dict[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class PosteriorFile:
    """Posteriors of a file, their weights if there are any, and which of its arrays they were taken from."""

    posterior: FactorisedPosterior
    weights: np.ndarray[Any, Any] | None
    keys: dict[str, str]


def read_npz(
    path: str | os.PathLike[str],
    *,
    keys: Mapping[str, str] | None = None,
    kinds: str | Mapping[Any, str] | None = None,
    missing: str | None = None,
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
    missing : {"nan"}, optional
        Take NaN in the factors as unknown labels, beside those that the file's mask says are.

    Returns
    -------
    LabelledFile
        Latents, factors, and the names of the arrays used.

    Raises
    ------
    TypeError, ValueError
        If the file is no archive of plain arrays, or an array is not found or ambiguous (the message lists what there
        is), or the arrays are no latents or factors.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> import dismetrics as dm
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "model.npz"
    ...     np.savez(path, latents=np.eye(4), factors=[0, 0, 1, 1], factor_names=["shape"])
    ...     data = dm.read_npz(path)
    >>> data.factors
    Factors(4 samples; shape: categorical, 2 values)
    >>> data.keys
    {'latents': 'latents', 'factors': 'factors', 'names': 'factor_names'}
    """
    if missing is not None:
        as_choice(missing, "missing", ("nan",))
    finder = _Finder(path, keys, _PURPOSES)
    latents = finder.latents()
    factors = finder.one("factors", _FACTOR_KEYS)
    names = finder.optional("names", _NAME_KEYS)
    given = Factors(
        factors,
        names=None if names is None else [_as_text(name) for name in np.atleast_1d(names)],
        kinds=kinds,
        missing=_unknown(finder.optional("missing", _MISSING_KEYS), factors, missing),
        weights=finder.optional("weights", _WEIGHT_KEYS),
    )
    return LabelledFile(latents, given, finder.used)


def read_posterior_npz(path: str | os.PathLike[str], *, keys: Mapping[str, str] | None = None) -> PosteriorFile:
    """Gaussian posteriors from a numpy archive, with or without factors beside them.

    Parameters
    ----------
    path : str or path
        An `.npz` file, with arrays found by name as for `read_npz`: `mean` with one of `log_var`, `variance` and
        `scale`, and optionally `weights`. Whatever else it holds is left alone.
    keys : mapping, optional
        Names of arrays where they differ: any of `mean`, `log_var`, `variance`, `scale`, `weights`.

    Returns
    -------
    PosteriorFile
        Posteriors, weights, and the names of the arrays used.

    Raises
    ------
    TypeError, ValueError
        If the file is no archive of plain arrays, or holds points alone, or an array is not found or ambiguous.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> import dismetrics as dm
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "model.npz"
    ...     np.savez(path, mean=np.eye(4), log_var=np.zeros((4, 4)))
    ...     data = dm.read_posterior_npz(path)
    >>> data.posterior
    GaussianPosterior(4 samples, 4 latents)
    """
    finder = _Finder(path, keys, _POSTERIOR_PURPOSES)
    posterior = finder.posterior()
    return PosteriorFile(posterior, finder.optional("weights", _WEIGHT_KEYS), finder.used)


def _as_text(name: object) -> str:
    return name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else str(name)


def _unknown(mask: np.ndarray[Any, Any] | None, factors: np.ndarray[Any, Any], missing: str | None) -> Any:
    """What `Factors` takes as `missing`: the file's mask, "nan", or a mask of both."""
    if mask is None or missing is None:
        return missing if mask is None else mask
    if mask.dtype.kind != "b" or mask.shape != factors.shape:
        return mask  # Factors says what is wrong with it
    return mask | absent(factors.reshape(-1)).reshape(factors.shape)


def _load(path: str | os.PathLike[str]) -> dict[str, np.ndarray[Any, Any]]:
    try:
        # Opened here, since numpy leaves its own handle open where an archive turns out to be broken.
        with Path(path).open("rb") as file:
            # Looked at here too: numpy takes whatever it does not know for pickled objects.
            start = file.read(6)
            if start == b"\x93NUMPY":
                raise ValueError(f"{path} holds a single array; an .npz archive with named arrays is wanted")
            if not start.startswith(b"PK"):
                raise ValueError(f"{path} is no .npz archive, as numpy.savez writes it")
            file.seek(0)
            archive = np.load(file, allow_pickle=False)
            # What is no array in the archive comes as bytes.
            arrays = {name: archive[name] for name in archive.files}
            return {name: array for name, array in arrays.items() if isinstance(array, np.ndarray)}
    except FileNotFoundError:
        raise ValueError(f"{path} does not exist") from None
    except IsADirectoryError:
        raise ValueError(f"{path} is a folder; an .npz archive is wanted") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise ValueError(f"{path} is not a readable .npz archive: {error}") from error
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise
        raise ValueError(
            f"{path} holds Python objects, which are not loaded for safety: save plain numeric or string arrays"
        ) from error


class _Finder:
    """Arrays of a file by what they are for."""

    def __init__(self, path: str | os.PathLike[str], keys: Mapping[str, str] | None, purposes: tuple[str, ...]) -> None:
        self.path, self.keys = os.fspath(path), dict(keys or {})
        unknown = [purpose for purpose in self.keys if purpose not in purposes]
        if unknown:
            raise ValueError(f"keys names {unknown[0]!r}, which is not looked for; there is {', '.join(purposes)}")
        self.arrays = _load(path)
        self.used: dict[str, str] = {}
        absent_keys = [key for key in self.keys.values() if key not in self.arrays]
        if absent_keys:
            raise ValueError(f"{path} has no array {absent_keys[0]!r}; {self._holds()}")

    def _holds(self) -> str:
        return f"it holds {', '.join(self.arrays) or 'nothing'}"

    def _found(self, purpose: str, names: tuple[str, ...]) -> list[str]:
        return [self.keys[purpose]] if purpose in self.keys else [name for name in names if name in self.arrays]

    def optional(self, purpose: str, names: tuple[str, ...]) -> np.ndarray[Any, Any] | None:
        """The array for a purpose, if there is one."""
        found = self._found(purpose, names)
        if len(found) > 1:
            raise ValueError(
                f"{self.path} holds {' and '.join(found)}: say which are the {purpose}, such as "
                f"{_as_keys(purpose, found[0])}"
            )
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
                f"{self.path} holds points ({self.used['latents']}) and posterior means ({self.used['mean']}): say "
                f"which to score, with {_as_keys('latents', self.used['latents'])} or "
                f"{_as_keys('mean', self.used['mean'])}"
            )
        if points is not None:
            return points
        if mean is None:
            raise ValueError(
                f"{self.path} has no latents (looked for {', '.join(_POINT_KEYS)}, or {_MEAN_KEYS[0]} with "
                f"{', '.join(_SPREADS)}); {self._holds()}"
            )
        return self._gaussian(mean, f", or score the means as points with {_as_keys('latents', self.used['mean'])}")

    def posterior(self) -> FactorisedPosterior:
        """Gaussian posteriors; raises where there are points alone."""
        mean = self.optional("mean", _MEAN_KEYS)
        if mean is not None:
            return self._gaussian(mean, "")
        points = self._found("latents", _POINT_KEYS)
        wanted = f"posterior means ({', '.join(_MEAN_KEYS)}) with one of {', '.join(_SPREADS)} are wanted"
        if points:
            raise ValueError(
                f"{self.path} holds points ({', '.join(points)}), which have no spread: {wanted}; {self._holds()}"
            )
        raise ValueError(f"{self.path} has no posteriors: {wanted}; {self._holds()}")

    def _gaussian(self, mean: np.ndarray[Any, Any], remedy: str) -> FactorisedPosterior:
        """Posteriors with these means and the one spread there is."""
        spreads = {name: self.optional(name, names) for name, (names, _) in _SPREADS.items()}
        found = [name for name, array in spreads.items() if array is not None]
        # A spread that was asked for by name leaves no doubt.
        found = [name for name in found if name in self.keys] or found
        if len(found) != 1:
            seen = "several of" if found else "none of"
            raise ValueError(
                f"{self.path} holds posterior means ({self.used['mean']}) with {seen} {', '.join(_SPREADS)}: exactly "
                f"one is needed{remedy}; {self._holds()}"
            )
        for name in _SPREADS:
            if name != found[0]:
                self.used.pop(name, None)
        posterior: FactorisedPosterior = _SPREADS[found[0]][1](mean, spreads[found[0]])
        return posterior


def _as_keys(purpose: str, key: str) -> str:
    return f'keys={{"{purpose}": "{key}"}}'


def check_target(path: str | os.PathLike[str], name: str) -> None:
    """Raise where `write_text` could not write: before the work, whose result would be lost."""
    text = os.fspath(path)
    if not text:
        raise ValueError(f"{name} is empty; the path of a file is wanted")
    if text in _STREAMS:
        return
    try:
        mode = Path(text).stat().st_mode
    except FileNotFoundError:
        mode = None
    except OSError as error:
        raise ValueError(f"{name} {text} cannot be written: {error.strerror}") from error
    if text.endswith(os.sep) or (mode is not None and stat.S_ISDIR(mode)):
        raise ValueError(f"{name} {text} is a folder; the path of a file is wanted")
    folder = Path(os.path.realpath(text)).parent
    if mode is None and not folder.is_dir():
        what = "is no folder" if folder.exists() else "does not exist"
        raise ValueError(f"{name} {text} cannot be written: {folder} {what}")
    through_folder = mode is None or stat.S_ISREG(mode)
    if (mode is not None and not os.access(text, os.W_OK)) or (through_folder and not os.access(folder, os.W_OK)):
        raise ValueError(f"{name} {text} cannot be written: permission denied")


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a file whole or not at all: to a temporary name beside it, then renamed.

    A link is written through, and a file keeps its mode. What is no regular file, such as a pipe or a device, is
    written to as it is.
    """
    try:
        stream = _STREAMS.get(os.fspath(path))
        if stream is not None:
            _write(stream, text)
        elif Path(path).exists() and not Path(path).is_file():
            _write(os.fspath(path), text)
        else:
            _replace(Path(os.path.realpath(path)), text)
    except OSError as error:
        # With the path that was given, not the temporary one.
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error


def _write(file: str | int, text: str) -> None:
    with open(file, "w", encoding="utf-8", closefd=not isinstance(file, int)) as out:
        out.write(text)


def _replace(target: Path, text: str) -> None:
    temporary = target.with_name(f".{target.name[:32]}.{secrets.token_hex(8)}")
    try:
        with temporary.open("x", encoding="utf-8") as file:
            # Before there is anything to read: what was there may be nobody else's business.
            if target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            file.write(text)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
