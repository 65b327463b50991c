"""losskit in PyTorch: a loss as an nn.Module, and as one compiled pass for value and gradient."""

from losskit.frameworks.torch.fuse import Fused, fuse
from losskit.frameworks.torch.module import LossModule, module
from losskit.frameworks.torch.native import NATIVE, native

__all__ = ["NATIVE", "Fused", "LossModule", "fuse", "module", "native"]
