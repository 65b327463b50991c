"""`torch.nn`'s loss modules, computed by losskit's formulas.

Each is a subclass of PyTorch's class of the same name: the constructor, its defaults and errors, buffers, state dict
and `isinstance` are PyTorch's. `fixed=True` gives losskit's conventions, as in `functional`.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from losskit.compat.torch import functional as F
from losskit.compat.torch.alignment import Lengths

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
]


class Fixable(nn.Module):
    """What the modules share: PyTorch's constructor, and `fixed`."""

    def __init__(self, *arguments: Any, fixed: bool = False, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fixed = fixed

    def extra_repr(self) -> str:
        said = super().extra_repr()
        return ", ".join(filter(None, (said, "fixed=True" if self.fixed else "")))


class BCELoss(Fixable, nn.BCELoss):
    """As torch.nn.BCELoss; see functional.binary_cross_entropy."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.binary_cross_entropy(input, target, weight=self.weight, reduction=self.reduction, fixed=self.fixed)


class BCEWithLogitsLoss(Fixable, nn.BCEWithLogitsLoss):
    """As torch.nn.BCEWithLogitsLoss; see functional.binary_cross_entropy_with_logits."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(
            input, target, weight=self.weight, pos_weight=self.pos_weight, reduction=self.reduction, fixed=self.fixed
        )


class CTCLoss(Fixable, nn.CTCLoss):
    """As torch.nn.CTCLoss; see functional.ctc_loss."""

    def forward(self, log_probs: Tensor, targets: Tensor, input_lengths: Lengths, target_lengths: Lengths) -> Tensor:
        return F.ctc_loss(
            log_probs,
            targets,
            input_lengths,
            target_lengths,
            blank=self.blank,
            reduction=self.reduction,
            zero_infinity=self.zero_infinity,
            fixed=self.fixed,
        )


class CosineEmbeddingLoss(Fixable, nn.CosineEmbeddingLoss):
    """As torch.nn.CosineEmbeddingLoss; see functional.cosine_embedding_loss."""

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        return F.cosine_embedding_loss(
            input1, input2, target, margin=self.margin, reduction=self.reduction, fixed=self.fixed
        )


class CrossEntropyLoss(Fixable, nn.CrossEntropyLoss):
    """As torch.nn.CrossEntropyLoss; see functional.cross_entropy."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(
            input,
            target,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
            fixed=self.fixed,
        )


class GaussianNLLLoss(Fixable, nn.GaussianNLLLoss):
    """As torch.nn.GaussianNLLLoss; see functional.gaussian_nll_loss."""

    def forward(self, input: Tensor, target: Tensor, var: Tensor | float) -> Tensor:
        return F.gaussian_nll_loss(
            input, target, var, full=self.full, eps=self.eps, reduction=self.reduction, fixed=self.fixed
        )


class HingeEmbeddingLoss(Fixable, nn.HingeEmbeddingLoss):
    """As torch.nn.HingeEmbeddingLoss; see functional.hinge_embedding_loss."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.hinge_embedding_loss(input, target, margin=self.margin, reduction=self.reduction, fixed=self.fixed)


class HuberLoss(Fixable, nn.HuberLoss):
    """As torch.nn.HuberLoss; see functional.huber_loss."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.huber_loss(input, target, reduction=self.reduction, delta=self.delta, fixed=self.fixed)


class KLDivLoss(Fixable, nn.KLDivLoss):
    """As torch.nn.KLDivLoss; see functional.kl_div."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target, fixed=self.fixed)


class L1Loss(Fixable, nn.L1Loss):
    """As torch.nn.L1Loss; see functional.l1_loss."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.l1_loss(input, target, reduction=self.reduction, fixed=self.fixed)


class MSELoss(Fixable, nn.MSELoss):
    """As torch.nn.MSELoss; see functional.mse_loss."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.mse_loss(input, target, reduction=self.reduction, fixed=self.fixed)


