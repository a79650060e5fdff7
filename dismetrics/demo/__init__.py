"""The embedded examples: two trained models, and posteriors whose right answer is known."""

from dismetrics.demo.analytic import AnalyticExample, analytic_example, demo_table, run_demo
from dismetrics.demo.trained import trained_examples, trained_table

__all__ = ["AnalyticExample", "analytic_example", "demo_table", "run_demo", "trained_examples", "trained_table"]
