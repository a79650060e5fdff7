"""Whether enough draws carry a sampled number for its interval to mean anything."""

import warnings

from dismetrics.warnings import FewDrawsWarning

__all__ = ["warn_if_few_draws_carry"]

_FEWEST_CARRYING = 3.0
"""Draws that must carry the variance: where fewer do, as with components that hardly touch, intervals are too short."""

_NO_ERROR = 1e-10
"""Standard errors below this are rounding: nothing was left to sample."""


def warn_if_few_draws_carry(standard_error: float, carrying: float, n_draws: int) -> None:
    """Components that hardly overlap: nearly all draws say the same, and the few between two components the rest."""
    if carrying < _FEWEST_CARRYING and standard_error > _NO_ERROR:
        warnings.warn(
            f"the standard error rests on about {carrying:.1f} of {n_draws} draws, those that fell between "
            "components which hardly overlap: the interval may be too short; raise n_draws",
            FewDrawsWarning,
            stacklevel=3,
        )
