"""What the tests of intervention metrics run on."""

import numpy as np
import pytest

import dismetrics as dm
from sizes import size

VOTES = [dm.factor_vae_score, dm.relevance_factor_vae_score]
ALL = [dm.beta_vae_score, *VOTES]
every_vote = pytest.mark.parametrize("metric", VOTES)
every_score = pytest.mark.parametrize("metric", ALL)
QUICK = {"n_train": size(400, 60), "n_test": size(200, 30), "rng": 0}

GRID = np.indices((2, 3, 3)).reshape(3, -1).T
BIG = np.tile(np.indices((3, 4, 5)).reshape(3, -1).T, (6, 1))
_RNG = np.random.default_rng(0)
CODE = np.column_stack([GRID + 0.2 * _RNG.normal(size=GRID.shape), np.zeros(len(GRID)), _RNG.normal(size=len(GRID))])


def mixed(values):
    """A code that is neither perfect nor noise."""
    return values @ np.array([[1.0, 0.3, 0.0], [0.0, 1.0, 0.4], [0.7, 0.0, 1.0]])
