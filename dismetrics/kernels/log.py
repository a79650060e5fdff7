"""The natural logarithm in straight-line code, so that LLVM vectorises loops that call it.

x = m 2**e with m in [sqrt(1/2), sqrt(2)); log m = 2 artanh s with s = (m - 1) / (m + 1), |s| <= 0.1716, summed as its
power series up to s**21. Error at most 4e-16 relative to max(|log x|, 1) for positive normal numbers.
"""

import numba
import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from dismetrics.kernels.exp2 import FASTMATH, prefer_wide_vectors

__all__ = ["log", "sum_x_log_x", "weighted_x_log_x"]

_LOG_2 = np.log(2.0)
_SQRT_2 = np.sqrt(2.0)

# Below this x log x is zero to double precision of any sum that holds a larger term.
_TINY = 1e-300

if numba.config.DISABLE_JIT:

    def _exponent(x):
        return float(np.frexp(x)[1] - 1)

    def _mantissa(x):
        return float(2.0 * np.frexp(x)[0])

else:  # pragma: no cover - compiled, never traced

    @intrinsic
    def _exponent(typingctx, x):
        """Floor of log2 of a positive normal number, as a float64."""

        def codegen(context, builder, signature, args):
            int64 = ir.IntType(64)
            bits = builder.bitcast(args[0], int64)
            biased = builder.lshr(bits, ir.Constant(int64, 52))
            return builder.sitofp(builder.sub(biased, ir.Constant(int64, 1023)), ir.DoubleType())

        return types.float64(types.float64), codegen

    @intrinsic
    def _mantissa(typingctx, x):
        """A positive normal number divided by the power of two that brings it into [1, 2)."""

        def codegen(context, builder, signature, args):
            int64 = ir.IntType(64)
            bits = builder.bitcast(args[0], int64)
            fraction = builder.and_(bits, ir.Constant(int64, (1 << 52) - 1))
            return builder.bitcast(builder.or_(fraction, ir.Constant(int64, 1023 << 52)), ir.DoubleType())

        return types.float64(types.float64), codegen


@njit(inline="always")
def log(x):
    """Natural logarithm of a positive normal float64.

    Loops around it need `error_model="numpy"`: numba's own check for a zero divisor would stop vectorisation.
    """
    e = _exponent(x)
    m = _mantissa(x)
    large = m > _SQRT_2
    m = 0.5 * m if large else m
    e = e + 1.0 if large else e
    s = (m - 1.0) / (m + 1.0)
    t = s * s
    p = 1.0 / 21.0
    p = p * t + 1.0 / 19.0
    p = p * t + 1.0 / 17.0
    p = p * t + 1.0 / 15.0
    p = p * t + 1.0 / 13.0
    p = p * t + 1.0 / 11.0
    p = p * t + 1.0 / 9.0
    p = p * t + 1.0 / 7.0
    p = p * t + 1.0 / 5.0
    p = p * t + 1.0 / 3.0
    return e * _LOG_2 + 2.0 * (s + s * t * p)


@njit(nogil=True, fastmath=FASTMATH, error_model="numpy")
def _x_log_x(row):
    prefer_wide_vectors()
    total = 0.0
    for i in range(row.size):
        x = max(row[i], 0.0)
        total += x * log(max(x, _TINY))
    return total


@njit(nogil=True, cache=True)
def sum_x_log_x(rows):
    """Sum of x log x along each row, with 0 log 0 = 0; what rounding left below zero counts as zero."""
    total = np.empty(rows.shape[0])
    for g in range(rows.shape[0]):
        total[g] = _x_log_x(rows[g])
    return total


@njit(nogil=True, fastmath=FASTMATH, error_model="numpy")
def weighted_x_log_x(row, weight):
    """Sum of weight x log x over one row of non-negative numbers, with 0 log 0 = 0."""
    prefer_wide_vectors()
    total = 0.0
    for i in range(row.size):
        total += weight[i] * row[i] * log(max(row[i], _TINY))
    return total
