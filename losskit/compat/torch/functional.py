"""`torch.nn.functional`'s losses, computed by losskit's formulas.

Every name has PyTorch's signature, defaults and conventions, and `fixed=True` for losskit's instead. Not here:
adaptive softmax, which is a layer.

>>> import torch, losskit.compat.torch.functional as F
>>> F.cross_entropy(torch.zeros(2, 3), torch.tensor([0, -100]))
tensor(1.0986)
>>> F.soft_margin_loss(torch.tensor([-100.0]), torch.ones(1))  # torch.nn.functional has inf
tensor(100.)
"""

from losskit.compat.torch.alignment import ctc_loss
from losskit.compat.torch.classification import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    kl_div,
    nll_loss,
)
from losskit.compat.torch.embedding import (
    cosine_embedding_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from losskit.compat.torch.linear import linear_cross_entropy
from losskit.compat.torch.margin import (
    hinge_embedding_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    soft_margin_loss,
)
from losskit.compat.torch.regression import (
    gaussian_nll_loss,
    huber_loss,
    l1_loss,
    mse_loss,
    poisson_nll_loss,
    smooth_l1_loss,
)

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cosine_embedding_loss",
    "cross_entropy",
    "ctc_loss",
    "gaussian_nll_loss",
    "hinge_embedding_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "linear_cross_entropy",
    "margin_ranking_loss",
    "mse_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "poisson_nll_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]
