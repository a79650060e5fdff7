"""Images with known factors: dSprites rendered, the original file, and files of one's own.

Every data set has `factors` (a `dismetrics.Factors`, with sample weights where some samples are more frequent),
`image_shape`, `len()`, and `batch(rows)`, which returns images as a tensor (batch_size, channels, height, width).
"""

from reference_models.data.batches import Batches
from reference_models.data.images import Images, PackedImages, PlainImages, load_npz
from reference_models.data.original import download, load_original
from reference_models.data.sampling import CASES, joint_weights
from reference_models.data.sprites import SPRITE_VALUES, Sprites

__all__ = [
    "CASES",
    "SPRITE_VALUES",
    "Batches",
    "Images",
    "PackedImages",
    "PlainImages",
    "Sprites",
    "download",
    "joint_weights",
    "load_npz",
    "load_original",
]
