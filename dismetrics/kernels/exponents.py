"""Exponents of a block of components at four points at once.

Written as vector instructions, for what they keep in registers and a loop over arrays would not: the sums of four
points at eight components, through all dimensions. What is read of a component serves four points, and the sums are
stored once. Every point gets the same bits whichever are beside it.

`out` has shape (4, block size), `block` (2 D + 1, block size) with the layout that `joint_density` describes, `z` the
points as columns, (D, 4); all are contiguous, and the block size is a multiple of eight.
"""

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["POINTS", "gaussian_exponents", "laplace_exponents"]

POINTS = 4

if numba.config.DISABLE_JIT:

    def gaussian_exponents(out, block, z):
        """amplitude - sum_j ((z_j - location_j) steepness_j)^2."""
        out[:] = block[-1]
        for j in range(len(z)):
            out -= ((z[j][:, None] - block[2 * j]) * block[2 * j + 1]) ** 2

    def laplace_exponents(out, block, z):
        """amplitude - sum_j |(z_j - location_j) steepness_j|."""
        out[:] = block[-1]
        for j in range(len(z)):
            out -= np.abs((z[j][:, None] - block[2 * j]) * block[2 * j + 1])

else:  # pragma: no cover - compiled, never traced
    _LANES = 8
    _VECTOR = ir.VectorType(ir.DoubleType(), _LANES)
    _INDEX = ir.IntType(64)

    def _declare(builder, name, n_arguments):
        kind = ir.FunctionType(_VECTOR, [_VECTOR] * n_arguments)
        return cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{_LANES}f64")

    def _square(builder, distance, total):
        return builder.call(_declare(builder, "fma", 3), [builder.fneg(distance), distance, total])

    def _absolute(builder, distance, total):
        return builder.fsub(total, builder.call(_declare(builder, "fabs", 1), [distance]))

    def _eight(builder, data, at):
        """Where eight numbers start."""
        return builder.bitcast(builder.gep(data, [at]), ir.PointerType(_VECTOR))

    def _all_lanes(builder, number):
        lane = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), _LANES), [0] * _LANES)
        return builder.shuffle_vector(lane, ir.Constant(_VECTOR, ir.Undefined), zeros)

    def _exponents(less):
        """The code of a family, `less` taking the distance in a dimension from a sum."""

        def codegen(context, builder, signature, args):
            out, block, z = (
                context.make_array(kind)(context, builder, value)
                for kind, value in zip(signature.args, args, strict=True)
            )
            size = builder.extract_value(out.shape, 1)
            n_dims = builder.extract_value(z.shape, 0)
            two, points = ir.Constant(_INDEX, 2), ir.Constant(_INDEX, POINTS)
            sums = [cgutils.alloca_once(builder, _VECTOR) for _ in range(POINTS)]
            with cgutils.for_range_slice(builder, ir.Constant(_INDEX, 0), size, ir.Constant(_INDEX, _LANES)) as (n, _):
                amplitude = builder.add(builder.mul(builder.mul(two, n_dims), size), n)
                first = builder.load(_eight(builder, block.data, amplitude), align=8)
                for each in sums:
                    builder.store(first, each)
                with cgutils.for_range(builder, n_dims) as loop:
                    row = builder.add(builder.mul(builder.mul(two, loop.index), size), n)
                    location = builder.load(_eight(builder, block.data, row), align=8)
                    steepness = builder.load(_eight(builder, block.data, builder.add(row, size)), align=8)
                    start = builder.mul(loop.index, points)
                    for p, each in enumerate(sums):
                        place = builder.gep(z.data, [builder.add(start, ir.Constant(_INDEX, p))])
                        apart = builder.fsub(_all_lanes(builder, builder.load(place)), location)
                        distance = builder.fmul(apart, steepness)
                        builder.store(less(builder, distance, builder.load(each)), each)
                for p, each in enumerate(sums):
                    into = builder.add(builder.mul(ir.Constant(_INDEX, p), size), n)
                    builder.store(builder.load(each), _eight(builder, out.data, into), align=8)
            return context.get_dummy_value()

        return codegen

    @intrinsic
    def gaussian_exponents(typingctx, out, block, z):
        """amplitude - sum_j ((z_j - location_j) steepness_j)^2."""
        return types.none(out, block, z), _exponents(_square)

    @intrinsic
    def laplace_exponents(typingctx, out, block, z):
        """amplitude - sum_j |(z_j - location_j) steepness_j|."""
        return types.none(out, block, z), _exponents(_absolute)
