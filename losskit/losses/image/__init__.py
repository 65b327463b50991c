"""Images: how like they look, how smooth they are, and what a network's features of them say."""

from losskit.losses.image import features, smoothness, structure
from losskit.losses.image.features import *
from losskit.losses.image.smoothness import *
from losskit.losses.image.structure import *

__all__ = [  # pyright: ignore[reportUnsupportedDunderAll]
    *features.__all__,
    *smoothness.__all__,
    *structure.__all__,
]
