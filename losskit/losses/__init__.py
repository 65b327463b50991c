"""The catalogue of losses, a file per family."""

from losskit.losses import classification, penalties, regression
from losskit.losses.classification import *
from losskit.losses.penalties import *
from losskit.losses.regression import *

__all__ = [*classification.__all__, *penalties.__all__, *regression.__all__]  # pyright: ignore[reportUnsupportedDunderAll]
