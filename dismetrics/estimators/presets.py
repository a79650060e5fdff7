"""What a metric's name means in other libraries: the settings that reproduce their numbers, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from types import MappingProxyType
from typing import Any

from dismetrics.estimators.interventions.presets import INTERVENTION_DEFAULTS, INTERVENTION_PRESETS
from dismetrics.estimators.relevance.settings import InformationSettings
from dismetrics.validation import as_choice

__all__ = ["INFORMATION_SETTINGS", "PRESETS", "intervention_settings", "resolve_preset"]

PRESETS: Mapping[str, Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "mig": {
            # Chen et al. 2018 and the authors' code: posteriors, dSprites without its shape. With `n_draws=10_000` the
            # entropies are sampled as theirs are; without, they are what that sampling estimates.
            "chen2018": {"estimator": "posterior", "exclude": ("shape",)},
            # Locatello et al. 2019: point codes (means), 20 bins of equal width, labels as they are.
            "disentanglement_lib": {"estimator": "histogram", "n_bins": 20},
            # Zaidi et al. 2020: 10 bins; factors count as continuous unless said otherwise, so labels are binned too;
            # mutual information is divided by the entropy of the code, before the two largest are taken.
            "ubisoft": {"estimator": "histogram", "n_bins": 10, "bin_labels": True, "normaliser": "latent"},
            # Roth et al. 2023: 20 bins for codes and for labels.
            "dent": {"estimator": "histogram", "n_bins": 20, "bin_labels": True},
        },
        "mig_sup": {
            "ubisoft": {"estimator": "histogram", "n_bins": 10, "bin_labels": True, "normaliser": "latent"},
        },
        "sap": {
            # Locatello et al. 2019: the machines' penalty is on the latents as they are.
            "disentanglement_lib": {"predictor": "linear_svm", "cost": 0.01, "standardise": False},
        },
        "modularity": {
            "disentanglement_lib": {"estimator": "histogram", "n_bins": 20},
            # Zaidi et al. 2020; there a latent without information makes the score nan.
            "ubisoft": {"estimator": "histogram", "n_bins": 10, "bin_labels": True},
        },
        "explicitness": {
            # Locatello et al. 2019, with scikit-learn 0.22 or later; before, it took one classifier for each value.
            "disentanglement_lib": {"classifier": "multinomial"},
        },
        "infomec": {
            # Hsu et al. 2023, the authors' code: ten neighbours, latents of a range above a twentieth of the widest,
            # logistic regressions with balanced classes.
            "latent_quantization": {"estimator": "knn", "n_neighbours": 10, "active": "range", "null": "uniform"},
        },
        "med": {
            "disentanglement_lib_med": {"estimator": "histogram", "n_bins": 20},
        },
        "dcimig": {
            "ubisoft": {"estimator": "histogram", "n_bins": 10, "bin_labels": True},
        },
        **INTERVENTION_PRESETS,
    }
)
"""Metric name -> preset name -> settings. An explicit setting in the call goes before the preset's."""


INFORMATION_SETTINGS = tuple(field.name for field in fields(InformationSettings))


def resolve_preset(
    metric: str,
    preset: str | None,
    given: Mapping[str, Any],
    known_settings: Sequence[str] = ("normaliser", *INFORMATION_SETTINGS),
) -> dict[str, Any]:
    """The preset's settings with those of the call laid over them; None in the call stands for not given."""
    unknown = [name for name in given if name not in known_settings]
    if unknown:
        raise TypeError(f"{metric}() has no setting {unknown[0]!r}; it has {', '.join(known_settings)}")
    known = PRESETS[metric]
    chosen = {} if preset is None else known[as_choice(preset, "preset", tuple(known))]
    return {**chosen, **{name: value for name, value in given.items() if value is not None}}


def intervention_settings(metric: str, preset: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults of an intervention metric, with the preset's settings and those of the call laid over them."""
    defaults = INTERVENTION_DEFAULTS[metric]
    return {**defaults, **resolve_preset(metric, preset, given, tuple(defaults))}
