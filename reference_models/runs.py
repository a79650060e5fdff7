"""A run: a folder that says in `config.json` what was trained on what, and how."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from dismetrics.io import write_text
from dismetrics.validation import as_choice
from reference_models.checkpoints import latest_checkpoint, load_weights
from reference_models.data import CASES, Images, Sprites, joint_weights, load_npz, load_original
from reference_models.models import Model, ModelConfig, build_model
from reference_models.trainer import TrainConfig

__all__ = ["DATA", "DataConfig", "Run", "build_data", "load_run", "new_model", "read_run", "write_run"]

DATA = ("sprites", "small_sprites", "original", "npz")

_MIDDLE_HALF = [k / 31 for k in range(8, 24)]


@dataclass(frozen=True, slots=True)
class DataConfig:
    """Which images.

    Attributes
    ----------
    name : {"sprites", "small_sprites", "original", "npz"}
        All of dSprites, rendered; a small part, in which a few minutes of training show something: squares of 32 x 32
        pixels, scale 6 x pos_x 32 x pos_y 16 (the middle half: with equal ranges, positions come out rotated); the
        original file; a file of one's own.
    path : str or None
        Of the file.
    case : str or None
        One of `data.CASES`, by which two factors are distributed; None for images that are all as frequent.
    case_factors : tuple of two str
        The two.
    """

    name: str = "sprites"
    path: str | None = None
    case: str | None = None
    case_factors: tuple[str, str] = ("pos_x", "pos_y")

    def __post_init__(self) -> None:
        as_choice(self.name, "name", DATA)
        if self.case is not None:
            as_choice(self.case, "case", CASES)
        if (self.path is not None) != (self.name in ("original", "npz")):
            raise ValueError(f"path={self.path!r} with name={self.name!r}; 'original' and 'npz' want one, others none")


@dataclass(frozen=True, slots=True)
class Run:
    """The whole configuration of a run."""

    data: DataConfig = field(default_factory=DataConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainConfig = field(default_factory=TrainConfig)


def build_data(config: DataConfig) -> Images:
    """The data set."""
    data: Any
    if config.name == "original":
        data = load_original(str(config.path))
    elif config.name == "npz":
        data = load_npz(str(config.path))
    elif config.name == "sprites":
        data = Sprites()
    else:
        data = Sprites(shape=["square"], orientation=1, pos_y=_MIDDLE_HALF, size=32)
    if config.case is not None:
        sizes = dict(zip(data.factors.names, data.factors.n_values.tolist(), strict=True))
        first, second = config.case_factors
        data = data.with_weights(joint_weights(sizes, config.case, factors=(first, second)))
    images: Images = data
    return images


def new_model(run: Run, data: Images) -> Model:
    """An untrained model, its first weights by the run's seed."""
    if data.factors.weights is not None and run.model.estimator == "mss" and run.model.objective == "beta_tcvae":
        raise ValueError("estimator='mss' stands for images drawn evenly, and these have weights: choose 'mws'")
    with torch.random.fork_rng():
        torch.manual_seed(run.training.seed)
        return build_model(run.model, data.image_shape, len(data))


def write_run(folder: Path, run: Run) -> None:
    """Record the configuration; one that is there already must be the same, but for the number of iterations."""
    path = folder / "config.json"
    if path.exists():
        before = read_run(folder)
        if (before.data, before.model) != (run.data, run.model):
            raise ValueError(f"{folder} is a run of {before}: choose another folder")
    folder.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(asdict(run), indent=2) + "\n")


def read_run(folder: Path) -> Run:
    """The configuration of a run."""
    try:
        content = json.loads((folder / "config.json").read_text())
        data = content["data"]
        return Run(
            DataConfig(**{**data, "case_factors": tuple(data["case_factors"])}),
            ModelConfig(**content["model"]),
            TrainConfig(**content["training"]),
        )
    except (OSError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{folder} is no run: its config.json cannot be read ({error})") from error


def load_run(folder: Path) -> tuple[Run, Model, Images]:
    """Configuration, model with the weights of the last checkpoint, and data."""
    run = read_run(folder)
    last = latest_checkpoint(folder)
    if last is None:
        raise ValueError(f"{folder} has no checkpoint yet: train first")
    data = build_data(run.data)
    model = new_model(run, data)
    load_weights(last, model)
    return run, model, data
