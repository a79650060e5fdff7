"""Numba kernels: formulas over plain arrays, without validation and without randomness."""
