"""The page of a study."""

from typing import Any

from dismetrics.report.caveats import caveats_section
from dismetrics.report.markup import bullets, data_table, paragraph, section, terms, text_of
from dismetrics.report.page import page
from dismetrics.report.study_caveats import setting_words, study_caveats
from dismetrics.report.study_pictures import CORRELATED, FEWEST_TO_CORRELATE, cases_of, n_with, pictures_section
from dismetrics.study import Study
from dismetrics.study.median import MedianInterval
from dismetrics.study.table import SETTINGS, TERMS
from dismetrics.tables import Table, number

__all__ = ["study_page"]

_PAIR = ("beta_tcvae", "beta_vae")
"""The two objectives that differ in what beta multiplies: the total correlation alone, or the whole divergence."""

_COMPARED = ("mig", "total_correlation", "index_code_mi")


def study_page(study: Study) -> str:
    """The whole page."""
    objectives = list(dict.fromkeys(str(row["objective"]) for row in study.rows))
    done = len(study.done)
    count = f"{done} trained model{'' if done == 1 else 's'}"
    lead = f"{count} of {', '.join(objectives)}." if objectives else "No models."
    if study.failed:
        lead += f" {len(study.failed)} more failed."
    sections = [
        _question(study, objectives),
        _medians(study),
        _differences(study, objectives),
        pictures_section(study),
        _correlations(study),
        caveats_section(study_caveats(study)),
        _failures(study),
        _every_model(study),
        _common(study),
        section("Provenance", "provenance", terms(study.provenance)),
    ]
    return page(f"Study of {count}", lead, [one for one in sections if one])


def _question(study: Study, objectives: list[str]) -> str:
    if set(_PAIR) <= set(objectives):
        text = (
            "Does a penalty on the total correlation alone (beta_tcvae) give latents that are more disentangled, as "
            "the "
            "mutual information gap (MIG) measures it, than a penalty of the same weight on the whole divergence from "
            "the prior (beta_vae)? And do models whose aggregate posterior has a lower total correlation have a higher "
            "MIG?"
        )
    else:
        text = (
            "How do the mutual information gap (MIG) and the parts of the divergence from the prior depend on the "
            "objective and on beta, and do models with a lower total correlation have a higher MIG?"
        )
    cases = cases_of(study)
    betas = sorted({setting["beta"] for setting in study.settings()})
    models = [
        f"{len(study.done)} models are done, {len(study.failed)} failed.",
        f"Objectives: {', '.join(objectives) or 'none'}.",
        f"Beta: {', '.join(f'{beta:g}' for beta in betas) or 'none'}.",
        f"Distributions of the factors: {', '.join(case.replace('_', ' ') for case in cases) or 'none'}.",
    ]
    return section("The question", "question", paragraph(text), bullets(models))


def _ends(found: MedianInterval | None) -> str:
    if found is None:
        return "-"
    if found.n == 1:
        return number(found.median)
    return f"{number(found.median)} [{number(found.low)}, {number(found.high)}]"


def _coverage(found: list[MedianInterval]) -> str:
    """What the intervals of a row cover; several numbers where values are missing in some columns."""
    covered = sorted({one.coverage for one in found if one.n > 1})
    return ", ".join(f"{one:.1%}" for one in covered) or "-"


def _medians(study: Study) -> str:
    if not study.done:
        return section("Medians", "medians", paragraph("No model has numbers."))
    rows: dict[str, list[list[str]]] = {}
    for row in study.summary():
        found = [row[name] for name in TERMS]
        rows.setdefault(row["case"], []).append(
            [
                row["objective"],
                f"{row['beta']:g}",
                *map(_ends, found),
                _coverage([one for one in found if one is not None]),
                str(row["n_seeds"]),
                str(row["n_failed"]),
            ]
        )
    columns = ("objective", "beta", *TERMS, "covers", "seeds", "failed")
    lead = paragraph(
        "The median over the seeds of a setting, and in brackets two of their values, between which the median over "
        "all seeds lies in the share of studies that is given under covers, whatever the distribution. Nats but for "
        "MIG.",
        "quiet",
    )
    return section("Medians", "medians", lead, *_by_case(columns, rows, "One row a setting"))


