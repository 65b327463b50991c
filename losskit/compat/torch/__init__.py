"""`losskit.compat.torch`: PyTorch's losses under their own names, run by losskit's formulas.

>>> import torch
>>> from losskit.compat.torch import CrossEntropyLoss
>>> CrossEntropyLoss(label_smoothing=0.1)(torch.zeros(4, 3), torch.tensor([0, 1, 2, 0]))
tensor(1.0986)
"""

from losskit.compat.torch import functional, modules
from losskit.compat.torch.modules import (
    BCELoss,
    BCEWithLogitsLoss,
    CosineEmbeddingLoss,
    CrossEntropyLoss,
    CTCLoss,
    GaussianNLLLoss,
    HingeEmbeddingLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MarginRankingLoss,
    MSELoss,
    MultiLabelMarginLoss,
    MultiLabelSoftMarginLoss,
    MultiMarginLoss,
    NLLLoss,
    PoissonNLLLoss,
    SmoothL1Loss,
    SoftMarginLoss,
    TripletMarginLoss,
    TripletMarginWithDistanceLoss,
)

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CTCLoss",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "GaussianNLLLoss",
    "HingeEmbeddingLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "MarginRankingLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "NLLLoss",
    "PoissonNLLLoss",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
    "functional",
]

if hasattr(modules, "LinearCrossEntropyLoss"):  # from PyTorch 2.13 on
    LinearCrossEntropyLoss = modules.LinearCrossEntropyLoss
    __all__ += ["LinearCrossEntropyLoss"]
