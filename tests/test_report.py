"""Reports: pages that need nothing else, with every number, and caveats exactly where there is a cause."""

import copy
import json
import math
import os
import subprocess
import sys

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.evaluated import Failure
from dismetrics.report import report_html, write_report
from dismetrics.report.stored import stored_evaluation
from dismetrics.tables import number
from report_pages import HOSTILE, Page, model, models, study, two_cases

pytest.importorskip("matplotlib")


def labelled(n=400, seed=0):
    rng = np.random.default_rng(seed)
    factors = rng.integers(0, [3, 5], (n, 2))
    latents = np.column_stack([factors + 0.3 * rng.normal(size=(n, 2)), rng.normal(size=n)])
    return latents, dm.Factors(factors, names=["shape", "size"])


@pytest.fixture(scope="module")
def evaluation():
    return dm.evaluate(
        *labelled(), metrics=["mig", "sap"], intervals=True, chance=True, n_permutations=39, n_jobs=1, rng=0
    )


# ------------------------------------------------------------------------------------------------------------- any page


@pytest.fixture(scope="module")
def pages(evaluation):
    factors = np.indices((5, 4)).reshape(2, -1).T
    hostile = dm.evaluate(factors, dm.Factors(factors, names=[HOSTILE, "b"]), metrics="mig", rng=0)
    hostile.provenance["file"] = HOSTILE
    return [report_html(one) for one in (evaluation, hostile, two_cases())]


def test_pages_are_well_formed_and_complete_in_themselves(pages):
    for html in pages:
        page = Page(html)
        assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
        assert len(set(page.ids)) == len(page.ids)
        assert "script" not in {tag for tag, _ in page.tags}
        assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
        links = [value for _, attributes in page.tags for name, value in attributes.items() if name in ("src", "href")]
        assert all(link.startswith(("data:", "#")) for link in links)
        assert {link[1:] for link in links if link.startswith("#")} <= set(page.ids)
        assert "http:" not in html
        assert "https:" not in html
        assert "@import" not in html
        assert "url(" not in html
        assert "default-src 'none'" in next(m["content"] for m in page.all("meta") if m.get("http-equiv"))


def test_pages_are_made_for_phones_the_dark_and_readers_of_screens(pages):
    for html in pages:
        page = Page(html)
        assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
        assert "prefers-color-scheme: dark" in html
        assert [tag for tag, _ in page.tags if tag in ("h1", "title", "main")] == ["title", "main", "h1"]
        assert len(page.all("img")) > 0
        assert all(len(image["alt"]) > 20 for image in page.all("img"))
        assert len(page.all("table")) == len(page.all("caption"))
        scrolling = [div for div in page.all("div") if "scroll" in div["class"].split()]
        wide = [image for image in page.all("img") if int(image["width"]) > 750]
        assert len(scrolling) == len(page.all("table")) + len(wide)
        assert all(div["tabindex"] == "0" and div["aria-label"] for div in scrolling)


def test_the_same_source_gives_the_same_page_whatever_style_is_set(evaluation, pages):
    import matplotlib as mpl

    with mpl.rc_context({"figure.dpi": 50, "font.size": 30}):
        assert report_html(evaluation) == pages[0]


def test_hostile_names_are_text(pages):
    for html in pages[1:]:
        assert "<script>" not in html
        assert HOSTILE in Page(html).text


def test_long_names_are_cut_in_pictures_and_whole_in_the_tables():
    def a_function_of_ones_own_with_a_name_as_long_as_the_line_that_it_stands_in_or_longer(latents, factors):
        return 0.5

    factors = np.indices((5, 4)).reshape(2, -1).T
    names = ["x" * 200 + end for end in "ab"]
    own = a_function_of_ones_own_with_a_name_as_long_as_the_line_that_it_stands_in_or_longer
    # Where a picture has no room left, matplotlib warns, and a warning is an error here.
    page = Page(report_html(dm.evaluate(factors, dm.Factors(factors, names=names), metrics=["mig", own], rng=0)))
    assert set(names) <= set(page.cells)
    wide = [image for image in page.all("img") if int(image["width"]) > 750]
    assert len([div for div in page.all("div") if "scroll" in div["class"]]) == len(page.all("table")) + len(wide) > 0
    assert wide


# ----------------------------------------------------------------------------------------------------------- evaluation


def test_a_page_of_an_evaluation_has_every_number(evaluation, pages):
    cells = Page(pages[0]).cells
    for row in (*evaluation.rows(), *evaluation.factor_rows()):
        for name, value in row.items():
            if isinstance(value, float):
                assert number(value) in cells, (row["metric"], name)
    for row in evaluation["mig"].mutual_information:
        assert all(number(value) in cells for value in row)
    text = Page(pages[0]).text
    for version in evaluation.provenance["versions"].values():
        assert version in text
    assert "histogram" in text


