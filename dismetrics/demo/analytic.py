"""An embedded example whose right answer is known: posteriors on a grid of the size of dSprites.

Every latent sits on a lattice of places, and a factor value (or several) owns each place. Places stand at least 16
scales apart, so q(z_j) is a mixture of separate pieces and I(z_j; v_k) is exactly the entropy of what the places tell
of the factor: log 32 for a latent with a place for each of 32 positions, log 8 if four share one, and so on.
"""

from dataclasses import dataclass

import numpy as np

from dismetrics.evaluation import Evaluation, evaluate
from dismetrics.factors import Factors
from dismetrics.posteriors import GaussianPosterior
from dismetrics.tables import Table, number
from dismetrics.typing import FloatArray, IntArray

__all__ = ["AnalyticExample", "analytic_example", "demo_table", "run_demo"]

_SIZES = {"shape": 3, "scale": 6, "orientation": 40, "pos_x": 32, "pos_y": 32}
_SEED = 2018
_N_LATENTS = 10
_SPACING = 1.0
_LARGEST_SCALE = _SPACING / 16


@dataclass(frozen=True, slots=True, eq=False)
class AnalyticExample:
    """Posteriors, factors, and the gaps that they have by construction."""

    posterior: GaussianPosterior
    factors: Factors
    gaps: FloatArray
    mig_sup: float

    @property
    def score(self) -> float:
        """The mutual information gap by construction."""
        return float(self.gaps.mean())


def analytic_example(seed: int = _SEED) -> AnalyticExample:
    """737,280 posteriors over ten latents, and the mutual information gaps that they have by construction.

    Parameters
    ----------
    seed : int, optional
        Of the scales, which vary from place to place and must not matter.

    Returns
    -------
    AnalyticExample
        Posteriors, factors, gaps and MIG-sup.
    """
    grid = np.indices(tuple(_SIZES.values())).reshape(len(_SIZES), -1).T
    shape, scale, orientation, x, y = grid.T
    # Place of every sample on every latent in use; the other latents equal the prior.
    places: list[IntArray] = [
        x,  # tells pos_x
        y,  # tells pos_y
        scale // 2,  # tells scale in pairs
        orientation % 20,  # cannot tell half a turn apart
        2 * shape + x // 16,  # tells shape, and the half that x lies in
        x // 4,  # tells pos_x once more, in eighths
    ]
    rng = np.random.default_rng(seed)
    mean = np.zeros((len(grid), _N_LATENTS))
    spread = np.ones_like(mean)
    for latent, place in enumerate(places):
        mean[:, latent] = _SPACING * place
        # One scale a place: were it drawn for each sample, the scales themselves would tell a little of the factors.
        spread[:, latent] = (_LARGEST_SCALE * rng.uniform(0.2, 1.0, place.max() + 1))[place]
    gaps = np.array(
        [
            1.0,  # shape: log 3 by latent 4, nothing by any other
            np.log(3) / np.log(6),  # scale: three pairs
            np.log(20) / np.log(40),  # orientation: half of it
            (np.log(32) - np.log(8)) / np.log(32),  # pos_x: latents 0 and 5
            1.0,  # pos_y: latent 1
        ]
    )
    gaps_of_latents = np.array(
        [
            1.0,
            1.0,
            np.log(3) / np.log(6),
            np.log(20) / np.log(40),
            1.0 - np.log(2) / np.log(32),  # all of shape, and a bit of pos_x
            np.log(8) / np.log(32),
            *np.zeros(_N_LATENTS - len(places)),
        ]
    )
    factors = Factors(grid, names=tuple(_SIZES))
    posterior = GaussianPosterior.from_scale(mean, spread)
    return AnalyticExample(posterior, factors, gaps, float(gaps_of_latents.mean()))


def run_demo(progress: bool | None = None) -> tuple[AnalyticExample, Evaluation]:
    """The example and its evaluation."""
    example = analytic_example()
    return example, evaluate(example.posterior, example.factors, metrics=("mig", "mig_sup"), progress=progress)


def demo_table(example: AnalyticExample, evaluation: Evaluation) -> Table:
    """Computed gaps beside the right ones."""
    result = evaluation["mig"]
    rows = [
        (name, number(gap, 9), number(right, 9), f"{abs(gap - right):.1e}")
        for name, gap, right in zip(result.factor_names, result.per_factor, example.gaps, strict=True)
    ]
    for name, score, right in (
        ("MIG", result.score, example.score),
        ("MIG-sup", evaluation["mig_sup"].score, example.mig_sup),
    ):
        rows.append((name, number(score, 9), number(right, 9), f"{abs(score - right):.1e}"))
    return Table(("factor", "computed", "right answer", "difference"), rows)
