"""The shapes of dSprites as formulas: a pixel is 1 where its centre is inside, with no anti-aliasing.

Constants were fitted to the public images (Matthey et al. 2017). In units of pixels of the 64 x 64 frame, with (u, v)
the pixel's centre in the frame of the shape at scale 1:

    square:   |u|, |v| <= 9.60
    ellipse:  (u / 12.76)^2 + (v / 7.22)^2 <= 1
    heart:    inside of u = 0.5993 * 16 sin^3 t,  v = -0.6630 (13 cos t - 5 cos 2t - 2 cos 3t - cos 4t) - 1.444
"""

import math

import numpy as np
from numba import njit

__all__ = ["render_packed"]

_REACH = 14.0  # no shape of scale 1 goes further from its centre
_SQUARE = 9.60
_ELLIPSE = (12.76, 7.22)
_HEART_WIDTH = 0.5993 * 16
_HEART_HEIGHT = 0.6630
_HEART_SHIFT = -1.444


@njit(cache=True)
def _heart_edge(cosine):
    """The heart's v at a point of its outline, by cos t."""
    square = cosine * cosine
    curve = 13 * cosine - 5 * (2 * square - 1) - 2 * (4 * square - 3) * cosine - (8 * square * square - 8 * square + 1)
    return _HEART_SHIFT - _HEART_HEIGHT * curve


@njit(cache=True)
def _inside(shape, u, v):
    if shape == 0:
        return abs(u) <= _SQUARE and abs(v) <= _SQUARE
    if shape == 1:
        return (u / _ELLIPSE[0]) ** 2 + (v / _ELLIPSE[1]) ** 2 <= 1
    if abs(u) > _HEART_WIDTH:
        return False
    # Two points of the outline have this u: those with sin t = (u / width)^(1/3).
    sine = (abs(u) / _HEART_WIDTH) ** (1 / 3)
    cosine = math.sqrt(max(0.0, 1 - sine * sine))
    return _heart_edge(cosine) <= v <= _heart_edge(-cosine)


@njit(cache=True)
def render_packed(shape, scale, orientation, pos_x, pos_y, size):
    """Images of one shape each, eight pixels a byte, the first in its highest bit: (n, ceil(size^2 / 8)).

    Shapes 0, 1, 2 are square, ellipse, heart; orientation in radians, counter-clockwise; pos_y in 0 to 1 downwards.
    """
    n_images = len(shape)
    images = np.zeros((n_images, (size * size + 7) // 8), np.uint8)
    step = 64 / size
    for n in range(n_images):
        c, s = math.cos(orientation[n]), math.sin(orientation[n])
        centre_x, centre_y = 15.5 + 32 * pos_x[n], 15.5 + 32 * pos_y[n]
        reach = _REACH * scale[n]
        first_row = max(0, math.ceil((centre_y - reach + 0.5) / step - 0.5))
        last_row = min(size - 1, math.floor((centre_y + reach + 0.5) / step - 0.5))
        for row in range(first_row, last_row + 1):
            dy = (row + 0.5) * step - 0.5 - centre_y
            half = math.sqrt(max(0.0, reach * reach - dy * dy))
            first = max(0, math.ceil((centre_x - half + 0.5) / step - 0.5))
            last = min(size - 1, math.floor((centre_x + half + 0.5) / step - 0.5))
            for column in range(first, last + 1):
                dx = (column + 0.5) * step - 0.5 - centre_x
                if _inside(shape[n], (c * dx - s * dy) / scale[n], (s * dx + c * dy) / scale[n]):
                    pixel = row * size + column
                    images[n, pixel >> 3] |= np.uint8(128 >> (pixel & 7))
    return images
