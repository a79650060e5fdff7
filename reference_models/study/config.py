"""What a study trains: blocks of objective x beta x factor sampling, seeds, and what all models have in common."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from dismetrics import METRICS
from dismetrics.validation import as_choice
from reference_models.data import CASES
from reference_models.models import OBJECTIVES, ModelConfig
from reference_models.runs import DataConfig
from reference_models.trainer import TrainConfig

__all__ = ["PRESETS", "Block", "StudyConfig", "read_config"]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the grid.

    Attributes
    ----------
    objective : str
        One of `models.OBJECTIVES`.
    betas : tuple of float
        Weights of the objective; see `ModelConfig`. To be left out for a VAE, whose weight is 1, and for no other.
    cases : tuple of str
        Factor samplings, of `data.CASES`.
    """

    objective: str
    betas: tuple[float, ...] = ()
    cases: tuple[str, ...] = ("independent_uniform",)

    def __post_init__(self) -> None:
        as_choice(self.objective, "objective", OBJECTIVES)
        for case in self.cases:
            as_choice(case, "cases", CASES)
        if self.objective == "vae" and self.betas not in ((), (1.0,)):
            raise ValueError(f"betas={self.betas} for a VAE, whose weight is 1: leave betas out")
        if self.objective == "vae":
            object.__setattr__(self, "betas", (1.0,))
        if not self.betas or not self.cases:
            raise ValueError(f"a block of {self.objective} has no betas or no cases; at least one of each is wanted")


@dataclass(frozen=True, slots=True)
class StudyConfig:
    """A grid of models.

    Attributes
    ----------
    blocks : tuple of Block
        Which objectives, with which weights, under which factor samplings.
    seeds : tuple of int
        Each model of the grid is trained with each of them.
    data : DataConfig
        The images; `case` is that of the blocks.
    model : ModelConfig
        What models have in common; objective and beta are those of the blocks.
    training : TrainConfig
        How they are trained; the seed is one of `seeds`.
    metrics : tuple of str
        Metrics beside posterior MIG, by their names in `dismetrics.list_metrics()`.
    n_draws : int or None
        Draws for the joint entropy; None for the default of `elbo_decomposition`.
    """

    blocks: tuple[Block, ...]
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    data: DataConfig = field(default_factory=DataConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainConfig = field(default_factory=TrainConfig)
    metrics: tuple[str, ...] = ("mig_sup", "modularity")
    n_draws: int | None = None

    def __post_init__(self) -> None:
        if not self.blocks or not self.seeds:
            raise ValueError("a study has no blocks or no seeds; at least one of each is wanted")
        if self.data.case is not None:
            raise ValueError(f"data.case={self.data.case!r}; the cases of a study are those of its blocks")
        for name, given, default in (
            ("model.objective", self.model.objective, ModelConfig().objective),
            ("model.beta", self.model.beta, ModelConfig().beta),
            ("training.seed", self.training.seed, TrainConfig().seed),
        ):
            if given != default:
                raise ValueError(
                    f"{name}={given!r}; objectives, betas and seeds of a study are those of its blocks and seeds"
                )
        for metric in self.metrics:
            as_choice(metric, "metrics", [spec.name for spec in METRICS])

    def to_json(self) -> str:
        """What `read_config` reads."""
        return json.dumps(asdict(self), indent=2) + "\n"


def read_config(path: str | os.PathLike[str]) -> StudyConfig:
    """A study's configuration from JSON.

    Parameters
    ----------
    path : str or path
        A file with `blocks` and whatever else of `StudyConfig` is not the default.

    Returns
    -------
    StudyConfig
        The configuration.

    Raises
    ------
    ValueError
        If it cannot be read, or has a word or a value that is not known.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is no configuration of a study: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("blocks"), list):
        raise ValueError(f"{path} is no configuration of a study: it has no list named 'blocks'")
    data = content.get("data", {})
    if "case_factors" in data:
        data = {**data, "case_factors": tuple(data["case_factors"])}
    try:
        return StudyConfig(
            **{
                **content,
                "blocks": tuple(Block(**_with_tuples(block)) for block in content["blocks"]),
                "data": DataConfig(**data),
                "model": ModelConfig(**content.get("model", {})),
                "training": TrainConfig(**content.get("training", {})),
                **{name: tuple(content[name]) for name in ("seeds", "metrics") if name in content},
            }
        )
    except TypeError as error:
        raise ValueError(f"{path} is no configuration of a study: {error}") from error


def _with_tuples(block: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in block.items()}


def _blocks(betas: tuple[float, ...], sampled: float) -> tuple[Block, ...]:
    """A VAE and two rivals at the same weights; at one of them, all four factor samplings."""
    rivals = ("beta_vae", "beta_tcvae")
    return (
        Block("vae"),
        *(Block(objective, betas) for objective in rivals),
        *(Block(objective, (sampled,), CASES[1:]) for objective in rivals),
    )


_SMALL = StudyConfig(
    _blocks((2.0, 4.0, 8.0), 4.0),
    # Not those that the setting was chosen with.
    seeds=(10, 11, 12, 13, 14, 15),
    data=DataConfig("small_sprites"),
    model=ModelConfig(hidden=400, decoder_layers=2),
    training=TrainConfig(
        iterations=3000, batch_size=256, learning_rate=1e-3, device="cpu", log_every=200, checkpoint_every=1000
    ),
)

PRESETS = {
    "smoke": replace(
        _SMALL,
        blocks=(
            Block("vae"),
            Block("beta_vae", (4.0,)),
            Block("beta_tcvae", (4.0,), (CASES[0], CASES[3])),
        ),
        seeds=(0, 1),
        model=ModelConfig(hidden=64, decoder_layers=2, n_latents=4),
        training=TrainConfig(
            iterations=240, batch_size=128, learning_rate=2e-3, device="cpu", log_every=40, checkpoint_every=80
        ),
    ),
    "laptop": _SMALL,
    "chen2018": StudyConfig(
        (*_blocks((2.0, 4.0, 6.0, 8.0, 10.0), 6.0), Block("factor_vae", (10.0, 20.0, 40.0))),
        seeds=tuple(range(10)),
        metrics=("mig_sup", "modularity", "beta_vae_score", "factor_vae_score"),
    ),
}
"""`smoke`: eight models in a minute, which show that all works, and nothing else. `laptop`: 78 models, under an hour on
two cores. `chen2018`: the experiments of Chen et al. 2018 at their size (their MLP, batch 2,048, 18,000 iterations, all
of dSprites), for a GPU or a cluster; the grid of weights and seeds is ours."""
