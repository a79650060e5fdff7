"""The embedded example: what is computed equals what is known."""

import subprocess
import sys
import warnings

import numba
import pytest

import dismetrics as dm
from dismetrics.demo import analytic_example, demo_table, run_demo, trained_examples, trained_table

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="737,280 posteriors need compiled kernels")


def test_computed_gaps_equal_the_known_ones():
    example, evaluation = run_demo()
    assert evaluation["mig"].per_factor == pytest.approx(example.gaps, abs=1e-9)
    assert evaluation["mig"].score == pytest.approx(example.score, abs=1e-9)
    assert evaluation["mig_sup"].score == pytest.approx(example.mig_sup, abs=1e-9)
    assert len(demo_table(example, evaluation).rows) == 7


def test_another_seed_changes_the_posteriors_and_not_the_answer():
    one, other = analytic_example(), analytic_example(1)
    assert (one.posterior.scale != other.posterior.scale).any()
    assert one.score == other.score


def printed(*options):
    command = [sys.executable, "-m", "dismetrics", "demo", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def test_the_command_prints_the_answer_beside():
    output = printed("--analytic")
    assert "right answer" in output
    assert "0.765049074" in output


def test_the_trained_models_are_scored_side_by_side():
    examples = trained_examples()
    table = trained_table()
    assert list(table.columns) == ["metric", *examples]
    by_metric = {row[0]: row[1:] for row in table.rows}
    with warnings.catch_warnings():
        # A few thousand images are few; the table says so.
        warnings.simplefilter("ignore", dm.warnings.SaturationWarning)
        scores = [dm.mig(data.latents, data.factors).score for data in examples.values()]
    assert by_metric["mig"] == [f"{score:.3f}" for score in scores]
    assert {data.factors.names for data in examples.values()} == {("scale", "pos_x", "pos_y")}
    # What a few minutes of training show in every seed.
    vae, tcvae = (float(cell) for cell in by_metric["elbo_decomposition.total_correlation"])
    assert tcvae < vae
    assert str(table) in printed()
