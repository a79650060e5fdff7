"""Figures: what the artists hold is what the data say, and what is left out is said."""

import json
import math
import sys
from collections import namedtuple

import numpy as np
import pytest

import dismetrics as dm
from drawn_figures import draw, legend, line_segments, study, title

mpl = pytest.importorskip("matplotlib")
mpl.use("agg")

import matplotlib.pyplot as plt  # noqa: E402

from dismetrics import plotting  # noqa: E402
from dismetrics.plotting.palette import COLOURS  # noqa: E402

FACTORS = np.indices((3, 4)).reshape(2, -1).T.repeat(3, axis=0)
EVERY = {
    "relevance_heatmap": lambda ax: plotting.relevance_heatmap(np.eye(3), ax=ax),
    "score_bars": lambda ax: plotting.score_bars(dm.evaluate(FACTORS, FACTORS, metrics=["mig"]), ax=ax),
    "metric_against_beta": lambda ax: plotting.metric_against_beta(study(), ax=ax),
    "metric_scatter": lambda ax: plotting.metric_scatter(study(), "elbo", "mig", ax=ax),
    "seed_distributions": lambda ax: plotting.seed_distributions(study(), ax=ax),
    "factor_samplings": lambda ax: plotting.factor_samplings(study(), ax=ax),
    "traversal_grid": lambda ax: plotting.traversal_grid(np.zeros((2, 3, 4, 4)), ax=ax),
    "latent_against_factor": lambda ax: plotting.latent_against_factor(FACTORS, FACTORS, 0, 1, ax=ax),
    "learning_curves": lambda ax: plotting.learning_curves([{"iteration": 1, "elbo": -3.0}], ax=ax),
}


# ------------------------------------------------------------------------------------------------------- every function


def test_every_function_is_in_this_file():
    assert set(EVERY) | {"latents_against_factors"} == set(plotting.__all__)


@pytest.mark.parametrize("name", EVERY)
def test_axes_given_are_drawn_into_and_returned(name):
    before = dict(mpl.rcParams)
    _, (left, right) = plt.subplots(1, 2)
    assert EVERY[name](left) is left
    assert left.has_data()
    assert not right.has_data()
    assert len(plt.get_fignums()) == 1
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", EVERY)
def test_without_axes_there_is_a_new_figure(name):
    first, second = EVERY[name](None), EVERY[name](None)
    assert first.figure is not second.figure
    draw(first)


@pytest.mark.parametrize("name", EVERY)
def test_something_that_is_no_axes_is_refused(name):
    with pytest.raises(TypeError, match="ax is of type ndarray"):
        EVERY[name](np.empty(2, object))


@pytest.mark.parametrize("name", EVERY)
def test_without_matplotlib_the_extra_is_named(name, monkeypatch):
    for module in [module for module in sys.modules if module.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"install dismetrics\[plot\]"):
        EVERY[name](None)


# --------------------------------------------------------------------------------------------------------------- matrix


def test_the_heat_map_is_the_matrix_of_the_result_with_its_two_latents_marked():
    rng = np.random.default_rng(0)
    factors = dm.Factors(rng.integers(0, 4, (500, 2)), names=["shape", "size"])
    latents = np.column_stack([factors.codes[:, 1], factors.codes.sum(axis=1), rng.normal(size=500)])
    result = dm.mig(latents, factors)
    ax = draw(plotting.relevance_heatmap(result))
    np.testing.assert_array_equal(ax.images[0].get_array(), result.mutual_information)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["shape", "size"]
    assert [text.get_text() for text in ax.texts] == [f"{value:.2f}" for value in result.mutual_information.ravel()]
    frames = {"-": result.best_latents, "--": result.runner_up_latents}
    for dashes, marked in frames.items():
        cells = [patch.get_center() for patch in ax.patches if patch.get_linestyle() == dashes]
        np.testing.assert_allclose(cells, np.column_stack([np.arange(2), marked]))
    assert ax.figure.axes[1].get_ylabel() == "mutual information (nats)"


