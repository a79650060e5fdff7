"""Defaults of the intervention metrics, and the settings of other libraries, as data."""

from collections.abc import Mapping
from typing import Any

__all__ = ["INTERVENTION_DEFAULTS", "INTERVENTION_PRESETS"]

_ROWS = {"n_factor_bins": 20, "bin_labels": False, "balanced_values": False}
_VOTES = {"n_train": 10_000, "n_test": 5_000, **_ROWS, "scaled": False}
_GROUPS = {**_VOTES, "group_size": 64, "replace": True, "inactive": "exclude", "min_std": 0.0}

INTERVENTION_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    # Group size and numbers of votes as in Locatello et al. 2019 for all three.
    "factor_vae_score": _GROUPS,
    "relevance_factor_vae_score": _GROUPS,
    "beta_vae_score": {**_VOTES, "n_pairs": 64, "standardise": True},
    # The paper's: the largest deviation, in the mean over the distribution of the factor's values.
    "irs": {**_ROWS, "quantile": 1.0, "interpolate": False},
}

# Zaidi et al. 2020: labels are binned as well, values of a factor are drawn equally often, and the score is scaled so
# that chance is 0. Rows of a group are drawn without replacement, and latents pruned by an absolute deviation.
_UBISOFT = {"bin_labels": True, "n_factor_bins": 10, "balanced_values": True}
_UBISOFT_VOTES = {**_UBISOFT, "n_train": 800, "n_test": 800, "group_size": 200, "replace": False, "scaled": True}
_UBISOFT_PRUNING = {"inactive": "include", "min_std": 0.05}

INTERVENTION_PRESETS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "factor_vae_score": {
        # The threshold of the study's configuration; the code alone has 0 and divides by it.
        "disentanglement_lib": {"inactive": "include", "min_std": 0.05},
        "ubisoft": {**_UBISOFT_VOTES, **_UBISOFT_PRUNING},
    },
    "relevance_factor_vae_score": {
        "ubisoft": {**_UBISOFT_VOTES, **_UBISOFT_PRUNING, "n_factor_bins": 3},
    },
    "beta_vae_score": {
        "disentanglement_lib": {"standardise": False},
        "ubisoft": {**_UBISOFT, "n_pairs": 200, "standardise": False, "scaled": True},
    },
    "irs": {
        "disentanglement_lib": {
            "quantile": 0.99,
            "interpolate": True,
            "bin_labels": True,
            "n_factor_bins": 20,
            "balanced_values": True,
        },
        "ubisoft": {**_UBISOFT, "interpolate": True},
    },
}
