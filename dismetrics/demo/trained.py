"""Posteriors of a VAE and a beta-TCVAE, as `python -m reference_models demo` leaves them, and their scores."""

import warnings
from importlib import resources

from dismetrics.evaluation import evaluate
from dismetrics.io import LabelledFile, read_npz
from dismetrics.tables import Table, number
from dismetrics.warnings import PrecisionWarning, SaturationWarning

__all__ = ["trained_examples", "trained_table"]

_MODELS = ("vae", "beta_tcvae")
_SEED = 0


def trained_examples() -> dict[str, LabelledFile]:
    """Two models of 3,072 rendered squares, scale x pos_x x pos_y, trained for 3,000 iterations with seed 0.

    Returns
    -------
    dict
        Name of the model -> its posteriors over ten latents, and the factors.
    """
    found = {}
    for name in _MODELS:
        file = resources.files("dismetrics.demo") / f"{name}.npz"
        with resources.as_file(file) as path, warnings.catch_warnings():
            # A latent far off zero, stored in float32: its seventh digit does not show here.
            warnings.simplefilter("ignore", PrecisionWarning)
            found[name] = read_npz(path)
    return found


def trained_table(progress: bool | None = None) -> Table:
    """Every fast metric, and the parts of the KL, of both models."""
    scores: dict[str, dict[str, float | None]] = {}
    ceiling = None
    for name, data in trained_examples().items():
        with warnings.catch_warnings():
            # The last row of the table says it.
            warnings.simplefilter("ignore", SaturationWarning)
            evaluation = evaluate(
                data.latents, data.factors, metrics=("fast", "elbo_decomposition"), progress=progress, rng=_SEED
            )
        ceiling = evaluation["elbo_decomposition"].index_code_mi_ceiling
        for row in evaluation.rows():
            scores.setdefault(row["metric"], {})[name] = row["score"]
    rows = [[metric, *(number(of_model.get(name)) for name in _MODELS)] for metric, of_model in scores.items()]
    rows.append(["ceiling of index-code MI, log N", *(number(ceiling) for _ in _MODELS)])
    return Table(("metric", *_MODELS), rows)