def test_the_frames_follow_the_result_where_its_gap_is_not_that_of_the_matrix():
    # Divided by the entropies of the latents, others may be the two largest.
    made_up = namedtuple("made_up", "mutual_information best_latents runner_up_latents")
    ax = plotting.relevance_heatmap(made_up(np.array([[3.0], [2.0], [1.0]]), np.array([2]), np.array([-1])))
    assert [patch.get_center()[1] for patch in ax.patches] == [pytest.approx(2.0)]


def test_cells_that_are_nan_have_no_number_and_no_frame():
    ax = draw(plotting.relevance_heatmap(np.array([[0.5, math.nan, 1], [math.nan, math.nan, 2]]), quantity="shares"))
    assert [text.get_text() for text in ax.texts] == ["0.50", "–", "1.00", "–", "–", "2.00"]
    assert "3 cells have no number" in title(ax)
    frames = [(patch.get_linestyle(), *np.round(patch.get_center()).astype(int).tolist()) for patch in ax.patches]
    assert sorted(frames) == [("-", 0, 0), ("-", 2, 1), ("--", 2, 0)]
    assert ax.figure.axes[1].get_ylabel() == "shares"


def test_numbers_that_could_not_be_read_are_left_out_of_large_matrices():
    assert not plotting.relevance_heatmap(np.random.default_rng(0).random((80, 80))).texts


def test_a_matrix_of_zeros_and_one_below_zero_can_be_drawn():
    assert [text.get_text() for text in draw(plotting.relevance_heatmap(np.zeros((1, 2)))).texts] == ["0.00", "0.00"]
    ax = draw(plotting.relevance_heatmap([[-0.001, -0.5], [1, 2]], latent_names=["a", "b"], factor_names=["u", "v"]))
    assert [text.get_text() for text in ax.texts] == ["0.00", "−0.50", "1.00", "2.00"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]


def test_new_figures_grow_with_their_rows():
    assert plotting.relevance_heatmap(np.ones((40, 2))).figure.get_size_inches()[1] == 11.0


@pytest.mark.parametrize(
    ("matrix", "names", "message"),
    [
        (np.ones(3), None, r"shape \(3,\)"),
        (np.full((2, 2), np.nan), None, "none that is a number"),
        (np.array([[1.0, np.inf]]), None, "infinite"),
        (np.ones((2, 2)), ["a"], "1 names are given for 2 factors"),
    ],
)
def test_what_is_no_matrix_is_refused(matrix, names, message):
    with pytest.raises(ValueError, match=message):
        plotting.relevance_heatmap(matrix, factor_names=names)


# --------------------------------------------------------------------------------------------------------------- scores


@pytest.fixture(scope="module")
def evaluation():
    rng = np.random.default_rng(0)
    factors = rng.integers(0, 3, (400, 2))
    latents = np.column_stack([factors + 0.4 * rng.normal(size=(400, 2)), rng.normal(size=400)])
    return dm.evaluate(
        latents,
        factors,
        metrics=["mig", "modularity", "gaussian_total_correlation"],
        intervals=True,
        chance=True,
        rng=0,
    )


def test_bars_are_scores_with_intervals_and_chance_bands(evaluation):
    ax = draw(plotting.score_bars(evaluation))
    rows = {row["metric"]: row for row in evaluation.rows()}
    shown = [rows["mig"], rows["modularity"]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["MIG", "modularity"]
    assert [bar.get_width() for bar in ax.patches[:2]] == [row["score"] for row in shown]
    bands = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches[2:]]
    np.testing.assert_allclose(bands, [(row["chance low"], row["chance high"]) for row in shown])
    assert [line.get_xdata()[0] for line in ax.lines[:2]] == [row["chance"] for row in shown]
    np.testing.assert_allclose(
        line_segments(ax), [[(row["low"], at), (row["high"], at)] for at, row in enumerate(shown)]
    )
    assert title(ax) == "not shown, as they have no bound: gaussian_total_correlation"
    assert legend(ax) == ["score", "interval", "chance"]