def _differences(study: Study, objectives: list[str]) -> str:
    if not set(_PAIR) <= set(objectives):
        return ""
    rows: dict[str, list[list[str]]] = {}
    for name in _COMPARED:
        for one in study.differences(*_PAIR, name):
            found = one["difference"]
            at = "mean" if one["beta"] is None else f"{one['beta']:g}"
            above = f"{one['n_positive']} of {found.n}"
            rows.setdefault(one["case"], []).append([name, at, _ends(found), _coverage([found]), above])
    heading = (f"{_PAIR[0]} less {_PAIR[1]}", "differences")
    if not rows:
        lacking = f"No model of {_PAIR[0]} has a model of {_PAIR[1]} with the same beta, case and seed beside it."
        return section(*heading, paragraph(lacking))
    lead = paragraph(
        "Differences at the same beta, case and seed: models of one seed share their first weights and the order of "
        "images. Medians as above; mean is that of the differences at all shared beta. Of several intervals, some will "
        "miss by chance alone.",
        "quiet",
    )
    columns = ("number", "beta", "difference", "covers", "above 0")
    return section(*heading, lead, *_by_case(columns, rows, f"Positive where {_PAIR[0]} has the higher number"))


def _by_case(columns: tuple[str, ...], rows: dict[str, list[list[str]]], title: str) -> list[str]:
    """A table for each distribution of the factors."""
    return [
        data_table(Table(columns, of_case, title=f"{title}; factors {case.replace('_', ' ')}."))
        for case, of_case in rows.items()
    ]


def _correlations(study: Study) -> str:
    rows = []
    for x, y in CORRELATED:
        if n_with(study, x, y) < FEWEST_TO_CORRELATE:
            continue
        for case in [None, *(cases_of(study) if len(cases_of(study)) > 1 else [])]:
            of_case = study if case is None else study.select(case=case)
            if n_with(of_case, x, y) < FEWEST_TO_CORRELATE:
                continue
            found = of_case.rank_correlation(x, y)
            of_what = "" if case is None else f", {case.replace('_', ' ')}"
            cells = [number(found[name], 2) for name in ("coefficient", "low", "high")]
            rows.append([f"{x} and {y}{of_what}", *cells, str(found["n"])])
    heading = ("Do the numbers go together?", "correlations")
    if not rows:
        return section(*heading, paragraph("Fewer than three models have both numbers: there is no rank correlation."))
    lead = paragraph(
        "Kendall's tau over the models, with its 95 % interval from ten models on. The interval takes the models for "
        "independent draws; models of one setting are not independent draws of anything, so it is narrower than what "
        "is "
        "known.",
        "quiet",
    )
    columns = ("numbers", "tau", "low", "high", "models")
    return section(
        *heading, lead, data_table(Table(columns, rows, title="-1 where one reverses the order of the other."))
    )


def _failures(study: Study) -> str:
    if not study.failed:
        return ""
    rows = [[f"{setting_words(row)}, seed {row['seed']}", str(row.get("error") or "-")] for row in study.failed]
    return section(
        "Models that failed", "failures", data_table(Table(("model", "why"), rows, title="One row a model."))
    )


def _split_columns(study: Study) -> tuple[list[str], dict[str, Any]]:
    """Columns in which models differ, and what is the same in all of them."""
    always = ("cell", *SETTINGS, "seed", "status", "error", *TERMS)
    names = [name for name in dict.fromkeys(key for row in study.rows for key in row) if name not in always]
    varying, common = [], {}
    for name in names:
        values = {text_of(row.get(name)) for row in study.done}
        if len(values) > 1 or len(study.done) < 2:
            varying.append(name)
        elif values != {"-"}:
            common[name] = study.done[0][name]
    return varying, common


def _every_model(study: Study) -> str:
    varying, _ = _split_columns(study)
    first = [name for name in TERMS if any(name in row for row in study.done)]
    # Texts come last, where they are in nobody's way.
    texts = [name for name in varying if any(isinstance(row.get(name), str) for row in study.rows)]
    columns = [*first, *(name for name in varying if name not in texts), *texts, "cell"]
    rows = [
        [
            str(row["objective"]),
            f"{row['beta']:g}",
            str(row["case"]),
            str(row["seed"]),
            str(row["status"]),
            *(_value(row.get(name)) for name in columns),
        ]
        for row in study.rows
    ]
    headings = ("objective", "beta", "case", "seed", "status", *columns)
    table = data_table(Table(headings, rows, title=f"{len(rows)} models, with every number in which they differ."))
    return section("Every model", "models", table)


def _value(value: Any) -> str:
    if isinstance(value, float):
        return number(value) if abs(value) >= 0.1 or value == 0 else f"{value:.3g}"
    return text_of(value)


def _common(study: Study) -> str:
    common = _split_columns(study)[1]
    return section("What all models have in common", "common", terms(common)) if common else ""
