"""The embedded example: what is computed equals what is known."""

import subprocess
import sys

import numba
import pytest

from dismetrics.demo import analytic_example, demo_table, run_demo

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


def test_the_command_prints_the_answer_beside():
    done = subprocess.run([sys.executable, "-m", "dismetrics", "demo"], capture_output=True, text=True, check=True)
    assert "right answer" in done.stdout
    assert "0.765049074" in done.stdout
    assert done.stderr == ""