def test_an_evaluation_is_the_same_from_its_file(evaluation, pages, tmp_path):
    file = tmp_path / "scores.json"
    file.write_text(evaluation.to_json())
    assert report_html(file) == pages[0]
    write_report(str(file), tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text() == pages[0]


def test_what_is_read_back_says_what_was_written():
    latents, factors = labelled()
    posterior = dm.GaussianPosterior(latents, np.full(latents.shape, -2.0))
    metrics = ["mig", "dci", "elbo_decomposition", "modularity"]
    written = dm.evaluate(posterior, factors, metrics=metrics, rng=0)
    written.results["gone"] = Failure("ValueError: no luck")
    read = stored_evaluation(json.loads(written.to_json()), "it")
    assert read.rows() == written.rows()
    assert str(read) == str(written)
    assert read.to_dict() == written.to_dict()
    np.testing.assert_array_equal(read["mig"].mutual_information, written["mig"].mutual_information)
    with pytest.raises(AttributeError, match="no 'colour' was stored"):
        read["mig"].colour  # noqa: B018
    copy.deepcopy(read)


@pytest.fixture(scope="module")
def quiet(evaluation):
    """An evaluation as stored, without any cause for a caveat beyond those of every evaluation."""
    content = json.loads(evaluation.to_json())
    for found in content["results"].values():
        found["ceiling"] = 1.0
    return content


def caveats_of(content, tmp_path):
    file = tmp_path / "scores.json"
    file.write_text(json.dumps(content))
    return Page(report_html(file))


ALWAYS = {"one-model", "p-values"}


def one_latent(content):
    content["results"]["mig"]["best_latents"] = [1, 1]


def one_latent_of_one_factor(content):
    content["results"]["mig"]["best_latents"] = [1, -1]


def raise_ceiling(content):
    content["results"]["mig"]["ceiling"] = 0.8125


def saturate(content):
    content["results"]["sepin"] = {"score": 0.1, "index_code_mi": 5.0, "index_code_mi_ceiling": 5.0 + math.log(2.9)}


def nearly_saturate(content):
    content["results"]["sepin"] = {"score": 0.1, "index_code_mi": 5.0, "index_code_mi_ceiling": 5.0 + math.log(3.1)}


def alone(content):
    content["results"]["mig"]["saturated_share"] = [0.1, 0.21]


def at_chance(content):
    content["chance"]["mig"]["high"] = 0.99


def one_factor_at_chance(content):
    content["chance"]["sap"]["high_per_factor"][1] = 0.99


def worse(content):
    content["chance"]["mig"] |= {"low": 0.98, "high": 0.99}


def unmoved(content):
    score = content["results"]["mig"]["score"]
    content["chance"]["mig"] |= {"low": score, "high": score}


def fail(content):
    content["results"]["med"] = {"error": "RuntimeError: no luck"}


def omit(content):
    content["results"]["med"] = {"omitted": "not defined: it needs at least 2 latents, not 1"}


def without_interval(content):
    content["intervals"]["mig"] = {"error": "ValueError: full grid"}


def without_chance(content):
    content["chance"]["mig"] = {"omitted": "not defined: null is 'none'"}


def undefined(content):
    content["results"]["mig"]["per_factor"][0] = None


def minibatch(content):
    content["results"]["elbo_decomposition"] = {"score": 1.0, "offset_range": {"total_correlation": [-0.5, 1.25]}}


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        (lambda content: None, None, "of 2 numbers without any structure"),
        (one_latent, "single-latent", "mig: latent 1, for all of 2 factors"),
        (one_latent_of_one_factor, None, ""),
        (raise_ceiling, "ceiling", "of at most 0.812"),
        (saturate, "index-saturation", "a place in the code is shared by 2.9 samples"),
        (nearly_saturate, None, ""),
        (alone, "saturation", "mig: size 21%"),
        (at_chance, "chance", "to 0.990"),
        (one_factor_at_chance, "chance-factors", "sap: size"),
        (worse, "worse-than-chance", "chance 0.980 to 0.990"),
        (unmoved, None, ""),
        (fail, "failed", "med: RuntimeError: no luck"),
        (omit, "omitted", "med: not defined: it needs at least 2 latents, not 1"),
        (without_interval, "no-interval", "mig: ValueError: full grid"),
        (without_chance, "no-chance", "mig: not defined: null is 'none'"),
        (undefined, "undefined-factors", "mig: shape"),
        (minibatch, "minibatch", "total correlation -0.500 to +1.250"),
    ],
)
def test_caveats_of_an_evaluation_appear_exactly_with_their_cause(quiet, tmp_path, change, kind, said):
    content = copy.deepcopy(quiet)
    change(content)
    page = caveats_of(content, tmp_path)
    assert page.caveats == ALWAYS | ({kind} if kind else set())
    assert said in page.text


