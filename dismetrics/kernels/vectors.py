"""Eight numbers at a time.

A loop that adds one array to another must first be shown not to overlap it, and a short one is over before that pays.
These additions are vector instructions from the start.
"""

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

__all__ = ["EIGHT", "add_eight"]

EIGHT = 8

if numba.config.DISABLE_JIT:

    def add_eight(target, at, source, start):
        """Add source[start : start + 8] to target[at : at + 8]."""
        target[at : at + EIGHT] += source[start : start + EIGHT]

else:  # pragma: no cover - compiled, never traced

    @intrinsic
    def add_eight(typingctx, target, at, source, start):
        """Add source[start : start + 8] to target[at : at + 8]; both contiguous float64, bounds are the caller's."""

        def codegen(context, builder, signature, args):
            vector = ir.VectorType(ir.DoubleType(), EIGHT)

            def pointer(array, index):
                data = context.make_array(signature.args[array])(context, builder, args[array]).data
                return builder.bitcast(builder.gep(data, [args[index]]), ir.PointerType(vector))

            into, other = pointer(0, 1), pointer(2, 3)
            total = builder.fadd(builder.load(into, align=8), builder.load(other, align=8))
            builder.store(total, into, align=8)
            return context.get_dummy_value()

        return types.none(target, types.intp, source, types.intp), codegen
