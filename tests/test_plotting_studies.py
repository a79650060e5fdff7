"""Figures of studies: what the artists hold is what the data say, and what is left out is said."""

import math

import numpy as np
import pytest
from scipy import stats

import dismetrics as dm
from drawn_figures import DEPENDENT, MIG, draw, legend, line_segments, model, offsets, study, title

mpl = pytest.importorskip("matplotlib")
mpl.use("agg")

from matplotlib.colors import to_hex  # noqa: E402

from dismetrics import plotting  # noqa: E402
from dismetrics.plotting.palette import COLOURS, objective_styles  # noqa: E402


def test_lines_against_beta_are_medians_with_the_intervals_of_the_median():
    ax = draw(plotting.metric_against_beta(study()))
    vae, tcvae = ax.lines
    np.testing.assert_allclose(vae.get_ydata(), [np.median(MIG["vae", 1.0])])
    np.testing.assert_allclose(
        tcvae.get_ydata(), [np.median(MIG["beta_tcvae", 2.0]), np.median(MIG["beta_tcvae", 6.0])]
    )
    # The ends of six values are the first and the last.
    ends = [(segment[0][1], segment[1][1]) for segment in line_segments(ax)]
    np.testing.assert_allclose(ends, [(min(values), max(values)) for values in MIG.values()])
    np.testing.assert_allclose(offsets(ax)[:, 1], np.concatenate(list(MIG.values())))
    np.testing.assert_array_equal(tcvae.get_xdata(), [2.0, 6.0])
    # Apart on the page, so that intervals of one beta can be told apart.
    places = [line.get_transform().transform((2.0, 0.1))[0] for line in ax.lines]
    assert places[1] - places[0] == pytest.approx(6 * ax.figure.dpi / 72)
    assert ax.get_xlim() == (0.6, 6.4)
    low, high = ax.get_ylim()
    assert -0.05 < low < 0.02
    assert 0.45 < high < 0.52
    assert legend(ax) == ["VAE", "β-TCVAE"]
    assert title(ax) == "median of 6 seeds, interval covers 96 %"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("β", "MIG")


def test_units_are_on_the_axes():
    assert plotting.metric_against_beta(study(), "total_correlation").get_ylabel() == "total correlation (nats)"
    assert plotting.seed_distributions(study(), "elbo").get_xlabel() == "ELBO (nats)"


@pytest.mark.parametrize(
    "function", [plotting.metric_against_beta, plotting.seed_distributions, plotting.factor_samplings]
)
def test_models_that_failed_or_lack_the_number_are_counted_in_the_title(function):
    more = [
        model("vae", 1.0, 9, 0.9, status="failed"),
        model("vae", 1.0, 7, None),
        model("vae", 1.0, 8, math.nan),
        model("beta_vae", 1.0, 8, math.inf),
    ]
    with_more, without = function(study(*more)), function(study())
    np.testing.assert_array_equal(offsets(with_more), offsets(without))
    assert title(with_more) == "median of 6 seeds, interval covers 96 %\nleft out: 1 failed, 3 without mig"


def test_a_single_seed_has_a_point_without_an_interval():
    lonely = dm.Study((model("vae", 1.0, 0, 0.3),), {})
    for function in (plotting.metric_against_beta, plotting.seed_distributions, plotting.factor_samplings):
        ax = draw(function(lonely))
        assert line_segments(ax) == []
        assert title(ax) == "single seeds, so no intervals"


def test_several_cases_are_never_taken_together():
    two = study(model("vae", 1.0, 0, 0.7, case=DEPENDENT))
    for function in (plotting.metric_against_beta, plotting.seed_distributions):
        with pytest.raises(ValueError, match="2 cases: say which with case="):
            function(two)
        with pytest.raises(ValueError, match="case='mine' is not in the study"):
            function(two, case="mine")
        ax = function(two, case=DEPENDENT)
        assert len(offsets(ax)) == 1


def test_an_objective_keeps_its_colour_in_a_part_of_the_study():
    part = study().select(objective="vae")
    whole = plotting.metric_against_beta(study()).lines[0].get_color()
    assert plotting.metric_against_beta(part).lines[0].get_color() == whole
    assert plotting.factor_samplings(part).lines[0].get_color() == whole
    assert to_hex(plotting.metric_scatter(part, "elbo", "mig").collections[0].get_facecolor()[0]) == whole.lower()


def test_styles_differ_for_dozens_of_objectives():
    found = list(objective_styles(f"objective {k}" for k in range(51)).values())
    assert len({(one.colour, one.marker) for one in found}) == 56
    assert len({one.colour for one in found[: len(COLOURS)]}) == len(COLOURS)


def test_rows_of_seeds_hold_all_values_and_their_median():
    ax = draw(plotting.seed_distributions(study()))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["VAE, β = 1", "β-TCVAE, β = 2", "β-TCVAE, β = 6"]
    np.testing.assert_allclose(
        [(line.get_xdata()[0], line.get_ydata()[0]) for line in ax.lines],
        [(np.median(values), row) for row, values in enumerate(MIG.values())],
    )
    np.testing.assert_allclose(offsets(ax)[:, 0], np.concatenate([np.sort(values) for values in MIG.values()]))
    assert [(s[0][0], s[1][0]) for s in line_segments(ax)] == [(min(v), max(v)) for v in MIG.values()]
    assert ax.get_ylim() == (2.5, -0.5)


