"""Many models as one table: medians, paired differences, rank correlations, merging."""

import json
import math

import numpy as np
import pytest

import dismetrics as dm


def row(objective="beta_tcvae", beta=4.0, case="independent_uniform", seed=0, **numbers):
    cell = f"{objective}-{beta}-{case}-{seed}"
    base = dict(cell=cell, objective=objective, beta=beta, case=case, seed=seed, status="done", error=None)
    return {**base, **dict.fromkeys(("index_code_mi", "dimension_wise_kl", "log_likelihood"), 1.0), **numbers}


def study(*rows):
    return dm.Study(tuple(rows), {"versions": {}})


# --------------------------------------------------------------------------------------------------------------- median


@pytest.mark.parametrize(("n", "k"), [(5, 1), (6, 1), (8, 1), (9, 2), (20, 6), (50, 18)])
def test_ends_of_the_median_are_those_of_the_tables_of_order_statistics(n, k):
    found = dm.median_interval(np.random.default_rng(n).permutation(n))
    assert (found.low, found.high) == (k - 1, n - k)
    assert found.median == (n - 1) / 2
    assert found.coverage >= 0.95 or n < 6


def test_the_coverage_of_the_median_is_what_it_says():
    rng = np.random.default_rng(0)
    draws = rng.exponential(size=(20_000, 7))
    found = [dm.median_interval(values, level=0.8) for values in draws[:2000]]
    inside = np.mean([one.low <= math.log(2) <= one.high for one in found])
    assert found[0].coverage == pytest.approx(1 - 2 * (1 + 7) / 128)
    assert inside == pytest.approx(found[0].coverage, abs=4 * math.sqrt(0.125 * 0.875 / 2000))


def test_one_value_has_no_interval_and_none_is_refused():
    found = dm.median_interval([0.3])
    assert found.median == 0.3
    assert math.isnan(found.low)
    assert math.isnan(found.coverage)
    with pytest.raises(ValueError, match="values has none"):
        dm.median_interval([])
    with pytest.raises(ValueError, match="not finite"):
        dm.median_interval([0.1, math.nan])


# -------------------------------------------------------------------------------------------------------------- summary


def test_summary_is_by_setting_over_seeds_and_counts_failures():
    rows = [row(seed=s, mig=m, total_correlation=t) for s, m, t in [(0, 0.2, 1.0), (1, 0.5, 0.5), (2, 0.3, 0.7)]]
    rows += [row("vae", 1.0, mig=0.1, total_correlation=3.0)]
    rows += [row(seed=3, status="failed", error="out of memory")]
    found = study(*rows).summary()
    assert [(one["objective"], one["n_seeds"], one["n_failed"]) for one in found] == [
        ("beta_tcvae", 3, 1),
        ("vae", 1, 0),
    ]
    assert found[0]["mig"].median == 0.3
    assert (found[0]["mig"].low, found[0]["mig"].high) == (0.2, 0.5)
    assert found[0]["total_correlation"].median == 0.7
    text = str(study(*rows))
    assert "0.300 [0.200, 0.500]" in text
    assert "out of memory" in str(study(*rows).table())
    assert list(study(*rows).summary_table().columns)[3:5] == ["seeds", "failed"]


def test_two_models_of_one_seed_stand_in_no_median():
    rows = [row(mig=0.1, iterations=100), {**row(mig=0.2, iterations=200), "cell": "other"}]
    for ask in (study(*rows).summary, lambda: study(*rows).differences("beta_tcvae", "beta_vae")):
        with pytest.raises(ValueError, match=r"differ in iterations .* choose with select\(iterations"):
            ask()
    assert study(*rows).select(iterations=100).summary(["mig"])[0]["mig"].median == 0.1


def test_settings_are_ordered_by_case_objective_and_beta():
    rows = [row(case="dependent_uniform"), row("vae", 1.0), row(beta=10.0), row(beta=2.0)]
    found = [(one["case"], one["objective"], one["beta"]) for one in study(*rows).settings()]
    first = "independent_uniform"
    assert found == [
        (first, "beta_tcvae", 2.0),
        (first, "beta_tcvae", 10.0),
        (first, "vae", 1.0),
        ("dependent_uniform", "beta_tcvae", 4.0),
    ]


