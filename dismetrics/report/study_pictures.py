"""Pictures of a study, for its page."""

from functools import partial

import numpy as np

from dismetrics import plotting
from dismetrics.report.drawing import drawing
from dismetrics.report.markup import section
from dismetrics.report.study_caveats import setting_words
from dismetrics.study import Study
from dismetrics.tables import number

__all__ = ["CORRELATED", "FEWEST_TO_CORRELATE", "cases_of", "n_with", "pictures_section"]

CORRELATED = (("total_correlation", "mig"), ("elbo", "mig"))

FEWEST_TO_CORRELATE = 3


def n_with(study: Study, *names: str) -> int:
    """How many models have finite numbers in all of these columns."""
    if not all(any(name in row for row in study.done) for name in names):
        return 0
    return int(np.isfinite([study.column(name) for name in names]).all(axis=0).sum())


def cases_of(study: Study) -> list[str]:
    """Distributions of the factors under which there are models with numbers, in the study's order."""
    return list(dict.fromkeys(setting["case"] for setting in study.settings()))


def pictures_section(study: Study) -> str:
    """MIG against beta, total correlation and the ELBO, by seed and by distribution of the factors."""
    shown = []
    by_case = [(case, study.select(case=case)) for case in cases_of(study)]
    drawable = [(case, models) for case, models in by_case if n_with(models, "mig")]
    for case, models in drawable:
        words = case.replace("_", " ")
        shown.append(
            drawing(
                partial(plotting.metric_against_beta, models, "mig"),
                f"MIG against beta, factors {words}. {_medians_in_words(models)}",
                f"MIG against beta, factors {words}: medians over seeds with their intervals; a dot is a model.",
            )
        )
    for x, y in CORRELATED:
        if n_with(study, x, y) >= FEWEST_TO_CORRELATE:
            words = {"total_correlation": "total correlation in nats", "elbo": "ELBO in nats"}[x]
            shown.append(
                drawing(
                    partial(plotting.metric_scatter, study, x, y),
                    f"MIG against the {words}, {n_with(study, x, y)} models. {_correlation_in_words(study, x, y)}",
                    f"MIG against the {words}, a dot a model, with the least-squares line and its pointwise 95 % band.",
                )
            )
    for case, models in drawable:
        words = case.replace("_", " ")
        shown.append(
            drawing(
                partial(plotting.seed_distributions, models, "mig"),
                f"MIG of every seed, factors {words}. {_medians_in_words(models)}",
                f"MIG of every seed, factors {words}, with the median and its interval for each setting.",
                height=1.3 + 0.34 * len(models.settings()),
            )
        )
    samplings: dict[tuple[str, float], set[str]] = {}
    for case, models in drawable:
        for row in models.summary(("mig",)):
            if row["mig"] is not None:
                samplings.setdefault((row["objective"], row["beta"]), set()).add(case)
    # Side by side stands what was trained under several.
    if any(len(cases) > 1 for cases in samplings.values()):
        shown.append(
            drawing(
                partial(plotting.factor_samplings, study, "mig"),
                f"MIG by how the factors were distributed, objectives side by side. {_medians_in_words(study)}",
                "MIG by how the factors were distributed.",
                height=4.4,
            )
        )
    return section("In pictures", "pictures", *shown) if shown else ""


def _medians_in_words(study: Study) -> str:
    said = [
        f"{setting_words(row)} {row['mig'].median:.3f}" for row in study.summary(("mig",)) if row["mig"] is not None
    ]
    return f"Medians: {'; '.join(said)}."


def _correlation_in_words(study: Study, x: str, y: str) -> str:
    found = study.rank_correlation(x, y)
    ends = "no interval below ten models" if found["low"] is None else f"{found['low']:.2f} to {found['high']:.2f}"
    return f"Kendall's tau {number(found['coefficient'], 2)} ({ends})."
