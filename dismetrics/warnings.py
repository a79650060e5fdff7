"""Named warnings, so that a user can silence or escalate one kind."""

__all__ = ["DegenerateDataWarning", "DismetricsWarning", "FewDrawsWarning", "PrecisionWarning", "SaturationWarning"]


class DismetricsWarning(UserWarning):
    """Parent of all warnings of this package."""


class DegenerateDataWarning(DismetricsWarning):
    """Part of the data cannot be scored: a factor with a single value, or with hardly more rows than labels."""


class SaturationWarning(DismetricsWarning):
    """Too few rows for the posterior estimator: most rows overlap with hardly any other of the same factor value."""


class FewDrawsWarning(DismetricsWarning):
    """A sampled term rests on a few of its draws: its interval may be too short."""


class PrecisionWarning(DismetricsWarning):
    """A column varies by so little beside its offset that the rounding of its input shows in the result."""
