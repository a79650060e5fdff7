"""Pictures: drawn without error, where they are told to be, with the right data in them."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest

import dismetrics as dm
from dismetrics import plotting
from dismetrics.plotting.canvas import colours_of
from dismetrics.study.table import CASES
from studies import made_up_study

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")

STUDY = made_up_study()
FACTORS = np.indices((6, 5)).reshape(2, -1).T
FIRST = STUDY.select(case=CASES[0])


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def evaluated(**options):
    rng = np.random.default_rng(0)
    latents = np.column_stack([FACTORS[:, 0], FACTORS.sum(1), rng.normal(size=len(FACTORS))])
    return dm.evaluate(
        np.tile(latents, (3, 1)), np.tile(FACTORS, (3, 1)), metrics=["mig", "modularity"], rng=0, **options
    )


@pytest.mark.parametrize(
    ("draw", "data"),
    [
        (plotting.relevance_heatmap, [[1.0, 0.2], [0.1, 0.4], [0.0, 0.0]]),
        (plotting.metric_against_beta, STUDY),
        (plotting.seed_distributions, STUDY),
        (plotting.factor_samplings, STUDY),
        (lambda data, ax=None: plotting.metric_scatter(data, "total_correlation", ax=ax), STUDY),
        (plotting.traversal_grid, np.zeros((2, 3, 4, 4))),
        (plotting.learning_curves, [{"iteration": 1, "loss": 2.0}]),
        (lambda data, ax=None: plotting.latent_against_factor(data, data, 0, 1, ax=ax), FACTORS),
        (plotting.score_bars, None),
    ],
)
def test_every_picture_is_drawn_where_it_is_told(tmp_path, draw, data):
    data = evaluated() if data is None else data
    _, ax = plt.subplots()
    assert draw(data, ax=ax) is ax
    assert len(plt.get_fignums()) == 1
    new = draw(data)
    assert new is not ax
    assert len(plt.get_fignums()) == 2
    new.figure.savefig(tmp_path / "picture.png")
    assert (tmp_path / "picture.png").stat().st_size > 1000


def lines_of(ax):
    """What `errorbar` drew: label -> x, medians, and the ends of the intervals."""
    found = {}
    for container in ax.containers:
        line, _, bars = container
        ends = np.array([segment[:, 1] for segment in bars[0].get_segments()])
        found[container.get_label()] = line.get_xdata(), line.get_ydata(), ends
    return found


# ------------------------------------------------------------------------------------------------------------- studies


def test_lines_against_beta_are_the_medians_with_their_intervals():
    ax = plotting.metric_against_beta(STUDY)
    found = lines_of(ax)
    assert set(found) == {"VAE", "β-VAE", "β-TCVAE"}
    x, medians, ends = found["β-TCVAE"]
    wanted = [row["mig"] for row in FIRST.select(objective="beta_tcvae").summary()]
    assert x == pytest.approx([2, 4, 6], abs=0.3)
    assert list(medians) == [one.median for one in wanted]
    assert ends == pytest.approx(np.array([(one.low, one.high) for one in wanted]))
    dots = np.concatenate([line.get_ydata() for line in ax.lines if line.get_marker() == "o"])
    assert sorted(dots) == sorted(FIRST.column("mig"))
    assert ax.get_ylabel() == "MIG"


def test_another_case_and_another_number_are_drawn():
    ax = plotting.metric_against_beta(STUDY, "total_correlation", case=CASES[3])
    assert ax.get_ylabel() == "total correlation, nats"
    assert "dependent nonuniform" in ax.get_title()
    (text,) = ax.texts
    assert text.get_text() == "1 model without total_correlation left out"
    with pytest.raises(ValueError, match="case='skewed' has no model"):
        plotting.metric_against_beta(STUDY, case="skewed")


def test_seeds_stand_by_setting():
    ax = plotting.seed_distributions(STUDY)
    labels = [text.get_text() for text in ax.get_xticklabels()]
    assert labels == ["VAE", "β-VAE 2", "β-VAE 4", "β-VAE 6", "β-TCVAE 2", "β-TCVAE 4", "β-TCVAE 6"]
    for place, row in enumerate(FIRST.summary(["mig"])):
        near = [line for line in ax.lines if line.get_marker() == "o" and round(line.get_xdata()[0]) == place]
        (dots,) = near
        assert list(dots.get_ydata()) == list(FIRST.select(objective=row["objective"], beta=row["beta"]).column("mig"))


def test_factor_samplings_stand_side_by_side():
    ax = plotting.factor_samplings(STUDY)
    found = lines_of(ax)
    assert set(found) == {"β-VAE 6", "β-TCVAE 6"}
    for label, objective in (("β-VAE 6", "beta_vae"), ("β-TCVAE 6", "beta_tcvae")):
        x, medians, _ = found[label]
        assert np.round(np.asarray(x, float)).tolist() == [0, 1, 2, 3]
        for case, median in zip(CASES, medians, strict=True):
            assert median == np.median(STUDY.select(objective=objective, beta=6.0, case=case).column("mig"))
    with pytest.raises(ValueError, match="under two factor samplings"):
        plotting.factor_samplings(FIRST)


def test_a_scatter_has_every_model_the_line_and_its_band():
    from scipy.stats import linregress, t

    ax = plotting.metric_scatter(STUDY, "total_correlation")
    dots = np.concatenate([np.asarray(one.get_offsets()) for one in ax.collections[:3]])
    values = np.column_stack([STUDY.column("total_correlation"), STUDY.column("mig")])
    assert sorted(map(tuple, dots)) == sorted(map(tuple, values))
    fit = linregress(*values.T)
    x, y = ax.lines[0].get_data()
    assert y == pytest.approx(fit.intercept + fit.slope * x)
    # At the mean of x, the half width is t s / sqrt(n).
    n = len(values)
    residual = values[:, 1] - fit.intercept - fit.slope * values[:, 0]
    half = t.ppf(0.975, n - 2) * math.sqrt((residual**2).sum() / (n - 2) / n)
    path = ax.collections[3].get_paths()[0].vertices
    near = path[np.abs(path[:, 0] - values[:, 0].mean()) < np.ptp(x) / 150]
    assert np.ptp(near[:, 1]) == pytest.approx(2 * half, rel=0.02)
    tau = STUDY.rank_correlation("total_correlation", "mig")
    assert ax.get_title().startswith(f"Kendall's τ {tau['coefficient']:.2f} [")
    assert plotting.metric_scatter(STUDY, "elbo", band=False).lines[:] == []
    with pytest.raises(ValueError, match="no model of the study has 'sap'"):
        plotting.metric_scatter(STUDY, "sap")


def test_too_few_models_have_no_band_and_no_tau():
    two = STUDY.select(objective="vae", seed=[0, 1])
    ax = plotting.metric_scatter(two, "total_correlation")
    assert (len(ax.lines), ax.get_title()) == (0, "")
    one = STUDY.select(objective="vae", seed=0)
    ((_, medians, ends),) = lines_of(plotting.metric_against_beta(one)).values()
    assert ends[0] == pytest.approx([medians[0], medians[0]])


def test_an_objective_has_one_colour():
    assert colours_of(["beta_vae", "mine"])["beta_vae"] == colours_of(["beta_vae"])["beta_vae"]
    assert len(set(colours_of(["vae", "beta_vae", "beta_tcvae", "factor_vae", "a", "b", "c"]).values())) == 7


# --------------------------------------------------------------------------------------------------------- evaluations


def test_a_heat_map_holds_the_matrix_and_frames_the_best():
    result = dm.mig(FACTORS, FACTORS)
    ax = plotting.relevance_heatmap(result)
    assert np.asarray(ax.images[0].get_array()) == pytest.approx(result.mutual_information)
    assert ax.texts[0].get_text() == f"{math.log(6):.2f}"
    frames = [(round(patch.get_x()), round(patch.get_y()), patch.get_linestyle()) for patch in ax.patches]
    assert frames == [(0, 0, "-"), (0, 1, "--"), (1, 1, "-"), (1, 0, "--")]
    with pytest.raises(ValueError, match="factor_names has 1 names for 2 columns"):
        plotting.relevance_heatmap([[1.0, 2.0], [0.0, 1.0]], factor_names=["a"])
    with pytest.raises(ValueError, match="nan"):
        plotting.relevance_heatmap([[1.0, np.nan], [0.0, 1.0]])


def test_bars_have_scores_intervals_chance_and_ceilings():
    evaluation = evaluated(intervals=True, chance=True)
    ax = plotting.score_bars(evaluation, metrics=["mig", "modularity"])
    rows = {row["metric"]: row for row in evaluation.rows()}
    assert [bar.get_width() for bar in ax.patches] == [rows["mig"]["score"], rows["modularity"]["score"]]
    ends = [bars[0].get_segments()[0][:, 0] for *_, bars in (c for c in ax.containers if hasattr(c, "has_xerr"))]
    assert ends[0] == pytest.approx([rows["mig"]["low"], rows["mig"]["high"]])
    low, high = rows["mig"]["chance low"], rows["mig"]["chance high"]
    bands = [one.get_paths()[0].vertices for one in ax.collections if type(one).__name__.startswith("FillBetween")]
    assert (bands[0][:, 0].min(), bands[0][:, 0].max()) == pytest.approx((low, high))
    assert "orange: chance" in ax.get_xlabel()
    with pytest.raises(ValueError, match="metrics names 'sap', which was not evaluated"):
        plotting.score_bars(evaluation, metrics=["sap"])


# ------------------------------------------------------------------------------------------------------------- latents


def test_a_latent_is_drawn_by_the_values_of_a_factor():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, size=(400, 2))
    latents = np.column_stack([rng.normal(size=400), 2.0 * codes[:, 1] + rng.normal(size=400)])
    posterior = dm.GaussianPosterior.from_scale(latents, np.ones_like(latents))
    factors = dm.Factors(codes, names=["shape", "x"])
    ax = plotting.latent_against_factor(posterior, factors, 1, "x")
    wanted = [np.percentile(latents[codes[:, 1] == code, 1], (10, 50, 90)) for code in range(4)]
    assert ax.lines[0].get_ydata() == pytest.approx([one[1] for one in wanted])
    edges = ax.collections[0].get_paths()[0].vertices
    for code, (low, _, high) in enumerate(wanted):
        at = edges[edges[:, 0] == code][:, 1]
        assert (at.min(), at.max()) == pytest.approx((low, high))
    grid = plotting.latents_against_factors(latents, factors, shown=[1])
    assert grid.shape == (2, 1)
    assert grid[1, 0].lines[0].get_ydata() == pytest.approx([one[1] for one in wanted])
    assert grid[0, 0].get_title() == "latent 1"
    assert plotting.latents_against_factors(latents, factors, shown=[1], axes=grid)[0, 0] is grid[0, 0]


def test_wrong_latents_and_factors_are_refused():
    with pytest.raises(ValueError, match="latent=2 is not among the 2 latents"):
        plotting.latent_against_factor(FACTORS, FACTORS, 2, 0)
    with pytest.raises(ValueError, match="continuous and has no labels: bin it first"):
        plotting.latent_against_factor(FACTORS, FACTORS + 0.5, 0, 0, kinds="continuous")
    with pytest.raises(ValueError, match=r"axes has shape \(1,\)"):
        plotting.latents_against_factors(FACTORS, FACTORS, axes=[plt.subplots()[1]])


@pytest.mark.parametrize("colours", [(), (3,)])
def test_a_traversal_is_a_mosaic_of_its_images(colours):
    images = np.random.default_rng(0).random((2, 3, 4, 5, *colours))
    ax = plotting.traversal_grid(images, values=[-1, 0, 1])
    picture = np.asarray(ax.images[0].get_array())
    assert picture.shape == (2 * 5, 3 * 6, *colours)
    assert (picture[6:10, 13:18] == images[1, 2]).all()
    assert (picture[5] == 0.5).all()


@pytest.mark.parametrize(
    ("images", "options", "message"),
    [
        (np.zeros((2, 3, 4)), {}, "has shape"),
        (np.full((1, 1, 2, 2), 255.0), {}, "from 255.0 to 255.0"),
        (np.full((1, 1, 2, 2), np.nan), {}, "from nan"),
        (np.zeros((1, 2, 2, 2)), {"values": [1.0]}, "values has 1 entries; 2 are wanted"),
    ],
)
def test_what_are_no_images_is_refused(images, options, message):
    with pytest.raises(ValueError, match=message):
        plotting.traversal_grid(images, **options)


def test_learning_curves_are_the_log(tmp_path):
    log = [{"iteration": 5, "loss": 3.0, "mean_kl": 1.0}, {"iteration": 10, "loss": 2.0, "mean_kl": 1.5}]
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in log))
    ax = plotting.learning_curves({"vae": tmp_path / "metrics.jsonl", "beta_tcvae": log[:1]}, "mean_kl")
    assert [list(line.get_xdata()) for line in ax.lines] == [[5, 10], [5]]
    assert [list(line.get_ydata()) for line in ax.lines] == [[1.0, 1.5], [1.0]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["VAE", "β-TCVAE"]
    with pytest.raises(ValueError, match="the log has no 'tc'; there is iteration, loss, mean_kl"):
        plotting.learning_curves(log, "tc")
    with pytest.raises(ValueError, match="the log of 'a' cannot be read"):
        plotting.learning_curves({"a": tmp_path / "none.jsonl"})


# ---------------------------------------------------------------------------------------------------------- matplotlib


def test_without_matplotlib_the_remedy_is_named():
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from dismetrics import plotting\n"
        "plotting.learning_curves([{'iteration': 1, 'loss': 1.0}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (
        "ModuleNotFoundError: pictures need matplotlib, which is not installed: install dismetrics[plot]" in done.stderr
    )