def test_rows_are_those_asked_for_and_lower_is_better_where_it_is(evaluation):
    ax = plotting.score_bars(evaluation, metrics=["gaussian_total_correlation", "mig"])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["gaussian total correlation ↓", "MIG"]
    assert "lower is better" in ax.get_xlabel()
    assert title(ax) == ""
    with pytest.raises(ValueError, match="'sap', which was not evaluated"):
        plotting.score_bars(evaluation, metrics=["sap"])
    with pytest.raises(ValueError, match="empty"):
        plotting.score_bars(evaluation, metrics=[])
    with pytest.raises(TypeError, match="evaluation is of type dict"):
        plotting.score_bars({})


def test_a_ceiling_below_one_is_marked_and_a_metric_without_score_says_so():
    factors = np.repeat(np.arange(40), 5)
    found = dm.evaluate(factors[:, None].astype(float), factors, metrics=["mig", "mig_sup"])
    broken = dm.Evaluation({**found.results, "mine": dm.evaluated.Failure("it failed")}, found.provenance)
    ax = draw(plotting.score_bars(broken, metrics=["mig", "mine"]))
    mark = next(line for line in ax.lines if line.get_label() == "ceiling")
    np.testing.assert_allclose(mark.get_xdata(), [math.log(20) / math.log(40)])
    assert [(text.get_text(), text.xy[1]) for text in ax.texts] == [("no score", 1)]
    assert len(ax.patches) == 1


# -------------------------------------------------------------------------------------------------------------- latents


def test_a_latent_by_a_factor_is_its_percentiles_by_value():
    rng = np.random.default_rng(0)
    factor = rng.permutation(np.repeat([10, 20, 40], 101))
    latent = factor / 10 + rng.normal(size=303)
    ax = draw(plotting.latent_against_factor(latent[:, None], {"size": factor}, 0, "size"))
    groups = [np.sort(latent[factor == value]) for value in (10, 20, 40)]
    np.testing.assert_array_equal(
        ax.lines[0].get_xydata(), [(v, g[50]) for v, g in zip((10, 20, 40), groups, strict=True)]
    )
    corners = ax.collections[0].get_paths()[0].vertices
    for value, group in zip((10, 20, 40), groups, strict=True):
        here = corners[corners[:, 0] == value][:, 1]
        assert (here.min(), here.max()) == (group[10], group[90])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("size", "latent 0")


def test_posteriors_stand_for_their_means_and_weights_count():
    mean = np.array([[0.0], [1.0], [2.0], [9.0]])
    posterior = dm.GaussianPosterior.from_scale(mean, np.ones_like(mean))
    ax = plotting.latent_against_factor(posterior, [0, 0, 0, 1], 0, 0, weights=[1, 1, 5, 1])
    assert ax.lines[0].get_ydata().tolist() == [2.0, 9.0]


def test_words_have_no_line_between_them_and_a_second_factor_has_a_series_a_value():
    factors = {"shape": ["heart", "square"] * 4, "size": [0, 0, 1, 1] * 2}
    latents = np.arange(8.0)[:, None]
    ax = draw(plotting.latent_against_factor(latents, factors, 0, "shape", by="size"))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["heart", "square"]
    assert [line.get_linestyle() for line in ax.lines] == ["None", "None"]
    assert [line.get_ydata().tolist() for line in ax.lines] == [[0.0, 1.0], [2.0, 3.0]]
    assert legend(ax) == ["0", "1"]
    assert ax.get_legend().get_title().get_text() == "size"


def test_a_value_without_samples_leaves_a_gap():
    factors = np.array([[0, 0], [1, 0], [2, 0], [0, 1], [2, 1]])
    ax = draw(plotting.latent_against_factor(np.arange(5.0)[:, None], factors, 0, 0, by=1))
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), [3, np.nan, 4])


@pytest.mark.parametrize("kind", ["continuous", "circular"])
def test_quantities_are_put_into_bins_that_stand_at_their_mean(kind):
    values = np.linspace(0.0, 6.2, 1000)
    ax = draw(plotting.latent_against_factor(values[:, None], values, 0, 0, kinds=kind))
    x, y = ax.lines[0].get_data()
    assert len(x) == 20
    np.testing.assert_allclose(x, y, atol=0.01)


