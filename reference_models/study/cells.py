"""The cells of a study: one model each, in a folder of its own that is named by what it is."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace

from reference_models.data import CASES
from reference_models.runs import Run
from reference_models.study.config import StudyConfig

__all__ = ["Cell", "cells_of"]

# What does not change a model's numbers.
_FREE = ("device", "log_every", "checkpoint_every")


@dataclass(frozen=True, slots=True)
class Cell:
    """One model of a study.

    Attributes
    ----------
    name : str
        Of the cell and its folder: the setting, the seed, and a digest of everything else that the numbers depend on,
        so that cells of different studies with one name are the same model.
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
    for seed in config.seeds:
        for block in config.blocks:
            for case in block.cases:
                for beta in block.betas:
                    # Evenly drawn images need no weights, and are told apart in shuffled epochs.
                    weighted = None if case == CASES[0] else case
                    run = Run(
                        replace(config.data, case=weighted),
                        replace(config.model, objective=block.objective, beta=float(beta)),
                        replace(config.training, seed=seed),
                    )
                    cell = Cell(_name(run, case, config), case, run, config.metrics, config.n_draws)
                    found.setdefault(cell.name, cell)
    return list(found.values())


def _name(run: Run, case: str, config: StudyConfig) -> str:
    training = {name: value for name, value in asdict(run.training).items() if name not in _FREE}
    content = [asdict(run.data), asdict(run.model), training, config.metrics, config.n_draws]
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]
    return f"{run.model.objective}-beta{run.model.beta:g}-{case}-seed{run.training.seed}-{digest}"