def test_p_says_how_small_it_can_be(pages):
    assert "p comes from 39 permutations, so that none is below 0.0500" in Page(pages[0]).text


def test_without_intervals_and_chance_the_page_says_so():
    evaluation = dm.evaluate(*labelled(), metrics="modularity", rng=0)
    page = Page(report_html(evaluation))
    assert page.caveats == {"one-model", "not-asked"}
    assert "with --intervals and --chance" in page.text


def test_an_evaluation_without_a_bounded_score_or_without_any_is_told_of_too():
    failed = dm.evaluate(*labelled(), metrics="mig", rng=0)
    failed.results.clear()
    failed.results["mig"] = Failure("ValueError: no luck")
    page = Page(report_html(failed))
    assert page.all("img") == []
    assert "failed" in page.caveats
    latents = labelled()[0]
    unbounded = dm.evaluate(latents, metrics="gaussian_total_correlation", rng=0)
    assert Page(report_html(unbounded)).all("img") == []


# ------------------------------------------------------------------------------------------------ errors, command line


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "cannot be read as JSON"),
        ("[1]", "is neither an evaluation nor a study (it holds list)"),
        ('{"scores": 1}', "is neither an evaluation nor a study (it has scores)"),
        ('{"study": 3}', "has no list named 'study'"),
        ('{"study": [3]}', "is no study"),
        ('{"study": [{"cell": "a"}]}', "no 'objective'"),
        (
            json.dumps({"study": [{**model(), "beta": "four"}]}),
            "beta of 'beta_tcvae-4.0-independent_uniform-0' is 'four'",
        ),
        ('{"results": []}', "no 'results' by name of a metric"),
        ('{"results": {}}', "an evaluation without results"),
        ('{"results": {"mig": 0.5}, "provenance": {}}', "mig is float; the fields of a result are wanted"),
        ('{"results": {"mig": {"per_factor": []}}, "provenance": {}}', "mig has no 'score'; it has per_factor"),
        ('{"results": {"mig": {"score": 0.5}}}', "it has no 'provenance'"),
        ('{"results": {"mig": {"score": "high"}}, "provenance": {}}', "no evaluation as dismetrics writes it"),
        ('{"results": {"mig": {"score": 1}}, "provenance": {}, "chance": {"mig": {"mean": 0}}}', "mig has no 'low'"),
    ],
)
def test_what_is_neither_is_refused(tmp_path, content, message):
    file = tmp_path / "file.json"
    file.write_text(content)
    with pytest.raises(ValueError, match=r"file\.json") as raised:
        report_html(file)
    assert message in str(raised.value)


def test_sources_of_other_kinds_and_targets_that_cannot_be_written_are_refused(tmp_path, evaluation):
    with pytest.raises(TypeError, match="source is ndarray; an Evaluation, a Study, or the path"):
        report_html(np.eye(2))
    with pytest.raises(ValueError, match=r"nothing\.json does not exist"):
        report_html("nothing.json")
    with pytest.raises(ValueError, match=r"table\.json cannot be read"):
        report_html(tmp_path)
    with pytest.raises(ValueError, match="is a folder"):
        write_report(evaluation, tmp_path)


def run(*arguments, **environment):
    command = [sys.executable, "-m", "dismetrics", "report", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    return done.returncode, done.stdout, done.stderr


def test_the_command_tells_which_it_is_by_content(evaluation, pages, tmp_path):
    (tmp_path / "scores").write_text(evaluation.to_json())
    assert run(tmp_path / "scores", "-o", tmp_path / "report.html") == (0, "", "")
    assert (tmp_path / "report.html").read_text() == pages[0]
    found = study(models())
    (tmp_path / "table.json").write_text(found.to_json())
    status, out, err = run(tmp_path)
    assert (status, err) == (0, "")
    assert out == report_html(found)


def test_the_command_refuses_in_one_sentence(tmp_path):
    (tmp_path / "file.json").write_text("{}")
    for arguments, message in (
        ((tmp_path / "file.json",), "neither an evaluation nor a study"),
        ((tmp_path / "none.json",), "does not exist"),
        ((tmp_path / "file.json", "-o", tmp_path), "is a folder"),
    ):
        status, out, err = run(*arguments)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert message in err


def test_without_matplotlib_the_remedy_is_named(tmp_path, evaluation):
    (tmp_path / "scores.json").write_text(evaluation.to_json())
    (tmp_path / "matplotlib.py").write_text("raise ModuleNotFoundError('gone', name='matplotlib')\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    status, out, err = run(tmp_path / "scores.json", PYTHONPATH=path, PYTHONSAFEPATH="")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "install dismetrics[plot]" in err


def test_importing_dismetrics_imports_no_report():
    code = "import dismetrics, sys; print([m for m in sys.modules if 'report' in m and 'dismetrics' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
