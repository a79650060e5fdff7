"""The page of an evaluation."""

from functools import partial
from typing import Any

import numpy as np

from dismetrics.evaluated import Evaluation, Failure
from dismetrics.plotting import relevance_heatmap, score_bars
from dismetrics.registry import METRICS
from dismetrics.report.caveats import caveats_section
from dismetrics.report.drawing import drawing
from dismetrics.report.evaluation_caveats import evaluation_caveats
from dismetrics.report.markup import data_table, details, paragraph, section, terms, text_of
from dismetrics.report.page import page
from dismetrics.scoring import spec_of
from dismetrics.tables import Table, number
from dismetrics.typing import FloatArray

__all__ = ["evaluation_page"]

_MATRICES = {
    "mutual_information": "Mutual information in nats",
    "predictability": "Predictability",
    "importance": "Importance",
    "correlation": "Correlation",
    "robustness": "Interventional robustness",
}
"""What may connect every latent with every factor, by the field of the result that holds it."""


_LONGEST_NAME = 16
"""Letters of a factor's name in a picture."""

_INCHES_OF_LETTER = 0.08


def evaluation_page(evaluation: Evaluation) -> str:
    """The whole page."""
    provenance = evaluation.provenance
    file = provenance.get("file")
    n_samples, n_latents = provenance.get("n_samples"), provenance.get("n_latents")
    of_data = (
        f" of {n_samples:,} samples in {n_latents} latents"
        if isinstance(n_samples, int) and isinstance(n_latents, int)
        else ""
    )
    found = [name for name in evaluation if not isinstance(evaluation[name], Failure)]
    lead = f"{len(found)} metric{'' if len(found) == 1 else 's'}{of_data}, by dismetrics."
    sections = [
        _scores(evaluation),
        caveats_section(evaluation_caveats(evaluation)),
        _factors(evaluation),
        _relevance(evaluation),
        _metrics(evaluation),
        _settings(evaluation),
        section("Provenance", "provenance", terms(provenance)),
    ]
    return page(f"Evaluation of {file}" if file else "Evaluation", lead, [one for one in sections if one])


def _scores(evaluation: Evaluation) -> str:
    rows = evaluation.rows()
    left_out = ("estimator", "error", "note")
    columns = [name for name in rows[0] if name not in left_out]
    cells = [[row["metric"], *(number(row[name]) for name in columns[1:]), row["estimator"] or ""] for row in rows]
    table = data_table(Table([*columns, "estimator"], cells, title="One row a number; a dash where there is none."))
    scored = [row for row in rows if row["score"] is not None and np.isfinite(row["score"]) and _is_bounded(row)]
    picture = ""
    # What has no bound has no place on an axis with the others.
    if scored:
        said = "; ".join(f"{row['metric']} {row['score']:.3f}" for row in scored)
        picture = drawing(
            partial(score_bars, evaluation, metrics=[row["metric"] for row in scored]),
            f"Bars of the scores: {said}.",
            "The scores of metrics with a bounded range, with what the table has beside them: intervals, chance, and "
            "ceilings below 1.",
            # Functions of one's own may have long names.
            width=max(5.2, 3.0 + _INCHES_OF_LETTER * max(len(row["metric"]) for row in scored)),
            height=1.6 + 0.32 * len(scored),
        )
    return section("Scores", "scores", *_explained(evaluation), table, picture)


def _is_bounded(row: dict[str, Any]) -> bool:
    spec = spec_of(row["metric"].partition(".")[0])
    return spec is None or bool(np.isfinite([spec.lowest, spec.highest]).all())


def _explained(evaluation: Evaluation) -> list[str]:
    asked, words = evaluation.provenance, []
    if isinstance(asked.get("intervals"), dict):
        level = asked["intervals"].get("level")
        words.append(
            f"low and high are the ends of the {_percent(level)} interval for the expected score of as many rows of "
            "the "
            "same population. It does not reach what a metric is biased by at this number of rows."
        )
    if isinstance(asked.get("chance"), dict):
        level = asked["chance"].get("level")
        words.append(
            f"chance is the mean score of permuted data, chance low and chance high hold {_percent(level)} of them, p "
            "is "
            "the probability that permuted data score as far out, and adjusted is the score with chance at 0 and the "
            "best "
            "possible at 1."
        )
    words.append("ceiling is the most that any code could score with the settings used.")
    return [paragraph(" ".join(word[0].upper() + word[1:] for word in words), "quiet")]


