"""Eight numbers at a time.

A loop that adds one array to another must first be shown not to overlap it, and a short one is over before that pays.
These additions are vector instructions from the start.
"""

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

__all__ = ["EIGHT", "add_eight", "add_scaled_eight"]

EIGHT = 8

if numba.config.DISABLE_JIT:

    def add_eight(target, at, source, start):
        """Add source[start : start + 8] to target[at : at + 8]."""
        target[at : at + EIGHT] += source[start : start + EIGHT]

    def add_scaled_eight(target, at, factor, source, start):
        """Add factor * source[start : start + 8] to target[at : at + 8]."""
        target[at : at + EIGHT] += factor * source[start : start + EIGHT]

else:  # pragma: no cover - compiled, never traced
    _VECTOR = ir.VectorType(ir.DoubleType(), EIGHT)

    def _pointer(context, builder, signature, args, array, index):
        """Where eight numbers of an argument start, the index being another argument."""
        data = context.make_array(signature.args[array])(context, builder, args[array]).data
        return builder.bitcast(builder.gep(data, [args[index]]), ir.PointerType(_VECTOR))

    @intrinsic
    def add_eight(typingctx, target, at, source, start):
        """Add source[start : start + 8] to target[at : at + 8]; both contiguous float64, bounds are the caller's."""

        def codegen(context, builder, signature, args):
            into = _pointer(context, builder, signature, args, 0, 1)
            other = _pointer(context, builder, signature, args, 2, 3)
            total = builder.fadd(builder.load(into, align=8), builder.load(other, align=8))
            builder.store(total, into, align=8)
            return context.get_dummy_value()

        return types.none(target, types.intp, source, types.intp), codegen

    @intrinsic
    def add_scaled_eight(typingctx, target, at, factor, source, start):
        """Add factor * source[start : start + 8] to target[at : at + 8]; as `add_eight`."""

        def codegen(context, builder, signature, args):
            into = _pointer(context, builder, signature, args, 0, 1)
            other = _pointer(context, builder, signature, args, 3, 4)
            lane = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), args[2], ir.Constant(ir.IntType(32), 0))
            zeros = ir.Constant(ir.VectorType(ir.IntType(32), EIGHT), [0] * EIGHT)
            factors = builder.shuffle_vector(lane, ir.Constant(_VECTOR, ir.Undefined), zeros)
            product = builder.fmul(factors, builder.load(other, align=8), flags=("contract",))
            total = builder.fadd(builder.load(into, align=8), product, flags=("contract",))
            builder.store(total, into, align=8)
            return context.get_dummy_value()

        return types.none(target, types.intp, types.float64, source, types.intp), codegen
