"""The catalogue of losses, a file per family."""

from losskit.losses import adversarial, classification, contrastive, divergence, margin, overlap, penalties, regression
from losskit.losses.adversarial import *
from losskit.losses.classification import *
from losskit.losses.contrastive import *
from losskit.losses.divergence import *
from losskit.losses.margin import *
from losskit.losses.overlap import *
from losskit.losses.penalties import *
from losskit.losses.regression import *

__all__ = [  # pyright: ignore[reportUnsupportedDunderAll]
    *adversarial.__all__,
    *classification.__all__,
    *contrastive.__all__,
    *divergence.__all__,
    *margin.__all__,
    *overlap.__all__,
    *penalties.__all__,
    *regression.__all__,
]
