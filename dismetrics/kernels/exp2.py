"""2**y in straight-line code, so that LLVM vectorises loops that call it.

numba's own `math.exp` is a scalar library call. Here y = n + r with n an integer and r in [-1/2, 1/2]; 2**r is
the degree-11 polynomial that interpolates it at the Chebyshev nodes, and 2**n is written into the exponent bits.
Relative error at most 4e-16 for y >= -1000; below, the result is 2**-1000, which no sum of densities can see.
"""

import numba
import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

__all__ = ["FASTMATH", "exp2", "fma", "larger", "prefer_wide_vectors"]

# Reassociation and contraction only: NaN and infinity keep their meaning in every kernel.
FASTMATH = {"reassoc", "contract", "nsz", "arcp"}

_SMALLEST_EXPONENT = -1000.0

_C0 = 1.0
_C1 = 0.6931471805599453
_C2 = 0.24022650695910158
_C3 = 0.055504108664821625
_C4 = 0.009618129107587256
_C5 = 0.001333355814640647
_C6 = 0.00015403530463724353
_C7 = 1.5252733841556773e-05
_C8 = 1.3215432535912375e-06
_C9 = 1.0178057087733941e-07
_C10 = 7.074194297288521e-09
_C11 = 4.4558179083360645e-10

if numba.config.DISABLE_JIT:
    # The Python twins of the intrinsics: same values up to the rounding of a fused multiply-add.
    def _round(x):
        return np.rint(x)

    def fma(a, b, c):
        """a * b + c."""
        return a * b + c

    def larger(a, b):
        """The larger of two numbers."""
        return max(a, b)

    def _power_of_two(n):
        return np.ldexp(1.0, int(n))

    def prefer_wide_vectors():
        """Nothing to prefer."""
        return 0

else:  # pragma: no cover - compiled, never traced

    @intrinsic
    def _round(typingctx, x):
        """Nearest integer, as one instruction."""

        def codegen(context, builder, signature, args):
            function = builder.module.declare_intrinsic("llvm.rint", [args[0].type])
            return builder.call(function, args)

        return types.float64(types.float64), codegen

    @intrinsic
    def fma(typingctx, a, b, c):
        """a * b + c, rounded once."""

        def codegen(context, builder, signature, args):
            double = args[0].type
            kind = ir.FunctionType(double, [double] * 3)
            return builder.call(builder.module.declare_intrinsic("llvm.fma", [double], kind), args)

        return types.float64(types.float64, types.float64, types.float64), codegen

    @intrinsic
    def larger(typingctx, a, b):
        """The larger of two numbers; unlike max, LLVM can vectorise its reduction under the flag nnan."""

        def codegen(context, builder, signature, args):
            double = args[0].type
            kind = ir.FunctionType(double, [double] * 2)
            return builder.call(builder.module.declare_intrinsic("llvm.maxnum", [double], kind), args)

        return types.float64(types.float64, types.float64), codegen

    @intrinsic
    def _power_of_two(typingctx, n):
        """2**n for a float64 that holds an integer in [-1022, 1023], by its exponent bits."""

        def codegen(context, builder, signature, args):
            int64 = ir.IntType(64)
            biased = builder.add(builder.fptosi(args[0], int64), ir.Constant(int64, 1023))
            return builder.bitcast(builder.shl(biased, ir.Constant(int64, 52)), ir.DoubleType())

        return types.float64(types.float64), codegen

    @intrinsic
    def prefer_wide_vectors(typingctx):
        """Lets the enclosing function use 512-bit vectors where the processor has them; ignored elsewhere."""

        def codegen(context, builder, signature, args):
            # llvmlite's attribute set accepts known names only; a string attribute has to go in beside it.
            set.add(builder.function.attributes, '"prefer-vector-width"="512"')
            return ir.Constant(ir.IntType(64), 0)

        return types.int64(), codegen


@njit(inline="always")
def exp2(y):
    """2**y for y <= 1023."""
    y = max(y, _SMALLEST_EXPONENT)
    n = _round(y)
    r = y - n
    p = fma(_C11, r, _C10)
    p = fma(p, r, _C9)
    p = fma(p, r, _C8)
    p = fma(p, r, _C7)
    p = fma(p, r, _C6)
    p = fma(p, r, _C5)
    p = fma(p, r, _C4)
    p = fma(p, r, _C3)
    p = fma(p, r, _C2)
    p = fma(p, r, _C1)
    p = fma(p, r, _C0)
    return p * _power_of_two(n)
