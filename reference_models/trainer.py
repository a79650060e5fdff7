"""A training loop that knows nothing of what it trains.

`model(images, iteration)` returns the loss to minimise and a mapping of named numbers to log; `data` has `len()`,
`batch(rows)`, `to(device)` and `factors`, of which only the weights matter here.
"""

import json
import platform
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from dismetrics.io import write_text
from dismetrics.progress import report
from dismetrics.validation import as_choice, as_positive_integer, as_positive_number
from reference_models.checkpoints import (
    checkpoint_iteration,
    latest_checkpoint,
    load_state,
    load_weights,
    save_checkpoint,
)
from reference_models.data import Batches, Images

__all__ = ["PRECISIONS", "TrainConfig", "has_bf16", "resolved", "train"]

PRECISIONS = ("auto", "fp32", "bf16")

# What may differ between a run and its continuation.
_FREE = ("iterations", "log_every", "checkpoint_every", "device")


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """How to train; by default as Chen et al. 2018 trained on dSprites, for 50 epochs.

    Attributes
    ----------
    iterations, batch_size : int
        How many minibatches, and of how many images.
    learning_rate : float
        Of Adam.
    seed : int
        Of the first weights, the order of images and the draws.
    device : str
        `"auto"`, `"cpu"`, `"cuda"`, ...
    precision : {"auto", "fp32", "bf16"}
        Of the networks; objectives are in float32. `"auto"` takes bf16 where the machine computes with it. It changes
        numbers, and so is recorded.
    log_every, checkpoint_every : int
        Iterations between lines of `metrics.jsonl`, and between checkpoints.
    """

    iterations: int = 18_000
    batch_size: int = 2048
    learning_rate: float = 1e-3
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"
    log_every: int = 100
    checkpoint_every: int = 500

    def __post_init__(self) -> None:
        for name in ("iterations", "batch_size", "log_every", "checkpoint_every"):
            as_positive_integer(getattr(self, name), name)
        as_positive_integer(self.seed, "seed", at_least=0)
        as_positive_number(self.learning_rate, "learning_rate")
        as_choice(self.precision, "precision", PRECISIONS)


def has_bf16(device: str) -> bool:
    """Whether the device multiplies matrices in bf16, rather than imitating it."""
    if torch.device(device).type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("amx_bf16") or capabilities.get("avx512_bf16"))


def resolved(config: TrainConfig) -> TrainConfig:
    """The configuration with nothing left to this machine."""
    device = config.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    precision = config.precision
    if precision == "auto":
        precision = "bf16" if has_bf16(device) else "fp32"
    return replace(config, device=device, precision=precision)


