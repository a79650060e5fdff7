"""Checkpoints: folders that are there whole or not at all.

Each holds `weights.safetensors`, which any tool reads, and `state.pt`, what a resumed run needs besides. They are
written under a temporary name and renamed, and older ones go only after that; the last two stay.
"""

import io
import os
import pickle
import re
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors import torch as safetensors
from torch import nn

__all__ = [
    "checkpoint_iteration",
    "keep_weights_alone",
    "latest_checkpoint",
    "load_state",
    "load_weights",
    "save_checkpoint",
]

_KEPT = 2
_NAME = re.compile(r"checkpoint-(\d{8})")


def save_checkpoint(folder: Path, iteration: int, model: nn.Module, state: dict[str, Any]) -> Path:
    """Write a checkpoint, and drop all but the last two."""
    target = folder / f"checkpoint-{iteration:08d}"
    temporary = folder / f".{target.name}.part"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        weights = {name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}
        _write(temporary / "weights.safetensors", safetensors.save(weights))
        # Into memory first: on a full disk torch says nothing of the disk.
        content = io.BytesIO()
        torch.save(state, content)
        _write(temporary / "state.pt", content.getbuffer())
        shutil.rmtree(target, ignore_errors=True)
        temporary.replace(target)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    for old in _checkpoints(folder)[:-_KEPT]:
        shutil.rmtree(old)
    return target


def keep_weights_alone(folder: Path) -> None:
    """Drop what only a resumed run needs: of a small model, five bytes of six."""
    *others, last = _checkpoints(folder)
    for old in others:
        shutil.rmtree(old)
    (last / "state.pt").unlink(missing_ok=True)


def latest_checkpoint(folder: Path) -> Path | None:
    """The checkpoint of the latest iteration; None where there is none."""
    found = _checkpoints(folder)
    return found[-1] if found else None


def checkpoint_iteration(path: Path) -> int:
    """How many iterations were done."""
    found = _NAME.fullmatch(path.name)
    if found is None:
        raise ValueError(f"{path} is no checkpoint")
    return int(found[1])


def load_weights(path: Path, model: nn.Module) -> None:
    """Put a checkpoint's weights into a model of the same architecture."""
    try:
        weights = safetensors.load((path / "weights.safetensors").read_bytes())
    except (OSError, SafetensorError) as error:
        raise _unreadable(path, error) from error
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(f"the weights of {path} are not those of this model: {error}") from error


def load_state(path: Path) -> dict[str, Any]:
    """What a resumed run needs besides the weights; nothing in it is executed."""
    try:
        content = io.BytesIO((path / "state.pt").read_bytes())
        state: dict[str, Any] = torch.load(content, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise _unreadable(path, error) from error
    return state


def _unreadable(path: Path, error: Exception) -> ValueError:
    others = [other for other in _checkpoints(path.parent) if other != path]
    remedy = f"to go on from {others[-1].name}, move it away" if others else "there is no other: start anew"
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return ValueError(f"{path} cannot be read ({reason}); nothing was changed; {remedy}")


def _checkpoints(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("checkpoint-*") if _NAME.fullmatch(path.name))


def _write(path: Path, content: bytes | memoryview) -> None:
    try:
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            # A rename can reach the disk before what was renamed.
            os.fsync(file.fileno())
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