def test_differences_are_paired_by_seed_and_averaged_over_beta():
    rows = []
    for seed in range(5):
        for beta in (4.0, 6.0):
            rows.append(row(beta=beta, seed=seed, mig=0.4 + 0.1 * seed))
            rows.append(row("beta_vae", beta, seed=seed, mig=0.3 + 0.1 * seed - 0.01 * beta * (seed != 2)))
    rows.append(row(beta=9.0, mig=1.0))  # has no partner
    found = study(*rows).differences("beta_tcvae", "beta_vae")
    assert [one["beta"] for one in found] == [4.0, 6.0, None]
    assert found[0]["difference"].median == pytest.approx(0.14)
    assert found[2]["difference"].median == pytest.approx(0.15)
    assert found[2]["difference"].low == pytest.approx(0.1)
    assert found[2]["n_positive"] == 5
    assert study(*rows).differences("beta_tcvae", "vae") == []


def test_rank_correlation_is_that_of_scipy():
    from scipy.stats import kendalltau, spearmanr

    rng = np.random.default_rng(1)
    x = rng.normal(size=12)
    y = x + rng.normal(size=12)
    table = study(*(row(seed=s, mig=a, total_correlation=b) for s, (a, b) in enumerate(zip(x, y, strict=True))))
    found = table.rank_correlation("mig", "total_correlation")
    assert found["coefficient"] == pytest.approx(kendalltau(x, y).statistic)
    assert found["low"] < found["coefficient"] < found["high"]
    other = table.rank_correlation("mig", "total_correlation", statistic="spearman")
    assert other["coefficient"] == pytest.approx(spearmanr(x, y).statistic)
    few = table.select(seed=[0, 1, 2]).rank_correlation("mig", "total_correlation")
    assert (few["low"], few["n"]) == (None, 3)


# ---------------------------------------------------------------------------------------------------------------- files


def test_merging_keeps_every_cell_once():
    one = study(row(seed=0, mig=0.1), row(seed=1, status="failed", error="NaN"))
    other = study(row(seed=1, mig=0.2), row(seed=2, mig=0.3))
    both = one.merged(other)
    assert [(each["seed"], each["status"]) for each in both.rows] == [(0, "done"), (1, "done"), (2, "done")]
    assert one.merged(one).rows == one.rows
    differing = study(row(seed=0, mig=0.11))
    with pytest.raises(ValueError, match=r"beta_tcvae-4\.0-independent_uniform-0: done in two studies"):
        one.merged(differing)
    assert one.merged(differing, keep="first").column("mig").tolist() == [0.1]
    assert one.merged(differing, keep="other").column("mig").tolist() == [0.11]


def test_a_study_is_read_as_it_was_written(tmp_path):
    table = study(row(mig=0.1), row(seed=1, mig=math.nan))
    (tmp_path / "table.json").write_text(table.to_json())
    for path in (tmp_path, tmp_path / "table.json"):
        read = dm.read_study(path)
        assert read.rows[0] == table.rows[0]
        assert read.rows[1]["mig"] is None
    assert read.summary()[0]["mig"].n == 1
    lines = table.to_csv().splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("cell,objective,beta,case,seed,status,error")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "cannot be read"),
        ("[]", "no list named 'study'"),
        (json.dumps({"study": [{"cell": "a"}]}), "has no 'objective'"),
        (json.dumps({"study": [row(), row()]}), "two rows of a study are of the cell"),
    ],
)
def test_what_is_no_study_is_refused(tmp_path, content, message):
    (tmp_path / "table.json").write_text(content)
    with pytest.raises(ValueError, match=message):
        dm.read_study(tmp_path)
    with pytest.raises(ValueError, match="no model of the study has 'mig'"):
        study(row()).column("mig")