def _percent(level: Any) -> str:
    return f"{level:.0%}" if isinstance(level, float) else "given share"


def _factors(evaluation: Evaluation) -> str:
    table = evaluation.factor_table()
    if table is None:
        return ""
    lead = paragraph(
        "What each metric says of each factor, and by which latents. After the column of a metric come the columns "
        "that "
        "belong to it.",
        "quiet",
    )
    titled = Table(table.columns, table.rows, title="One row a factor; latents are counted from 0.")
    return section("Factor by factor", "factors", lead, data_table(titled))


def _relevance(evaluation: Evaluation) -> str:
    shown = []
    for heading, names, factors, matrix, source in _matrices(evaluation):
        of_metrics = f"{heading}: {', '.join(names)}"
        best = ", ".join(
            f"{factor} by latent {int(np.nanargmax(column))} ({np.nanmax(column):.3f})"
            for factor, column in zip(factors, matrix.T, strict=True)
            if np.isfinite(column).any()
        )
        shown.append(
            drawing(
                partial(relevance_heatmap, source, factor_names=_on_axis(factors)),
                f"Heat map of {len(matrix)} latents by {len(factors)} factors. Largest entry of each factor: {best}.",
                f"{of_metrics}. Latents in rows, factors in columns.",
                width=2.2 + 0.75 * len(factors),
                height=1.4 + 0.32 * len(matrix),
            )
        )
        rows = [[f"latent {j}", *(number(value) for value in row)] for j, row in enumerate(matrix)]
        shown.append(details("The same in numbers", data_table(Table(["latent", *factors], rows, title=of_metrics))))
    return section("Latents and factors", "relevance", *shown) if shown else ""


def _on_axis(names: tuple[str, ...]) -> list[str]:
    """Names that leave room for a picture: long ones are cut, and numbered, since two may begin alike."""
    return [name if len(name) <= _LONGEST_NAME else f"{k} {name[: _LONGEST_NAME - 4]}…" for k, name in enumerate(names)]


def _matrices(evaluation: Evaluation) -> list[tuple[str, list[str], tuple[str, ...], FloatArray, Any]]:
    """Each matrix once: what it is, the metrics that rest on it, factors, entries, and what is drawn of it."""
    found: list[tuple[str, list[str], tuple[str, ...], FloatArray, Any]] = []
    for name, result in evaluation.results.items():
        factors = tuple(getattr(result, "factor_names", ()))
        for field, heading in _MATRICES.items():
            matrix = getattr(result, field, None)
            if not isinstance(matrix, np.ndarray) or matrix.ndim != 2 or matrix.shape[1] != len(factors):
                continue
            if not np.isfinite(matrix).any():
                continue
            for known, names, of_factors, other, _ in found:
                if (known, of_factors) == (heading, factors) and np.array_equal(other, matrix, equal_nan=True):
                    names.append(name)
                    break
            else:
                # The result itself says which latents make its gaps.
                source = result if field == "mutual_information" else matrix
                found.append((heading, [name], factors, matrix, source))
    return found


def _metrics(evaluation: Evaluation) -> str:
    rows = [
        (
            spec.name,
            spec.title,
            spec.paper,
            f"{spec.lowest:g} to {spec.highest:g}",
            "higher" if spec.higher_is_better else "lower",
            spec.chance,
        )
        for spec in METRICS
        if spec.name in evaluation.results
    ]
    if not rows:
        return ""
    columns = ("metric", "what it is", "paper", "range", "better", "what noise scores")
    return section("The metrics", "metrics", data_table(Table(columns, rows, title="As the registry describes them.")))


def _settings(evaluation: Evaluation) -> str:
    shown = [
        (name, setting.replace("_", " "), text_of(value))
        for name, result in evaluation.results.items()
        for setting, value in getattr(result, "settings", {}).items()
    ]
    if not shown:
        return ""
    return section(
        "Settings", "settings", data_table(Table(("metric", "setting", "value"), shown, title="Defaults included."))
    )
