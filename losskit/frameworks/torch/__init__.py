"""losskit in PyTorch: losses as modules and compiled passes, losses with a state, gradients of several tasks."""

from losskit.frameworks.torch.fuse import Fused, fuse
from losskit.frameworks.torch.module import LossModule, module
from losskit.frameworks.torch.native import NATIVE, native
from losskit.frameworks.torch.projection import Linear, Projection, linear, linear_cross_entropy
from losskit.frameworks.torch.proxies import Centers, Proxies
from losskit.frameworks.torch.queue import QueuedInfoNCE
from losskit.frameworks.torch.surgery import (
    AlignedMultitask,
    ConflictAverse,
    GradientSurgery,
    ImpartialMultitask,
    MultipleGradientDescent,
    NashBargaining,
    ProjectedConflicts,
)
from losskit.frameworks.torch.teacher import MovingAverage
from losskit.frameworks.torch.temperature import LearnableTemperature
from losskit.frameworks.torch.tiled import tiled
from losskit.frameworks.torch.virtual_adversarial import VirtualAdversarial
from losskit.frameworks.torch.weighting import (
    DynamicWeightAverage,
    FastAdaptiveMultitaskOptimization,
    GradNorm,
    RandomWeights,
    UncertaintyWeights,
)

__all__ = [
    "NATIVE",
    "AlignedMultitask",
    "Centers",
    "ConflictAverse",
    "DynamicWeightAverage",
    "FastAdaptiveMultitaskOptimization",
    "Fused",
    "GradNorm",
    "GradientSurgery",
    "ImpartialMultitask",
    "LearnableTemperature",
    "Linear",
    "LossModule",
    "MovingAverage",
    "MultipleGradientDescent",
    "NashBargaining",
    "ProjectedConflicts",
    "Projection",
    "Proxies",
    "QueuedInfoNCE",
    "RandomWeights",
    "UncertaintyWeights",
    "VirtualAdversarial",
    "fuse",
    "linear",
    "linear_cross_entropy",
    "module",
    "native",
    "tiled",
]
