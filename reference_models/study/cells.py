"""The cells of a study: one model each, in a folder of its own that is named by what it is."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from reference_models.data import CASES
from reference_models.runs import Run
from reference_models.study.config import StudyConfig
from reference_models.trainer import resolved

__all__ = ["Cell", "cells_of"]

# What does not change a model.
_FREE = ("log_every", "checkpoint_every")


@dataclass(frozen=True, slots=True)
class Cell:
    """One model of a study.

    Attributes
    ----------
    name : str
        Of the cell and its folder: the setting, the seed, and a digest of data, model and training, so that cells of
        different studies with one name are the same model. Precision and kind of device count as they are on this
        machine, and a file by its content.
    case : str
        Factor sampling.
    run : Run
        The whole configuration.
    metrics : tuple of str
        Metrics beside MIG.
    n_draws : int or None
        For the joint entropy.
    """

    name: str
    case: str
    run: Run
    metrics: tuple[str, ...]
    n_draws: int | None


def cells_of(config: StudyConfig) -> list[Cell]:
    """All cells, the seeds outermost, so that a study that is stopped early has all settings alike."""
    found: dict[str, Cell] = {}
    content = _content_of(config.data.path)
    for seed in config.seeds:
        for block in config.blocks:
            for case in block.cases:
                for beta in block.betas:
                    # Evenly drawn images need no weights, and are told apart in shuffled epochs.
                    weighted = None if case == CASES[0] else case
                    run = Run(
                        replace(config.data, case=weighted),
                        replace(config.model, objective=block.objective, beta=float(beta)),
                        resolved(replace(config.training, seed=seed)),
                    )
                    cell = Cell(_name(run, case, content), case, run, config.metrics, config.n_draws)
                    found.setdefault(cell.name, cell)
    return list(found.values())


def _content_of(path: str | None) -> str | None:
    if path is None:
        return None
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ValueError(f"data.path={path} cannot be read: {error.strerror}") from error


def _name(run: Run, case: str, content: str | None) -> str:
    training = {name: value for name, value in asdict(run.training).items() if name not in _FREE}
    parts = [{**asdict(run.data), "path": content}, asdict(run.model), training]
    digest = hashlib.sha256(json.dumps(_floats(parts), sort_keys=True).encode()).hexdigest()[:8]
    return f"{run.model.objective}-beta{run.model.beta:g}-{case}-seed{run.training.seed}-{digest}"


def _floats(value: Any) -> Any:
    """Numbers all of one kind: 1 and 1.0 are the same setting."""
    if isinstance(value, dict):
        return {name: _floats(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_floats(entry) for entry in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