def train(
    model: nn.Module,
    data: Images,
    config: TrainConfig,
    folder: Path,
    *,
    resume: bool = False,
    on_log: Callable[[dict[str, Any]], None] | None = None,
) -> None:
    """Train a model, into a folder with checkpoints, `metrics.jsonl` and `training.json`.

    The first weights are the caller's. With `resume`, weights, optimiser and random state are those of the last
    checkpoint, and the result is that of a run without a break, bit for bit on a CPU with as many threads.

    Parameters
    ----------
    model : module
        Returns loss and named terms; may have `parameter_groups(learning_rate)` for Adam.
    data : Images
        See `data`.
    config : TrainConfig
        How to train.
    folder : path
        Of the run.
    resume : bool, default False
        Go on from the last checkpoint of the folder; without it, a folder with a checkpoint is refused.
    on_log : callable, optional
        Called with every line of the log.

    Raises
    ------
    FloatingPointError
        If the loss or a weight is not finite; the last good checkpoint stays.
    KeyboardInterrupt
        After Ctrl-C or SIGTERM, when the iteration is done and a checkpoint is written.
    OSError
        If a file cannot be written.
    ValueError
        If the folder holds another run, or a checkpoint that cannot be read.
    """
    config = resolved(config)
    folder.mkdir(parents=True, exist_ok=True)
    last = latest_checkpoint(folder)
    if last is not None and not resume:
        raise ValueError(f"{folder} holds {last.name} of an earlier run: resume it, or choose another folder")
    start = 0 if last is None else checkpoint_iteration(last)
    if start > config.iterations:
        raise ValueError(
            f"{folder} has {start} iterations behind it, and {config.iterations} are wanted: choose another folder"
        )
    _check_same_run(folder, config, resume=last is not None)
    model, data = model.to(config.device), data.to(config.device)
    groups = getattr(model, "parameter_groups", None)
    parameters = model.parameters() if groups is None else groups(config.learning_rate)
    optimiser = torch.optim.Adam(parameters, lr=config.learning_rate, fused=True)
    batches = Batches(len(data), config.batch_size, config.seed, data.factors.weights)
    if last is not None and start == config.iterations:
        # Nothing is left to do, and what only a resumed run needs may be gone.
        load_weights(last, model)
        return
    with torch.random.fork_rng(), _stop_signals() as stopped:
        torch.manual_seed(config.seed)
        if last is not None:
            _restore(last, model, optimiser)
        _cut_log(folder / "metrics.jsonl", start)
        model.train()
        sums, count, clock = dict[str, Tensor](), 0, time.perf_counter()
        for iteration in range(start, config.iterations):
            images = data.batch(batches.rows(iteration))
            with torch.autocast(config.device, torch.bfloat16, enabled=config.precision == "bf16"):
                loss, terms = model(images, iteration)
            if not torch.isfinite(loss):
                raise FloatingPointError(f"the loss is {loss.item()} at iteration {iteration + 1}; {_kept(folder)}")
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            done = iteration + 1
            sums = {name: value.double() + sums.get(name, 0.0) for name, value in terms.items()}
            count += 1
            try:
                if done % config.log_every == 0 or done == config.iterations:
                    means = {name: (total / count).item() for name, total in sums.items()}
                    line = {"iteration": done, **means, "averaged": count, "seconds": time.perf_counter() - clock}
                    with (folder / "metrics.jsonl").open("a") as log:
                        log.write(json.dumps(line) + "\n")
                    sums, count, clock = {}, 0, time.perf_counter()
                    if on_log is not None:
                        on_log(line)
                if done % config.checkpoint_every == 0 or done == config.iterations or stopped():
                    _save(folder, done, model, optimiser)
            except OSError as error:
                raise OSError(
                    error.errno, f"{error.strerror}: stopped at iteration {done}; {_kept(folder)}", error.filename
                ) from error
            report("training", done, config.iterations)
            if stopped():
                raise KeyboardInterrupt(f"stopped at iteration {done}; {_kept(folder)}")


def _save(folder: Path, done: int, model: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    for name, value in model.state_dict().items():
        if not torch.isfinite(value).all():
            raise FloatingPointError(f"{name} is not finite after iteration {done}; {_kept(folder)}")
    random = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        random["cuda"] = torch.cuda.get_rng_state()
    save_checkpoint(folder, done, model, {"optimiser": optimiser.state_dict(), "random": random})


def _restore(path: Path, model: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    state = load_state(path)
    load_weights(path, model)
    optimiser.load_state_dict(state["optimiser"])
    torch.set_rng_state(state["random"]["cpu"])
    if "cuda" in state["random"] and torch.cuda.is_available():
        torch.cuda.set_rng_state(state["random"]["cuda"])


def _kept(folder: Path) -> str:
    last = latest_checkpoint(folder)
    return "there is no checkpoint yet" if last is None else f"the last good checkpoint is {last}"


def _cut_log(path: Path, iteration: int) -> None:
    """Drop what was logged after the checkpoint, which is done again, and half a line of a full disk."""
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    kept = [line for line in lines if line.endswith("}\n") and json.loads(line)["iteration"] <= iteration]
    write_text(path, "".join(kept))


def _check_same_run(folder: Path, config: TrainConfig, *, resume: bool) -> None:
    path = folder / "training.json"
    if resume and path.exists():
        before = json.loads(path.read_text())
        for name, value in asdict(config).items():
            if name not in _FREE and before.get(name) != value:
                raise ValueError(
                    f"{folder} was trained with {name}={before.get(name)!r}, and is to go on with {value!r}: resume "
                    "with the same configuration, or choose another folder"
                )
    versions = {"torch": torch.__version__, "python": platform.python_version(), "threads": torch.get_num_threads()}
    write_text(path, json.dumps({**asdict(config), **versions}, indent=2) + "\n")


@contextmanager
def _stop_signals() -> Iterator[Callable[[], bool]]:
    """Whether somebody asked to stop; a second time, the process does so at once."""
    asked: list[int] = []
    before: dict[int, Any] = {}

    def ask(number: int, _: Any) -> None:
        asked.append(number)
        signal.signal(number, before[number])

    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            before[number] = signal.signal(number, ask)
        except ValueError:  # only the main thread may, and in others the caller sees to signals
            break
    try:
        yield lambda: bool(asked)
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)
