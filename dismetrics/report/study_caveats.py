"""Caveats that follow from the numbers of a study."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from dismetrics.estimators.aggregate_posterior.saturation import ENOUGH_OVERLAP
from dismetrics.report.caveats import Caveat
from dismetrics.report.evaluation_caveats import shared_place
from dismetrics.report.markup import text_of
from dismetrics.study import Study, median_interval
from dismetrics.study.table import CONDITIONS

__all__ = ["setting_words", "study_caveats"]

_LEVEL = 0.95

_SMALL = 10_000
"""Images. The sets that disentanglement is published on have from 70,000 (Cars3D has 17,568) to 1,036,800."""


def study_caveats(study: Study) -> Iterator[Caveat | None]:
    """All of them, the gravest first; None for those without a cause."""
    yield _failed(study)
    yield _single_latent(study)
    yield _saturated_index(study)
    yield _seeds(study)
    yield _unequal_seeds(study)
    yield _conditions(study)
    yield _small_data(study)
    yield _warnings(study)
    yield _dependent(study)
    yield Caveat(
        "one-grid",
        "One grid of settings",
        "Medians and intervals are about seeds alone: what other data, another network, longer training or another "
        "learning rate would give is not in them.",
    )


def setting_words(setting: dict[str, Any]) -> str:
    """A setting, in a few words."""
    return f"{setting['objective']}, beta {setting['beta']:g}, {str(setting['case']).replace('_', ' ')}"


def _some(items: list[str], most: int = 12) -> tuple[str, ...]:
    """The first of many."""
    left = len(items) - most
    return (*items[:most], f"and {left} more") if left > 0 else tuple(items)


def _models(count: int) -> str:
    return f"{count} model" if count == 1 else f"{count} models"


def _failed(study: Study) -> Caveat | None:
    if not study.failed:
        return None
    items = [
        f"{setting_words(row)}, seed {row['seed']}: {row.get('error') or 'no reason given'}" for row in study.failed
    ]
    return Caveat(
        "failed",
        f"{len(study.failed)} of {_models(len(study))} failed",
        "They take no part. If they failed because of what they would have scored, such as a loss that diverged, the "
        "medians of the others are not those of the setting.",
        _some(items),
    )


def _single_latent(study: Study) -> Caveat | None:
    counts = Counter(
        setting_words(row) for row in study.done if (used := row.get("n_active_latents")) is not None and used < 2
    )
    if not counts:
        return None
    return Caveat(
        "single-latent",
        "Models with a single latent in use",
        "Where one latent tells everything, MIG compares it with latents that tell nothing, and is as large as what it "
        "tells; and a single latent has no total correlation. Neither says that factors are apart. MIG-sup and "
        "modularity do.",
        _some([f"{setting}: {_models(count)}" for setting, count in counts.items()]),
    )


def _saturated_index(study: Study) -> Caveat | None:
    by_setting: Counter[str] = Counter()
    for row in study.done:
        told, ceiling = row.get("index_code_mi"), row.get("index_code_mi_ceiling")
        if told is not None and ceiling is not None and shared_place(told, ceiling) < ENOUGH_OVERLAP:
            by_setting[setting_words(row)] += 1
    if not by_setting:
        return None
    return Caveat(
        "index-saturation",
        "Index-code information is at its ceiling",
        "What a code tells of the sample's index cannot exceed the logarithm of the number of samples. In these models "
        f"fewer than {ENOUGH_OVERLAP:g} samples share a place in the code, so that the number of samples sets what is "
        "reported: with more of them the index-code information would be higher, and the total correlation lower. "
        "Where objectives differ in how near they come to it, their total correlations cannot be compared.",
        _some([f"{setting}: {_models(count)}" for setting, count in by_setting.items()]),
    )


def _seeds(study: Study) -> Caveat | None:
    by_count = Counter(len(study.select(**setting).done) for setting in study.settings())
    items = []
    for n, settings in sorted(by_count.items()):
        coverage = median_interval(range(n), level=_LEVEL).coverage
        where = f"{n} seed{'' if n == 1 else 's'} ({settings} setting{'' if settings == 1 else 's'})"
        if n == 1:
            items.append(f"{where}: no interval")
        elif coverage < _LEVEL:
            items.append(f"{where}: from the smallest to the largest value, which covers {coverage:.2%}")
    if not items:
        return None
    return Caveat(
        "few-seeds",
        "Few seeds",
        "An interval runs between two of the values, and holds the median over all seeds as often as is said here, "
        "which "
        f"is less than {_LEVEL:.0%}; six seeds are the fewest for that. It says nothing of the spread between seeds, "
        "which can be larger.",
        tuple(items),
    )


def _unequal_seeds(study: Study) -> Caveat | None:
    seeds = {setting_words(one): {row["seed"] for row in study.select(**one).done} for one in study.settings()}
    if len(set(map(frozenset, seeds.values()))) < 2:
        return None
    every = set.union(*seeds.values())
    items = [
        f"{setting}: without seed {', '.join(map(str, sorted(every - found)))}"
        for setting, found in seeds.items()
        if every - found
    ]
    return Caveat(
        "unequal-seeds",
        "Not every setting has every seed",
        "Medians of these settings are over other seeds than those beside them. Differences are paired and use what "
        "both "
        "have.",
        _some(items),
    )


def _conditions(study: Study) -> Caveat | None:
    items = []
    for name in CONDITIONS:
        values = Counter(text_of(row.get(name)) for row in study.done)
        if len(values) > 1:
            counts = ", ".join(f"{value} ({count})" for value, count in values.most_common())
            items.append(f"{name.replace('_', ' ')}: {counts}")
    if not items:
        return None
    return Caveat(
        "conditions",
        "Models differ in more than their setting",
        "These were not the same for all models, with the number of models for each value. What looks like an effect "
        "of "
        "objective or beta may be one of these.",
        tuple(items),
    )


def _small_data(study: Study) -> Caveat | None:
    found = {
        (str(row.get("data", "data")), row["n_images"])
        for row in study.done
        if isinstance(row.get("n_images"), int) and row["n_images"] < _SMALL
    }
    if not found:
        return None
    return Caveat(
        "small-data",
        "Small data",
        "The models saw few images, of few factors. On them training is quick and the terms are at their ceiling "
        "early; "
        "that the objectives differ likewise on larger sets does not follow.",
        tuple(f"{name}: {n:,} images" for name, n in sorted(found)),
    )


def _warnings(study: Study) -> Caveat | None:
    said = Counter(str(row["warnings"]) for row in study.done if row.get("warnings"))
    # The same warning with other numbers in it is another text; its kind is what comes before the colon.
    kinds = Counter(text.partition(":")[0] for text in said.elements())
    if not kinds:
        return None
    items = []
    for kind, count in kinds.most_common():
        example = next(text for text in said if text.partition(":")[0] == kind)
        items.append(f"{_models(count)}, such as: {example}")
    return Caveat(
        "warnings", "Warnings while training or scoring", "In the words of the first model that has it.", _some(items)
    )


def _dependent(study: Study) -> Caveat | None:
    if len(study.done) < 2:
        return None
    return Caveat(
        "dependence",
        "Models are not independent draws",
        "Rank correlations, regression lines and their intervals take the models for independent draws of one "
        "population. They are not: a grid was chosen, models of one setting are alike, and models of one seed share "
        "their "
        "first weights. Correlations over settings say that two numbers move together along this grid, not that one of "
        "them brings about the other; read the intervals as too narrow.",
    )
