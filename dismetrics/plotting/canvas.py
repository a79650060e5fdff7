"""What all pictures share: axes, colours, and what numbers are called."""

from collections.abc import Iterable
from typing import Any

__all__ = ["GREY", "colours_of", "label_of", "new_axes", "note_left_out", "pyplot", "setting_label"]

# Okabe and Ito's palette, which the colour-blind can tell apart. An objective has the same colour in every picture.
_COLOURS = {
    "vae": "#000000",
    "beta_vae": "#E69F00",
    "beta_tcvae": "#0072B2",
    "factor_vae": "#009E73",
    "capacity_vae": "#CC79A7",
}
_FURTHER = ("#D55E00", "#56B4E9", "#F0E442")
GREY = "#7F7F7F"

_LABELS = {
    "mig": "MIG",
    "mig_sup": "MIG-sup",
    "index_code_mi": "index-code MI, nats",
    "total_correlation": "total correlation, nats",
    "dimension_wise_kl": "dimension-wise KL, nats",
    "mean_kl": "mean KL, nats",
    "log_likelihood": "reconstruction log p(x|z), nats",
    "elbo": "ELBO, nats",
    "loss": "loss, nats",
    "vae": "VAE",
    "beta_vae": "β-VAE",
    "beta_tcvae": "β-TCVAE",
    "factor_vae": "FactorVAE",
    "capacity_vae": "capacity VAE",
}


def pyplot() -> Any:
    """Matplotlib's pyplot, or a sentence that says how to get it."""
    try:
        import matplotlib.pyplot as plt
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("matplotlib"):
            raise
        raise ModuleNotFoundError(
            "pictures need matplotlib, which is not installed: install dismetrics[plot]", name="matplotlib"
        ) from error
    return plt


def new_axes(ax: Any, *, size: tuple[float, float] = (6.0, 4.0)) -> Any:
    """The axes given, or those of a new figure."""
    if ax is not None:
        return ax
    _, made = pyplot().subplots(figsize=size, layout="constrained")
    return made


def colours_of(objectives: Iterable[str]) -> dict[str, str]:
    """A colour for each objective; those that are not known here share the rest in order."""
    names = list(dict.fromkeys(objectives))
    others = [name for name in names if name not in _COLOURS]
    return {
        name: _COLOURS[name] if name in _COLOURS else _FURTHER[others.index(name) % len(_FURTHER)] for name in names
    }


def label_of(name: str) -> str:
    """What an axis says of a column, with its unit."""
    return _LABELS.get(name, name)


def setting_label(objective: str, beta: float) -> str:
    """An objective with its weight, where it has one."""
    return label_of(objective) if objective == "vae" else f"{label_of(objective)} {beta:g}"


def note_left_out(ax: Any, count: int, what: str) -> None:
    """Say in the picture how much is not in it."""
    if count:
        plural = "" if count == 1 else "s"
        ax.annotate(
            f"{count} model{plural} without {what} left out", (0.99, 0.01), xycoords="axes fraction", ha="right",
            va="bottom", fontsize="x-small", color=GREY,
        )  # fmt: skip