def test_factor_samplings_have_a_place_a_case_and_a_series_an_objective_and_beta():
    more = [model("beta_tcvae", 2.0, seed, 0.1 + 0.01 * seed, case=DEPENDENT) for seed in range(5)]
    failed = model("beta_tcvae", 2.0, 0, None, case="dependent_nonuniform", status="failed")
    ax = draw(plotting.factor_samplings(study(*more, failed), beta=[1.0, 2.0]))
    words = [label.get_text() for label in ax.get_xticklabels()]
    assert words == ["independent,\nuniform", "dependent,\nuniform", "dependent,\nnonuniform"]
    assert legend(ax) == ["VAE, β = 1", "β-TCVAE, β = 2"]
    np.testing.assert_allclose(ax.lines[1].get_ydata(), [np.median(MIG["beta_tcvae", 2.0]), 0.12])
    assert np.round(ax.lines[1].get_xdata()).tolist() == [0, 1]
    assert title(ax).splitlines() == [
        "median of 5 to 6 seeds, interval covers at least 93 %",
        "left out: 1 failed",
        "no model: dependent, nonuniform",
    ]
    ax = plotting.factor_samplings(study(*more))
    assert legend(ax) == ["β-TCVAE, β = 2"]
    assert title(ax).splitlines()[1] == "not shown: 2 objectives and β with one case alone"
    with pytest.raises(ValueError, match=r"beta=3: no model .* there is \[1.0, 2.0, 6.0\]"):
        plotting.factor_samplings(study(), beta=3)


@pytest.mark.parametrize(
    "function", [plotting.metric_against_beta, plotting.seed_distributions, plotting.factor_samplings]
)
def test_a_study_that_cannot_be_drawn_is_refused(function):
    with pytest.raises(TypeError, match="study is of type list"):
        function([])
    with pytest.raises(ValueError, match="it has no rows"):
        function(dm.Study((), {}))
    with pytest.raises(ValueError, match="its 1 models all failed"):
        function(dm.Study((model("vae", 1.0, 0, 0.1, status="failed"),), {}))
    with pytest.raises(ValueError, match="no model of the study has 'sap'"):
        function(study(), "sap")
    with pytest.raises(ValueError, match="'objective' is no column of numbers"):
        function(study(), "objective")
    with pytest.raises(ValueError, match="none of the 1 models of the study has a finite 'mig'"):
        function(dm.Study((model("vae", 1.0, 0, None),), {}))


# -------------------------------------------------------------------------------------------------------------- scatter


def scattered(x, y):
    return dm.Study(tuple(model("vae", 1.0, k, b, elbo=a) for k, (a, b) in enumerate(zip(x, y, strict=True))), {})


def test_the_line_is_that_of_least_squares_and_the_band_that_of_its_mean():
    # By hand: mean x 2, Sxx 10, slope 0.3, line 0.2 at 0 and 1.4 at 4, residuals 0, .1, -.2, .1, 0: s^2 = 0.06 / 3.
    x, y = [0.0, 1.0, 2.0, 3.0, 4.0], [0.2, 0.6, 0.6, 1.2, 1.4]
    ax = draw(plotting.metric_scatter(scattered(x, y), "elbo", "mig"))
    np.testing.assert_allclose(ax.lines[0].get_xydata()[[0, -1]], [(0, 0.2), (4, 1.4)])
    (band,) = (one for one in ax.collections if "PolyCollection" in type(one).__name__)
    corners = band.get_paths()[0].vertices
    half = 3.182446305 * math.sqrt(0.02 * (1 / 5 + 4 / 10))  # t of 3 degrees of freedom at 0.975
    at_zero = corners[corners[:, 0] == 0.0][:, 1]
    assert at_zero.min() == pytest.approx(0.2 - half, abs=1e-9)
    assert at_zero.max() == pytest.approx(0.2 + half, abs=1e-9)
    middle = corners[np.isclose(corners[:, 0], 2.0)][:, 1]
    assert np.ptp(middle) == pytest.approx(2 * 3.182446305 * math.sqrt(0.02 / 5), abs=1e-8)
    np.testing.assert_array_equal(offsets(ax), np.column_stack([x, y]))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("ELBO (nats)", "MIG")


def test_the_title_has_kendalls_tau_with_the_studys_interval_from_ten_models_on():
    drawn = study()
    ax = plotting.metric_scatter(drawn, "elbo", "mig")
    tau = stats.kendalltau(drawn.column("elbo"), drawn.column("mig")).statistic
    found = drawn.rank_correlation("elbo", "mig")
    words = f"Kendall's τ = {tau:.2f} [{found['low']:.2f}, {found['high']:.2f}], 18 models"
    assert title(ax) == words.replace("-", "−")
    assert (
        title(plotting.metric_scatter(scattered([1, 2, 3], [1, 3, 2]), "elbo", "mig")) == "Kendall's τ = 0.33, 3 models"
    )


def test_there_is_no_line_without_band_or_where_all_models_have_the_same_x():
    assert not plotting.metric_scatter(study(), "elbo", "mig", band=False).lines
    ax = draw(plotting.metric_scatter(scattered([1, 1, 1], [1, 3, 2]), "elbo", "mig"))
    assert not ax.lines
    assert title(ax) == "Kendall's τ is not defined: all have the same ELBO"


def test_models_without_one_of_the_numbers_take_no_part_and_two_are_too_few():
    some = scattered([1.0, 2.0, None, 4.0], [0.1, 0.2, 0.3, math.nan])
    with pytest.raises(ValueError, match="2 models have both 'elbo' and 'mig'; at least three"):
        plotting.metric_scatter(some, "elbo", "mig")
    ax = plotting.metric_scatter(scattered([1.0, 2.0, None, 4.0, 5.0], [0.1, 0.2, 0.3, math.nan, 1]), "elbo", "mig")
    assert title(ax).splitlines()[1] == "left out: 2 without elbo and mig"
    np.testing.assert_array_equal(offsets(ax), [(1, 0.1), (2, 0.2), (5, 1)])
