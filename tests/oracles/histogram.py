"""One door to the plug-in oracles: binning, entropies and gaps, each kept in a file of its own."""

from .binning import equal_width_bins, quantile_bins, unique_bins
from .counts import (
    entropy,
    joint_entropy,
    miller_madow_mutual_information,
    mutual_information,
    n_occupied,
)
from .gaps import mig, mig_ceiling, mig_sup, mutual_information_matrix

__all__ = [
    "entropy",
    "equal_width_bins",
    "joint_entropy",
    "mig",
    "mig_ceiling",
    "mig_sup",
    "miller_madow_mutual_information",
    "mutual_information",
    "mutual_information_matrix",
    "n_occupied",
    "quantile_bins",
    "unique_bins",
]
