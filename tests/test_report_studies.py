"""Reports of studies: every number, and caveats exactly where there is a cause."""

import pytest

from dismetrics.report import report_html
from report_pages import Page, model, models, study, two_cases

pytest.importorskip("matplotlib")


def test_a_page_of_a_study_has_every_median_difference_and_model():
    found = two_cases()
    page = Page(report_html(found))
    for row in found.summary():
        for name in ("mig", "total_correlation", "dimension_wise_kl"):
            one = row[name]
            assert f"{one.median:.3f} [{one.low:.3f}, {one.high:.3f}]" in page.cells
    for row in found.differences("beta_tcvae", "beta_vae"):
        one = row["difference"]
        assert f"{one.median:.3f} [{one.low:.3f}, {one.high:.3f}]" in page.cells
    assert "93.8%" in page.cells
    tau = found.rank_correlation("total_correlation", "mig")
    assert {f"{tau[name]:.2f}" for name in ("coefficient", "low", "high")} <= set(page.cells)
    for row in found.rows:
        assert row["cell"] in page.cells
    for row in found.done:
        assert f"{row['total_correlation']:.3f}" in page.cells
    assert "models of one setting are not independent draws of anything" in page.text
    assert "25 models are done, 1 failed." in page.text
    assert "2.9.0" in page.text
    # MIG against beta and seeds by case, two scatters, samplings.
    assert len(page.all("img")) == 7


def test_a_study_is_the_same_from_its_file_and_folder(tmp_path):
    found = study(models())
    (tmp_path / "table.json").write_text(found.to_json())
    assert report_html(tmp_path) == report_html(tmp_path / "table.json") == report_html(found)


@pytest.mark.parametrize(
    ("rows", "kinds", "said"),
    [
        (models(), set(), "0 of 6"),
        (models(5), {"few-seeds"}, "5 seeds (4 settings): from the smallest to the largest value, which covers 93.75%"),
        (models(1), {"few-seeds"}, "1 seed (4 settings): no interval"),
        (models(index_code_mi=12.5), {"index-saturation"}, "beta_tcvae, beta 4, independent uniform: 6 models"),
        (models(index_code_mi=12.3), set(), ""),
        (models(n_active_latents=1), {"single-latent"}, "beta_vae, beta 4, independent uniform: 6 models"),
        (models(n_active_latents=2), set(), ""),
        (models(n_images=3072), {"small-data"}, "sprites: 3,072 images"),
        (
            [*models(), {**model(seed=6), "status": "failed", "error": "no luck"}],
            {"failed"},
            "beta_tcvae, beta 4, independent uniform, seed 6: no luck",
        ),
        ([*models(), model(seed=6)], {"unequal-seeds"}, "beta_vae, beta 1, independent uniform: without seed 6"),
        (
            [*models(), *(model(beta=8.0, seed=s, iterations=10) for s in range(6))],
            {"conditions"},
            "iterations: - (24), 10 (6)",
        ),
        (
            models(warnings="SaturationWarning: the code is at its ceiling"),
            {"warnings"},
            "24 models, such as: SaturationWarning: the code is at its ceiling",
        ),
    ],
)
def test_caveats_of_a_study_appear_exactly_with_their_cause(rows, kinds, said):
    page = Page(report_html(study(rows)))
    assert page.caveats == {"dependence", "one-grid"} | kinds
    assert said in page.text


def test_settings_of_a_single_case_each_have_nothing_to_stand_beside():
    rows = [model("vae", 1.0, s) for s in range(6)] + [model(seed=s, case="dependent_uniform") for s in range(6)]
    # MIG against beta and seeds, for each of two cases, and two scatters.
    assert len(Page(report_html(study(rows))).all("img")) == 6


def test_a_study_of_one_objective_has_another_question_and_no_differences():
    page = Page(report_html(study([model("vae", 1.0, seed) for seed in range(2)])))
    assert "differences" not in page.ids
    assert "depend on the objective and on beta" in page.text
    assert "there is no rank correlation" in page.text


@pytest.mark.parametrize("rows", [[], [{**model(), "status": "failed", "error": None}]])
def test_a_study_without_numbers_is_told_of_too(rows):
    page = Page(report_html(study(rows)))
    assert page.all("img") == []
    assert "No model has numbers" in page.text
    assert ("failed" in page.caveats) == bool(rows)
