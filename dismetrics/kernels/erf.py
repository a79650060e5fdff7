"""The error function in straight-line code, so that LLVM vectorises loops that call it.

erf x = sign(x) (1 - exp(-x^2) erfcx |x|), with erfcx the scaled complement, a smooth function that falls from 1 like
1 / x. In t = (51/31 |x| - 2) / (|x| + 2), which runs from -1 to 1 as |x| runs from 0 to 6.2, it is the degree-19
polynomial that interpolates it at the Chebyshev nodes. Absolute error at most 5e-16; beyond 6.2 the result is 1.
"""

import numpy as np
from numba import njit

from dismetrics.kernels.exp2 import exp2, fma

__all__ = ["erf"]

_LARGEST = 6.2
_LOG2_E = 1.0 / np.log(2.0)
_SLOPE = 51.0 / 31.0

_C0 = 0.3751161773534404
_C1 = -0.42284961213067684
_C2 = 0.1713548635338939
_C3 = -0.033859230616101084
_C4 = -0.0016551661648085735
_C5 = 0.0017408113727594141
_C6 = 0.00013418381783799103
_C7 = -0.00010795684697772258
_C8 = -2.3876827045670084e-05
_C9 = 4.843268275900522e-06
_C10 = 3.1039395454400927e-06
_C11 = 2.869788388691922e-07
_C12 = -2.2873986437330722e-07
_C13 = -9.68105307102312e-08
_C14 = -6.26589911272535e-09
_C15 = 8.779106395093412e-09
_C16 = 3.877344825265647e-09
_C17 = 2.7672784575993776e-10
_C18 = -3.645718497057702e-10
_C19 = -1.1154911810630187e-10


@njit(inline="always")
def erf(x):
    """The error function.

    Loops around it need `error_model="numpy"`: numba's own check for a zero divisor would stop vectorisation.
    """
    a = min(abs(x), _LARGEST)
    t = (_SLOPE * a - 2.0) / (a + 2.0)
    p = fma(_C19, t, _C18)
    p = fma(p, t, _C17)
    p = fma(p, t, _C16)
    p = fma(p, t, _C15)
    p = fma(p, t, _C14)
    p = fma(p, t, _C13)
    p = fma(p, t, _C12)
    p = fma(p, t, _C11)
    p = fma(p, t, _C10)
    p = fma(p, t, _C9)
    p = fma(p, t, _C8)
    p = fma(p, t, _C7)
    p = fma(p, t, _C6)
    p = fma(p, t, _C5)
    p = fma(p, t, _C4)
    p = fma(p, t, _C3)
    p = fma(p, t, _C2)
    p = fma(p, t, _C1)
    p = fma(p, t, _C0)
    tail = exp2(-a * a * _LOG2_E) * p
    return 1.0 - tail if x >= 0.0 else tail - 1.0
