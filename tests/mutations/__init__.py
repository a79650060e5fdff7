"""Metrics and estimators written anew in plain numpy, right as they stand, each with defects to plant one at a time.

Every defect is one that published code has or has had; here it is a branch on `defect`.
"""