class MarginRankingLoss(Fixable, nn.MarginRankingLoss):
    """As torch.nn.MarginRankingLoss; see functional.margin_ranking_loss."""

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        return F.margin_ranking_loss(
            input1, input2, target, margin=self.margin, reduction=self.reduction, fixed=self.fixed
        )


class MultiLabelMarginLoss(Fixable, nn.MultiLabelMarginLoss):
    """As torch.nn.MultiLabelMarginLoss; see functional.multilabel_margin_loss."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.multilabel_margin_loss(input, target, reduction=self.reduction, fixed=self.fixed)


class MultiLabelSoftMarginLoss(Fixable, nn.MultiLabelSoftMarginLoss):
    """As torch.nn.MultiLabelSoftMarginLoss; see functional.multilabel_soft_margin_loss."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.multilabel_soft_margin_loss(
            input, target, weight=self.weight, reduction=self.reduction, fixed=self.fixed
        )


class MultiMarginLoss(Fixable, nn.MultiMarginLoss):
    """As torch.nn.MultiMarginLoss; see functional.multi_margin_loss."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.multi_margin_loss(
            input, target, p=self.p, margin=self.margin, weight=self.weight, reduction=self.reduction, fixed=self.fixed
        )


class NLLLoss(Fixable, nn.NLLLoss):
    """As torch.nn.NLLLoss; see functional.nll_loss."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.nll_loss(
            input,
            target,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            fixed=self.fixed,
        )


class PoissonNLLLoss(Fixable, nn.PoissonNLLLoss):
    """As torch.nn.PoissonNLLLoss; see functional.poisson_nll_loss."""

    def forward(self, log_input: Tensor, target: Tensor) -> Tensor:
        return F.poisson_nll_loss(
            log_input,
            target,
            log_input=self.log_input,
            full=self.full,
            eps=self.eps,
            reduction=self.reduction,
            fixed=self.fixed,
        )


class SmoothL1Loss(Fixable, nn.SmoothL1Loss):
    """As torch.nn.SmoothL1Loss; see functional.smooth_l1_loss."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta, fixed=self.fixed)


class SoftMarginLoss(Fixable, nn.SoftMarginLoss):
    """As torch.nn.SoftMarginLoss; see functional.soft_margin_loss."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.soft_margin_loss(input, target, reduction=self.reduction, fixed=self.fixed)


class TripletMarginLoss(Fixable, nn.TripletMarginLoss):
    """As torch.nn.TripletMarginLoss; see functional.triplet_margin_loss."""

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        return F.triplet_margin_loss(
            anchor,
            positive,
            negative,
            margin=self.margin,
            p=self.p,
            eps=self.eps,
            swap=self.swap,
            reduction=self.reduction,
            fixed=self.fixed,
        )


class TripletMarginWithDistanceLoss(Fixable, nn.TripletMarginWithDistanceLoss):
    """As torch.nn.TripletMarginWithDistanceLoss; see functional.triplet_margin_with_distance_loss."""

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        return F.triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
            reduction=self.reduction,
            fixed=self.fixed,
        )


if hasattr(nn, "LinearCrossEntropyLoss"):  # from PyTorch 2.13 on

    class LinearCrossEntropyLoss(Fixable, nn.LinearCrossEntropyLoss):
        """As torch.nn.LinearCrossEntropyLoss; see functional.linear_cross_entropy."""

        def forward(self, input: Tensor, target: Tensor) -> Tensor:
            weight, bias = self.linear.weight, self.linear.bias
            shape = (self.num_classes, *self.out_features)
            return F.linear_cross_entropy(
                input,
                weight.reshape(*shape, self.linear.in_features),
                target,
                linear_bias=None if bias is None else bias.reshape(shape),
                weight=self.weight,
                reduction=self.reduction,
                ignore_index=self.ignore_index,
                label_smoothing=self.label_smoothing,
                options=self.options,
                fixed=self.fixed,
            )

    __all__ += ["LinearCrossEntropyLoss"]
