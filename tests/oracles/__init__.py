"""Test oracles: slow, plain restatements of the published definitions (see README.md)."""