def test_samples_without_a_label_are_counted():
    factors = dm.Factors({"a": [0, 1, None, 1], "b": [0.0, 1.0, 0.0, math.nan]}, missing="nan")
    latents = np.arange(4.0)[:, None]
    assert "left out: 1 samples" in title(plotting.latent_against_factor(latents, factors, 0, "a"))
    ax = plotting.latent_against_factor(latents, factors, 0, "a", by="b")
    assert "left out: 2 samples" in title(ax)
    np.testing.assert_array_equal([line.get_ydata() for line in ax.lines], [[0, np.nan], [np.nan, 1]])


def test_the_grid_has_a_row_a_factor_and_a_column_a_latent():
    factors = dm.Factors(FACTORS, names=["u", "v"])
    latents = np.column_stack([10 * FACTORS[:, 1], -FACTORS[:, 0], np.ones(36)])
    axes = plotting.latents_against_factors(latents, factors, latents_shown=[1, 0], by="u")
    assert axes.shape == (2, 2)
    assert axes[0, 0].lines[0].get_ydata().tolist() == [0, -1, -2]
    assert axes[1, 1].lines[2].get_ydata().tolist() == [0, 10, 20, 30]
    assert [title(ax) for ax in axes[0]] == ["latent 1", "latent 0"]
    assert [ax.get_xlabel() for ax in axes[:, 0]] == ["u", "v"]
    assert legend(axes[1, 1]) == ["0", "1", "2"]
    assert plotting.latents_against_factors(latents, factors).shape == (2, 3)
    draw(axes[0, 0])
    again = plotting.latents_against_factors(latents, factors, latents_shown=[0], axes=axes[:, :1])
    assert again[1, 0] is axes[1, 0]
    with pytest.raises(ValueError, match=r"axes has shape \(2, 2\); \(2, 1\) is wanted"):
        plotting.latents_against_factors(latents, factors, latents_shown=[0], axes=axes)
    with pytest.raises(ValueError, match="latents_shown is empty"):
        plotting.latents_against_factors(latents, factors, latents_shown=[])


@pytest.mark.parametrize(
    ("latent", "factor", "by", "message"),
    [
        (2, 0, None, r"latent=2 is out of range for 2 latents"),
        (-1, 0, None, "latent=-1"),
        (0, "colour", None, "factor names 'colour'"),
        (0, 0, 0, "by=0 is the factor on the axis"),
        (0, 0, 2, r"by=2 has 9 values; a factor of at most 7"),
        (0, 0, 3, r"by=3 has no labels \(continuous\)"),
    ],
)
def test_latents_and_factors_that_are_not_there_are_refused(latent, factor, by, message):
    numbers = np.arange(9)
    factors = dm.Factors(
        {"a": numbers % 2, "b": numbers % 3, "c": numbers, "d": numbers / 9}, kinds={"d": "continuous"}
    )
    with pytest.raises(ValueError, match=message):
        plotting.latent_against_factor(np.zeros((9, 2)), factors, latent, factor, by=by)


# ----------------------------------------------------------------------------------------------------------- traversals


@pytest.mark.parametrize("colours", [(), (3,)])
def test_the_grid_of_images_holds_every_image(colours):
    images = np.random.default_rng(0).integers(0, 256, (2, 3, 5, 4, *colours), np.uint8)
    ax = draw(plotting.traversal_grid(images, latent_names=["x", "size"], values=[-1.5, 0, 1.5]))
    picture = ax.images[0].get_array()
    for latent in range(2):
        for step in range(3):
            top, left = 7 * latent, 6 * step
            np.testing.assert_allclose(picture[top : top + 5, left : left + 4], images[latent, step] / 255)
    assert picture.shape == (12, 16, *colours)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["x", "size"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["−1.5", "0", "1.5"]


@pytest.mark.parametrize(
    ("images", "options", "message"),
    [
        (np.zeros((3, 4, 4)), {}, r"shape \(3, 4, 4\)"),
        (np.zeros((2, 3, 3, 4, 4)), {}, "move channels there"),
        (np.full((1, 1, 2, 2), 1.5), {}, "outside 0 to 1"),
        (np.full((1, 1, 2, 2), np.nan), {}, "outside 0 to 1"),
        (np.zeros((1, 2, 2, 2)), {"values": [1]}, r"values has shape \(1,\)"),
        (np.zeros((2, 2, 2, 2)), {"latent_names": ["a"]}, "1 names are given for 2 latents"),
    ],
)
def test_images_that_cannot_be_drawn_are_refused(images, options, message):
    with pytest.raises(ValueError, match=message):
        plotting.traversal_grid(images, **options)


# ----------------------------------------------------------------------------------------------------------------- logs


LOG = [
    {"iteration": 10, "elbo": -9.0, "mean_kl": 1.0, "seconds": 1.0},
    {"iteration": 20, "elbo": None, "mean_kl": 2.0, "seconds": 2.0},
    {"iteration": 30, "elbo": -5.0, "mean_kl": 3.0, "seconds": 3.0},
]


def test_curves_are_the_numbers_of_the_log_with_gaps_where_they_are_missing(tmp_path):
    file = tmp_path / "metrics.jsonl"
    file.write_text("\n".join(map(json.dumps, LOG)) + "\n")
    for log in (LOG, file, str(file)):
        ax = draw(plotting.learning_curves(log))
        np.testing.assert_array_equal(ax.lines[0].get_xydata(), [(10, -9), (20, np.nan), (30, -5)])
        assert ax.get_ylabel() == "ELBO (nats)"
        assert title(ax) == "gaps: 1 entries are missing or not finite"
        assert ax.get_legend() is None


def test_terms_have_colours_and_runs_have_lines_unless_there_is_one_term():
    ax = draw(plotting.learning_curves({"a": LOG, "b": LOG[:1]}, ["mean_kl", "elbo"]))
    assert legend(ax) == ["a, KL to the prior", "a, ELBO", "b, KL to the prior", "b, ELBO"]
    assert [line.get_color() for line in ax.lines] == [*COLOURS[:2], *COLOURS[:2]]
    assert [line.get_linestyle() for line in ax.lines] == ["-", "-", "--", "--"]
    assert ax.get_ylabel() == "nats"
    ax = plotting.learning_curves({"a": LOG, "b": LOG}, "mean_kl")
    assert [line.get_color() for line in ax.lines] == list(COLOURS[:2])
    assert legend(ax) == ["a", "b"]


def test_without_an_elbo_every_number_is_drawn_but_those_of_the_log_itself():
    log = [{key: value for key, value in line.items() if key != "elbo"} | {"accuracy": 0.5} for line in LOG]
    assert legend(plotting.learning_curves(log)) == ["KL to the prior", "accuracy"]


@pytest.mark.parametrize(
    ("log", "terms", "message"),
    [
        ([], None, "log has no lines"),
        ({}, None, "no runs"),
        ([{"elbo": 1.0}], None, "line 1 is no mapping with a number under 'iteration'"),
        (LOG, "tc", "the log has no number 'tc'; there is iteration, elbo"),
        ({"a": LOG, "b": [{"iteration": 1, "mean_kl": 1.0}]}, "elbo", "the log of 'b' has no number 'elbo'"),
        (LOG + LOG, None, "goes from iteration 30 to 10"),
        (LOG, [], "terms is empty"),
        ({str(k): LOG for k in range(8)}, None, "more than can be told apart"),
        ("no/such/file", None, "cannot be read"),
    ],
)
def test_logs_that_cannot_be_drawn_are_refused(log, terms, message):
    with pytest.raises(ValueError, match=message):
        plotting.learning_curves(log, terms)


def test_a_line_that_is_no_json_is_named(tmp_path):
    file = tmp_path / "log"
    file.write_text('{"iteration": 1, "elbo": 2.0}\n{"iter')
    with pytest.raises(ValueError, match="line 2 is no JSON"):
        plotting.learning_curves(file)
